package kernel

import (
	"context"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gokernel/kernel/jupyter"
	"gokernel/kernel/wire"
)

// flood is an Interpreter whose cells print as fast as they can until they are interrupted.
type flood struct {
	*script
	flowing chan struct{} // closed at the first line
	stop    chan struct{} // closed by Interrupt
	once    sync.Once
}

func (f *flood) Execute(_ context.Context, _ Cell, out Output) (Result, error) {
	line := strings.Repeat("x", 79) + "\n"
	out.Stream("stdout", line)
	close(f.flowing)
	for {
		select {
		case <-f.stop:
			return Result{}, &CellError{Name: "Interrupted"}
		default:
			out.Stream("stdout", line)
		}
	}
}

func (f *flood) Interrupt() { f.once.Do(func() { close(f.stop) }) }

// While a cell floods, over real sockets, control and heartbeat answer within 20 ms, whether the client reads the flood
// or not. The median is held to that: single answers may wait for a busy machine.
func TestAnswersDuringAFlood(t *testing.T) {
	for _, reads := range []bool{true, false} {
		name := map[bool]string{true: "read", false: "unread"}[reads]
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			info := jupyter.ConnectionInfo{Transport: jupyter.TCP, IP: "127.0.0.1", SignatureScheme: jupyter.HMACSHA256, Key: "secret"}
			conn, err := wire.Listen(ctx, info, wire.Options{})
			if err != nil {
				t.Fatal(err)
			}
			cell := &flood{script: newScript(), flowing: make(chan struct{}), stop: make(chan struct{})}
			k := New(conn, Config{Interpreter: cell, Session: jupyter.NewSession("flood")})
			running, stop := context.WithCancel(ctx)
			done := make(chan error, 1)
			go func() { done <- k.Run(running) }()
			client, err := wire.Dial(ctx, conn.Info())
			if err != nil {
				t.Fatal(err)
			}
			var readers sync.WaitGroup
			defer func() {
				client.Close() // before the kernel, which would wait for it to read
				readers.Wait()
				stop()
				<-done
				if err := conn.Close(); err != nil {
					t.Error(err)
				}
			}()
			var read atomic.Int64
			if reads {
				readers.Go(func() {
					for {
						m, err := client.Recv(ctx, jupyter.IOPub)
						if err != nil {
							return
						}
						read.Add(int64(len(m.Content)))
					}
				})
			}
			ask := func(ch jupyter.Channel, c jupyter.Content) {
				t.Helper()
				m, err := jupyter.Session{ID: "client"}.New(nil, c)
				if err != nil {
					t.Fatal(err)
				}
				if err := client.Send(ctx, ch, m); err != nil {
					t.Fatal(err)
				}
			}
			// A machine that is busy with other things is slow without a flood as well.
			slow := 1.0
			for range 5 {
				began := time.Now()
				if _, err := client.Ping(ctx); err != nil {
					t.Fatal(err)
				}
				slow = max(slow, float64(time.Since(began))/float64(time.Millisecond))
			}
			ask(jupyter.Shell, jupyter.ExecuteRequest{Code: "flood"})
			<-cell.flowing
			times := map[string][]time.Duration{}
			measure := func(what string, f func() error) {
				t.Helper()
				began := time.Now()
				if err := f(); err != nil {
					t.Fatalf("%s: %v", what, err)
				}
				times[what] = append(times[what], time.Since(began))
			}
			control := func(c jupyter.Content) func() error {
				return func() error {
					ask(jupyter.Control, c)
					_, err := client.Recv(ctx, jupyter.Control)
					return err
				}
			}
			// A busy machine may take a while to have the client read much.
			for n := 0; n < 100 || reads && read.Load() < 1<<20 && ctx.Err() == nil; n++ {
				measure("heartbeat", func() error { _, err := client.Ping(ctx); return err })
				measure("kernel_info", control(jupyter.KernelInfoRequest{}))
			}
			measure("interrupt", control(jupyter.InterruptRequest{}))
			for what, all := range times {
				slices.Sort(all)
				t.Logf("%s: median %v, longest %v", what, all[len(all)/2], all[len(all)-1])
				limit := time.Duration(slow * float64(20*time.Millisecond))
				if len(all) == 1 { // which is no median
					limit *= 10
				}
				if median := all[len(all)/2]; median > limit {
					t.Errorf("%s was answered after %v, want at most %v", what, median, limit)
				}
			}
			if !reads {
				return
			}
			if _, err := client.Recv(ctx, jupyter.Shell); err != nil {
				t.Error(err)
			}
			client.Close()
			readers.Wait()
			if read.Load() < 1<<20 {
				t.Errorf("only %d bytes of the flood came", read.Load())
			}
		})
	}
}
