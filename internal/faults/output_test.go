package faults

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"gokernel/internal/client"
	"gokernel/kernel/jupyter"
)

// TestLateOutput checks that what a goroutine prints and shows after its cell comes under that cell.
func TestLateOutput(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.must("cue := make(chan string)")
	o := s.run(`fmt.Println("early")
go func() {
	for text := range cue {
		fmt.Println("fmt:", text)
		os.Stdout.WriteString("file: " + text + "\n")
		println("builtin:", text)
		log.SetFlags(0)
		log.Println("log:", text)
		exec.Command("echo", "child:", text).Run()
		cmd := exec.Command("echo", "connected child:", text)
		cmd.Stdout = os.Stdout
		cmd.Run()
		display.Display(display.HTML("<b>" + text + "</b>"))
	}
}()`)
	if o.stdout != "early\n" {
		t.Errorf("got %q, want early", o.stdout)
	}
	next := s.run("cue <- \"one\"\nfmt.Println(\"next\")")
	if next.stdout != "next\n" || next.stderr != "" || len(next.forms) > 0 {
		t.Errorf("the next cell shows %q %q %v", next.stdout, next.stderr, next.forms)
	}
	late := s.waitLate(o.id, func(o outcome) bool { return len(o.forms) > 0 })
	if got, want := late.stdout, "fmt: one\nfile: one\nconnected child: one\n"; got != want {
		t.Errorf("late stdout: got %q, want %q", got, want)
	}
	if got, want := late.stderr, "builtin: one\nlog: one\n"; got != want {
		t.Errorf("late stderr: got %q, want %q", got, want)
	}
	s.must("cue <- \"two\"")
	s.waitLate(o.id, func(o outcome) bool { return strings.Contains(o.stdout, "fmt: two\n") })
}

// TestOutputInPauses checks that output is flushed when the cell pauses: the cell waits until its text was seen.
func TestOutputInPauses(t *testing.T) {
	t.Parallel()
	s := start(t)
	ended := s.started("fmt.Print(\"no newline\")\nselect {\ncase <-time.After(time.Hour):\n}")
	s.interrupt()
	if o := s.outcomeOf(ended); o.stdout != "no newline" {
		t.Errorf("got %q", o.stdout)
	}
}

// TestBarsEndTrue checks that a progress bar shows its count when the cell has ended, however shortly before it has moved,
// and that one shown as a result is not shown twice.
func TestBarsEndTrue(t *testing.T) {
	t.Parallel()
	for _, engine := range []string{"interp", "native"} {
		s := start(t, "GOKERNEL_ENGINE="+engine)
		for _, tt := range []struct{ code, want string }{
			{"bar := display.Progress(10, \"n\")\nfor range 7 {\n\tbar.Add(1)\n}", "7/10"},
			{"func count() {\n\tbar := display.Progress(0, \"lines\")\n\tfor range 100 {\n\t\tbar.Add(1)\n\t}\n}\ncount()", "lines 100 "},
			{"bar3 := display.Progress(10)\nbar3.Add(3)\npanic(\"now\")", "3/10"},
			{"%%race\nbar4 := display.Progress(10)\nbar4.Add(4)", "4/10"},
		} {
			o := s.run(tt.code)
			if len(o.updates) == 0 || !strings.Contains(fmt.Sprint(o.updates), tt.want) {
				t.Errorf("%s: %q: the bar was moved to %v, want %q", engine, tt.code, o.updates, tt.want)
			}
		}
		for _, code := range []string{"display.Progress(3)", "display.Show(\"x\")", "Display(bar)"} {
			if o := s.run(code); strings.Contains(o.shown(), "&{") {
				t.Errorf("%s: %q shows %q", engine, code, o.shown())
			}
		}
	}
}

