package notebook

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"gokernel/kernel"
	"gokernel/kernel/engine"
	"gokernel/kernel/interp"
	"gokernel/kernel/jupyter"
	"gokernel/kernel/worker"
)

// TestMain makes the test binary a worker if it was started as one.
func TestMain(m *testing.M) {
	if len(os.Args) == 4 && os.Args[1] == "worker" && os.Args[2] == "--load" {
		if err := interp.Load(os.Args[3]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	if len(os.Args) > 1 && os.Args[1] == "worker" {
		ev, err := interp.New()
		if err == nil {
			err = worker.Serve(context.Background(), Evaluator(ev))
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// book returns a notebook with a worker of its own, which the test's end closes.
func book(t *testing.T) *Notebook {
	t.Helper()
	return bookWith(t, engine.Interp)
}

// bookWith is book with an engine.
func bookWith(t *testing.T, mode engine.Mode) *Notebook {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	n := New(t.Context(), Config{Command: []string{exe, "worker"}, Mode: mode, Version: "test"})
	t.Cleanup(func() {
		if err := n.Close(); err != nil {
			t.Errorf("closing: %v", err)
		}
	})
	return n
}

// run is one cell that was run: what it printed and showed, and how it ended.
type run struct {
	mu      sync.Mutex
	number  int
	out     strings.Builder // stdout and stderr
	shown   []jupyter.MIMEBundle
	pages   []map[string]any
	late    chan *kernel.CellError
	printed chan struct{} // takes one when something was printed
	result  kernel.Result
	err     error
}

func newRun(number int) *run {
	return &run{number: number, late: make(chan *kernel.CellError, 16), printed: make(chan struct{}, 1)}
}

func (r *run) Stream(_, text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.out.WriteString(text)
	select {
	case r.printed <- struct{}{}:
	default:
	}
}

func (r *run) Display(data jupyter.MIMEBundle, _ map[string]any, _ string, _ bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.shown = append(r.shown, data)
}

func (r *run) Clear(bool) {}

func (r *run) Input(context.Context, string, bool) (string, error) { return "a line", nil }

func (r *run) Payload(p map[string]any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.pages = append(r.pages, p)
}

func (r *run) Error(e *kernel.CellError) { r.late <- e }

func (r *run) text() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.out.String()
}

// value is the text of the cell's result, "" if it has none.
func (r *run) value() string {
	s, _ := r.result.Data["text/plain"].(string)
	return s
}

// failure is the cell's error without colours: name, value and traceback.
func (r *run) failure() string {
	var e *kernel.CellError
	switch {
	case r.err == nil:
		return ""
	case !errors.As(r.err, &e):
		return "error of ours: " + r.err.Error()
	}
	return told(e)
}

func told(e *kernel.CellError) string {
	text := e.Name + ": " + e.Value + "\n" + strings.Join(e.Traceback, "\n")
	return strings.NewReplacer(red, "", bold, "", plain, "").Replace(text)
}

// lastNumber counts the cells of a notebook in tests.
type lastNumber struct{ n int }

// cells runs cells one after the other, numbered from 1, and returns the last one.
func (c *lastNumber) cell(t *testing.T, n *Notebook, code string) *run {
	t.Helper()
	c.n++
	r := newRun(c.n)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute) // a machine that has compiled nothing yet, and is busy
	defer cancel()
	r.result, r.err = n.Execute(ctx, kernel.Cell{Number: c.n, Code: code, StoreHistory: true, AllowStdin: true}, r)
	return r
}

// want checks that text has all the parts.
func want(t *testing.T, what, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%s: got\n%s\nwant it to contain %q", what, text, part)
		}
	}
}
