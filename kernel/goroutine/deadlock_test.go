package goroutine_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"reflect"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gokernel/kernel/goroutine"
)

// A blocking is a way to wait. block waits until unblock is called; where there is no unblock, for ever.
type blocking struct {
	name, operation string
	make            func() (block, unblock func())
}

var blockings = []blocking{
	{"receive", "chan receive", func() (func(), func()) {
		ch := make(chan int)
		return func() { goroutine.At(2, 3, "chan receive"); <-ch }, func() { close(ch) }
	}},
	{"send", "chan send", func() (func(), func()) {
		ch := make(chan int)
		return func() { goroutine.At(2, 3, "chan send"); ch <- 1 }, func() { <-ch }
	}},
	{"range", "range over channel", func() (func(), func()) {
		ch := make(chan int)
		return func() {
			goroutine.At(2, 3, "range over channel")
			for range ch {
			}
		}, func() { close(ch) }
	}},
	{"select", "select", func() (func(), func()) {
		a, b := make(chan int), make(chan int)
		return func() {
			goroutine.At(2, 3, "select")
			select {
			case <-a:
			case b <- 1:
			}
		}, func() { close(a) }
	}},
	{"reflect.Select", "chan receive", func() (func(), func()) { // <-ch, as yaegi does it
		ch, done := make(chan int), make(chan int)
		return func() {
			goroutine.At(2, 3, "chan receive")
			reflect.Select([]reflect.SelectCase{
				{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(done)},
				{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(ch)},
			})
		}, func() { close(ch) }
	}},
	{"reflect.Value.Recv", "chan receive", func() (func(), func()) {
		ch := make(chan int)
		return func() { goroutine.At(2, 3, "chan receive"); reflect.ValueOf(ch).Recv() }, func() { close(ch) }
	}},
	{"WaitGroup", "sync.WaitGroup.Wait", func() (func(), func()) {
		var wg sync.WaitGroup
		wg.Add(1)
		return func() { goroutine.At(2, 3, "sync.WaitGroup.Wait"); wg.Wait() }, wg.Done
	}},
	{"Mutex", "sync.Mutex.Lock", func() (func(), func()) {
		var mu sync.Mutex
		return func() { mu.Lock(); goroutine.At(2, 3, "sync.Mutex.Lock"); mu.Lock() }, mu.Unlock
	}},
	{"RWMutex.Lock", "sync.RWMutex.Lock", func() (func(), func()) {
		var mu sync.RWMutex
		return func() { mu.RLock(); goroutine.At(2, 3, "sync.RWMutex.Lock"); mu.Lock() }, mu.RUnlock
	}},
	{"RWMutex.Lock twice", "sync.RWMutex.Lock", func() (func(), func()) {
		var mu sync.RWMutex
		return func() { mu.Lock(); goroutine.At(2, 3, "sync.RWMutex.Lock"); mu.Lock() }, mu.Unlock
	}},
	{"RWMutex.RLock", "sync.RWMutex.RLock", func() (func(), func()) {
		var mu sync.RWMutex
		return func() { mu.Lock(); goroutine.At(2, 3, "sync.RWMutex.RLock"); mu.RLock() }, mu.Unlock
	}},
	{"Cond", "sync.Cond.Wait", func() (func(), func()) {
		c := sync.NewCond(&sync.Mutex{})
		return func() { c.L.Lock(); goroutine.At(2, 3, "sync.Cond.Wait"); c.Wait() }, c.Broadcast
	}},
	{"io.Pipe", "select", func() (func(), func()) {
		r, w := io.Pipe()
		return func() { goroutine.At(2, 3, "select"); r.Read(make([]byte, 1)) }, func() { w.Close() }
	}},
	{"nil channel", "chan receive (nil chan)", func() (func(), func()) {
		return func() { goroutine.At(2, 3, "chan receive"); <-(chan int)(nil) }, nil
	}},
	{"select {}", "select (no cases)", func() (func(), func()) {
		return func() { goroutine.At(2, 3, "select"); select {} }, nil
	}},
}

// A waker is something that may wake a goroutine. start runs on the cell's main goroutine; what it returns takes the
// waker away.
type waker struct {
	name  string
	start func(t testing.TB) (stop func())
}

const never = 10 * time.Second // later than any test looks

