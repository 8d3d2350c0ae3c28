package goroutine_test

import (
	"context"
	"io"
	"net"
	"os"
	"os/exec"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"gokernel/kernel/goroutine"
)

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
