package client

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"gokernel/kernel/jupyter"
	"gokernel/kernel/wire"
)

// fakeVariable makes this test binary a kernel: its value is the connection file.
const fakeVariable = "GOKERNEL_FAKE_KERNEL"

func TestMain(m *testing.M) {
	if os.Getenv(fakeVariable) != "" {
		if err := fakeKernel(os.Args[1]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	goleak.VerifyTestMain(m)
}

// A fake is a kernel whose cells are lists of commands, one a line: "print TEXT", "value TEXT", "fail",
// "ask PROMPT", "wait" (for an interrupt), "die TEXT", and faults: "twice" (reply), "noidle", "badstream".
type fake struct {
	conn    *wire.Conn
	session jupyter.Session
	count   int
	stop    chan struct{} // an interrupt came
}

func fakeKernel(file string) error {
	info, err := jupyter.ReadConnectionFile(file)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	conn, err := wire.Listen(ctx, info, wire.Options{})
	if err != nil {
		return err
	}
	defer conn.Close()
	f := &fake{conn: conn, session: jupyter.NewSession("fake"), stop: make(chan struct{}, 1)}
	var wg sync.WaitGroup
	for _, ch := range []jupyter.Channel{jupyter.Shell, jupyter.Control} {
		wg.Go(func() {
			for {
				m, err := conn.Recv(ctx, ch)
				if err != nil {
					return
				}
				if f.handle(ctx, ch, m) {
					cancel()
				}
			}
		})
	}
	wg.Wait()
	return nil
}

func (f *fake) send(ctx context.Context, ch jupyter.Channel, parent *jupyter.Message, c jupyter.Content) {
	m, err := f.session.New(parent, c)
	if err == nil {
		if ch == jupyter.IOPub {
			m.Identities = [][]byte{[]byte(c.MsgType())}
		}
		err = f.conn.Send(ctx, ch, m)
	}
	if err != nil && ctx.Err() == nil {
		panic(err)
	}
}

func (f *fake) handle(ctx context.Context, ch jupyter.Channel, m *jupyter.Message) (end bool) {
	f.send(ctx, jupyter.IOPub, m, jupyter.Status{ExecutionState: jupyter.Busy})
	idle := true
	switch m.Header.MsgType {
	case jupyter.KernelInfoRequestType:
		f.send(ctx, ch, m, jupyter.KernelInfoReply{Status: "ok", ProtocolVersion: "5.5", LanguageInfo: jupyter.LanguageInfo{Name: "fake"}})
	case jupyter.ShutdownRequestType:
		f.send(ctx, ch, m, jupyter.ShutdownReply{Status: "ok"})
		end = true
	case jupyter.InterruptRequestType:
		f.stop <- struct{}{}
		f.send(ctx, ch, m, jupyter.InterruptReply{Status: "ok"})
	case jupyter.IsCompleteRequestType:
		f.send(ctx, ch, m, jupyter.IsCompleteReply{Status: jupyter.Incomplete, Indent: "\t"})
	case jupyter.CompleteRequestType:
		f.send(ctx, ch, m, jupyter.Failed{Type: jupyter.CompleteReplyType, EName: "Oops", EValue: "no completion"})
	case jupyter.ExecuteRequestType:
		idle = f.execute(ctx, m)
	}
	if idle {
		f.send(ctx, jupyter.IOPub, m, jupyter.Status{ExecutionState: jupyter.Idle})
	}
	return end
}

func (f *fake) execute(ctx context.Context, m *jupyter.Message) (idle bool) {
	req, err := jupyter.Decode[jupyter.ExecuteRequest](m)
	if err != nil {
		panic(err)
	}
	f.count++
	f.send(ctx, jupyter.IOPub, m, jupyter.ExecuteInput{Code: req.Code, ExecutionCount: f.count})
	reply := jupyter.ExecuteReply{Status: "ok", ExecutionCount: f.count}
	idle = true
	for line := range strings.SplitSeq(req.Code, "\n") {
		cmd, arg, _ := strings.Cut(line, " ")
		switch cmd {
		case "print":
			f.send(ctx, jupyter.IOPub, m, jupyter.Stream{Name: "stdout", Text: arg + "\n"})
		case "value":
			f.send(ctx, jupyter.IOPub, m, jupyter.ExecuteResult{ExecutionCount: f.count, Data: jupyter.MIMEBundle{"text/plain": arg}})
		case "ask":
			f.send(ctx, jupyter.Stdin, m, jupyter.InputRequest{Prompt: arg})
			in, err := f.conn.Recv(ctx, jupyter.Stdin)
			if err != nil {
				panic(err)
			}
			r, err := jupyter.Decode[jupyter.InputReply](in)
			if err != nil {
				panic(err)
			}
			f.send(ctx, jupyter.IOPub, m, jupyter.Stream{Name: "stdout", Text: "got " + r.Value})
		case "wait":
			<-f.stop
		case "die":
			fmt.Fprintln(os.Stderr, arg)
			os.Exit(3)
		case "fail":
			e := jupyter.Error{EName: "panic", EValue: "boom"}
			f.send(ctx, jupyter.IOPub, m, e)
			reply.Status, reply.EName, reply.EValue = "error", e.EName, e.EValue
		case "twice":
			f.send(ctx, jupyter.Shell, m, reply)
		case "noidle":
			idle = false
		case "badstream":
			f.send(ctx, jupyter.IOPub, m, jupyter.Stream{Name: "stdlog", Text: "x"})
		}
	}
	f.send(ctx, jupyter.Shell, m, reply)
	return idle
}

func start(t *testing.T, transport string) *Client {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c, err := Start(t.Context(), Config{Argv: []string{exe, "{connection_file}"}, Env: []string{fakeVariable + "=1", "GORACE=atexit_sleep_ms=0"}, Transport: transport})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// run executes code and returns what was published, as "type content" lines.
func run(t *testing.T, c *Client, code string) (jupyter.ExecuteReply, []string) {
	t.Helper()
	var got []string
	reply, err := c.Execute(t.Context(), jupyter.ExecuteRequest{Code: code}, Handler{
		Message: func(m *jupyter.Message) { got = append(got, fmt.Sprintf("%s %s", m.Header.MsgType, m.Content)) },
		Input:   func(_ context.Context, r jupyter.InputRequest) (string, error) { return "re: " + r.Prompt, nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	return reply, got
}

func violations(t *testing.T, c *Client) []string {
	t.Helper()
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, v := range c.Violations() {
		lines = append(lines, v.String())
	}
	return lines
}

func TestExecute(t *testing.T) {
	for _, transport := range []string{jupyter.TCP, jupyter.IPC} {
		t.Run(transport, func(t *testing.T) {
			c := start(t, transport)
			if got := c.Info().LanguageInfo.Name; got != "fake" {
				t.Errorf("language %q, want fake", got)
			}
			reply, got := run(t, c, "print a\nask name?\nvalue 7")
			want := []string{
				`status {"execution_state":"busy"}`,
				`execute_input {"code":"print a\nask name?\nvalue 7","execution_count":1}`,
				`stream {"name":"stdout","text":"a\n"}`,
				`stream {"name":"stdout","text":"got re: name?"}`,
				`execute_result {"execution_count":1,"data":{"text/plain":"7"},"metadata":{}}`,
				`status {"execution_state":"idle"}`,
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("messages (-want +got):\n%s", diff)
			}
			if reply.Status != "ok" || reply.ExecutionCount != 1 {
				t.Errorf("reply %+v", reply)
			}
			if reply, _ = run(t, c, "fail"); reply.Status != "error" || reply.EValue != "boom" {
				t.Errorf("reply %+v, want the error", reply)
			}
			dir := c.proc.dir
			if got := violations(t, c); got != nil {
				t.Errorf("violations: %q", got)
			}
			if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("%s is still there (%v)", dir, err)
			}
			if _, err := c.Execute(t.Context(), jupyter.ExecuteRequest{}, Handler{}); !errors.Is(err, ErrClosed) {
				t.Errorf("after Close got %v, want ErrClosed", err)
			}
		})
	}
}

func TestInterruptByMessage(t *testing.T) {
	c := start(t, "")
	reply, err := c.Execute(t.Context(), jupyter.ExecuteRequest{Code: "print x\nwait"}, Handler{Message: func(m *jupyter.Message) {
		if m.Header.MsgType == jupyter.StreamType {
			if err := c.Interrupt(t.Context()); err != nil {
				t.Error(err)
			}
		}
	}})
	if err != nil || reply.Status != "ok" {
		t.Errorf("got %+v, %v", reply, err)
	}
}

func TestTimeoutLeavesTheCellRunning(t *testing.T) {
	c := start(t, "")
	ctx, cancel := context.WithCancelCause(t.Context())
	stop := errors.New("enough")
	_, err := c.Execute(ctx, jupyter.ExecuteRequest{Code: "wait"}, Handler{Message: func(m *jupyter.Message) {
		if m.Header.MsgType == jupyter.ExecuteInputType {
			cancel(stop)
		}
	}})
	if !errors.Is(err, stop) {
		t.Errorf("got %v, want the cause of the cancellation", err)
	}
	if err := c.Interrupt(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, got := run(t, c, "print next"); !strings.Contains(strings.Join(got, "\n"), "next") {
		t.Errorf("the next cell gave %q", got)
	}
}

func TestDeath(t *testing.T) {
	c := start(t, "")
	_, err := c.Execute(t.Context(), jupyter.ExecuteRequest{Code: "die fatal error: concurrent map writes"}, Handler{})
	death := new(Death)
	if !errors.As(err, &death) {
		t.Fatalf("got %v, want a *Death", err)
	}
	want := Death{Exit: "exit status 3", Output: "fatal error: concurrent map writes"}
	if diff := cmp.Diff(want, *death); diff != "" {
		t.Error(diff)
	}
	select {
	case <-c.Dead():
	default:
		t.Error("Dead is not closed")
	}
	if err := c.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	if reply, _ := run(t, c, "print a"); reply.ExecutionCount != 1 {
		t.Errorf("count %d after the restart, want 1", reply.ExecutionCount)
	}
}

func TestKill(t *testing.T) {
	c := start(t, "")
	_, err := c.Execute(t.Context(), jupyter.ExecuteRequest{Code: "wait"}, Handler{Message: func(m *jupyter.Message) {
		if m.Header.MsgType == jupyter.ExecuteInputType {
			if err := c.Kill(); err != nil {
				t.Error(err)
			}
		}
	}})
	death := new(Death)
	if !errors.As(err, &death) || death.Exit != "signal: killed" {
		t.Errorf("got %v, want a Death by a signal", err)
	}
}

func TestStartErrors(t *testing.T) {
	if _, err := Start(t.Context(), Config{}); err == nil || !strings.Contains(err.Error(), "no command") {
		t.Errorf("got %v", err)
	}
	if _, err := Start(t.Context(), Config{Argv: []string{"/nonexistent/kernel"}}); err == nil {
		t.Error("got no error")
	}
	_, err := Start(t.Context(), Config{Argv: []string{"/bin/sh", "-c", "echo no such module >&2; exit 4"}})
	if death := new(Death); !errors.As(err, &death) || death.Exit != "exit status 4" || !strings.Contains(err.Error(), "no such module") {
		t.Errorf("got %v, want a Death with the output", err)
	}
	_, err = Start(t.Context(), Config{Argv: []string{"/bin/sleep", "60"}, StartTimeout: 100 * time.Millisecond})
	if err == nil || !strings.Contains(err.Error(), "not ready within 100ms") {
		t.Errorf("got %v, want a timeout", err)
	}
}

func TestReplyError(t *testing.T) {
	c := start(t, "")
	_, err := c.Complete(t.Context(), "a", 1)
	var bad *ReplyError
	if !errors.As(err, &bad) || err.Error() != "complete_request: Oops: no completion" {
		t.Errorf("got %v, want the kernel's own error", err)
	}
	r, err := c.IsComplete(t.Context(), "{")
	if err != nil || r.Indent != "\t" {
		t.Errorf("got %+v, %v", r, err)
	}
	if got := violations(t, c); got != nil {
		t.Errorf("violations: %q", got)
	}
}

func TestFaultsAreNoticed(t *testing.T) {
	tests := []struct{ code, want string }{
		{"twice", "execute_reply: a second reply to one request"},
		{"badstream", "stream: name: want one of stdout, stderr"},
		{"noidle", "no idle status within 4s"},
	}
	for _, tt := range tests {
		t.Run(tt.code, func(t *testing.T) {
			t.Parallel()
			c := start(t, "")
			run(t, c, tt.code)
			if got := strings.Join(violations(t, c), "\n"); !strings.Contains(got, tt.want) {
				t.Errorf("violations %q, want %q", got, tt.want)
			}
		})
	}
}

func TestTailKeepsTheEnd(t *testing.T) {
	var all strings.Builder
	tl := &tail{also: &all}
	for i := range 5000 {
		fmt.Fprintf(tl, "line %d\n", i)
	}
	got := tl.String()
	if len(got) > tailSize || !strings.HasSuffix(got, "line 4999") || !strings.HasPrefix(got, "line ") {
		t.Errorf("%d bytes from %.20q", len(got), got)
	}
	if !strings.HasPrefix(all.String(), "line 0\n") {
		t.Error("the other writer did not get it all")
	}
}
