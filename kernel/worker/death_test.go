package worker

import (
	"context"
	"errors"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestDeaths(t *testing.T) {
	tests := []struct {
		do, args    string
		cause, exit string
		memory      int64
	}{
		{do: "exit", args: "3", cause: "exit status 3", exit: "exit status 3"},
		{do: "exit", args: "0", cause: "exit status 0", exit: "exit status 0"},
		{do: "kill", args: "9", cause: "killed (signal 9)", exit: "signal: killed"},
		{do: "kill", args: "15", cause: "killed (signal 15)", exit: "signal: terminated"},
		{do: "map", cause: "concurrent map writes", exit: "exit status 2"},
		{do: "unlock", cause: "unlock of unlocked mutex", exit: "exit status 2"},
		{do: "recurse", cause: "stack overflow", exit: "exit status 2"},
		{do: "make", cause: "out of memory", exit: "exit status 2"},
		{do: "leak", cause: "out of memory", exit: "exit status 2", memory: 256 << 20},
		{do: "foreign panic", cause: "panic: in a goroutine that nobody watches", exit: "exit status 2"},
		{do: "close control", cause: "it closed its connection to the kernel", exit: "signal: killed"},
	}
	for _, test := range tests {
		t.Run(test.do+test.args, func(t *testing.T) {
			if raceDetector && (test.do == "make" || test.do == "leak" || test.do == "map") {
				t.Skip("under the race detector the worker ends otherwise, see raceDetector")
			}
			p := start(t, func(c *Config) {
				c.Limits.Memory = test.memory
				c.Stop = 300 * time.Millisecond
			})
			var out record
			mustRun(t, p, &out, "print", "x")
			d := mustDie(t, p, &out, test.do, test.args)
			if d.Exit != test.exit {
				t.Errorf("exit %q, want %q", d.Exit, test.exit)
			}
			refused := test.do == "leak" && d.Cause == threadRefused // it needs memory too, and is then the first that finds none
			if d.Cause != test.cause && !refused {
				t.Errorf("cause %q, want %q; stderr:\n%.2000s", d.Cause, test.cause, d.Stderr)
			}
			if !strings.HasPrefix(d.Cell, "cell [") {
				t.Errorf("died in %q, want the cell's name", d.Cell)
			}
			// Goroutines of compiled code have the cell of who started them.
			if len(d.Goroutines) > 0 && d.Goroutines[0].Cell != d.Cell || test.exit == "exit status 2" && len(d.Goroutines) == 0 {
				t.Errorf("goroutines %+v, want the first one of %s; stderr:\n%.2000s", d.Goroutines, d.Cell, d.Stderr)
			}
			if got := out.stream("stderr"); got != "" {
				t.Errorf("the cell's stderr shows the dump: %.200q", got)
			}
			if p.Death() != d {
				t.Error("Death and Run differ")
			}
			if _, err := p.Run(t.Context(), newCell("nothing"), &out); !errors.As(err, &d) {
				t.Errorf("Run of a dead worker: %v", err)
			}
			if err := p.Call(t.Context(), "descriptors", nil, nil); !errors.As(err, &d) {
				t.Errorf("Call of a dead worker: %v", err)
			}
		})
	}
}

func TestDeathBetweenCells(t *testing.T) {
	p := start(t)
	mustRun(t, p, &record{}, "nothing")
	if err := syscall.Kill(p.PID(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-p.Dead()
	if d := p.Death(); d == nil || d.Cause != "killed (signal 9)" || d.Cell != "" {
		t.Errorf("got %+v", d)
	}
}

func TestDeathAtTheStart(t *testing.T) {
	p := start(t, func(c *Config) { c.Command = []string{"/bin/sh", "-c", "echo cannot >&2; exit 7"} })
	_, err := p.Run(t.Context(), newCell("nothing"), &record{})
	var d *Death
	if !errors.As(err, &d) || d.Exit != "exit status 7" {
		t.Errorf("got %v", err)
	}
	if _, err := Start(t.Context(), Config{Command: []string{"/nonexistent"}}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("Start of nothing: %v", err)
	}
}

func TestOutputOutlivesTheWorker(t *testing.T) {
	p := start(t)
	var out record
	mustRun(t, p, &out, "late", "a")
	d := mustDie(t, p, &out, "print and exit", "last words")
	if got := out.stdout(); got != "last words" || d.Exit != "exit status 1" {
		t.Errorf("printed %q, %v", got, d)
	}
}

func TestNested(t *testing.T) {
	p := start(t)
	var out record
	if _, err := p.Run(t.Context(), newCell("nested start"), &out); err == nil || !strings.Contains(err.Error(), ErrNested.Error()) {
		t.Errorf("Start within a worker: %v", err)
	}
	if _, err := p.Run(t.Context(), newCell("nested serve"), &out); err == nil || !strings.Contains(out.stdout(), ErrNested.Error()) {
		t.Errorf("Serve within a worker: %v, printed %q", err, out.stdout())
	}
	if err := Serve(context.Background(), &script{}); !errors.Is(err, ErrNested) {
		t.Errorf("Serve outside: %v", err)
	}
}

func TestGoroutineDump(t *testing.T) {
	p := start(t)
	d := mustDie(t, p, &record{}, "foreign panic")
	if len(d.Frames) == 0 || !strings.Contains(d.Frames[0].Func, "doOther") || d.Frames[0].Line == 0 {
		t.Errorf("frames %+v of\n%s", d.Frames, d.Stderr)
	}
	if len(d.Goroutines) == 0 || !strings.Contains(d.Goroutines[0].Started.Func, "doOther") {
		t.Errorf("goroutines %+v", d.Goroutines)
	}
}

// A death is told with what is known of the place, although the runtime knows only the interpreter's functions.
func TestPlaceOfDeath(t *testing.T) {
	t.Run("a goroutine", func(t *testing.T) {
		if raceDetector {
			t.Skip("under the race detector the worker ends otherwise, see raceDetector")
		}
		p := start(t)
		d := mustDie(t, p, &record{}, "map in a goroutine")
		if len(d.Goroutines) == 0 {
			t.Fatalf("no goroutines in\n%s", d.Stderr)
		}
		g := d.Goroutines[0]
		n := g.Started.Line - 10
		if g.Cell != d.Cell || g.State != "running" || g.Started != (Frame{File: d.Cell, Line: 10 + n, Column: 2}) {
			t.Errorf("goroutine %+v in %s", g, d.Cell)
		}
		if want := (Frame{File: d.Cell, Line: 30 + n, Column: 4}); d.Frames[0] != want {
			t.Errorf("died in %+v, want %+v", d.Frames[0], want)
		}
		if want := (Frame{File: d.Cell, Line: 20 + n, Column: 3}); d.Last != want {
			t.Errorf("was last in %+v, want %+v", d.Last, want)
		}
	})
	t.Run("the cell", func(t *testing.T) {
		p := start(t)
		d := mustDie(t, p, &record{}, "recurse here")
		if want := (Frame{File: d.Cell, Line: 7, Column: 9}); len(d.Frames) == 0 || d.Frames[0] != want {
			t.Errorf("died in %+v, want first %+v; stderr:\n%.2000s", d.Frames, want, d.Stderr)
		}
	})
	t.Run("killed", func(t *testing.T) {
		p := start(t)
		var out record
		done := make(chan error, 1)
		go func() {
			_, err := p.Run(t.Context(), newCell("wait to be killed"), &out)
			done <- err
		}()
		out.wait(t, "the cell to wait", func() bool { return out.streams["stdout"] != nil })
		if err := syscall.Kill(p.PID(), syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		var d *Death
		if err := <-done; !errors.As(err, &d) || d.Last != (Frame{File: d.Cell, Line: 5, Column: 6}) {
			t.Errorf("got %+v, want one that was last in 5:6", err)
		}
	})
	t.Run("a goroutine between cells", func(t *testing.T) {
		p := start(t)
		mustRun(t, p, &record{}, "late unlock", "now")
		var d *Death
		if err := p.Call(t.Context(), "release", "now", nil); err != nil && !errors.As(err, &d) { // it may die before it answers
			t.Fatal(err)
		}
		<-p.Dead()
		d = p.Death()
		if d.Cell == "" || len(d.Goroutines) == 0 || d.Goroutines[0].Started != (Frame{File: d.Cell, Line: 8, Column: 1}) {
			t.Errorf("got %+v", d)
		}
	})
}

func TestCrashLog(t *testing.T) {
	var c crashLog
	var show string
	for _, s := range []string{"war", "ning: pan", "ic: no\nfa", "tal\nfat", "al erro", "r: x\n", "goroutine 1"} {
		show += c.feed(s)
	}
	if want := "warning: panic: no\nfatal\n"; show != want {
		t.Errorf("showed %q, want %q", show, want)
	}
	if got, want := c.words(), "fatal error: x\ngoroutine 1"; got != want {
		t.Errorf("kept %q, want %q", got, want)
	}
	if got := c.release(); got != "fatal error: x\ngoroutine 1" {
		t.Errorf("released %q", got)
	}
	c.feed(strings.Repeat("panic: y\n", crashKept))
	if n := len(c.words()); n > crashKept {
		t.Errorf("kept %d bytes", n)
	}
}

func TestCrashCause(t *testing.T) {
	tests := []struct{ text, want string }{
		{"runtime: goroutine stack exceeds 1000000000-byte limit\nfatal error: stack overflow\n", "stack overflow"},
		{"runtime: out of memory: cannot allocate 4194304-byte block\nfatal error: out of memory\n", "out of memory"},
		{"fatal error: runtime: cannot allocate memory\n", "out of memory"},
		{"fatal error: sync: Unlock of unlocked RWMutex\n", "Unlock of unlocked RWMutex"},
		{"fatal error: concurrent map iteration and map write\n", "concurrent map iteration and map write"},
		{"runtime: program exceeds 10000-thread limit\nfatal error: thread exhaustion\n", "too many threads: every goroutine that waits in a system call has one"},
		{"panic: boom [recovered]\n\tpanic: again\n", "panic: boom [recovered]"},
		{"SIGSEGV: segmentation violation\nPC=0x1\n", "segmentation violation (SIGSEGV)"},
		{"nothing of note", ""},
	}
	for _, test := range tests {
		if got := crashCause(test.text); got != test.want {
			t.Errorf("crashCause(%q) = %q, want %q", test.text, got, test.want)
		}
	}
}

// TestRefusedThread checks what is made of the words of the C library that runs no thread.
func TestRefusedThread(t *testing.T) {
	var log crashLog
	if got := log.feed("before\nruntime/cgo: pthread_create failed: Resource temporarily unavailable\nSIGABRT: abort\n"); got != "before\n" {
		t.Errorf("shown: %q, want what was before", got)
	}
	if got := crashCause(log.words()); got != threadRefused {
		t.Errorf("cause %q, want %q", got, threadRefused)
	}
}
