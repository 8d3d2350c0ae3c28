package kernel

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"gokernel/kernel/jupyter"
)

func TestRunReturnsWhyItEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := startKernel(t, Config{})
		synctest.Wait()
		if err := c.kernel.Run(t.Context()); err == nil {
			t.Error("a second Run is no error")
		}
		c.cancel()
		if err := <-c.done; !errors.Is(err, context.Canceled) {
			t.Errorf("Run: got %v, want %v", err, context.Canceled)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		gone := errors.New("the socket is gone")
		k := New(broken{newMemory(), gone}, Config{Interpreter: newScript()})
		if err := k.Run(t.Context()); !errors.Is(err, gone) {
			t.Errorf("Run: got %v, want %v", err, gone)
		}
	})
}

// broken is a transport whose stdin channel fails.
type broken struct {
	*memory
	err error
}

func (b broken) Recv(ctx context.Context, ch jupyter.Channel) (*jupyter.Message, error) {
	if ch == jupyter.Stdin {
		return nil, b.err
	}
	return b.memory.Recv(ctx, ch)
}

// A cell that never ends, whatever is done, is left behind.
func TestShutdownWithoutTheCell(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := startKernel(t, Config{})
		hung := hangs{c.interp, make(chan struct{})}
		c.kernel.interp = hung
		c.do(`shell m1 execute_request {"code":"out x"}`)
		synctest.Wait()
		asked := time.Now()
		c.do(`control s1 shutdown_request {"restart":false}`)
		if err := <-c.done; err != nil {
			t.Errorf("Run: %v", err)
		}
		if took := time.Since(asked); took > shutdownWait {
			t.Errorf("shutdown took %v", took)
		}
		if !strings.Contains(c.log.String(), "left behind") {
			t.Errorf("log:\n%s", c.log)
		}
		close(hung.release)
		c.cancel()
	})
}

type hangs struct {
	*script
	release chan struct{}
}

func (h hangs) Execute(context.Context, Cell, Output) (Result, error) {
	<-h.release
	return Result{}, nil
}

// Subscribers that take nothing do not hold up shutdown for long either.
func TestShutdownWithoutTheClients(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := startKernel(t, Config{})
		synctest.Wait()
		c.transport.block(jupyter.IOPub)
		c.do(`shell m1 execute_request {"code":"count 131072 0123456789abcdef0123456789abcde"}`)
		synctest.Wait()
		asked := time.Now()
		c.do(`control s1 shutdown_request {"restart":false}`)
		if err := <-c.done; err != nil {
			t.Errorf("Run: %v", err)
		}
		if took := time.Since(asked); took > shutdownWait {
			t.Errorf("shutdown took %v", took)
		}
		c.cancel()
	})
}

// With AbortWait, cells that arrive just after a failure are aborted too.
func TestAbortWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := startKernel(t, Config{AbortWait: 10 * time.Millisecond})
		c.do(`shell m1 execute_request {"code":"fail Oh no"}`)
		time.Sleep(5 * time.Millisecond)
		c.do(`shell m2 execute_request {"code":"cell"}`)
		time.Sleep(10 * time.Millisecond)
		c.do(`shell m3 execute_request {"code":"cell"}`)
		synctest.Wait()
		var got []string
		for line := range strings.Lines(c.heard()) {
			for _, status := range []string{"error", "aborted", "ok"} {
				if strings.HasPrefix(line, "shell") && strings.Contains(line, `"status":"`+status+`"`) {
					got = append(got, status)
				}
			}
		}
		if diff := cmp.Diff([]string{"error", "aborted", "ok"}, got); diff != "" {
			t.Errorf("replies (-want +got):\n%s", diff)
		}
		c.end()
	})
}

