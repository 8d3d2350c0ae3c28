package notebook

import (
	"strings"
	"testing"
)

func TestCells(t *testing.T) {
	n := book(t)
	var c lastNumber
	for _, tt := range []struct{ code, value, out string }{
		{"x := 1", "", ""},
		{"x + 1", "2", ""},
		{"import \"fmt\"\nfmt.Println(x)", "", "1\n"},
		{"func f() int { return x * 10 }", "", ""},
		{"x = 7\nf()", "70", ""},
		{"x = 8; y, z := x, \"s\"", "", ""},
		{"fmt.Println(y, z)", "", "8 s\n"},
		{"type T struct{ A int }\nfunc (t T) Twice() int { return 2 * t.A }", "", ""},
		{"T{4}.Twice()", "8", ""},
		{"func f() int { return -x }", "", ""},
		{"f()", "-8", ""},
		{"x := \"now a string\"", "", "f of cell [10] can no longer be used: invalid operation: operator - not defined on x (variable of type string)"},
		{"strings.ToUpper(x)", "NOW A STRING", ""},
		{"package main\n\nimport \"fmt\"\n\nfunc main() { fmt.Println(\"whole program\") }", "", "whole program\n"},
		{"%%\nfmt.Println(\"in main\")", "", "in main\n"},
		{"for i := range 3 { fmt.Print(i, \" \") }", "", "0 1 2 "},
		{"println(\"to stderr\")", "", "to stderr\n"},
		{"var bufReader = bufio.NewReader(os.Stdin)\nline, _ := bufReader.ReadString('\\n')\nline", "a line\n", ""},
	} {
		r := c.cell(t, n, tt.code)
		if r.err != nil {
			t.Errorf("%s:\n%s", tt.code, r.failure())
			continue
		}
		if got := r.value(); got != tt.value {
			t.Errorf("%s: got the value %q, want %q", tt.code, got, tt.value)
		}
		if got := r.text(); !strings.HasPrefix(got, tt.out) || tt.out == "" && got != "" {
			t.Errorf("%s: got output %q, want %q", tt.code, got, tt.out)
		}
	}
}

func TestFailures(t *testing.T) {
	n := book(t)
	var c lastNumber
	c.cell(t, n, "before := 42")
	for _, tt := range []struct {
		code  string
		parts []string
	}{
		{"fmt.Println(undefinedName)\nif true {\n\tanother()\n}", []string{"compile error: cell [", ":1:13: undefined: undefinedName (and 1 more)",
			"     1 | fmt.Println(undefinedName)\n       |             ^", ":3:2: undefined: another"}},
		{"befor", []string{"did you mean before?"}},
		{"func g() int {\n}", []string{"missing return"}},
		{"a := []int{1}\ni := 5\nfmt.Println(a[i])", []string{"panic: runtime error: index out of range", "line 3", "     3 | fmt.Println(a[i])"}},
		{"func fail() {\n\tpanic(\"oh\")\n}\nfail()", []string{"panic: oh", "line 2, in fail", "line 4", "     4 | fail()"}},
		{"go func() {\n\tpanic(\"in a goroutine\")\n}()\nselect {}", []string{"panic: in a goroutine", "line 2", "line 1 started:", "     1 | go func() {"}},
		{"os.Exit(3)", []string{"exit status 3"}},
		{"log.Fatal(\"x\")", []string{"exit status 1"}},
		{"ch := make(chan int)\n<-ch", []string{"deadlock", "line 2", "chan receive"}},
		{"!", []string{"magic error: ! takes a command of the shell, as in !ls -l", "line 1"}},
		{"%% race\nfmt.Println(1)", []string{"magic error: %% begins func main, with \"race\" as arguments; the magic is %%race, without a blank"}},
		{"%%race\nx := 1\n!ls -l", []string{"magic error: the body of %%race is a Go program, in which !ls -l cannot stand: put it in a line above %%race", "     3 | !ls -l"}},
		{"%%vet\n%time f()", []string{"in which %time f() cannot stand: put it in a line above %%vet", "line 2"}},
		{"%%test\n%%bench -count 2\nf()", []string{"in which %%bench -count 2 cannot stand: give it a cell of its own", "line 2"}},
		{"%%fmt\n%cd .\n%%bash\nls", []string{"magic error: %%fmt formats Go, which the body of %%bash is not", "line 3"}},
		{"%%fmt\nx := 1\n%%race\nf()", []string{"magic error: %%fmt: %%race must be the first line of its cell", "line 3"}},
		{"%%fmt\n%%race\nx := (\n", []string{":3:7: syntax error"}},
		{"%nosuch", []string{"magic error", "unknown magic %nosuch", "line 1"}},
		{"!exit 4", []string{"exit status 4: !exit 4\n"}},
		{"%cd /nowhere/at/all", []string{"%cd: /nowhere/at/all: no such file"}},
	} {
		r := c.cell(t, n, tt.code)
		want(t, tt.code, r.failure(), tt.parts...)
		if got := c.cell(t, n, "before").value(); got != "42" {
			t.Errorf("after %s: got %q, want 42", tt.code, got)
		}
	}
}

