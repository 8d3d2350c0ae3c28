package notebook

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"gokernel/kernel"
)

// table returns the text and the HTML of what a cell has displayed.
func (r *run) tables() (text, html string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, data := range r.shown {
		t, _ := data["text/plain"].(string)
		h, _ := data["text/html"].(string)
		text, html = text+t, html+h
	}
	return text, html
}

func TestRace(t *testing.T) {
	n := book(t)
	var c lastNumber
	c.cell(t, n, "type Counter struct{ n int }\nfunc (c *Counter) Inc() {\n\tc.n++\n}")
	r := c.cell(t, n, `%%race
var c Counter
done := make(chan bool)
for range 2 {
	go func() {
		c.Inc()
		done <- true
	}()
}
<-done
<-done
fmt.Println("ran")`)
	if r.err != nil {
		t.Fatal(r.failure())
	}
	want(t, "output", r.text(), "ran\n")
	text, html := r.tables()
	want(t, "text", text, "Data race 1 of", "cell [1] line 3, in (*Counter).Inc", "| c.n++", "was started at cell [2] line 5")
	want(t, "html", html, "<table>", "<code>c.n++</code>")
	if strings.Contains(r.text(), "DATA RACE") {
		t.Errorf("the raw report is shown, too:\n%s", r.text())
	}
	text, _ = c.cell(t, n, "%%race\nx := 0\ngo func() { x = 1 }()\ntime.Sleep(time.Millisecond)").tables()
	want(t, "an access that is not the cell's", text, "No data race was seen.")
	text, _ = c.cell(t, n, "%%race\npackage main\n\nvar x int\n\nfunc main() {\n\tdone := make(chan bool)\n\tgo func() { x++; close(done) }()\n\tx++\n\t<-done\n}").tables()
	want(t, "a whole program", text, "Data race 1 of", "cell [4] line 8", "cell [4] line 9")
	text, _ = c.cell(t, n, "%%race\nfmt.Println(1)").tables()
	want(t, "no race", text, "No data race was seen.")
}

func TestProgramFailures(t *testing.T) {
	n := book(t)
	var c lastNumber
	c.cell(t, n, "func fail(s []int) int {\n\treturn s[3]\n}")
	for _, tt := range []struct {
		code  string
		parts []string
	}{
		{"%%race\nfail(nil)", []string{"panic: runtime error: index out of range [3] with length 0", "cell [1] line 2, in fail", "     2 | \treturn s[3]", "line 2"}},
		{"%%race\ngo func() {\n\tpanic(\"oh\")\n}()\nselect {}", []string{"panic: oh", "line 3", "line 2 started:"}},
		{"%%race\nos.Exit(3)", []string{"exit status 3"}},
		{"%%race\nselect {}", []string{"fatal error: all goroutines are asleep - deadlock!", "the cell itself waits: select (no cases)", "line 2"}},
		{"%%test\nfunc TestA(t *testing.T) {\n\tselect {}\n}", []string{"all goroutines are asleep - deadlock!\nthe cell itself waits: select (no cases)", "line 3, in TestA"}},
		{"%%race\nundefinedName", []string{"compile error: cell [", ":2:1: undefined: undefinedName", "     2 | undefinedName"}},
		{"%%race", []string{"magic error: %%race takes Go code"}},
		{"%%race\nfunc f() {}", []string{"magic error: %%race: the cell has no statements"}},
		{"%env CGO_ENABLED=0", nil},
		{"%%race\nfail(nil)", []string{"magic error: -race needs cgo, which CGO_ENABLED=0 switches off"}},
	} {
		want(t, tt.code, c.cell(t, n, tt.code).failure(), tt.parts...)
	}
}

func TestProgramsTalk(t *testing.T) {
	n := book(t)
	var c lastNumber
	r := c.cell(t, n, "%%race a b\nfmt.Println(os.Args[1:])\nvar name string\nfmt.Scanln(&name)\nfmt.Println(name)\nfmt.Fprintln(os.Stderr, \"panic: not really\")")
	if r.err != nil {
		t.Fatal(r.failure())
	}
	want(t, "output", r.text(), "[a b]\n", "a\n", "panic: not really\n")
}

func TestProgramWithoutStdin(t *testing.T) {
	n := book(t)
	r := newRun(1)
	r.result, r.err = n.Execute(t.Context(), kernel.Cell{Number: 1, Code: "%%race\nvar s string\nfmt.Scanln(&s)", StoreHistory: true}, r)
	want(t, "without stdin", r.failure(), "StdinNotAllowed: the front end cannot be asked for input")
}

// TestProgramsLeaveNothing checks that neither a program nor its directory outlives the cell, nor what the program has started.
func TestProgramsLeaveNothing(t *testing.T) {
	n := book(t)
	var c lastNumber
	r := c.cell(t, n, "%%race\nexe, err := os.Executable()\nfmt.Println(exe)\ncmd := exec.Command(\"sleep\", \"1000\")\nerr = cmd.Start()\nfmt.Println(cmd.Process.Pid, err)")
	if r.err != nil {
		t.Fatal(r.failure())
	}
	exe, rest, _ := strings.Cut(r.text(), "\n")
	if _, err := os.Stat(filepath.Dir(exe)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s is left: %v", filepath.Dir(exe), err)
	}
	pid, err := strconv.Atoi(strings.Fields(rest)[0])
	if err != nil {
		t.Fatal(err)
	}
	ended := false
	for deadline := time.Now().Add(30 * time.Second); !ended && time.Now().Before(deadline); runtime.Gosched() {
		ended = errors.Is(syscall.Kill(pid, 0), syscall.ESRCH)
	}
	if !ended {
		t.Errorf("the process %d that the program has started is left", pid)
	}
}

func TestProgramInterrupted(t *testing.T) {
	n := book(t)
	r := newRun(1)
	done := make(chan struct{})
	go func() {
		defer close(done)
		r.result, r.err = n.Execute(t.Context(), kernel.Cell{Number: 1, Code: "%%race\nfmt.Println(\"on\")\nfor {}", StoreHistory: true}, r)
	}()
	<-r.printed
	n.Interrupt()
	<-done
	want(t, "interrupted", r.failure(), "Interrupted")
	var c lastNumber
	if got := c.cell(t, n, "1 + 1").value(); got != "2" {
		t.Errorf("after an interrupt: got %q, want 2", got)
	}
}