// More requests than the queue holds wait at the client's side, in order.
func TestManyQueuedRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := startKernel(t, Config{})
		const n = queuedRequests + 500
		c.do(`shell m execute_request {"code":"sleep 1h"}`)
		sending := make(chan struct{})
		go func() {
			defer close(sending)
			for i := range n {
				m := clientMessage("q", jupyter.IsCompleteRequestType, `{"code":"x"}`)
				m.Buffers = [][]byte{{byte(i), byte(i >> 8)}}
				c.transport.in[jupyter.Shell] <- m
			}
		}()
		synctest.Wait()
		select {
		case <-sending:
			t.Error("the queue has no bound")
		default:
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		<-sending
		replies := 0
		for _, s := range c.transport.take() {
			if s.msg.Header.MsgType == jupyter.IsCompleteReplyType {
				replies++
			}
		}
		if replies != n {
			t.Errorf("%d replies, want %d", replies, n)
		}
		c.cancel()
		<-c.done
	})
}

// JupyterLab gives an input_reply the input_request as its parent; one to an
// earlier question is late.
func TestInputReplyWithParent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := startKernel(t, Config{})
		answer := func(parent *jupyter.Message, value string) {
			m := clientMessage("r", jupyter.InputReplyType, `{"value":"`+value+`"}`)
			m.ParentHeader = &parent.Header
			c.transport.in[jupyter.Stdin] <- m
			synctest.Wait()
		}
		question := func() *jupyter.Message {
			synctest.Wait()
			log := c.transport.take()
			c.check.sent(log)
			for _, s := range log {
				if s.channel == jupyter.Stdin {
					return s.msg
				}
			}
			t.Fatal("no question")
			return nil
		}
		c.do(`shell m1 execute_request {"code":"input one\ninput two"}`)
		first := question()
		answer(first, "1")
		second := question()
		answer(first, "late")
		answer(second, "2")
		if got := c.heard(); !strings.Contains(got, `\"2\"`) || strings.Contains(got, "late") {
			t.Errorf("got %s", got)
		}
		c.end()
	})
}

// The kernel's side opens a comm, outside of any request.
func TestCommFromTheKernel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := startKernel(t, Config{})
		synctest.Wait()
		c.heard()
		comm, err := c.interp.comms.Open("widget", CommData{Data: map[string]any{"a": 1}, Buffers: [][]byte{{1, 2}}}, echo{})
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		log := c.transport.take()
		c.check.sent(log)
		if len(log) != 1 || log[0].msg.Header.MsgType != jupyter.CommOpenType || len(log[0].msg.Buffers) != 1 {
			t.Errorf("got %v", log)
		}
		c.do(`shell o1 comm_msg {"comm_id":"` + comm.ID + `","data":{"b":2}}`)
		synctest.Wait()
		if got, want := c.heard(), `comm_msg {"comm_id":"`+comm.ID+`","data":{"b":2}}`; !strings.Contains(got, want) {
			t.Errorf("got %s, want %s in it", got, want)
		}
		if err := comm.Close(CommData{}); err != nil {
			t.Error(err)
		}
		if err := comm.Close(CommData{}); !errors.Is(err, ErrCommClosed) {
			t.Errorf("second Close: got %v, want %v", err, ErrCommClosed)
		}
		synctest.Wait()
		c.end()
	})
}

// Code points and bytes are turned into each other, and what is out of range
// is moved into it.
func TestCursorPositions(t *testing.T) {
	const code = "aä€😀"
	for cursor, want := range map[int]int{-1: 0, 0: 0, 1: 1, 2: 3, 3: 6, 4: 10, 5: 10, 1 << 40: 10} {
		if got := byteOffset(code, cursor); got != want {
			t.Errorf("byteOffset(%d): got %d, want %d", cursor, got, want)
		}
	}
	for offset, want := range map[int]int{-1: 0, 0: 0, 1: 1, 3: 2, 6: 3, 10: 4, 99: 4} {
		if got := codePoints(code, offset); got != want {
			t.Errorf("codePoints(%d): got %d, want %d", offset, got, want)
		}
	}
}

func TestWelcome(t *testing.T) {
	m, err := Welcome(jupyter.Session{ID: "kernel-session", Username: "kernel"}, "stream")
	if err != nil {
		t.Fatal(err)
	}
	newChecker(t).sent([]sent{{jupyter.IOPub, m}})
	if got := string(m.Content); got != `{"subscription":"stream"}` || m.ParentHeader != nil {
		t.Errorf("got %s, parent %v", got, m.ParentHeader)
	}
}
