package goroutine_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"gokernel/kernel/goroutine"
)

func TestMain(m *testing.M) {
	goroutine.Setup()
	os.Exit(m.Run())
}

var lastCell atomic.Int64

// newCell returns a cell with an ID of its own, named by n, whose late failures go to a channel.
func newCell(t testing.TB, n int) (*goroutine.Cell, <-chan *goroutine.Panic) {
	t.Helper()
	late := make(chan *goroutine.Panic, 10)
	c := &goroutine.Cell{ID: int(lastCell.Add(1)), Name: fmt.Sprintf("cell [%d]", n)}
	c.OnPanic = func(p *goroutine.Panic) { late <- p }
	return c, late
}

func TestRun(t *testing.T) {
	boom := errors.New("boom")
	tests := []struct {
		name string
		run  func()
		kind goroutine.Kind
		text string
	}{
		{"returns", func() {}, "", ""},
		{"panics", func() { panic(boom) }, goroutine.KindPanic, "panic: boom"},
		{"index", func() { var s []int; i := 5; _ = s[i] }, goroutine.KindPanic,
			"panic: runtime error: index out of range [5] with length 0"},
		{"nil", func() { panic(nil) }, goroutine.KindPanic, //nolint:govet // what nil becomes is what is tested
			"panic: panic called with nil argument"},
		{"goexit", runtime.Goexit, goroutine.KindGoexit, "runtime.Goexit called on the main goroutine of the cell"},
		{"goexit seen", goroutine.RuntimeGoexit, goroutine.KindGoexit, "runtime.Goexit called on the main goroutine of the cell"},
		{"exit", func() { defer panic("deferred functions must not run"); goroutine.OsExit(3) }, goroutine.KindExit, "exit status 3"},
		{"exit elsewhere", func() { goroutine.Go(1, 1, func() { goroutine.OsExit(0) }); select {} }, goroutine.KindExit, "exit status 0"},
		{"panic elsewhere", func() { goroutine.Go(1, 1, func() { panic(7) }); select {} }, goroutine.KindPanic, "panic: int(7)"},
		{"panic in WaitGroup.Go", func() {
			var wg sync.WaitGroup
			goroutine.WaitGroupGo(1, 1, &wg, func() { panic("x") })
			wg.Wait()
		}, goroutine.KindPanic, "panic: x"},
		{"panic in AfterFunc", func() { goroutine.TimeAfterFunc(0, func() { panic("late") }); select {} }, goroutine.KindPanic, "panic: late"},
		{"goexit elsewhere", func() {
			done := make(chan int)
			goroutine.Go(1, 1, func() { defer close(done); runtime.Goexit() })
			<-done
		}, "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, _ := newCell(t, 1)
			p := c.Run(t.Context(), tt.run)
			if tt.kind == "" {
				if p != nil {
					t.Fatalf("Run = %v, want nil", p)
				}
				return
			}
			if p == nil {
				t.Fatal("Run = nil")
			}
			if p.Kind != tt.kind || p.Error() != tt.text {
				t.Errorf("Run = %s %q, want %s %q", p.Kind, p, tt.kind, tt.text)
			}
			if p.Goroutine.Cell != c.Name {
				t.Errorf("Goroutine.Cell = %q, want %q", p.Goroutine.Cell, c.Name)
			}
		})
	}
}

func TestRunInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	c, late := newCell(t, 1)
	release, ended := make(chan int), make(chan int)
	p := c.Run(ctx, func() {
		defer close(ended)
		cancel()
		<-release
		panic("because it was stopped")
	})
	if p == nil || p.Kind != goroutine.KindInterrupted {
		t.Fatalf("Run = %v, want interrupted", p)
	}
	close(release)
	<-ended
	if n := len(late); n != 0 {
		t.Errorf("what a main goroutine left behind does was reported: %v", <-late)
	}
}

// A goroutine that outlives its cell reports to the cell that started it, though another one runs.
func TestLatePanic(t *testing.T) {
	first, late := newCell(t, 1)
	release := make(chan int)
	if p := first.Run(t.Context(), func() {
		goroutine.Go(12, 5, func() { <-release; panic("late") })
	}); p != nil {
		t.Fatal(p)
	}
	second, _ := newCell(t, 2)
	var got *goroutine.Panic
	if p := second.Run(t.Context(), func() { close(release); got = <-late }); p != nil {
		t.Fatal(p)
	}
	if got.Error() != "panic: late" || got.Goroutine.Cell != first.Name {
		t.Errorf("got %v of %q, want panic: late of %q", got, got.Goroutine.Cell, first.Name)
	}
}

