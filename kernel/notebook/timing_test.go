package notebook

import (
	"regexp"
	"strings"
	"testing"
)

func TestTiming(t *testing.T) {
	n := book(t)
	var c lastNumber
	c.cell(t, n, "calls := 0\nfunc f() int { calls++; return calls }")
	duration := regexp.MustCompile(`^time: [0-9.]+ (ns|µs|ms|s)\n$`)
	r := c.cell(t, n, "%time x := f()")
	if !duration.MatchString(r.text()) {
		t.Errorf("%%time: got %q %s", r.text(), r.failure())
	}
	if got := c.cell(t, n, "x").value(); got != "1" {
		t.Errorf("the statement's variable: got %q, want 1", got)
	}
	r = c.cell(t, n, "%time f()")
	if text, _ := r.tables(); text != "2" {
		t.Errorf("the statement's value: got %q %s, want 2", text, r.failure())
	}
	r = c.cell(t, n, "%time\ny := 1\ny + f()")
	if !duration.MatchString(r.text()) || r.value() != "4" {
		t.Errorf("%%time of a cell: got %q, %q %s", r.text(), r.value(), r.failure())
	}
	perLoop := regexp.MustCompile(`^[0-9.]+ (ns|µs|ms|s) per loop \(median of \d+ runs, \d+ loops each; from .* to .*\)\n$`)
	for _, stmt := range []string{"f()", "z := f()", "calls + 1", "len(strings.Repeat(\"a\", 3))", "a, b := f(), 2; _ = a + b", "strconv.Atoi(\"1\")"} {
		if r := c.cell(t, n, "%timeit "+stmt); !perLoop.MatchString(r.text()) {
			t.Errorf("%%timeit %s: got %q %s", stmt, r.text(), r.failure())
		}
	}
	want(t, "%timeit", c.cell(t, n, "%timeit").failure(), "%timeit takes a statement")
	want(t, "%timeit", c.cell(t, n, "1\n%timeit  nosuch()").failure(), "cell [13]:2:10: undefined: nosuch")
	want(t, "%time", c.cell(t, n, "%time panic(\"oh\")").failure(), "panic: oh")
}

func TestVetAndFormat(t *testing.T) {
	n := book(t)
	var c lastNumber
	c.cell(t, n, "const verb = 1")
	r := c.cell(t, n, "%%vet\nfmt.Printf(\"%d\\n\", \"x\")\nfunc f() {\n\tvar x int\n\tx = x\n}")
	text, html := r.tables()
	want(t, "%%vet", text+r.failure(), "cell [2] line 2: fmt.Printf format %d has arg \"x\" of wrong type string", "     2 | fmt.Printf", "cell [2] line 5: self-assignment of x")
	want(t, "%%vet", html, "<table>")
	if text, _ := c.cell(t, n, "%%vet\nfmt.Println(verb)").tables(); text != "Nothing was found.\n" {
		t.Errorf("%%%%vet without findings: got %q", text)
	}
	r = c.cell(t, n, "%%fmt\n%cd .\nx:=1\n!ls  -l\nfunc  f() {}")
	if len(r.pages) != 1 || r.pages[0]["text"] != "%cd .\nx := 1\n\n!ls  -l\nfunc f() {}" || r.pages[0]["source"] != "set_next_input" || r.pages[0]["replace"] != true {
		t.Errorf("%%%%fmt: got %q %s", r.pages, r.failure())
	}
	want(t, "%%fmt", c.cell(t, n, "%%fmt\nx := 1\ny := (").failure(), ":3:7: syntax error")
	want(t, "%%fmt", c.cell(t, n, "%%fmt now\nx := 1").failure(), "takes no argument")
	if strings.Contains(c.cell(t, n, "%who").text(), "x ") {
		t.Error("formatting has run the cell")
	}
}
