package interp

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gokernel/kernel/worker"
)

func TestFailures(t *testing.T) {
	tests := []struct {
		name, decls, body string
		imports           []string
		want              worker.Failure // Kind, Name, Value, Frames, Notes
	}{
		{"a string", "", `panic("oh")`, nil, worker.Failure{Kind: "panic", Name: "panic", Value: "oh"}},
		{"an error", "", `panic(p_fmt.Errorf("bad %d", 3))`, []string{"fmt"}, worker.Failure{Kind: "panic", Value: "bad 3"}},
		{"a number", "", `panic(3)`, nil, worker.Failure{Kind: "panic", Value: "int(3)"}},
		{"a nil map", "", `var m map[string]int; m["a"] = 1`, nil, worker.Failure{Kind: "panic", Value: "assignment to entry in nil map"}},
		{"division", "", `z := 0; _ = 1 / z`, nil, worker.Failure{Kind: "panic", Value: "runtime error: integer divide by zero"}},
		{"exit", "", `p_os.Exit(3)`, []string{"os"}, worker.Failure{Kind: "exit", Value: "exit status 3"}},
		{"log.Fatal", "", `p_log.Fatal("x")`, []string{"log"}, worker.Failure{Kind: "exit", Value: "exit status 1"}},
		{"Goexit", "", `p_runtime.Goexit()`, []string{"runtime"}, worker.Failure{Kind: "goexit", Value: "runtime.Goexit called on the main goroutine of the cell"}},
		{"unrecovered through Call", "func mk_(d int) func(*p_gk.Defers) { return func(d *p_gk.Defers) { d.Defer(func() {}); var a []int; i := 2; _ = a[i] } }",
			`p_gk.Call(mk_(1))`, nil, worker.Failure{Kind: "panic", Value: "runtime error: index out of range [2] with length 0"}},
		{"goroutine", "", "p_gk.Go(1, 1, func() { panic(\"in it\") })\nfor {}", []string{"time"}, worker.Failure{Kind: "panic", Value: "in it"}},
		{"AfterFunc", "", "p_time.AfterFunc(1000, func() { panic(\"in it\") })\nfor {}", []string{"time"}, worker.Failure{Kind: "panic", Value: "in it"}},
		{"compiled callback", "", `p_strings.Map(func(r rune) rune { panic("in it") }, "abc")`, []string{"strings"}, worker.Failure{Kind: "panic", Value: "in it"}},
	}
	b := newNotebook(t)
	b.must("var kept_1 int", "kept_1 = 5")
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b.tb = t
			f := b.fails(tt.decls, tt.body, tt.imports...)
			if f.Kind != tt.want.Kind || f.Value != tt.want.Value {
				t.Errorf("got %s %q, want %s %q", f.Kind, f.Value, tt.want.Kind, tt.want.Value)
			}
			if f.Kind == "panic" && (len(f.Frames) == 0 || f.Frames[0].File == "" || f.Frames[0].Line == 0) {
				t.Errorf("frames %+v", f.Frames)
			}
			if got := b.must("", "p_fmt.Print(kept_1)", "fmt").out; got != "5" {
				t.Errorf("the next cell printed %q", got)
			}
		})
	}
}

func TestDeadlock(t *testing.T) {
	p := startProcess(t)
	start := time.Now()
	_, err := p.eval(t.Context(), newSink(), "var c chan int\np_gk.Go(7, 3, func() { var mu p_sync.Mutex; mu.Lock(); mu.Lock() })\np_gk.At(3, 4, \"chan receive\")\n<-c", "sync")
	var f *worker.Failure
	if !errors.As(err, &f) || f.Kind != "deadlock" || len(f.Goroutines) != 2 || len(f.Goroutines[0].Frames) == 0 {
		t.Fatalf("got %+v", err)
	}
	// Two seconds are wanted; the machine may be busy with other tests.
	if took := time.Since(start); took > 4*time.Second {
		t.Errorf("took %v", took)
	}
	if _, err := p.eval(t.Context(), newSink(), ""); err != nil {
		t.Error(err)
	}
}

func TestNotes(t *testing.T) {
	p := startProcess(t) // goroutines of other tests would be listed, too
	for _, body := range []string{
		"for i := 0; i < 2; i++ { p_gk.Go(1, 2, func() { for { p_time.Sleep(1000000) } }) }",
		"p_gk.Go(1, 2, func() { c := make(chan int); <-c })",
	} {
		if _, err := p.eval(t.Context(), newSink(), body, "time"); err != nil {
			t.Fatal(err)
		}
	}
	notes := func() []string {
		_, err := p.eval(t.Context(), newSink(), "p_gk.Go(1, 1, func() { panic(1) })\nfor {}")
		var f *worker.Failure
		if !errors.As(err, &f) {
			t.Fatalf("got %v, want a failure", err)
		}
		return f.Notes
	}
	want := []string{"2 goroutines of cell [1] were told to end, too", "1 goroutine of cell [2] was told to end, too"}
	if diff := cmp.Diff(want, notes()); diff != "" {
		t.Error("notes (-want +got)", diff)
	}
	// A goroutine that sleeps ends when it wakes.
	for deadline := time.Now().Add(30 * time.Second); ; {
		left := notes()
		if len(left) == 0 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("the goroutines are still there: %q", left)
		}
	}
}

func TestInternal(t *testing.T) {
	b := newNotebook(t)
	f := b.fails("", "x := undefined")
	if f.Kind != "internal" {
		t.Errorf("got %+v", f)
	}
	b.must("", "")
}
