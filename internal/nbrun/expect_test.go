package nbrun

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"regexp"
	"strings"
	"testing"

	"gokernel/internal/nbformat"
)

// fromJSON returns a cell whose expectation is the JSON text.
func fromJSON(t *testing.T, expect string) *nbformat.Cell {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(expect), &v); err != nil {
		t.Fatal(err)
	}
	return expecting("", v)
}

// outputs makes the outputs of a cell: "out:", "err:", "val:", "show:" and "fail:" with their text.
func outputs(c *nbformat.Cell, outs ...string) *nbformat.Cell {
	d := c.Clone()
	for _, o := range outs {
		kind, text, _ := strings.Cut(o, ":")
		out := &nbformat.Output{Type: nbformat.Stream, Name: "stdout", Text: text, Data: map[string]any{"text/plain": text, "text/html": "<p>" + text}}
		switch kind {
		case "err":
			out.Name = "stderr"
		case "val":
			out.Type = nbformat.ExecuteResult
		case "show":
			out.Type = nbformat.DisplayData
		case "fail":
			out.Type, out.EName, out.EValue = nbformat.Error, "panic", text
		}
		d.Outputs = append(d.Outputs, out)
	}
	return d
}

func TestExpectations(t *testing.T) {
	tests := []struct {
		expect string
		good   []string
		bad    [][]string
		part   string // of the first bad one's difference
	}{
		{`"a\n"`, []string{"out:a\n"}, [][]string{{"out:b\n"}, {}, {"out:a\n", "err:x"}, {"out:a\n", "val:7"}, {"out:a\n", "show:s"}, {"out:a\n", "fail:f"}}, "stdout"},
		{`["a\n","b\n"]`, []string{"out:a\n", "out:b\n"}, [][]string{{"out:a\n"}}, "stdout"},
		{`{"pattern": ["{int}\n", "x\n"]}`, []string{"out:12\nx\n"}, [][]string{{"out:x\nx\n"}}, "stdout"},
		{`{"stderr": {"pattern": "{text}"}}`, []string{"err:warn"}, [][]string{{"out:warn"}, {}}, "stdout"},
		{`{"result": "7"}`, []string{"val:7"}, [][]string{{"val:8"}, {}, {"val:7", "out:x"}}, "result"},
		{`{"result": ""}`, []string{"val:"}, [][]string{{}}, "result"},
		{`{"error": "panic: boom"}`, []string{"fail:boom"}, [][]string{{}, {"fail:other"}, {"fail:boom", "fail:boom"}}, "error"},
		{`{"error": {"pattern": "panic: {text}"}}`, []string{"fail:any"}, [][]string{{}}, "error"},
		{`{"display": [{"text/plain": "s", "text/html": {"pattern": "<p>{word}"}}, {}]}`, []string{"show:s", "show:any"}, [][]string{{"show:t", "show:any"}, {"show:s"}, {"show:s", "show:t", "show:u"}}, "display 1"},
		{`{"display": [{"image/png": ""}]}`, nil, [][]string{{"show:s"}}, "display 1"},
		{`{"ignore": ["stdout", "stderr", "display"]}`, []string{"out:x", "err:y", "show:z"}, [][]string{{"val:1"}, {"fail:x"}}, "result"},
		{`{}`, []string{}, [][]string{{"out:x"}}, "stdout"},
	}
	for _, tt := range tests {
		c := fromJSON(t, tt.expect)
		e, err := Expected(c)
		if err != nil {
			t.Errorf("%s: %v", tt.expect, err)
			continue
		}
		if tt.good != nil {
			if d := e.Compare(ShownBy(outputs(c, tt.good...))); d != nil {
				t.Errorf("%s does not accept %q: %v", tt.expect, tt.good, d)
			}
		}
		for i, bad := range tt.bad {
			d := e.Compare(ShownBy(outputs(c, bad...)))
			if len(d) == 0 || i == 0 && d[0].Part != tt.part {
				t.Errorf("%s: %q: got %v, want a difference in %s", tt.expect, bad, d, tt.part)
			}
		}
	}
	if e, err := Expected(&nbformat.Cell{}); e != nil || err != nil {
		t.Errorf("a cell without expectation: %v, %v", e, err)
	}
}

func TestExpectationErrors(t *testing.T) {
	for expect, want := range map[string]string{
		`7`:                                   `want a text or {"MODE": text}`,
		`{"patern": "x"}`:                     "patern: unknown key",
		`{"pattern": "x", "exact": "y"}`:      "two expectations of stdout",
		`{"pattern": "{nit 3}"}`:              "line 1: unknown hole {nit 3}",
		`{"stderr": {"x": "y"}}`:              `stderr: unknown mode "x"`,
		`{"ignore": ["stdin"]}`:               `ignore: no part "stdin"`,
		`{"display": {"text/plain": "x"}}`:    "display: want a list",
		`{"display": [{"text/plain": true}]}`: "display 1: text/plain: want a text",
	} {
		if _, err := Expected(fromJSON(t, expect)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", expect, err, want)
		}
	}
}

