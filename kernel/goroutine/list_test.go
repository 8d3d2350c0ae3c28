package goroutine_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"runtime/pprof"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"gokernel/kernel/goroutine"
)

// running runs f as the main goroutine of a cell and returns what ends it and waits for its end.
func running(t *testing.T, c *goroutine.Cell, f func()) (end func()) {
	t.Helper()
	c.NoDeadlock = true
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan int)
	go func() { defer close(ended); c.Run(ctx, f) }()
	return func() { cancel(); <-ended }
}

func TestList(t *testing.T) {
	first, _ := newCell(t, 1)
	if p := first.Run(t.Context(), func() {}); p != nil {
		t.Fatal(p)
	}
	c, _ := newCell(t, 2)
	release := make(chan int)
	var wg sync.WaitGroup
	wg.Add(1)
	end := running(t, c, func() {
		goroutine.At(9, 9, "select") // stale, for no select is what follows
		goroutine.Go(3, 4, func() { goroutine.At(5, 6, "chan receive"); <-release })
		goroutine.Go(goroutine.Pos(first.ID, 7), 8, func() { goroutine.At(goroutine.Pos(first.ID, 9), 10, "select"); <-release })
		go func() { <-release }() // as a compiled package would
		wg.Wait()
	})
	eventually(t, "four goroutines wait", func() bool {
		n := 0
		for _, i := range goroutine.List() {
			if i.CellID == c.ID && i.Operation != "" {
				n++
			}
		}
		return n == 4
	})
	if n := c.Live(); n != 4 {
		t.Errorf("Live = %d, want 4", n)
	}
	var got []goroutine.Info
	for _, i := range goroutine.List() {
		if i.CellID == c.ID {
			got = append(got, i)
		}
	}
	at := func(cell string, line, col int) goroutine.Frame {
		return goroutine.Frame{File: cell, Line: line, Column: col}
	}
	want := []goroutine.Info{
		{CellID: c.ID, Cell: c.Name, Main: true, State: "sync.WaitGroup.Wait", Operation: "sync.WaitGroup.Wait"},
		{CellID: c.ID, Cell: c.Name, State: "chan receive", Operation: "chan receive", Blocked: at(c.Name, 5, 6), Started: at(c.Name, 3, 4)},
		{CellID: c.ID, Cell: c.Name, State: "chan receive", Operation: "select", Blocked: at(first.Name, 9, 10), Started: at(first.Name, 7, 8)},
		{CellID: c.ID, Cell: c.Name, State: "chan receive", Operation: "chan receive",
			CreatedBy: "gokernel/kernel/goroutine_test.TestList.func2"},
	}
	ignored := cmpopts.IgnoreFields(goroutine.Info{}, "ID", "Frames", "Minutes")
	unplaced := cmp.FilterPath(func(p cmp.Path) bool { return p.String() == "Blocked" },
		cmp.Transformer("cells", func(f goroutine.Frame) goroutine.Frame {
			if f.Func != "" {
				return goroutine.Frame{} // of the compiled code that this test is
			}
			return f
		}))
	byStart := cmpopts.SortSlices(func(a, b goroutine.Info) bool {
		return a.Started.Line*10+len(a.CreatedBy) < b.Started.Line*10+len(b.CreatedBy)
	})
	if d := cmp.Diff(want, got, ignored, unplaced, byStart); d != "" {
		t.Error(d)
	}
	close(release)
	wg.Done()
	eventually(t, "goroutines end", func() bool { return c.Live() == 0 })
	end()
}

// A timer that somebody waits for stays a waker though nothing else refers to it.
func TestCollectedTimer(t *testing.T) {
	c, _ := newCell(t, 3)
	end := running(t, c, func() { <-goroutine.TimeAfter(never) })
	eventually(t, "main goroutine blocks", func() bool { return blocked(c) })
	for range 3 {
		runtime.GC()
	}
	if _, ok := goroutine.Deadlocked(t.Context(), c); ok {
		t.Error("the timer was taken for collected")
	}
	end()
}

// A goroutine that exits is gone for the reader, and no obstacle to what follows.
func TestExitedGoroutineIsGone(t *testing.T) {
	c, _ := newCell(t, 4)
	if p := c.Run(t.Context(), func() { goroutine.OsExit(1) }); p == nil || p.Kind != goroutine.KindExit {
		t.Fatalf("Run = %v, want exit", p)
	}
	eventually(t, "no goroutine left", func() bool { return c.Live() == 0 })
}

func TestHTTPHandler(t *testing.T) {
	c, late := newCell(t, 5)
	var handler http.Handler
	if p := c.Run(t.Context(), func() {
		goroutine.At(4, 2, "go")
		handler = goroutine.HTTPHandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch r.URL.Path {
			case "/panic":
				panic("in a handler")
			case "/abort":
				panic(http.ErrAbortHandler)
			}
			io.WriteString(w, goroutine.Current().Name)
		})
	}); p != nil {
		t.Fatal(p)
	}
	s := httptest.NewServer(handler)
	defer s.Close()
	for _, path := range []string{"/abort", "/panic"} {
		if resp, err := http.Get(s.URL + path); err == nil {
			resp.Body.Close()
			t.Errorf("%s was answered", path)
		}
	}
	p := <-late
	if p.Error() != "panic: in a handler" || p.Goroutine.Started != (goroutine.Frame{File: c.Name, Line: 4, Column: 2}) {
		t.Errorf("got %v, started at %+v", p, p.Goroutine.Started)
	}
	if n := len(late); n != 0 {
		t.Errorf("aborting a handler was reported: %v", <-late)
	}
	resp, err := http.Get(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if b, _ := io.ReadAll(resp.Body); string(b) != c.Name {
		t.Errorf("handler ran as %q, want %q", b, c.Name)
	}
}

// Profiles read our labels as their own, and the reader's own labels do not hide the cell.
func TestProfiles(t *testing.T) {
	c, _ := newCell(t, 6)
	if err := pprof.StartCPUProfile(io.Discard); err != nil {
		t.Fatal(err)
	}
	defer pprof.StopCPUProfile()
	p := c.Run(t.Context(), func() {
		for debug := range 3 {
			if err := pprof.Lookup("goroutine").WriteTo(io.Discard, debug); err != nil {
				panic(err)
			}
		}
		goroutine.PprofDo(t.Context(), pprof.Labels("a", "b"), func(ctx context.Context) {
			if v, _ := pprof.Label(ctx, "a"); v != "b" {
				panic("label a is " + v)
			}
			if goroutine.Current() != c {
				panic("cell hidden by labels")
			}
			pprof.Lookup("goroutine").WriteTo(io.Discard, 1)
		})
		if goroutine.Current() != c {
			panic("cell lost after labels")
		}
		pprof.SetGoroutineLabels(pprof.WithLabels(context.Background(), pprof.Labels("gokernel", "1 2")))
		goroutine.Current() // must not take it for ours
	})
	if p != nil {
		t.Error(p)
	}
}

func TestNumber(t *testing.T) {
	c, _ := newCell(t, 1)
	many := 5000
	if p := c.Run(t.Context(), func() {
		var few int
		eventually(t, "Number is what List has", func() bool { // unless goroutines of other tests end just now
			few = goroutine.Number()
			return few == len(goroutine.List())
		})
		release := make(chan int)
		var wg sync.WaitGroup
		for range many {
			wg.Go(func() { <-release })
		}
		if n := goroutine.Number() - few; n < many || n > many+20 {
			t.Errorf("%d goroutines more than before, want %d and at most 20 more", n, many)
		}
		close(release)
		wg.Wait()
	}); p != nil {
		t.Fatal(p)
	}
}