func TestFailingHalfWay(t *testing.T) {
	n := book(t)
	var c lastNumber
	c.cell(t, n, "kept := 1")
	c.cell(t, n, "a := 5\nvar p *int\nb := *p\nkept := \"x\"")
	if r := c.cell(t, n, "a"); r.value() != "5" {
		t.Errorf("a was set: got %q %s", r.value(), r.failure())
	}
	want(t, "b", c.cell(t, n, "b").failure(), "undefined: b")
	if r := c.cell(t, n, "kept"); r.value() != "1" {
		t.Errorf("kept was not redefined: got %q %s", r.value(), r.failure())
	}
}

func TestCommands(t *testing.T) {
	n := book(t)
	var c lastNumber
	dir := t.TempDir()
	for _, tt := range []struct{ code, out string }{
		{"%cd " + dir, dir + "\n"},
		{"d, _ := os.Getwd()\nfmt.Println(d)", dir + "\n"},
		{"!pwd", dir + "\n"},
		{"%env GREETING=hello\nfmt.Println(os.Getenv(\"GREETING\"))", "hello\n"},
		{"$ echo a b", "a b\n"},
		{"%%bash\necho $GREETING\necho more", "hello\nmore\n"},
		{"%%writefile data.txt\nline", "Wrote data.txt (5 bytes)\n"},
		{"!cat data.txt\nfmt.Println(\"then Go\")", "line\nthen Go\n"},
		{"%who d", "d  string  cell [2]\n"},
		{"%goroutines", "No goroutine runs.\n"},
		{"!echo before\nfmt.Println(\"Go\")\n!echo behind", "before\nGo\nbehind\n"},
		{"%% -n 3 \"two words\"\nfmt.Println(len(os.Args), os.Args[1:])", "4 [-n 3 two words]\n"},
		{"%%\nfmt.Println(len(os.Args))", "1\n"},
	} {
		r := c.cell(t, n, tt.code)
		if got := r.text(); got != tt.out || r.err != nil {
			t.Errorf("%s: got %q %s, want %q", tt.code, got, r.failure(), tt.out)
		}
	}
	if got := c.cell(t, n, "%env").text(); !strings.Contains(got, "GREETING=hello\n") || strings.Contains(got, "GOKERNEL_WORKER") || strings.Contains(got, "GOTRACEBACK") {
		t.Errorf("%%env: got %q, want the reader's variables and none of ours", got)
	}
	want(t, "%help", c.cell(t, n, "%help").text(), "%who", "%cd", "%stop")
	r := c.cell(t, n, "fmt.Println?")
	if len(r.pages) != 1 {
		t.Fatalf("got %d pages, want 1", len(r.pages))
	}
	c.cell(t, n, "%reset")
	want(t, "after %reset", c.cell(t, n, "d").failure(), "undefined: d")
}
