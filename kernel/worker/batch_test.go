package worker

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"gokernel/kernel/goroutine"
)

// doPrint does what prints many lines by the functions that gather them. It is part of script.
func (s *script) doPrint(c *goroutine.Cell, st statement, n int) (json.RawMessage, error) {
	next := 0
	lines := func() {
		for range n {
			goroutine.FmtPrintln("line", next)
			next++
		}
	}
	switch st.Do {
	case "lines":
		lines()
	case "lines for ever":
		for {
			lines()
		}
	case "lines and death":
		lines()
		return nil, syscall.Kill(os.Getpid(), syscall.SIGKILL)
	case "lines and recursion":
		lines()
		var f func(int) int
		f = func(n int) int { return f(n+1) + 1 }
		f(0)
	case "lines and events":
		lines()
		fmt.Fprintln(goroutine.Stderr(), "error 1")
		lines()
		if err := s.host.Display(c, map[string]any{"text/plain": "picture"}, nil, "id", false); err != nil {
			return nil, err
		}
		lines()
		goroutine.Println("error 2")
	case "lines and a process":
		lines()
		cmd := exec.Command("echo", "process")
		cmd.Stdout = goroutine.Stdout()
		lines()
		if err := cmd.Run(); err != nil {
			return nil, err
		}
		lines()
	case "late lines":
		goroutine.Go(1, 1, func() {
			<-s.gate("late lines")
			lines()
			<-s.gate("for ever")
		})
	case "lines and sleep":
		lines()
		time.Sleep(time.Hour)
	default:
		return nil, fmt.Errorf("unknown statement %q", st.Do)
	}
	return nil, nil
}

// mixture is a Sink that keeps in one text what comes.
type mixture struct {
	record
	all strings.Builder
}

func (m *mixture) Stream(_, text string) { m.change(func() { m.all.WriteString(text) }) }
func (m *mixture) Display(data, _ map[string]any, _ string, _ bool) {
	m.change(func() { fmt.Fprintf(&m.all, "(%s)", data["text/plain"]) })
}

// lines is what "lines" prints from one number on.
func lines(from, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintln(&b, "line", from+i)
	}
	return b.String()
}

// wantText compares long texts.
func wantText(t *testing.T, got, want string) {
	t.Helper()
	if got == want {
		return
	}
	i := 0
	for i < min(len(got), len(want)) && got[i] == want[i] {
		i++
	}
	t.Errorf("got %d bytes, want %d; from %d on they are %.40q, want %.40q", len(got), len(want), i, got[i:], want[i:])
}

// Lines that follow each other quickly are gathered: all come, in order, and before the cell's end.
func TestManyLines(t *testing.T) {
	p := start(t)
	for _, n := range []int{1, batchesOf / 2, 1000, 100_000} {
		var out record
		began := time.Now()
		mustRun(t, p, &out, "lines", n)
		t.Logf("%d lines took %v", n, time.Since(began))
		wantText(t, out.stdout(), lines(0, n))
	}
}

// batchesOf is a number of lines at which they begin to be gathered.
const batchesOf = 64

// What is gathered comes although the cell goes on without printing.
func TestLinesBeforeAPause(t *testing.T) {
	p := start(t)
	var out record
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_, _ = p.Run(ctx, newCell("lines and sleep", 1000), &out) // it is interrupted
	}()
	want := lines(0, 1000)
	out.wait(t, "all lines", func() bool { return out.streams["stdout"] != nil && out.streams["stdout"].Len() == len(want) })
	wantText(t, out.stdout(), want)
	cancel()
	<-ended
}

// Gathered lines keep their place among events, what goes to the other stream, and what processes print.
func TestOrderOfManyLines(t *testing.T) {
	const n = 300
	p := start(t)
	var out mixture
	mustRun(t, p, &out, "lines and events", n)
	wantText(t, out.all.String(), lines(0, n)+"error 1\n"+lines(n, n)+"(picture)"+lines(2*n, n)+"error 2\n")

	var process record
	mustRun(t, p, &process, "lines and a process", n)
	wantText(t, process.stdout(), lines(0, 2*n)+"process\n"+lines(2*n, n))
}

// Lines printed after the end of their cell are that cell's.
func TestLateLines(t *testing.T) {
	p := start(t)
	var late, other record
	mustRun(t, p, &late, "late lines", 1000)
	mustRun(t, p, &other, "lines", 1000)
	if err := p.Call(t.Context(), "release", "late lines", nil); err != nil {
		t.Fatal(err)
	}
	want := lines(0, 1000)
	late.wait(t, "late lines", func() bool { return late.streams["stdout"] != nil && late.streams["stdout"].Len() == len(want) })
	wantText(t, late.stdout(), want)
	wantText(t, other.stdout(), want)
}

// A worker that dies takes nothing with it that was printed, and nothing comes twice.
func TestLinesOfTheDead(t *testing.T) {
	for _, do := range []string{"lines and death", "lines and recursion"} {
		for _, n := range []int{1, batchesOf, 500, 20_000} {
			p := start(t, func(c *Config) { c.Limits.Stack = 16 << 20 }) // soon filled
			var out record
			mustDie(t, p, &out, do, n)
			wantText(t, out.stdout(), lines(0, n))
		}
	}
}

// Cells that come when the worker has just died find no memory to share any more.
func TestRunOfTheDead(t *testing.T) {
	p := start(t)
	var out record
	mustDie(t, p, &out, "lines and death", 1)
	for range 100 {
		if _, err := p.Run(t.Context(), newCell("lines", 1), &out); err == nil {
			t.Fatal("a dead worker has run a cell")
		}
	}
}

// A worker that is killed while it prints has printed the first lines, none of them twice.
func TestLinesOfTheKilled(t *testing.T) {
	for i := range 20 {
		p := start(t)
		var out record
		died := make(chan error, 1)
		go func() {
			_, err := p.Run(t.Context(), newCell("lines for ever", 100), &out)
			died <- err
		}()
		enough := 100_000 + 7919*i
		out.wait(t, "lines", func() bool { return out.streams["stdout"] != nil && out.streams["stdout"].Len() > enough })
		if err := syscall.Kill(p.PID(), syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		<-died
		got := out.stdout()
		if !strings.HasSuffix(got, "\n") {
			t.Errorf("the end is %q, want a whole line", got[max(0, len(got)-40):])
		}
		wantText(t, got, lines(0, strings.Count(got, "\n")))
	}
}
