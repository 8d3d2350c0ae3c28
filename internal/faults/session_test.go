package faults

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"gokernel/internal/client"
	"gokernel/kernel/jupyter"
)

// patience bounds every wait of the tests. What takes that long is broken.
const patience = 90 * time.Second

// session is a kernel with a client. Its methods end the test when there is no reply.
type session struct {
	*client.Client
	t *testing.T

	mu      sync.Mutex
	late    []*jupyter.Message // what came when no cell ran
	arrived chan struct{}      // closed and replaced when something was added to late
}

// start starts a kernel in an empty directory; env is added to its environment.
func start(t *testing.T, env ...string) *session {
	t.Helper()
	return startIn(t, t.TempDir(), env...)
}

func startIn(t *testing.T, dir string, env ...string) *session {
	t.Helper()
	s := &session{t: t, arrived: make(chan struct{})}
	c, err := client.Start(t.Context(), client.Config{
		Argv:      []string{program, "kernel", "-f", "{connection_file}"},
		Env:       append([]string{"XDG_DATA_HOME=" + t.TempDir(), "GOKERNEL_ENGINE=" + *engine}, env...),
		Dir:       dir,
		Unclaimed: s.unclaimed,
	})
	if err != nil {
		t.Fatal(err)
	}
	s.Client = c
	t.Cleanup(func() {
		violations := c.Violations()
		select {
		case <-c.Dead(): // the test has ended it
			c.Close()
		default:
			if err := c.Close(); err != nil {
				t.Error(err)
			}
			violations = c.Violations()
		}
		for _, v := range violations {
			t.Errorf("against the protocol: %v", v)
		}
	})
	return s
}

// unclaimed keeps a message that belongs to no running cell.
func (s *session) unclaimed(m *jupyter.Message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.late = append(s.late, m)
	close(s.arrived)
	s.arrived = make(chan struct{})
}

// outcome is what a cell showed and how it ended.
type outcome struct {
	jupyter.ExecuteReply
	id      string // of the execute_request
	stdout  string // all that was printed, clear_output obeyed
	stderr  string //
	out     []byte // stdout while it grows
	err     []byte // stderr while it grows
	forms   []form // of results and displays, clear_output obeyed
	updates []form // of displays
	errors  []jupyter.Error
	streams int           // how many stream messages came
	took    time.Duration // until the kernel was idle
}

// ansi matches the colours of tracebacks.
var ansi = regexp.MustCompile("\x1b\\[[0-9;]*m")

// said is all that the error of a cell says, without colours.
func (o outcome) said() string {
	return ansi.ReplaceAllString(o.EName+": "+o.EValue+"\n"+strings.Join(o.Traceback, "\n"), "")
}

// shown is the plain text of all results and displays, one a line.
func (o outcome) shown() string {
	var texts []string
	for _, f := range o.forms {
		if f.mime == "text/plain" {
			texts = append(texts, f.text)
		}
	}
	return strings.Join(texts, "\n")
}

// add takes a message of iopub into account.
func (o *outcome) add(t *testing.T, m *jupyter.Message, pending *bool) {
	clear := func() {
		if *pending {
			o.out, o.err, o.forms, *pending = nil, nil, nil, false
		}
	}
	switch m.Header.MsgType {
	case jupyter.StreamType:
		clear()
		o.streams++
		c := decode[jupyter.Stream](t, m)
		if c.Name == jupyter.Stdout {
			o.out = append(o.out, c.Text...)
		} else {
			o.err = append(o.err, c.Text...)
		}
	case jupyter.ExecuteResultType:
		clear()
		o.forms = append(o.forms, forms(t, decode[jupyter.ExecuteResult](t, m).Data)...)
	case jupyter.DisplayDataType:
		clear()
		o.forms = append(o.forms, forms(t, decode[jupyter.DisplayData](t, m).Data)...)
	case jupyter.UpdateDisplayDataType:
		o.updates = append(o.updates, forms(t, decode[jupyter.UpdateDisplayData](t, m).Data)...)
	case jupyter.ClearOutputType:
		*pending = true
		if !decode[jupyter.ClearOutput](t, m).Wait {
			clear()
		}
	case jupyter.ErrorType:
		o.errors = append(o.errors, decode[jupyter.Error](t, m))
	}
	if m.ParentHeader != nil {
		o.id = m.ParentHeader.MsgID
	}
}

