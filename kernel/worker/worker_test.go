package worker

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestRun(t *testing.T) {
	p := start(t)
	var out record
	if got := string(mustRun(t, p, &out, "result", `{"a":1}`)); got != `{"a":1}` {
		t.Errorf("result %s, want {\"a\":1}", got)
	}
	mustRun(t, p, &out, "print", "hello\n")
	mustRun(t, p, &out, "warn", "careful\n")
	want := []string{"stdout hello\n", "stderr careful\n"}
	if diff := cmp.Diff(want, out.log); diff != "" {
		t.Errorf("output (-want +got):\n%s", diff)
	}
}

func TestFailures(t *testing.T) {
	p := start(t)
	var out record
	_, err := p.Run(t.Context(), newCell("failure"), &out)
	var f *Failure
	if !errors.As(err, &f) || f.Name != "runtime error" || len(f.Frames) != 1 || f.Frames[0].Line != 3 {
		t.Errorf("failure came as %#v", err)
	}
	if _, err := p.Run(t.Context(), newCell("our error"), &out); err == nil || errors.As(err, &f) || !strings.Contains(err.Error(), "yaegi is confused") {
		t.Errorf("our error came as %v", err)
	}
	if _, err := p.Run(t.Context(), newCell("our panic"), &out); !errors.As(err, &f) {
		t.Errorf("panic came as %v", err)
	}
	mustRun(t, p, &out, "nothing")
}

func TestOrderOfOutputAndEvents(t *testing.T) {
	p := start(t)
	for range 50 {
		var out record
		mustRun(t, p, &out, "show")
		want := []string{"stdout before;", "display map[text/plain:picture] map[] id false", "stdout between;", "clear true",
			"payload map[source:page]", "stdout after;"}
		if diff := cmp.Diff(want, out.log); diff != "" {
			t.Fatalf("events (-want +got):\n%s", diff)
		}
	}
}

func TestBaseOutputIsTheCells(t *testing.T) {
	p := start(t)
	var out record
	mustRun(t, p, &out, "base", "panic: not really\n")
	if got := out.stdout() + out.stream("stderr"); got != "panic: not really\npanic: not really\n" {
		t.Errorf("got %q", got)
	}
}

func TestCallWhileACellRuns(t *testing.T) {
	p := start(t)
	var out record
	done := make(chan error, 1)
	go func() {
		_, err := p.Run(t.Context(), newCell("sleep"), &out)
		done <- err
	}()
	var n int
	if err := p.Call(t.Context(), "descriptors", nil, &n); err != nil || n == 0 {
		t.Errorf("Call: %d, %v", n, err)
	}
	if err := p.Call(t.Context(), "unheard", nil, nil); err == nil || !strings.Contains(err.Error(), "no method unheard") {
		t.Errorf("Call of an unknown method: %v", err)
	}
	if err := p.Call(t.Context(), "panic", nil, nil); err == nil || !strings.Contains(err.Error(), "in Call") {
		t.Errorf("Call that panics: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := p.Call(ctx, "descriptors", nil, &n); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled Call: %v", err)
	}
	waitRunning(t, p)
	p.Interrupt()
	checkInterrupted(t, <-done)
}

func waitRunning(t testing.TB, p *Process) {
	t.Helper()
	until(t, "the cell to run", func() bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		return p.running != nil
	})
}

// until polls for something that no channel tells of.
func until(tb testing.TB, what string, ok func() bool) {
	tb.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(30 * time.Second); !ok(); <-tick.C {
		if time.Now().After(end) {
			tb.Fatalf("waited in vain for %s", what)
		}
	}
}

func checkInterrupted(tb testing.TB, err error) {
	tb.Helper()
	var f *Failure
	if !errors.As(err, &f) || f.Kind != Interrupted {
		tb.Errorf("got error %v, want one of kind %s", err, Interrupted)
	}
}

func TestManyCells(t *testing.T) {
	p := start(t)
	var out record
	mustRun(t, p, &out, "print", "x")
	descriptors := func() (ours, theirs int) {
		if err := p.Call(t.Context(), "descriptors", nil, &theirs); err != nil {
			t.Fatal(err)
		}
		entries, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Skip(err)
		}
		return len(entries), theirs
	}
	ours, theirs := descriptors()
	const n = 10_000
	began := time.Now()
	for i := range n {
		var out record
		mustRun(t, p, &out, "print", i)
		if got := out.stdout(); got != fmt.Sprint(i) {
			t.Fatalf("cell %d printed %q", i, got)
		}
	}
	t.Logf("%v a cell", time.Since(began)/n)
	// A pair whose goroutine was just about to end has been set aside and waits for the collector.
	until(t, "the descriptors to be closed", func() bool {
		if err := p.Call(t.Context(), "collect", nil, nil); err != nil {
			t.Fatal(err)
		}
		ours2, theirs2 := descriptors()
		return ours2 <= ours+2 && theirs2 <= theirs+2
	})
}
