package interp

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// resident returns the memory that the process occupies, in bytes.
func resident(tb testing.TB) int {
	tb.Helper()
	runtime.GC()
	raw, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		tb.Skip("needs /proc: ", err)
	}
	pages, err := strconv.Atoi(strings.Fields(string(raw))[1])
	if err != nil {
		tb.Fatal(err)
	}
	return pages * os.Getpagesize()
}

// TestManyCells runs ten thousand trivial cells: they must fit, and not become slower.
func TestManyCells(t *testing.T) {
	if testing.Short() || raceEnabled {
		t.Skip("takes seconds, and memory with the race detector")
	}
	const cells, sample = 10000, 1000
	b := newNotebook(t)
	b.must("var x_1 int", "x_1++")
	took := make([]time.Duration, 0, cells)
	before := resident(t)
	for range cells {
		p := b.program("", "x_1++\nif x_1 < 0 { p_fmt.Println(x_1) }\np_gk.Result(x_1)", "fmt")
		start := time.Now()
		if o := b.run(t.Context(), p); o.err != nil {
			t.Fatal(o.err)
		}
		took = append(took, time.Since(start))
	}
	grown := resident(t) - before
	at := func(d []time.Duration, share int) time.Duration {
		d = slices.Clone(d)
		slices.Sort(d)
		return d[len(d)*share/100]
	}
	t.Logf("grown by %d MiB; half of the cells took %v at first, %v in the end", grown>>20, at(took[:sample], 50), at(took[cells-sample:], 50))
	// What else the machine does shows less in the quicker ones.
	first, last := at(took[:sample], 20), at(took[cells-sample:], 20)
	if grown > 100<<20 {
		t.Errorf("the process has grown by %d MiB, want at most 100", grown>>20)
	}
	if last > 2*first {
		t.Errorf("a cell took %v at first and %v in the end", first, last)
	}
}

// BenchmarkCall measures what interpreted calls cost.
func BenchmarkCall(b *testing.B) {
	n := newNotebook(b)
	n.must("func fib_1(n int) int { if n < 2 { return n }; return fib_1(n-1) + fib_1(n-2) }", "")
	for b.Loop() {
		n.must("", "fib_1(20)")
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/21891, "ns/call")
}

// BenchmarkLoop measures what a step of a loop costs that indexes a slice.
func BenchmarkLoop(b *testing.B) {
	n := newNotebook(b)
	const steps = 100000
	p := fmt.Sprintf("s := make([]int, 100); t := 0; for i := 0; i < %d; i++ { t = t + s[i%%100] }", steps)
	for b.Loop() {
		n.must("", p)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/steps, "ns/step")
}