// TestFlood prints much, quickly, and all of it must come, in few messages and in order.
func TestFlood(t *testing.T) {
	t.Parallel()
	s := start(t)
	const lines = 200_000
	o := s.run(fmt.Sprintf("w := bufio.NewWriterSize(os.Stdout, 700)\nfor i := range %d {\n\tfmt.Fprintln(w, i, \"é世\")\n}\nw.Flush()\nfmt.Fprintln(os.Stderr, \"last\")", lines))
	var want strings.Builder
	for i := range lines {
		fmt.Fprintln(&want, i, "é世")
	}
	if o.stdout != want.String() {
		t.Errorf("got %d bytes, want the %d printed, in order", len(o.stdout), want.Len())
	}
	if o.stderr != "last\n" {
		t.Errorf("got stderr %q, want last", o.stderr)
	}
	if o.streams > 200 {
		t.Errorf("got %d messages", o.streams)
	}
}

// TestLongLine prints a line of 50 MB, of characters that no message may split; less where reading it takes too long.
func TestLongLine(t *testing.T) {
	t.Parallel()
	s := start(t)
	const runes = 50 << 20 / 3 / slower
	var got, broken int
	o, err := s.execute(jupyter.ExecuteRequest{Code: fmt.Sprintf("os.Stdout.WriteString(strings.Repeat(\"世\", %d))", runes)}, client.Handler{
		Message: func(m *jupyter.Message) {
			if m.Header.MsgType == jupyter.StreamType {
				text := decode[jupyter.Stream](t, m).Text
				got += len(text)
				if !utf8.ValidString(text) || strings.ContainsRune(text, utf8.RuneError) {
					broken++
				}
			}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if got != 3*runes || broken > 0 || o.Status != jupyter.StatusOK {
		t.Errorf("got %d bytes in %d messages, %d of them broken, status %s; want %d bytes", got, o.streams, broken, o.Status, 3*runes)
	}
}

// ask runs a cell whose input requests are answered by lines, one after the other. Then the front end refuses.
func (s *session) ask(code string, lines ...string) (outcome, []jupyter.InputRequest) {
	s.t.Helper()
	var asked []jupyter.InputRequest
	o, err := s.execute(jupyter.ExecuteRequest{Code: code}, client.Handler{
		Input: func(_ context.Context, r jupyter.InputRequest) (string, error) {
			asked = append(asked, r)
			if len(asked) > len(lines) {
				return "", errors.New("no more lines")
			}
			return lines[len(asked)-1], nil
		},
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return o, asked
}

// TestStdin reads in every way that Go has.
func TestStdin(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.must("var name string\nvar n int")
	long := strings.Repeat("0123456789abcdef", 3<<20/16)
	for _, tt := range []struct {
		name, code string
		lines      []string
		want       string
	}{
		{"Scanln", "fmt.Print(\"Name? \")\nfmt.Scanln(&name, &n)\nfmt.Println(name, n)", []string{"Ann 3"}, "Ann 3\n"},
		{"Scan", "fmt.Scan(&name, &n)\nfmt.Println(name, n)", []string{"Bob", "4"}, "Bob 4\n"},
		{"Scanf", "fmt.Scanf(\"%s %d\\n\", &name, &n)\nfmt.Println(name, n)", []string{"Cid 5"}, "Cid 5\n"},
		{"Scanner", "sc := bufio.NewScanner(os.Stdin)\nfor range 2 {\n\tsc.Scan()\n\tfmt.Println(sc.Text())\n}", []string{"one", "two"}, "one\ntwo\n"},
		{"Reader", "r := bufio.NewReader(os.Stdin)\nline, err := r.ReadString('\\n')\nfmt.Printf(\"%q %v\\n\", line, err)", []string{"é世 line"}, "\"é世 line\\n\" <nil>\n"},
		{"Read", "buf := make([]byte, 3)\nk, err := os.Stdin.Read(buf)\nfmt.Println(k, err, string(buf[:k]))\nrest := make([]byte, 9)\nk, err = os.Stdin.Read(rest)\nfmt.Printf(\"%q\\n\", rest[:k])", []string{"abcdef"}, "3 <nil> abc\n\"def\\n\"\n"},
		{"empty line", "line, _ := bufio.NewReader(os.Stdin).ReadString('\\n')\nfmt.Printf(\"%q\\n\", line)", []string{""}, "\"\\n\"\n"},
		{"3 MiB", "r := bufio.NewReader(os.Stdin)\nline, err := r.ReadString('\\n')\nfmt.Println(len(line), line[len(line)-3:len(line)-1], err)", []string{long}, fmt.Sprintf("%d ef <nil>\n", len(long)+1)},
		{"in a goroutine", "done := make(chan bool)\ngo func() { fmt.Scanln(&name); close(done) }()\n<-done\nfmt.Println(name)", []string{"Eve"}, "Eve\n"},
		{"in a function", "func read() (s string) {\n\tfmt.Scanln(&s)\n\treturn\n}\nfmt.Println(read(), read())", []string{"a", "b"}, "a b\n"},
		{"is a file", "var f *os.File = os.Stdin\nfmt.Println(f != nil, f.Name())", nil, "true /dev/stdin\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s.t = t
			o, asked := s.ask(tt.code, tt.lines...)
			if got := strings.TrimPrefix(o.stdout, "Name? "); o.Status != jupyter.StatusOK || got != tt.want {
				t.Errorf("got %.200q %.400s, want %q", o.stdout, o.said(), tt.want)
			}
			if len(asked) != len(tt.lines) {
				t.Errorf("asked %d times, want %d", len(asked), len(tt.lines))
			}
		})
	}
	s.t = t
}

// TestStdinNotAllowed reads where the front end cannot be asked.
func TestStdinNotAllowed(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.must("kept := 1")
	for _, code := range []string{
		"var name string\n_, err := fmt.Scanln(&name)\nif err != nil {\n\tpanic(err)\n}",
		"sc := bufio.NewScanner(os.Stdin)\nsc.Scan()\nif sc.Err() != nil {\n\tpanic(sc.Err())\n}",
		"_, err := os.Stdin.Read(make([]byte, 10))\nif err != nil {\n\tpanic(err)\n}",
	} {
		o := s.run(code)
		if said := o.said() + o.stderr; !strings.Contains(said, "stdin") && !strings.Contains(said, "input") {
			t.Errorf("cell %q: nothing says that the front end cannot be asked: %s", code, said)
		}
		if o.Status != jupyter.StatusError {
			t.Errorf("cell %q: got status %s, want an error", code, o.Status)
		}
	}
	code := "var q string\nfunc ask() {\n\tfmt.Scan(&q) // here\n}\nask()"
	wantError(t, code, s.run(code), "stdin")
	s.want("kept", "1")
}

// TestStdinOfChildren checks that child processes get end of file, and that interrupting a question works.
func TestStdinOfChildren(t *testing.T) {
	t.Parallel()
	s := start(t)
	o, asked := s.ask("cmd := exec.Command(\"cat\")\ncmd.Stdin = os.Stdin\nout, err := cmd.CombinedOutput()\nfmt.Printf(\"%q %v\\n\", out, err)\n" +
		"out, err = exec.Command(\"wc\", \"-c\").Output()\nfmt.Println(strings.TrimSpace(string(out)), err)")
	if want := "\"\" <nil>\n0 <nil>\n"; o.stdout != want || len(asked) > 0 {
		t.Errorf("got %q %s, asked %d times, want %q", o.stdout, o.said(), len(asked), want)
	}
	o, asked = s.ask("!cat; echo end")
	if o.stdout != "end\n" || len(asked) > 0 {
		t.Errorf("!cat: got %q %s, asked %d times", o.stdout, o.said(), len(asked))
	}
}

// TestInterruptOfInput interrupts a cell while the front end is asked.
func TestInterruptOfInput(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.must("kept := 1")
	asked, interrupted := make(chan struct{}), make(chan error, 1)
	go func() {
		<-asked
		interrupted <- s.Interrupt(t.Context())
	}()
	o, err := s.execute(jupyter.ExecuteRequest{Code: "var name string\nfmt.Scanln(&name)"}, client.Handler{
		Input: func(context.Context, jupyter.InputRequest) (string, error) {
			close(asked)
			return "too late", <-interrupted
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	wantError(t, "Scanln", o, "Interrupted")
	s.want("kept", "1")
	if o, _ := s.ask("var line string\nfmt.Scanln(&line)\nline", "after"); o.shown() != "after" {
		t.Errorf("the next question: got %q %s, want after", o.shown(), o.said())
	}
}
