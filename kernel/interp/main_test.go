package interp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync/atomic"
	"testing"

	"gokernel/kernel/goroutine"
	"gokernel/kernel/worker"
)

// asWorker makes the test binary a worker.
const asWorker = "GOKERNEL_TEST_WORKER"

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == asWorker {
		if len(os.Args) == 4 && os.Args[2] == "--load" {
			if err := Load(os.Args[3]); err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
			os.Exit(0)
		}
		ev, err := New()
		if err == nil {
			err = worker.Serve(context.Background(), ev)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	goroutine.Setup()
	os.Exit(m.Run())
}

// cellID numbers the cells of all notebooks of this process, since goroutines are told apart by them.
var cellID atomic.Int64

// A notebook runs cells in an evaluator of its own.
type notebook struct {
	tb testing.TB
	ev *Evaluator
	n  int
}

func newNotebook(tb testing.TB) *notebook {
	tb.Helper()
	ev, err := New()
	if err != nil {
		tb.Fatal(err)
	}
	return &notebook{tb: tb, ev: ev}
}

// outcome is how a cell went.
type outcome struct {
	Reply
	out string
	err error
}

// failure returns the worker.Failure of a cell that must have one.
func (o outcome) failure(tb testing.TB) *worker.Failure {
	tb.Helper()
	var f *worker.Failure
	if !errors.As(o.err, &f) {
		tb.Fatalf("got error %v, want a failure (output %q)", o.err, o.out)
	}
	return f
}

// program wraps statements in the function of a cell, which counts lines from the first statement. The packages in
// imports are known under their names with the prefix p_.
func (b *notebook) program(decls, body string, imports ...string) Program {
	b.n++
	p := Program{
		Cell: fmt.Sprintf("cell [%d]", b.n), Imports: map[string]string{"p_gk": "gk"},
		Entry: fmt.Sprintf("cell_%d", b.n), Funcs: map[string]string{},
	}
	for _, path := range imports {
		p.Imports["p_"+strings.ReplaceAll(path, "/", "_")] = path
	}
	p.Funcs[p.Entry] = p.Cell
	p.Source = fmt.Sprintf("package main\n//line %s:101:1\n%s\n//line gokernel:1:1\nfunc %s() {\n//line %s:1:1\n%s\n}\n",
		p.Cell, decls, p.Entry, p.Cell, body)
	return p
}

// run runs a program and returns what it printed until its end.
func (b *notebook) run(ctx context.Context, p Program) outcome {
	b.tb.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		b.tb.Fatal(err)
	}
	printed := make(chan string, 1)
	go func() {
		s, _ := io.ReadAll(r)
		r.Close()
		printed <- string(s)
	}()
	c := &goroutine.Cell{ID: int(cellID.Add(1)), Name: p.Cell, Stdout: w, Stderr: w}
	code, err := json.Marshal(p)
	if err != nil {
		b.tb.Fatal(err)
	}
	var o outcome
	raw, err := b.ev.Eval(ctx, c, code)
	o.err = err
	w.Close()
	o.out = <-printed
	if err == nil {
		if err := json.Unmarshal(raw, &o.Reply); err != nil {
			b.tb.Fatal(err)
		}
	}
	return o
}

// must runs a cell that succeeds and returns what it printed.
func (b *notebook) must(decls, body string, imports ...string) outcome {
	b.tb.Helper()
	o := b.run(b.tb.Context(), b.program(decls, body, imports...))
	if o.err != nil {
		b.tb.Fatalf("%s: %v\n%s", body, o.err, o.out)
	}
	return o
}

// fails runs a cell that fails.
func (b *notebook) fails(decls, body string, imports ...string) *worker.Failure {
	b.tb.Helper()
	o := b.run(b.tb.Context(), b.program(decls, body, imports...))
	return o.failure(b.tb)
}