var wakers = []waker{
	{"After", func(testing.TB) func() { return collected(goroutine.TimeAfter(never)) }},
	{"Tick", func(testing.TB) func() { return collected(goroutine.TimeTick(never)) }},
	{"NewTimer", func(testing.TB) func() {
		tm := goroutine.TimeNewTimer(never)
		return func() { goroutine.TimerStop(tm) }
	}},
	{"Reset", func(testing.TB) func() {
		tm := goroutine.TimeNewTimer(never)
		goroutine.TimerStop(tm)
		goroutine.TimerReset(tm, never)
		return func() { goroutine.TimerStop(tm) }
	}},
	{"NewTicker", func(testing.TB) func() {
		tk := goroutine.TimeNewTicker(never)
		return func() { goroutine.TickerStop(tk) }
	}},
	{"Ticker.Reset", func(testing.TB) func() {
		tk := goroutine.TimeNewTicker(never)
		goroutine.TickerStop(tk)
		goroutine.TickerReset(tk, never)
		return func() { goroutine.TickerStop(tk) }
	}},
	{"earlier cell's ticker", func(t testing.TB) func() {
		var tk *time.Ticker
		earlier, _ := newCell(t, 8)
		if p := earlier.Run(context.Background(), func() { tk = goroutine.TimeNewTicker(never) }); p != nil {
			t.Error(p)
		}
		return func() { goroutine.TickerStop(tk) }
	}},
	{"AfterFunc", func(testing.TB) func() {
		tm := goroutine.TimeAfterFunc(never, func() {})
		return func() { goroutine.TimerStop(tm) }
	}},
	{"WithTimeout", func(testing.TB) func() {
		_, cancel := goroutine.ContextWithTimeout(context.Background(), never)
		return cancel
	}},
	{"WithDeadline", func(testing.TB) func() {
		_, cancel := goroutine.ContextWithDeadline(context.Background(), time.Now().Add(never))
		return cancel
	}},
	{"WithTimeout of a cancelled parent", func(testing.TB) func() {
		parent, cancel := context.WithCancel(context.Background())
		ctx, _ := goroutine.ContextWithTimeoutCause(parent, never, io.EOF)
		_, _ = goroutine.ContextWithDeadlineCause(ctx, time.Now().Add(never/2), io.EOF)
		return cancel
	}},
	{"Notify", func(testing.TB) func() {
		c := make(chan os.Signal, 1)
		goroutine.SignalNotify(c, os.Interrupt)
		return func() { goroutine.SignalStop(c) }
	}},
	{"Notify, reset", func(testing.TB) func() {
		c := make(chan os.Signal, 1)
		goroutine.SignalNotify(c, os.Interrupt, os.Kill)
		return func() { goroutine.SignalReset(os.Interrupt); goroutine.SignalReset(os.Kill) }
	}},
	{"NotifyContext", func(testing.TB) func() {
		_, stop := goroutine.SignalNotifyContext(context.Background(), os.Interrupt)
		return stop
	}},
	{"Accept", func(t testing.TB) func() {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Error(err)
			return func() {}
		}
		goroutine.Go(1, 1, func() { l.Accept() })
		return func() { l.Close() }
	}},
	{"a goroutine that sleeps", func(testing.TB) func() {
		var stopped atomic.Bool
		goroutine.Go(1, 1, func() {
			for !stopped.Load() {
				time.Sleep(time.Millisecond) // seen by its state
			}
		})
		return func() { stopped.Store(true) }
	}},
	{"a goroutine that will send", func(testing.TB) func() {
		ch := make(chan int, 1)
		var stopped atomic.Bool
		goroutine.Go(1, 1, func() {
			for !stopped.Load() {
				goroutine.TimeSleep(50 * time.Millisecond)
			}
			ch <- 1
		})
		return func() { stopped.Store(true); <-ch }
	}},
	{"a goroutine that runs", func(testing.TB) func() {
		var stopped atomic.Bool
		goroutine.Go(1, 1, func() {
			for !stopped.Load() {
			}
		})
		return func() { stopped.Store(true) }
	}},
	{"child process", func(t testing.TB) func() {
		cmd := exec.Command("sleep", "60")
		if err := cmd.Start(); err != nil {
			t.Error(err)
			return func() {}
		}
		goroutine.Go(1, 1, func() { cmd.Wait() })
		return func() { cmd.Process.Kill() }
	}},
	{"stdin", func(t testing.TB) func() {
		r, w, err := os.Pipe()
		if err != nil {
			t.Error(err)
			return func() {}
		}
		goroutine.Go(1, 1, func() { r.Read(make([]byte, 1)); r.Close() })
		return func() { w.Close() }
	}},
	{"Hold", func(testing.TB) func() { return goroutine.Hold() }},
	{"a goroutine of a package", func(testing.TB) func() {
		stop := make(chan int)
		started := make(chan int)
		time.AfterFunc(0, func() { close(started); <-stop })
		<-started
		return func() { close(stop) }
	}},
}

// collected keeps ch until the returned function lets the collector have it.
func collected(ch <-chan time.Time) func() {
	return func() {
		runtime.KeepAlive(ch)
		ch = nil
	}
}

// eventually waits until ok reports true.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	deadline := time.After(10 * time.Second)
	for !ok() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("not within 10 s: %s", what)
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

// Without a waker every way to block is found within 2 s, and told with its operation and position.
func TestDeadlock(t *testing.T) {
	for _, b := range blockings {
		t.Run(b.name, func(t *testing.T) {
			block, unblock := b.make()
			c, _ := newCell(t, 4)
			ended := make(chan int)
			began := time.Now()
			p := c.Run(t.Context(), func() {
				defer close(ended)
				goroutine.Go(1, 9, func() { goroutine.At(1, 20, "chan receive"); <-ended })
				block()
			})
			if p == nil || p.Kind != goroutine.KindDeadlock {
				t.Fatalf("Run = %v, want deadlock", p)
			}
			if d := time.Since(began); d > 2*time.Second {
				t.Errorf("found after %v, want at most 2 s", d)
			}
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
	c, _ := newCell(t, 7)
	began := time.Now()
	p := c.Run(t.Context(), func() {
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
	if p == nil || p.Kind != goroutine.KindDeadlock {
		t.Fatalf("Run = %v, want deadlock", p)
	}
	if d := time.Since(began); d > 2*time.Second {
		t.Errorf("found after %v, want at most 2 s", d)
	}
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
