package interp

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gokernel/kernel/worker"
)

func TestCells(t *testing.T) {
	b := newNotebook(t)
	b.must("var x_1 int", "x_1 = 41")
	b.must("func f_2() int { return x_1 }", "")
	if got, want := b.must("", `p_fmt.Println(f_2() + 1, p_strings.ToUpper("a"))`, "fmt", "strings").out, "42 A\n"; got != want {
		t.Errorf("printed %q, want %q", got, want)
	}
	o := b.must("", `p_gk.Step(1); p_gk.Step(2); p_gk.Result(x_1)`)
	o.Took = 0
	if diff := cmp.Diff(Reply{Data: map[string]any{"text/plain": "41"}, Steps: 2}, o.Reply); diff != "" {
		t.Error("reply (-want +got)", diff)
	}
}

func TestPanicPosition(t *testing.T) {
	b := newNotebook(t)
	f := b.fails("func f_1(a []int, i int) int {\n\tx := 1\n\tx++\n\treturn a[i]\n}", "var a []int\nn := 5\np_fmt.Print()\nf_1(a, n)", "fmt")
	want := []worker.Frame{{Func: "f_1", File: "cell [1]", Line: 104, Column: 9}, {Func: "cell [1]", File: "cell [1]", Line: 4, Column: 1}}
	if diff := cmp.Diff(want, f.Frames); diff != "" {
		t.Error("frames (-want +got)", diff)
	}
	if got, want := f.Value, "runtime error: index out of range [5] with length 0"; got != want {
		t.Errorf("value %q, want %q", got, want)
	}
}

// interruptLimit is how long the end of an interrupted cell may take.
const interruptLimit = 50 * time.Millisecond

func TestInterrupt(t *testing.T) {
	b := newNotebook(t)
	b.must("var x_1 int\nvar mu_1 p_sync.Mutex", "x_1 = 7", "sync")
	for _, body := range []string{
		"for {}", "for { x_1 = 7 }", "select {}", "var c chan int; <-c", "c := make(chan int); c <- 1",
		"for { p_time.Sleep(1) }",
	} {
		best := time.Hour
		for range 20 { // on a machine that does much else one try says little
			ctx, cancel := context.WithCancel(t.Context())
			var interrupted time.Time
			timer := time.AfterFunc(30*time.Millisecond, func() { interrupted = time.Now(); cancel() })
			o := b.run(ctx, b.program("", body, "time"))
			best = min(best, time.Since(interrupted))
			timer.Stop()
			cancel()
			if f := o.failure(t); f.Kind != worker.Interrupted {
				t.Errorf("%s: %v", body, f)
			}
			if best <= interruptLimit {
				break
			}
		}
		if best > interruptLimit {
			t.Errorf("%s: took %v, want at most %v", body, best, interruptLimit)
		}
		if got := b.must("", "p_fmt.Print(x_1)", "fmt").out; got != "7" {
			t.Errorf("after %s x is %s", body, got)
		}
	}
}