// execute runs a cell to its end. h may be empty.
func (s *session) execute(req jupyter.ExecuteRequest, h client.Handler) (outcome, error) {
	var o outcome
	var pending bool
	also := h.Message
	h.Message = func(m *jupyter.Message) {
		o.add(s.t, m, &pending)
		if also != nil {
			also(m)
		}
	}
	ctx, cancel := context.WithTimeout(s.t.Context(), patience)
	defer cancel()
	begin := time.Now()
	reply, err := s.Execute(ctx, req, h)
	o.ExecuteReply, o.took = reply, time.Since(begin)
	o.stdout, o.stderr = string(o.out), string(o.err)
	if err != nil {
		return o, fmt.Errorf("cell %q: %w", req.Code, err)
	}
	return o, nil
}

// run runs a cell.
func (s *session) run(code string) outcome {
	s.t.Helper()
	o, err := s.execute(jupyter.ExecuteRequest{Code: code}, client.Handler{})
	if err != nil {
		s.t.Fatal(err)
	}
	return o
}

// must runs a cell that has to succeed, and returns what it printed and showed.
func (s *session) must(code string) string {
	s.t.Helper()
	o := s.run(code)
	if o.Status != jupyter.StatusOK {
		s.t.Fatalf("cell %q: %s", code, o.said())
	}
	return o.stdout + o.shown()
}

// want runs a cell that has to succeed and show something.
func (s *session) want(code, want string) {
	s.t.Helper()
	if got := strings.TrimSuffix(s.must(code), "\n"); got != want {
		s.t.Errorf("cell %q: got %q, want %q", code, got, want)
	}
}

// started runs a cell and returns once it has printed something. The channel takes the outcome.
func (s *session) started(code string) <-chan outcome {
	s.t.Helper()
	return s.startedWhen(code, func(m *jupyter.Message) bool { return m.Header.MsgType == jupyter.StreamType })
}

// startedWhen is started for a cell that has begun when begun says so of a message.
func (s *session) startedWhen(code string, begun func(*jupyter.Message) bool) <-chan outcome {
	s.t.Helper()
	printed, ended := make(chan struct{}), make(chan outcome, 1)
	first := sync.OnceFunc(func() { close(printed) })
	go func() {
		o, err := s.execute(jupyter.ExecuteRequest{Code: code}, client.Handler{Message: func(m *jupyter.Message) {
			if begun(m) {
				first()
			}
		}})
		if err != nil {
			s.t.Error(err)
		}
		ended <- o
	}()
	select {
	case <-printed:
	case o := <-ended:
		s.t.Errorf("cell %q ended without printing anything: %s", code, o.said())
		ended <- o
	case <-time.After(patience):
		s.t.Fatalf("cell %q prints nothing", code)
	}
	return ended
}

// isPrinted reports whether m is what a cell has printed to its standard output; what is compiled for it first is told on
// the other stream.
func isPrinted(m *jupyter.Message) bool {
	if m.Header.MsgType != jupyter.StreamType {
		return false
	}
	s, err := jupyter.Decode[jupyter.Stream](m)
	return err == nil && s.Name == jupyter.Stdout
}

// outcomeOf waits for the end of a cell.
func (s *session) outcomeOf(ended <-chan outcome) outcome {
	s.t.Helper()
	select {
	case o := <-ended:
		return o
	case <-time.After(patience):
		s.t.Fatal("the cell does not end")
		return outcome{}
	}
}

// interrupt interrupts what runs.
func (s *session) interrupt() {
	s.t.Helper()
	if err := s.Interrupt(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
}

// waitLate waits until what came late under the cell of that id fulfils ok.
func (s *session) waitLate(id string, ok func(outcome) bool) outcome {
	s.t.Helper()
	deadline := time.After(patience)
	for {
		s.mu.Lock()
		all, arrived := s.late, s.arrived
		s.mu.Unlock()
		var o outcome
		var pending bool
		for _, m := range all {
			if m.ParentHeader != nil && m.ParentHeader.MsgID == id {
				o.add(s.t, m, &pending)
			}
		}
		o.stdout, o.stderr = string(o.out), string(o.err)
		if ok(o) {
			return o
		}
		select {
		case <-arrived:
		case <-deadline:
			s.t.Fatalf("late output of the cell: got %+v", o)
		}
	}
}
