package goroutine_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"gokernel/kernel/goroutine"
)

// eventually waits until ok reports true.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	deadline := time.After(30 * time.Second)
	for !ok() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("not within 30 s: %s", what)
		}
	}
}

// blocked reports whether the main goroutine of c waits in an operation.
func blocked(c *goroutine.Cell) bool {
	for _, i := range goroutine.List() {
		if i.CellID == c.ID && i.Main {
			return i.Operation != ""
		}
	}
	return false
}

// deadlock runs a cell that ends in a deadlock and checks that this is found within 2 s. It is given some chances, for the
// machine may be busy with other things.
func deadlock(t *testing.T, run func() *goroutine.Panic) *goroutine.Panic {
	t.Helper()
	for tries := 1; ; tries++ {
		began := time.Now()
		p := run()
		took := time.Since(began)
		if p == nil || p.Kind != goroutine.KindDeadlock {
			t.Fatalf("Run = %v, want deadlock", p)
		}
		if took <= 2*time.Second {
			return p
		}
		if tries == 5 {
			t.Fatalf("found after %v, want at most 2 s", took)
		}
	}
}

// Without a waker every way to block is found within 2 s, and told with its operation and position.
func TestDeadlock(t *testing.T) {
	for _, b := range blockings {
		t.Run(b.name, func(t *testing.T) {
			var block, unblock func()
			var c *goroutine.Cell
			var ended chan int
			p := deadlock(t, func() *goroutine.Panic {
				block, unblock = b.make()
				c, _ = newCell(t, 4)
				ended = make(chan int)
				return c.Run(t.Context(), func() {
					defer close(ended)
					goroutine.Go(1, 9, func() { goroutine.At(1, 20, "chan receive"); <-ended })
					block()
				})
			})
			var own []goroutine.Info
			for _, g := range p.Goroutines {
				if g.CellID == c.ID && g.Cell == c.Name {
					own = append(own, g)
				}
			}
			main := own[0]
			if !main.Main || main.Operation != b.operation || main.Blocked != (goroutine.Frame{File: c.Name, Line: 2, Column: 3}) {
				t.Errorf("main goroutine: %+v; want %s at 2:3", main, b.operation)
			}
			i := len(own) - 1
			if g := own[i]; i < 1 || g.Started != (goroutine.Frame{File: c.Name, Line: 1, Column: 9}) ||
				g.Blocked != (goroutine.Frame{File: c.Name, Line: 1, Column: 20}) || g.Operation != "chan receive" {
				t.Errorf("other goroutine: %+v; want chan receive at 1:20, started at 1:9", g)
			}
			if unblock != nil {
				unblock()
				<-ended
			} else {
				close(ended)
			}
		})
	}
}

// With a waker none is, and it is the waker that prevented it.
func TestNoDeadlock(t *testing.T) {
	for i, b := range blockings {
		for j, w := range wakers {
			t.Run(b.name+"/"+w.name, func(t *testing.T) {
				block, unblock := b.make()
				c, _ := newCell(t, 5)
				c.NoDeadlock = true
				stop := make(chan func(), 1)
				ended := make(chan *goroutine.Panic, 1)
				ctx, cancel := context.WithCancel(t.Context())
				go func() { ended <- c.Run(ctx, func() { stop <- w.start(t); block() }) }()
				take := <-stop
				eventually(t, "main goroutine blocks", func() bool { return blocked(c) })
				if report, ok := goroutine.Deadlocked(t.Context(), c); ok {
					t.Errorf("taken for a deadlock: %+v", report)
				}
				take()
				if i == 0 || j == 0 {
					eventually(t, "deadlock without the waker", func() bool {
						_, ok := goroutine.Deadlocked(t.Context(), c)
						return ok
					})
				}
				cancel()
				if p := <-ended; p == nil || p.Kind != goroutine.KindInterrupted {
					t.Errorf("Run = %v, want interrupted", p)
				}
				if unblock != nil {
					unblock()
					eventually(t, "goroutines end", func() bool { return c.Live() == 0 })
				}
			})
		}
	}
}

// Timers that a loop has left behind do not hide a deadlock.
func TestDeadlockAfterTimers(t *testing.T) {
	deadlock(t, func() *goroutine.Panic {
		c, _ := newCell(t, 7)
		return c.Run(t.Context(), func() {
			ready := make(chan int)
			close(ready)
			for range 1000 {
				select {
				case <-ready:
				case <-goroutine.TimeAfter(time.Hour):
				}
			}
			<-make(chan int)
		})
	})
}

// So many goroutines that a dump of them is dear do not hide one either.
func TestDeadlockOfMany(t *testing.T) {
	deadlock(t, func() *goroutine.Panic { return deadlockOf(t, many) })
}

// Nor do more than may be looked at twice for the time that looking may take.
func TestDeadlockOfVeryMany(t *testing.T) {
	if p := deadlockOf(t, 3*many); p == nil || p.Kind != goroutine.KindDeadlock {
		t.Errorf("Run = %v, want deadlock", p)
	}
}

// deadlockOf runs a cell in which n goroutines wait for ever, and ends them.
func deadlockOf(t *testing.T, n int) *goroutine.Panic {
	t.Helper()
	release := make(chan int)
	defer close(release)
	c, _ := newCell(t, 8)
	return c.Run(t.Context(), func() {
		for range n {
			goroutine.Go(1, 1, func() { <-release })
		}
		<-release
	})
}

// A cell that is woken late returns as if nobody had watched.
func TestWokenLate(t *testing.T) {
	const d = 800 * time.Millisecond // several looks
	tests := []struct {
		name string
		run  func()
	}{
		{"After", func() { <-goroutine.TimeAfter(d) }},
		{"select", func() {
			select {
			case <-goroutine.TimeAfter(d):
			case <-make(chan int):
			}
		}},
		{"AfterFunc", func() { ch := make(chan int); goroutine.TimeAfterFunc(d, func() { close(ch) }); <-ch }},
		{"WithTimeout", func() {
			ctx, cancel := goroutine.ContextWithTimeout(context.Background(), d)
			defer cancel()
			child, cancel := context.WithCancel(ctx)
			defer cancel()
			<-child.Done()
		}},
		{"context.AfterFunc", func() {
			ch := make(chan int)
			ctx, cancel := goroutine.ContextWithTimeout(context.Background(), d)
			defer cancel()
			goroutine.ContextAfterFunc(ctx, func() { close(ch) })
			<-ch
		}},
		{"a later send", func() { ch := make(chan int); goroutine.Go(1, 1, func() { time.Sleep(d); ch <- 1 }); <-ch }},
		{"a chain of locks", func() {
			var mu sync.Mutex
			mu.Lock()
			goroutine.Go(1, 1, func() { goroutine.TimeSleep(d); mu.Unlock() })
			mu.Lock()
		}},
		{"child process", func() { exec.Command("sleep", fmt.Sprint(d.Seconds())).Run() }},
		{"signal", func() {
			c := make(chan os.Signal, 1)
			goroutine.SignalNotify(c, os.Interrupt)
			defer goroutine.SignalStop(c)
			self, _ := os.FindProcess(os.Getpid())
			tm := time.AfterFunc(d, func() { self.Signal(os.Interrupt) })
			defer tm.Stop()
			<-c
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, _ := newCell(t, 6)
			if p := c.Run(t.Context(), tt.run); p != nil {
				t.Errorf("Run = %v %+v", p, p.Goroutines)
			}
		})
	}
}
