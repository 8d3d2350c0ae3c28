package check_test

import (
	"fmt"
	"go/types"
	"strings"
	"testing"

	"gokernel/kernel/check"
)

// partialScope returns a scope in which two cells have been run.
func partialScope(t *testing.T) *check.Scope {
	t.Helper()
	s := check.NewScope(check.StdLibrary())
	for i, src := range []string{
		"import \"strings\"\n// T is a type.\n// It counts.\ntype T struct{ N int }\n\n// Up counts up.\nfunc (t *T) Up() {\n\tt.N++\n}",
		"type (\n\t// A is an alias.\n\tA = T\n\tB int\n)\nb := strings.Builder{}\nt := &T{}",
	} {
		cell, err := check.Check(s, i+1, fmt.Sprintf("cell [%d]", i+1), src)
		if err != nil {
			t.Fatal(err)
		}
		s = cell.Scope
	}
	return s
}

func TestPartialEval(t *testing.T) {
	s := partialScope(t)
	for _, test := range []struct{ src, expr, want string }{
		{"t", "t", "*main.T"},
		{"t.N +", "t.N", "int"},
		{"x := t.N\nfmt.Println(", "x", "int"},
		{"func f(v A) {\n\tfor i, w := range []A{v} {\n\t\tw.", "w", "main.A"},
		{"func f(v A) {\n\tif v.", "v.Up", "func()"},
		{"x := b\nfunc f() { x.", "x", "strings.Builder"},
		{"type T struct{ M string }\nT{}.", "T{}.M", "string"},
		{"r := bytes.NewReader(nil)\nr.", "r", "*bytes.Reader"},
		{"j := &http.Client{}\nj.", "j.Timeout", "time.Duration"},
		{"import h \"net/http\"\nc := h.Client{}\nc.", "c", "net/http.Client"},
	} {
		p := s.Partial(test.src, len(test.src))
		tv, err := p.Eval(test.expr, len(test.src))
		if got := types.TypeString(tv.Type, nil); tv.Type == nil || got != test.want {
			t.Errorf("in %q %s has type %s, %v, want %s", test.src, test.expr, got, err, test.want)
		}
	}
}

// TestPartialLeavesNothing: what is asked about code that is being typed does not stay in the notebook.
func TestPartialLeavesNothing(t *testing.T) {
	s := partialScope(t)
	s.Partial("type New int\nvar x New\nfunc g() {}", 3)
	if s.Lookup("New") != nil || s.Lookup("g") != nil || s.Lookup("x") != nil {
		t.Error("the scope has changed")
	}
}

func TestText(t *testing.T) {
	s := partialScope(t)
	for _, test := range []struct{ name, source, comment string }{
		{"T", "type T struct{ N int }", "T is a type.\nIt counts.\n"},
		{"T.Up", "func (t *T) Up() {\n\tt.N++\n}", "Up counts up.\n"},
		{"A", "A = T", "A is an alias.\n"},
		{"B", "B int", ""},
		{"b", "", ""},
	} {
		d := s.Lookup(test.name)
		if d == nil {
			t.Fatalf("no %s", test.name)
		}
		source, comment := s.Text(d)
		if strings.TrimSpace(source) != test.source || comment != test.comment {
			t.Errorf("%s: source %q, comment %q, want %q and %q", test.name, source, comment, test.source, test.comment)
		}
	}
}
