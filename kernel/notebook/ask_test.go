package notebook

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"gokernel/kernel/jupyter"
	"gokernel/kernel/native/report"
)

func TestExpressions(t *testing.T) {
	n := book(t)
	var c lastNumber
	c.cell(t, n, "x := 20\ntype secret struct{}")
	got := n.Expressions(t.Context(), map[string]string{
		"good": "x + 1", "wrong": "y", "statement": "x = 5", "panics": "[]int{}[x]", "two": "fmt.Sprint(x) + \"!\"",
	})
	if v := got["good"].Data["text/plain"]; v != "21" {
		t.Errorf("good: got %v", got["good"])
	}
	if v := got["two"].Data["text/plain"]; v != "20!" {
		t.Errorf("two: got %v", got["two"])
	}
	for name, msg := range map[string]string{"wrong": "undefined: y", "statement": "expected", "panics": "index out of range"} {
		if r := got[name]; r.Status != jupyter.StatusError || !strings.Contains(r.EValue, msg) {
			t.Errorf("%s: got %+v, want an error with %q", name, r, msg)
		}
	}
	if r := c.cell(t, n, "x"); r.value() != "20" {
		t.Errorf("x: got %q %s", r.value(), r.failure())
	}
}

func TestDisplayIsKnown(t *testing.T) {
	n := book(t)
	var c lastNumber
	r := c.cell(t, n, "Display(display.HTML(\"<b>bold</b>\"))")
	if r.err != nil || len(r.shown) != 1 || r.shown[0]["text/html"] != "<b>bold</b>" || r.value() != "" {
		t.Errorf("got %v, value %q %s", r.shown, r.value(), r.failure())
	}
	r = c.cell(t, n, "display.Markdown(\"*m*\")")
	if r.result.Data["text/markdown"] != "*m*" {
		t.Errorf("got %v %s", r.result.Data, r.failure())
	}
	c.cell(t, n, "func Display(s string) string { return \"mine \" + s }")
	if r := c.cell(t, n, "Display(\"x\")"); r.value() != "mine x" {
		t.Errorf("the reader's own: got %q %s", r.value(), r.failure())
	}
	if r := c.cell(t, n, "%who"); strings.Contains(r.text(), "prelude") {
		t.Errorf("%%who shows the prelude:\n%s", r.text())
	}
}

func TestGoroutinesOutliveTheirCell(t *testing.T) {
	n := book(t)
	var c lastNumber
	first := c.cell(t, n, "gate := make(chan bool)\ngo func() {\n\t<-gate\n\tfmt.Println(\"late\")\n\tvar p *int\n\t*p = 1\n}()")
	second := c.cell(t, n, "gate <- true")
	if second.err != nil {
		t.Fatal(second.failure())
	}
	e := <-first.late
	want(t, "the late failure", told(e), "panic: runtime error: invalid memory address or nil pointer dereference", "cell [1] line 2 started:")
	if got := first.text(); got != "late\n" {
		t.Errorf("the first cell printed %q, want what its goroutine did", got)
	}
}

