package exercise

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
)

// TestWaits holds Waits to the truth with one processor and with several, while others keep it busy.
func TestWaits(t *testing.T) {
	var stop atomic.Bool
	var others sync.WaitGroup
	for range 4 {
		others.Go(func() {
			for !stop.Load() {
				runtime.KeepAlive(&stop)
			}
		})
	}
	defer others.Wait()
	defer stop.Store(true)
	for _, processors := range []int{1, 4} {
		func() {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(processors))
			var mu sync.Mutex
			var rw sync.RWMutex
			room := make(chan int, 1)
			room <- 1
			tests := []struct {
				name          string
				before, after func()
				f             func()
				waits         bool
			}{
				{"nothing", func() {}, func() {}, func() {}, false},
				{"lock", mu.Lock, mu.Unlock, once(&mu), true},
				{"reader", rw.Lock, rw.Unlock, once(rw.RLocker()), true},
				{"free lock", func() {}, func() {}, once(&mu), false},
				{"channel", func() {}, func() { <-room }, func() { room <- 2 }, true},
				{"computing", func() {}, func() {}, func() {
					for range 1_000_000 {
						runtime.KeepAlive(&mu)
					}
				}, false},
				{"asking again and again", mu.Lock, mu.Unlock, func() {
					for !mu.TryLock() {
						runtime.Gosched()
					}
					mu.Unlock()
				}, true},
			}
			for _, tt := range tests {
				tt.before()
				c := new(T).Start(tt.f)
				if got := c.Waits(); got != tt.waits {
					t.Errorf("%s with %d processors: got waits %t, want %t", tt.name, processors, got, tt.waits)
				}
				tt.after()
				c.Wait()
			}
		}()
	}
}

// once takes a lock and gives it back.
func once(lock sync.Locker) func() {
	return func() {
		lock.Lock()
		defer lock.Unlock()
	}
}

func TestCallPanics(t *testing.T) {
	if got := said(func(t *T) {
		c := t.Start(func() { panic("boom") })
		if c.Waits() {
			t.NotYet("it waits")
		}
		c.Wait()
	}); got != "boom" {
		t.Errorf("got %q, want the panic", got)
	}
}

func TestInt64(t *testing.T) {
	var x Int64
	between := 0
	x.Between(func() {
		between++
		x.Add(10) // no access that counts
	})
	x.Store(1)
	if got := x.Load(); got != 11 || between != 2 {
		t.Errorf("got %d after %d accesses, want 11 after 2", got, between)
	}
	if x.CompareAndSwap(11, 0) || !x.CompareAndSwap(31, 5) || between != 4 {
		t.Errorf("%d accesses; a swap with an old value went well, or one with the right value did not", between)
	}
	if got := x.Peek(); got != 15 || between != 4 {
		t.Errorf("got %d after %d accesses, want 15 after 4", got, between)
	}
	if got := x.Swap(3) + x.Add(1); got != 15+14 || between != 6 {
		t.Errorf("got %d after %d accesses, want 29 after 6", got, between)
	}
}
