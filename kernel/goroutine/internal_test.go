package goroutine

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/petermattis/goid"

	"gokernel/internal/concurrency"
)

func TestParseDump(t *testing.T) {
	const text = `goroutine 1 [running labels:{"gokernel": "12 7"}]:
main.main()
	/tmp/g1/main.go:46 +0x293

goroutine 19 [chan receive (nil chan), 2 minutes, locked to thread labels:{"gokernel": "3 0", "user": "x"}]:
main.(*T).f(0xc000012345, {0x1, 0x2})
	/tmp/a b/main.go:34 +0xf
...23 frames elided...
main.g(...)
	/tmp/main.go:3
created by main.main in goroutine 1
	/tmp/g1/main.go:34 +0x13b

goroutine 20 [select (scan) labels:{"user": "x"}]:
	goroutine running on other thread; stack unavailable
created by time.goFunc
	/usr/local/go/src/time/sleep.go:215 +0x2d

goroutine x [select]:

garbage
`
	want := []dumped{
		{id: 1, state: "running", record: 12, cell: 7, calls: []call{{fn: "main.main", file: "/tmp/g1/main.go", line: 46}}},
		{id: 19, state: "chan receive (nil chan)", minutes: 2, record: 3, elided: true,
			calls:     []call{{"main.(*T).f", "0xc000012345, {0x1, 0x2}", "/tmp/a b/main.go", 34}, {"main.g", "...", "/tmp/main.go", 3}},
			createdBy: call{fn: "main.main", file: "/tmp/g1/main.go", line: 34}},
		{id: 20, state: "select", createdBy: call{fn: "time.goFunc", file: "/usr/local/go/src/time/sleep.go", line: 215}},
	}
	if d := cmp.Diff(want, parseDump([]byte(text)), cmp.AllowUnexported(dumped{}, call{})); d != "" {
		t.Error(d)
	}
}

func FuzzParseDump(f *testing.F) {
	f.Add([]byte("goroutine 1 [running]:\nmain.main()\n\t/x.go:1 +0x1\n\n"))
	f.Fuzz(func(_ *testing.T, b []byte) { parseDump(b) })
}

func TestSite(t *testing.T) {
	for _, tt := range []struct {
		line, col int
		o         op
		want      Frame
		cell      int
	}{
		{12, 5, opReceive, Frame{Line: 12, Column: 5}, 0},
		{Pos(9999, 1<<lineBits-1), 1<<colBits - 1, opStart, Frame{Line: 1<<lineBits - 1, Column: 1<<colBits - 1}, 9999},
		{3, 1 << colBits, opSelect, Frame{Line: 3}, 0},
		{0, 5, opSend, Frame{}, 0},
		{-1, -1, opSend, Frame{}, 0},
	} {
		s := newSite(tt.line, tt.col, tt.o)
		if got := s.frame(nil); got != tt.want || s.op() != tt.o || s.cell() != tt.cell {
			t.Errorf("site of %d:%d = %+v %v in %d", tt.line, tt.col, got, s.op(), s.cell())
		}
	}
	for o, name := range opNames {
		if got := opNamed(name); got != op(o) {
			t.Errorf("opNamed(%q) = %v", name, got)
		}
	}
}

func TestTrace(t *testing.T) {
	c := &Cell{ID: 1, Name: "cell [1]"}
	frames := func(p *Panic) (fs []string) {
		for _, f := range p.Frames {
			fs = append(fs, fmt.Sprintf("%s %s:%d:%d", f.Func, f.File, f.Line, f.Column))
		}
		return fs
	}
	unwind := func(lines ...string) {
		for _, l := range lines {
			fmt.Fprintln(Trace(), l)
		}
	}
	const f, g = "cell [1]:3:4: panic: main.f(...)", "7:8: panic: main.g.func(...)"
	tests := []struct {
		name string
		run  func()
		want []string
	}{
		{"unwinds", func() { unwind(f, g); panic(1) }, []string{"main.f cell [1]:3:4", "main.g.func :7:8"}},
		{"recovered before", func() { unwind(f, f); Recovered("x"); unwind(g); panic(1) }, []string{"main.g.func :7:8"}},
		{"nothing recovered", func() { unwind(f); Recovered(nil); panic(1) }, []string{"main.f cell [1]:3:4"}},
		{"recovered by compiled code", func() {
			unwind(f, f, g)
			Raise(1, fmt.Appendf(nil, "goroutine %d [running]:\nx.f()\n\t/x.go:1 +0x1\n"+yaegi+"runCfg.func1()\n\t/run.go:1 +0x1\n", goid.Get()))
		}, []string{"main.g.func :7:8"}},
	}
	for _, tt := range tests {
		p := c.Run(t.Context(), tt.run)
		if d := cmp.Diff(tt.want, frames(p)); d != "" || p.Value != 1 {
			t.Errorf("%s: value %v, frames %s", tt.name, p.Value, d)
		}
	}
}

func TestTraceBounded(t *testing.T) {
	var tr traces
	for i := range 10 * traceKept {
		tr.add(1, Frame{Line: i})
	}
	got := tr.take([]int64{1}, 10*traceKept)
	if len(got) != 2*traceKept || got[0].Line != 0 || got[traceKept].Line != 9*traceKept || got[2*traceKept-1].Line != 10*traceKept-1 {
		t.Errorf("%d frames: %d, %d, %d", len(got), got[0].Line, got[traceKept].Line, got[len(got)-1].Line)
	}
}

