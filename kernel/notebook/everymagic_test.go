package notebook

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// TestEveryMagic holds all magics to what a reader may expect of each: help with an example on one line, completion,
// inspection, a place in the documentation, and one line that says what is wrong with a wrong use.
func TestEveryMagic(t *testing.T) {
	n := book(t)
	var c lastNumber
	page, err := os.ReadFile("../../docs/magics.md")
	if err != nil {
		t.Fatal(err)
	}
	help := c.cell(t, n, "%help").text()
	for _, m := range n.table.All() {
		if m.Example == "" || strings.Contains(m.Example, "\n") || !strings.HasPrefix(m.Example, m.Name) {
			t.Errorf("%s: the example is %q", m.Name, m.Example)
		}
		if m.Summary() == "" || !strings.HasPrefix(m.Usage, m.Name) || !strings.Contains(help, m.Summary()) || !strings.Contains(help, m.Example) {
			t.Errorf("%s: %%help does not say what it does", m.Name)
		}
		if strings.HasPrefix(m.Name, "%") && m.Name != "%go111module" && !strings.Contains(string(page), "`"+m.Name) {
			t.Errorf("%s is not in docs/magics.md", m.Name)
		}
		if !strings.HasPrefix(m.Name, "%") {
			continue
		}
		if r := n.Complete(m.Name[:len(m.Name)-1], len(m.Name)-1); !slices.Contains(r.Matches, m.Name) {
			t.Errorf("%s: completing %s gives %q", m.Name, m.Name[:len(m.Name)-1], r.Matches)
		}
		if data, ok := n.Inspect(m.Name, len(m.Name), 0); !ok || !strings.Contains(data["text/markdown"].(string), m.Example) {
			t.Errorf("%s: inspection gives %v", m.Name, data)
		}
		for _, f := range m.Flags {
			code := m.Name + " " + f.Name[:len(f.Name)-1]
			if r := n.Complete(code, len(code)); !slices.Contains(r.Matches, f.Name) || f.Doc == "" {
				t.Errorf("%s: completing %q gives %q", m.Name, code, r.Matches)
			}
		}
	}
	for _, code := range []string{
		"%who nosuch", "%reset now", "%goroutines 1", "%stop it", "%engine fast", "%time nosuch", "%timeit", "%get", "%use", "%mod x", "%cd a b", "%env =x",
		"%help %nosuch", "%%writefile", "%%fmt x\n1", "%%race\n", "%%test -x\n1", "%%bench -x\n1", "%%vet x\n1", "%%trace\n", "%%leak\n", "%nosuch",
		"%%script\n1", "%%script nosuchprogram\n1", "!", "$", "%%bash \"\n1", "%go111module maybe",
	} {
		r := c.cell(t, n, code)
		first, _, _ := strings.Cut(r.failure(), "\n")
		if r.err == nil && code != "!" && code != "$" || strings.Contains(first, "error of ours") {
			t.Errorf("%q: got %q %s, want an error in one line", code, r.text(), r.failure())
		}
	}
}