func TestDiffByCell(t *testing.T) {
	want := notebook(t, expecting("x", map[string]any{"pattern": "took {seconds 1..2}\n"}), "recorded", "same")
	want.Cells[1] = outputs(want.Cells[1], "out:old\n")
	got := want.Clone()
	got.Cells[0] = outputs(got.Cells[0], "out:took 3.5\n")
	got.Cells[1].Outputs[0].Text = "new \n"
	const text = "cell 1, stdout:\n  + took 3.5   (3.5 is above 2)\n  - took {seconds 1..2}\n" +
		"cell 2, stdout:\n  + new·\n  - old\n"
	if diff := Diff(want, got); !sameLines(diff, text) {
		t.Errorf("got\n%swant\n%s", diff, text)
	}
	got.Cells[0].Outputs[0].Text = "took 1.5\n"
	got.Cells[1].Outputs[0].Text = "old\n"
	if diff := Diff(want, got); diff != "" {
		t.Errorf("got\n%swant no difference", diff)
	}
}

// sameLines compares without regard to whether the missing or the surplus line is named first.
func sameLines(a, b string) bool {
	set := func(s string) map[string]int {
		m := map[string]int{}
		for _, l := range strings.Split(s, "\n") {
			m[l]++
		}
		return m
	}
	x, y := set(a), set(b)
	for l, n := range x {
		if y[l] != n {
			return false
		}
	}
	return len(x) == len(y)
}

// mutations are expectations as the lessons have them, each with an output that fulfils it.
var mutations = []struct{ mode, text, output string }{
	{"exact", "Hello from the child!\n", "Hello from the child!\n"},
	{"pattern", "{repeat 5..15} Working...\nExit status 0\n", strings.Repeat("Working...\n", 9) + "Exit status 0\n"},
	{"pattern", "Finished in {seconds 1.0..2.0} seconds\n", "Finished in 1.05 seconds\n"},
	{"pattern", "{bytes 10}\n{bytes 10}\n{bytes 10}\n", strings.Repeat("[1 2 3 4 5 6 7 8 9 255]\n", 3)},
	{"pattern", "Processed 1000 items after polling {int 3000..} times\n", "Processed 1000 items after polling 3012 times\n"},
	{"unordered", "stage 1\nstage 2\nstage {int 3..}\n", "stage 2\nstage 3\nstage 1\n"},
	{"order", "Consumer waiting\nConsumer working\nConsumer done\n---\nProducer putting\nProducer waiting\nProducer done\n" +
		"{before} Producer putting -> Consumer working\n{before} Consumer done -> Producer done\n",
		"Consumer waiting\nProducer putting\nConsumer working\nProducer waiting\nConsumer done\nProducer done\n"},
	{"exact", "-*--- | --*-- | --**-\n--**- | --**- | -*---\n", "-*--- | --*-- | --**-\n--**- | --**- | -*---\n"},
}

// TestMutationsAreCaught changes one character of the literal text of an expectation, or one whole line of an
// output, at random but repeatably: each change must be noticed.
func TestMutationsAreCaught(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	const letters = "abcdefgXYZ0123456789-*."
	holes := regexp.MustCompile(`\{[^}]*\}|---|->`)
	caught := 0
	for _, m := range mutations {
		if tmpl, err := ParseTemplate(Mode(m.mode), m.text); err != nil || tmpl.Match(m.output) != "" {
			t.Fatalf("%s %q does not accept its own output (%v)", m.mode, m.text, err)
		}
		for range 200 {
			text, output := m.text, m.output
			if r.IntN(2) == 0 {
				at := r.IntN(len(text))
				c := letters[r.IntN(len(letters))]
				if inHole(holes, text, at) || text[at] == c || text[at] == '\n' {
					continue
				}
				text = text[:at] + string(c) + text[at+1:]
			} else {
				lines := strings.SplitAfter(strings.TrimSuffix(output, "\n")+"\n", "\n")
				lines = lines[:len(lines)-1]
				at := r.IntN(len(lines))
				lines[at] = "x" + lines[at]
				output = strings.Join(lines, "")
			}
			tmpl, err := ParseTemplate(Mode(m.mode), text)
			if err != nil { // caught even earlier
				caught++
				continue
			}
			diff := tmpl.Match(output)
			if diff == "" {
				t.Errorf("%s: not noticed: expected %q, output %q", m.mode, text, output)
			}
			caught++
		}
	}
	if caught < 500 {
		t.Errorf("only %d mutations were tried", caught)
	}
}

// inHole reports whether the byte at is part of a hole, whose bounds are not literal text.
func inHole(holes *regexp.Regexp, text string, at int) bool {
	for _, span := range holes.FindAllStringIndex(text, -1) {
		if span[0] <= at && at < span[1] {
			return true
		}
	}
	return false
}

// TestDocumentedHoles holds the one page about the language to the language.
func TestDocumentedHoles(t *testing.T) {
	page, err := os.ReadFile("../../docs/expected-outputs.md")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, m := range regexp.MustCompile("`(\\{[a-z]+(?: [^`}]*)?\\})`").FindAllStringSubmatch(string(page), -1) {
		hole := strings.ReplaceAll(m[1], `\|`, "|")
		if hole == "{unordered}" || hole == "{order}" || hole == "{end}" {
			continue
		}
		if _, err := ParseTemplate(Pattern, hole); err != nil {
			t.Errorf("%s: %v", hole, err)
		}
		n++
	}
	if n < 10 {
		t.Errorf("found %d holes on the page, want all of them", n)
	}
}
