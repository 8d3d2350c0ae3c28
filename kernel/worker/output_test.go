package worker

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// counter is a Sink that only counts bytes and remembers how memory grew.
type counter struct {
	record
	n, newlines int
}

func (c *counter) Stream(_, text string) {
	c.n += len(text)
	c.newlines += strings.Count(text, "\n")
}

func TestFlood(t *testing.T) {
	p := start(t)
	tests := []struct {
		do          string
		n, newlines int
	}{
		{"flood", 200_000_000, 2_000_000},
		{"line", 50_000_000, 1},
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for _, test := range tests {
		var out counter
		began := time.Now()
		mustRun(t, p, &out, test.do, test.n)
		if out.n != test.n || out.newlines != test.newlines {
			t.Errorf("%s: %d bytes and %d lines came, want %d and %d", test.do, out.n, out.newlines, test.n, test.newlines)
		}
		t.Logf("%s: %d MB in %v", test.do, test.n/1e6, time.Since(began))
	}
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapSys) - int64(before.HeapSys); grown > 32<<20 {
		t.Errorf("the heap grew by %d MiB", grown>>20)
	}
}

// What a cell prints to its two streams by turns comes in that order.
func TestOrderOfStreams(t *testing.T) {
	p := start(t)
	var out record
	const n = 200
	began := time.Now()
	mustRun(t, p, &out, "alternate", n)
	t.Logf("%v a turn", time.Since(began)/(2*n))
	var got, want strings.Builder
	for _, l := range out.log {
		_, text, _ := strings.Cut(l, " ")
		got.WriteString(text)
	}
	for i := range n {
		fmt.Fprintf(&want, "o%d e%d ", i, i)
	}
	if diff := cmp.Diff(want.String(), got.String()); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
}

func TestSlowSinkSlowsTheCell(t *testing.T) {
	p := start(t)
	gate := make(chan struct{})
	var began time.Time
	out := &record{slow: func() { <-gate }}
	done := make(chan error, 1)
	go func() {
		_, err := p.Run(t.Context(), newCell("flood", 1_000_000), out)
		done <- err
	}()
	// While the sink takes nothing other requests are answered, and the cell waits.
	for range 20 {
		began = time.Now()
		if err := p.Call(t.Context(), "descriptors", nil, nil); err != nil {
			t.Error(err)
		}
	}
	t.Logf("a call took %v", time.Since(began))
	select {
	case err := <-done:
		t.Errorf("the cell ended before its output was taken: %v", err)
	default:
	}
	close(gate)
	if err := <-done; err != nil || len(out.stdout()) != 1_000_000 {
		t.Errorf("%d bytes, %v", len(out.stdout()), err)
	}
}

func TestLateOutput(t *testing.T) {
	p := start(t)
	outs := map[string]*record{}
	for _, name := range []string{"a", "b", "c"} {
		outs[name] = &record{}
		mustRun(t, p, outs[name], "late", name)
	}
	var other record
	mustRun(t, p, &other, "print", "other")
	for _, name := range []string{"b", "c", "a"} {
		if err := p.Call(t.Context(), "release", name, nil); err != nil {
			t.Error(err)
		}
		outs[name].wait(t, "late output", func() bool { return outs[name].streams["stdout"] != nil })
	}
	for name, out := range outs {
		if got := out.stdout(); got != name {
			t.Errorf("the cell of %s got %q", name, got)
		}
	}
	if got := other.stdout(); got != "other" {
		t.Errorf("the cell after got %q", got)
	}
}

func TestLateFailure(t *testing.T) {
	p := start(t)
	var out, other record
	mustRun(t, p, &out, "late failure", "boom")
	mustRun(t, p, &other, "nothing")
	if err := p.Call(t.Context(), "release", "boom", nil); err != nil {
		t.Error(err)
	}
	out.wait(t, "the failure", func() bool { return len(out.failures) == 1 })
	if got := out.failures[0].Value; got != "boom" {
		t.Errorf("failure %q, want boom", got)
	}
}

func TestOutputOfProcessLeftBehind(t *testing.T) {
	p := start(t)
	dir := t.TempDir()
	var first, second record
	mustRun(t, p, &first, "sh", fmt.Sprintf("(until test -e %s/go; do sleep 0.01; done; echo late) &", dir))
	mustRun(t, p, &second, "print", "second")
	if err := os.WriteFile(dir+"/go", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	first.wait(t, "its output", func() bool { return first.streams["stdout"] != nil })
	if first.stdout() != "late\n" || second.stdout() != "second" {
		t.Errorf("the first cell got %q, the second %q", first.stdout(), second.stdout())
	}
}

func TestPairsOfGoroutinesThatEndedAreClosed(t *testing.T) {
	p := start(t)
	const n = 3 * pairsKept
	for i := range n {
		name := fmt.Sprint("g", i)
		mustRun(t, p, &record{}, "late", name)
		if err := p.Call(t.Context(), "release", name, nil); err != nil {
			t.Fatal(err)
		}
	}
	p.mu.Lock()
	left := len(p.pairs)
	p.mu.Unlock()
	if left > 2*pairsKept {
		t.Errorf("%d pairs are open after %d cells with a goroutine that has ended", left, n)
	}
}

func TestLargeDisplay(t *testing.T) {
	p := start(t)
	var out record
	mustRun(t, p, &out, "show much", 20<<20)
	if len(out.log) != 1 || len(out.log[0]) < 20<<20 {
		t.Error("the display did not come whole")
	}
	if _, err := p.Run(t.Context(), newCell("show much", MaxFrame+1), &out); err == nil || !strings.Contains(err.Error(), ErrFrameSize.Error()) {
		t.Errorf("too large a display: %v", err)
	}
	mustRun(t, p, &out, "nothing")
}

func TestInterrupt(t *testing.T) {
	p := start(t)
	for _, code := range []string{"spin", "sleep", "forever"} {
		t.Run(code, func(t *testing.T) {
			done := make(chan error, 1)
			go func() {
				_, err := p.Run(t.Context(), newCell(code), &counter{})
				done <- err
			}()
			waitRunning(t, p)
			began := time.Now()
			p.Interrupt()
			p.Interrupt()
			checkInterrupted(t, <-done)
			t.Logf("interrupted in %v", time.Since(began))
			mustRun(t, p, &counter{}, "nothing")
		})
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	_, err := p.Run(ctx, newCell("sleep"), &record{})
	checkInterrupted(t, err)
	p.Interrupt() // nothing runs
	mustRun(t, p, &record{}, "nothing")
}

func BenchmarkCell(b *testing.B) {
	p := start(b)
	for b.Loop() {
		mustRun(b, p, &counter{}, "print", "x\n")
	}
}

// BenchmarkPrintln is 100,000 lines of a cell.
func BenchmarkPrintln(b *testing.B) {
	p := start(b)
	for b.Loop() {
		mustRun(b, p, &counter{}, "println", 100_000)
	}
}

func BenchmarkStart(b *testing.B) {
	for b.Loop() {
		p := start(b)
		<-p.Ready()
		p.Close()
	}
}