func TestQuestions(t *testing.T) {
	n := book(t)
	var c lastNumber
	c.cell(t, n, "type Point struct{ X, Y int }\nimport \"strings\"\npoint := Point{}")
	r := n.Complete("poi", 3)
	if !slices.Contains(r.Matches, "point") || r.CursorStart != 0 || r.CursorEnd != 3 {
		t.Errorf("Complete: got %+v", r)
	}
	if r := n.Complete("%wh", 3); !slices.Contains(r.Matches, "%who") {
		t.Errorf("Complete of a command: got %+v", r)
	}
	data, ok := n.Inspect("strings.ToUpper", 12, 0)
	if text, _ := data["text/plain"].(string); !ok || !strings.Contains(text, "func strings.ToUpper(s string) string") {
		t.Errorf("Inspect: got %v %v", data, ok)
	}
	for code, want := range map[string]string{
		"x := 1": jupyter.Complete, "func f() {": jupyter.Incomplete, "%cd": jupyter.Complete, "!ls": jupyter.Complete,
		"!ls \\": jupyter.Incomplete, "!ls \\\n-l": jupyter.Complete, "x := 1\n!ls \\ ": jupyter.Incomplete,

		"}": jupyter.Invalid, "%%bash\nls": jupyter.Incomplete, "%%bash\nls\n\n": jupyter.Complete, "x = `": jupyter.Incomplete,
	} {
		if got := n.IsComplete(code).Status; got != want {
			t.Errorf("IsComplete(%q) = %q, want %q", code, got, want)
		}
	}
	n.measurements = map[string][]*report.Result{"cell [2]": nil, "small": nil, "cell [12]": nil}
	for _, code := range []string{"%%bench -vs ", "%%bench -count 3 -vs=", "%%bench -vs \nf()"} {
		cursor := strings.IndexAny(code+"\n", "\n")
		if r := n.Complete(code, cursor); !slices.Equal(r.Matches, []string{"12", "2", "small"}) {
			t.Errorf("Complete(%q): got %v", code, r.Matches)
		}
	}
	if r := n.Complete("%%bench -vs s", 13); !slices.Equal(r.Matches, []string{"small"}) || r.CursorStart != 12 {
		t.Errorf("Complete of a name: got %+v", r)
	}
	for code, want := range map[string]string{
		"%%bench -vs 2\nf()": "-vs: compare with a cell (its number) or a name", "%%test -race -cover": "-race: with the race detector",
	} {
		cursor := strings.Index(code, " -") + 3
		if data, ok := n.Inspect(code, cursor, 0); !ok || !strings.Contains(data["text/plain"].(string), want) {
			t.Errorf("Inspect of a flag in %q: got %v", code, data)
		}
	}
	info := n.Info()
	if info.LanguageInfo.Name != "go" || info.ImplementationVersion != "test" {
		t.Errorf("Info: got %+v", info)
	}
}

func TestInspectTellsValues(t *testing.T) { inspectTellsValues(t, book(t)) }

// inspectTellsValues holds to it what inspection says of variables that n has made.
func inspectTellsValues(t *testing.T, n *Notebook) {
	t.Helper()
	var c lastNumber
	first := c.cell(t, n, "type Point struct{ X, Y int }\ny := 4\nps := []Point{{1, 2}}\nvar e error = fmt.Errorf(\"no\")\nlong := strings.Repeat(\"é\", 5000)\n"+
		"many := map[int]bool{}\nfor i := range 20000 {\n\tmany[i] = true\n}")
	if first.err != nil {
		t.Fatal(first.failure())
	}
	value := func(code string) string {
		n.saved.settle()
		data, _ := n.Inspect(code, len(code), 0)
		text, _ := data["text/plain"].(string)
		_, value, _ := strings.Cut(text, "Value: ")
		value, _, _ = strings.Cut(value, "\n")
		return value
	}
	for code, want := range map[string]string{
		"y": "4", "ps": "[{1 2}]", "e": "no", "many": "map of 20000 keys", "len(y": "4", "ps[0].X": "", "long": strings.Repeat("é", maxValue) + "…",
		"Point": "", "os.Args": "", "func f(y int) { y": "",
	} {
		if got := value(code); got != want {
			t.Errorf("%s: got value %q, want %q", code, got, want)
		}
	}
	if r := c.cell(t, n, "y?\ny = 5"); len(r.pages) != 1 || !strings.Contains(fmt.Sprint(r.pages[0]), "Value: 4\n") {
		t.Errorf("y? before the cell's code: got %v %s", r.pages, r.failure())
	}
	if got := value("y"); got != "5" {
		t.Errorf("after an assignment: got %q, want 5", got)
	}
	c.cell(t, n, "syscall.Kill(os.Getpid(), syscall.SIGKILL)\nselect {}")
	if got := value("y"); got != "5" {
		t.Errorf("after a crash: got %q, want 5", got)
	}
	c.cell(t, n, "gate := make(chan bool)\ngo func() { <-gate; y++ }()")
	if got := value("y"); got != "" {
		t.Errorf("while a goroutine may change it: got %q, want none", got)
	}
}