// TestTracesApart lets two goroutines with one label panic at once, which write their frames in turns.
func TestTracesApart(t *testing.T) {
	c := &Cell{ID: 1, Name: "cell [1]"}
	p := c.Run(t.Context(), func() {
		var panics [2]*concurrency.PanicError
		var turns [2]chan bool
		for i := range turns {
			turns[i] = make(chan bool)
		}
		var wg sync.WaitGroup
		for i := range panics {
			wg.Go(func() {
				panics[i] = concurrency.Try(func() {
					for line := range turns[i] {
						fmt.Fprintf(Trace(), "%d:1: panic: main.f%d(...)\n", i+1, i)
						turns[i] <- line
					}
					panic(i)
				})
			})
		}
		for range 2 {
			for i := range turns {
				turns[i] <- true
				<-turns[i]
			}
		}
		for i := range turns {
			close(turns[i])
		}
		wg.Wait()
		panic(panics[1])
	})
	var got []string
	for _, f := range p.Frames {
		got = append(got, f.Func)
	}
	if d := cmp.Diff([]string{"main.f1", "main.f1"}, got); d != "" || p.Value != 1 {
		t.Errorf("value %v, frames %s", p.Value, d)
	}
}

func TestTracesForgotten(t *testing.T) {
	var tr traces
	for id := range int64(3 * maxTraces) {
		tr.add(id, Frame{Line: 1})
	}
	if len(tr.byID) > maxTraces {
		t.Errorf("frames of %d goroutines are kept", len(tr.byID))
	}
}

func TestReaders(t *testing.T) {
	if !slices.IsSorted(stdRoots) {
		t.Error("stdRoots is not sorted")
	}
	for fn, want := range map[string]bool{
		"main.f": true, "plugin/unnamed-1234.(*T).Lock": true, "cell7.f.func1": true,
		"net/http.(*Server).Serve": false, "sync.(*Mutex).Lock": false, "golang.org/x/sync/errgroup.(*Group).Wait": false,
		yaegi + "runCfg": false, "gokernel/kernel/worker.f": false, "gokernel/internal/concurrency.NewQueue": true, "": false,
	} {
		if got := readers(fn); got != want {
			t.Errorf("readers(%q) = %v", fn, got)
		}
	}
}

// A timer that nobody can receive from any more does not pile up.
func TestWakersBounded(t *testing.T) {
	for range 100_000 {
		TimeAfter(1 << 50)
	}
	process.wakers.mu.Lock()
	n := len(process.wakers.timers)
	process.wakers.mu.Unlock()
	if n > 90_000 {
		t.Errorf("%d timers are kept", n)
	}
}

func BenchmarkAt(b *testing.B) {
	cell(b, func() {
		for b.Loop() {
			At(12, 5, "chan receive")
		}
	})
}

func BenchmarkCurrent(b *testing.B) {
	cell(b, func() {
		for b.Loop() {
			Current()
		}
	})
}

func BenchmarkGo(b *testing.B) {
	cell(b, func() {
		done := make(chan int)
		f := func() { done <- 1 }
		for b.Loop() {
			Go(12, 5, f)
			<-done
		}
	})
}

func BenchmarkGoBare(b *testing.B) {
	cell(b, func() {
		done := make(chan int)
		f := func() { done <- 1 }
		for b.Loop() {
			go f()
			<-done
		}
	})
}

func BenchmarkRun(b *testing.B) {
	c := &Cell{ID: 1, Name: "cell [1]"}
	for b.Loop() {
		c.Run(b.Context(), func() {})
	}
}

// BenchmarkSnapshot is what a look at a waiting cell costs.
func BenchmarkSnapshot(b *testing.B) {
	for _, n := range []int{1, 100, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			cell(b, func() {
				started, release := make(chan int), make(chan int)
				defer close(release)
				for range n {
					Go(1, 1, func() { started <- 1; <-release })
				}
				for range n {
					<-started
				}
				for b.Loop() {
					takeSnapshot()
				}
			})
		})
	}
}

func cell(b *testing.B, f func()) {
	c := &Cell{ID: 1, Name: "cell [1]", NoDeadlock: true}
	if p := c.Run(b.Context(), f); p != nil {
		b.Error(p)
	}
}

// Only goroutines that go statements of the reader's have started, and that are still in his code, count as left.
func TestStarted(t *testing.T) {
	c := &Cell{ID: 1}
	main, worker := &record{id: 1, cell: c, main: true}, &record{id: 2}
	parked, left := &record{id: 3, cell: c}, &record{id: 4, cell: c}
	parked.gone.Store(true)
	var rs records
	for _, r := range []*record{main, worker, parked} {
		rs.put(r)
	}
	if rs.started() {
		t.Error("nobody has started a goroutine that is still there, and started says so")
	}
	rs.put(left)
	if !rs.started() {
		t.Error("a goroutine is left, and started does not say so")
	}
	rs.end(left)
	if rs.started() {
		t.Error("the goroutine has ended, and started does not know")
	}
}
