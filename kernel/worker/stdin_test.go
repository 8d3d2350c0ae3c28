package worker

import (
	"context"
	"errors"
	"strings"
	"testing"
)

// withLines returns a Sink that answers with these lines and then, if eof is set, end of file.
func withLines(eof bool, lines ...string) *record {
	r := &record{lines: make(chan string, len(lines))}
	for _, l := range lines {
		r.lines <- l
	}
	if eof {
		close(r.lines)
	}
	return r
}

func runWithStdin(t *testing.T, p *Process, out Sink, code string, args ...any) error {
	t.Helper()
	c := newCell(code, args...)
	c.AllowStdin = true
	_, err := p.Run(t.Context(), c, out)
	return err
}

func TestStdin(t *testing.T) {
	p := start(t)
	long := strings.Repeat("l", 3<<20)
	tests := []struct {
		name, do, args string
		out            *record
		want           string
		asked          int
	}{
		{"a scanner", "scan", "3", withLines(false, "one", "two", ""), "<one><two><>", 3},
		{"a scanner to the end", "scan", "9", withLines(true, "one"), "<one>", 2},
		{"a long line", "scan", "2", withLines(false, long, "short"), "<3145728><short>", 2},
		{"Scanln", "scanln", "", withLines(false, "a b"), "2 a b", 1},
		{"Scan within a line", "scan words", "3", withLines(false, "a b", "c d"), "<a><b><c>", 2},
		{"what was left is dropped", "scan words", "1", withLines(false, "e"), "<e>", 1},
		{"ReadAll", "read all", "", withLines(true, "x", "y"), `"x\ny\n"`, 3},
		{"after the end", "scanln", "", withLines(false, "again now"), "2 again now", 1},
		{"a system call", "read by a system call", "10", withLines(false, "raw"), `"raw\n"`, 1},
		{"a system call at the end", "read by a system call", "10", withLines(true), `""`, 1},
		{"a password", "password", "", withLines(false, "secret"), "secret", 1},
		{"nobody reads", "burn", "60", withLines(false, "x"), "", 0},
		{"a child process", "sh with stdin", "cat; echo done", withLines(false, "x"), "done\n", 0},
		{"after a child process", "scan", "1", withLines(false, "x"), "<x>", 1},
		{"a child process without", "sh", "cat; echo done", withLines(false, "x"), "done\n", 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if err := runWithStdin(t, p, test.out, test.do, test.args); err != nil {
				t.Error(err)
			}
			if got := test.out.stdout(); got != test.want {
				t.Errorf("printed %.200q, want %q", got, test.want)
			}
			if test.out.asked != test.asked {
				t.Errorf("asked for %d lines, want %d", test.out.asked, test.asked)
			}
		})
	}
}

func TestStdinNotAllowed(t *testing.T) {
	p := start(t)
	for _, code := range []string{"read all", "password"} {
		_, err := p.Run(t.Context(), newCell(code), &record{})
		if err == nil || !strings.Contains(err.Error(), "without stdin") {
			t.Errorf("%s: %v, want an error that says why", code, err)
		}
	}
	var f *Failure
	if _, err := p.Run(t.Context(), newCell("scan", 1), &record{}); !errors.As(err, &f) || f.Kind != NoStdin {
		t.Errorf("got %v, want a Failure of kind %q", err, NoStdin)
	}
	if err := runWithStdin(t, p, withLines(false, "x"), "scan", 1); err != nil {
		t.Errorf("the next cell: %v", err)
	}
}

func TestStdinInterrupted(t *testing.T) {
	p := start(t)
	out := withLines(false)
	done := make(chan error, 1)
	go func() { done <- runWithStdin(t, p, out, "scan", 1) }()
	out.wait(t, "a request for input", func() bool { return out.asked == 1 })
	p.Interrupt()
	checkInterrupted(t, <-done)
	out = withLines(false, "mine")
	if err := runWithStdin(t, p, out, "scan", 1); err != nil || out.stdout() != "<mine>" {
		t.Errorf("the next cell read %q, %v", out.stdout(), err)
	}
}

func TestStdinOfGoroutineLeftBehind(t *testing.T) {
	p := start(t)
	if err := runWithStdin(t, p, withLines(false), "background read"); err != nil {
		t.Fatal(err)
	}
	out := withLines(false, "mine", "too")
	if err := runWithStdin(t, p, out, "scan", 2); err != nil || out.stdout() != "<mine><too>" {
		t.Errorf("read %q, %v", out.stdout(), err)
	}
}

// A goroutine of an earlier cell that begins to read while a later cell does gets end of file, and none of its lines.
func TestStdinOfGoroutineThatReadsLater(t *testing.T) {
	p := start(t)
	var first, second record
	if err := runWithStdin(t, p, &first, "late read", "behind"); err != nil {
		t.Fatal(err)
	}
	out := withLines(false, "mine", "too")
	if err := runWithStdin(t, p, out, "scan behind", 2); err != nil || out.stdout() != "<mine><too>" {
		t.Errorf("behind it, a cell read %q, %v", out.stdout(), err)
	}
	first.wait(t, "its end of file", func() bool { return first.streams["stdout"] != nil })
	if got, want := first.stdout(), `"" <nil>`; got != want {
		t.Errorf("the goroutine got %s, want %s", got, want)
	}

	if err := runWithStdin(t, p, &second, "late read", "before"); err != nil {
		t.Fatal(err)
	}
	out = withLines(false)
	out.lines = make(chan string)
	done := make(chan error, 1)
	go func() { done <- runWithStdin(t, p, out, "scan", 2) }()
	out.wait(t, "a request for input", func() bool { return out.asked == 1 })
	if err := p.Call(t.Context(), "release", "before", nil); err != nil {
		t.Fatal(err)
	}
	until(t, "the goroutine to wait for its turn", func() bool {
		var n int
		if err := p.Call(t.Context(), "stdin queue", nil, &n); err != nil {
			t.Fatal(err)
		}
		return n == 1
	})
	out.lines <- "mine"
	out.wait(t, "another request for input", func() bool { return out.asked == 2 })
	out.lines <- "too"
	if err := <-done; err != nil || out.stdout() != "<mine><too>" {
		t.Errorf("before it, a cell read %q, %v", out.stdout(), err)
	}
	until(t, "its end of file", func() bool {
		mustRun(t, p, &record{}, "nothing") // it may have got its turn after the cell's end, and waits for the next one
		return second.stdout() != ""
	})
	if got, want := second.stdout(), `"" <nil>`; got != want {
		t.Errorf("the goroutine got %s, want %s", got, want)
	}
}

func TestInputRefusedByTheFrontEnd(t *testing.T) {
	p := start(t)
	out := &refusing{}
	err := runWithStdin(t, p, out, "scan", 1)
	if err == nil || !strings.Contains(err.Error(), "no keyboard") {
		t.Errorf("got %v", err)
	}
}

type refusing struct{ record }

func (*refusing) Input(context.Context, string, bool) (string, error) {
	return "", errors.New("no keyboard")
}