func TestPanicTells(t *testing.T) {
	c, late := newCell(t, 3)
	if p := c.Run(t.Context(), func() {}); p != nil {
		t.Fatal(p)
	}
	goroutine.Adopt(c, 12, 5, func() { panic("x") })
	p := <-late
	if want := (goroutine.Frame{File: "cell [3]", Line: 12, Column: 5}); p.Goroutine.Started != want {
		t.Errorf("Started = %+v, want %+v", p.Goroutine.Started, want)
	}
	found := false
	for _, f := range p.Stack {
		found = found || strings.Contains(f.Function, "TestPanicTells")
	}
	if !found {
		t.Errorf("Stack does not hold the function that panicked: %v", p.Stack)
	}
}

func TestCurrent(t *testing.T) {
	c, _ := newCell(t, 1)
	if got := goroutine.Current(); got == c || got == nil {
		t.Errorf("Current = %v outside a cell", got)
	}
	p := c.Run(t.Context(), func() {
		if got := goroutine.Current(); got != c {
			panic("main goroutine: " + got.Name)
		}
		done := make(chan *goroutine.Cell)
		go func() { go func() { done <- goroutine.Current() }() }()
		if got := <-done; got != c {
			panic("compiled goroutine: " + got.Name)
		}
		goroutine.Go(1, 1, func() { done <- goroutine.Current() })
		if got := <-done; got != c {
			panic("started goroutine: " + got.Name)
		}
	})
	if p != nil {
		t.Error(p)
	}
}

// What goroutines print goes to the cell that started them.
func TestOutput(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	c, _ := newCell(t, 1)
	c.Stdout, c.Stderr = w, w
	p := c.Run(t.Context(), func() {
		goroutine.FmtPrintln("a", 1)
		goroutine.FmtPrintf("%d\n", 2)
		goroutine.Println("b", 1.5, true, 2i, nil)
		var wg sync.WaitGroup
		goroutine.WaitGroupGo(1, 1, &wg, func() { goroutine.FmtPrint("c\n") })
		wg.Wait()
		io.WriteString(goroutine.Trace(), "cell [1]:1:2: panic: main.f(...)\n")
		io.WriteString(goroutine.Trace(), "text\n")
	})
	if p != nil {
		t.Error(p)
	}
	w.Close()
	got, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	if want := "a 1\n2\nb 1.5 true (0+2i) nil\nc\ntext\n"; string(got) != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Before a cell prints to another stream than it has last, what is in that one is settled.
func TestSettle(t *testing.T) {
	c, _ := newCell(t, 32)
	var err error
	if c.Stdout, err = os.OpenFile(os.DevNull, os.O_WRONLY, 0); err != nil {
		t.Fatal(err)
	}
	defer c.Stdout.Close()
	c.Stderr = os.Stderr
	var settled []string
	c.Settle = func(f *os.File) { settled = append(settled, map[*os.File]string{c.Stdout: "out", c.Stderr: "err"}[f]) }
	if p := c.Run(t.Context(), func() {
		goroutine.FmtPrint("a")
		goroutine.FmtPrint("b")
		goroutine.Err().Write(nil)
		goroutine.Print()
		goroutine.Stdout()
	}); p != nil {
		t.Fatal(p)
	}
	if got, want := fmt.Sprint(settled), "[out err]"; got != want {
		t.Errorf("settled %s, want %s", got, want)
	}
}

// TestPanicUnderWay checks that a cell hears of a panic whose goroutine lets it go on by what it has deferred.
func TestPanicUnderWay(t *testing.T) {
	before := runtime.NumGoroutine()
	for range 50 {
		c := &goroutine.Cell{ID: 1, Name: "cell [1]"}
		done, over := make(chan bool), make(chan bool)
		p := c.Run(t.Context(), func() {
			defer close(over)
			goroutine.Go(1, 1, func() {
				defer func() { <-over }()
				defer close(done)
				panic("oh")
			})
			<-done
		})
		if p == nil || p.Value != "oh" {
			t.Fatalf("got %+v, want the panic", p)
		}
		for runtime.NumGoroutine() > before { // those of this cell end, which looked for panics
			runtime.Gosched()
		}
	}
}
