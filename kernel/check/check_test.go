package check_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gokernel/kernel/check"
)

// session checks cells one after the other, as a notebook does, and keeps the scope of those that compile.
type session struct {
	t     testing.TB
	scope *check.Scope
	n     int
}

func newSession(t testing.TB) *session {
	return &session{t: t, scope: check.NewScope(check.StdLibrary())}
}

func (s *session) check(src string) (*check.Cell, error) {
	s.n++
	c, err := check.Check(s.scope, s.n, fmt.Sprintf("cell [%d]", s.n), src)
	if err == nil {
		s.scope = c.Scope
	}
	return c, err
}

func (s *session) must(src string) *check.Cell {
	s.t.Helper()
	c, err := s.check(src)
	if err != nil {
		s.t.Fatalf("cell %d: %v\n%s", s.n, err, src)
	}
	return c
}

func names(decls []*check.Decl) []string {
	var out []string
	for _, d := range decls {
		out = append(out, d.Name)
	}
	slices.Sort(out)
	return out
}

func TestCellsThatCompile(t *testing.T) {
	tests := []struct {
		name  string
		cells []string
	}{
		{"import and statement", []string{"import \"fmt\"\nfmt.Println(1)"}},
		{"import twice", []string{`import "fmt"`, `import "fmt"`, "fmt.Println()"}},
		{"import left out", []string{"fmt.Println(strings.ToUpper(\"a\"))"}},
		{"import after a function", []string{"func f() {}\nimport \"fmt\"\nfmt.Println()"}},
		{"function and statement", []string{"func f() int { return 1 }\nprintln(f())"}},
		{"type, method and statement", []string{"type T struct{a int}\nfunc (t T) Get() int { return t.a }\nt := T{1}\nt.Get()", "t.a = 3"}},
		{"unused variable at top level", []string{"x := 1"}},
		{"variable of an earlier cell", []string{"x := 1", "x++", "x"}},
		{"redeclared with another type", []string{"x := 1", `x := "a"`, `x + "b"`}},
		{"new from old", []string{"x := 1", "x := x + 1"}},
		{"function uses a variable of its cell", []string{"func f() int { return x }\nx := 1\nf()"}},
		{"function literal called", []string{"func() { println(1) }()"}},
		{"function literal with a named result type", []string{"type R int\nfunc() R { return 1 }()"}},
		{"generics", []string{"func Map[T, U any](s []T, f func(T) U) []U { var r []U; for _, x := range s { r = append(r, f(x)) }; return r }\nMap([]int{1}, strconv.Itoa)"}},
		{"whole program", []string{"package main\n\nimport \"fmt\"\n\nvar a = b\nvar b = 2\n\nfunc main() { fmt.Println(a) }"}},
		{"variables in any order", []string{"var a = b + 1\nvar b = 2"}},
		{"variables in any order before statements", []string{"var x, y = y + 1, 5\nprintln(x)", "var (\n a = b * 2\n b = f()\n)\nfunc f() int { return 3 }\na"}},
		{"a variable from the older one of its name", []string{"x, y := 1, 2", "var x, y = y, x\nx"}},
		{"constants with iota", []string{"const (\n A = iota\n B\n C\n)", "const B = 7", "C"}},
		{"type without a name one could write", []string{"o := binary.LittleEndian", "o.Uint16([]byte{1, 2})"}},
		{"err again", []string{"a, err := os.Open(\"x\")", "b, err := os.Open(\"y\")\n_ = a\nb"}},
		{"type used before its declaration", []string{"type A struct { b *B }\ntype B struct { a *A }"}},
		{"mutually recursive functions", []string{"func even(n int) bool { return n == 0 || odd(n-1) }\nfunc odd(n int) bool { return n != 0 && even(n-1) }"}},
		{"channel types", []string{"c := make(chan (<-chan int))\nd := make(<-chan int)", "func f() { <-d; <-c }"}},
		{"variable named like a package", []string{"time := 3", "time + 1"}},
		{"raw string with braces", []string{"s := `}\nfunc (`\ns"}},
		{"init", []string{"func init() { println(1) }", "func init() { println(2) }"}},
		{"generic type and variable of it", []string{"type L[T any] struct { x []T }\nfunc (l *L[T]) Add(v T) { l.x = append(l.x, v) }\nvar l L[int]", "l.Add(3)"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newSession(t)
			for _, src := range tt.cells {
				s.must(src)
			}
		})
	}
}

func TestErrors(t *testing.T) {
	tests := []struct {
		name  string
		cells []string
		want  string
	}{
		{"undefined", []string{"x := 1\ny := undefinedThing"}, "cell [1]:2:6: undefined: undefinedThing"},
		{"one letter off", []string{"counter := 1", "countr + 1"}, "cell [2]:1:1: undefined: countr (did you mean counter?)"},
		{"unused local", []string{"func f() {\n\tx := 1\n}"}, "cell [1]:2:2: declared and not used: x"},
		{"missing return", []string{"func f() int { for { break } }"}, "cell [1]:1:30: missing return"},
		{"all at once", []string{"var a int = \"s\"\nvar b string = 1\nfunc f() int { return \"\" }"},
			"cell [1]:1:13: cannot use \"s\" (untyped string constant) as int value in variable declaration\n" +
				"cell [1]:2:16: cannot use 1 (untyped int constant) as string value in variable declaration\n" +
				"cell [1]:3:23: cannot use \"\" (untyped string constant) as int value in return statement"},
		{"syntax", []string{"x := (1"}, "cell [1]:1:8: syntax error: unexpected newline, expected )"},
		{"no such package", []string{"import \"fmtt\""}, "cell [1]:1:8: package fmtt is not in std"},
		{"ambiguous package", []string{"rand.Perm(3)"}, "cell [1]:1:1: undefined: rand (import one of math/rand, math/rand/v2)"},
		{"stale function", []string{"type P struct{ x int }", "func get(p P) int { return p.x }", "type P struct{ y int }", "get(P{})"},
			"cell [4]:1:1: undefined: get (get of cell [2] is out of date: p.x undefined (type P has no field or method x); run that cell again)"},
		{"stale variable", []string{"type P struct{ x int }\np := P{1}", "type P struct{ x, y int }", "p"},
			"cell [3]:1:1: undefined: p (p of cell [1] is out of date: its type was redefined in cell [2]; run that cell again)"},
		{"statement in the middle not used", []string{"1 + 2\nx := 3"}, "cell [1]:1:1: 1 + 2 (untyped int constant 3) is not used"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newSession(t)
			for _, src := range tt.cells[:len(tt.cells)-1] {
				s.must(src)
			}
			_, err := s.check(tt.cells[len(tt.cells)-1])
			var list check.ErrorList
			if !errors.As(err, &list) {
				t.Fatalf("got error %v, want an ErrorList", err)
			}
			if diff := cmp.Diff(tt.want, err.Error()); diff != "" {
				t.Errorf("errors differ (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRedefinition(t *testing.T) {
	s := newSession(t)
	s.must("func f() int { return 1 }")
	s.must("func g() int { return f() }")
	s.must("func h() int { return g() }")
	s.must("func other() int { return 1 }")
	c := s.must("func f() int { return 2 }")
	if diff := cmp.Diff([]string{"f", "g", "h"}, names(c.Decls)); diff != "" {
		t.Errorf("a redefined function must bring its callers along (-want +got):\n%s", diff)
	}
	c = s.must("func f() string { return \"\" }")
	if len(c.Stale) != 2 {
		t.Errorf("g and h must become stale when f returns a string, got %v", c.Stale)
	}
	before := s.must("x := 1").Vars[0].Emit
	if vars := s.must("x := 2").Vars; len(vars) != 0 {
		t.Errorf("a variable declared again with the same type must keep its storage %s, got new %v", before, names(vars))
	}
	if vars := s.must("x := \"s\"").Vars; len(vars) != 1 {
		t.Errorf("a variable of another type needs storage of its own")
	}
}

func TestMethodRedefinitionKeepsVariables(t *testing.T) {
	s := newSession(t)
	s.must("type C struct{ n int }\nfunc (c *C) Inc() { c.n++ }\nc := &C{}")
	s.must("func use() { c.Inc() }")
	c := s.must("func (c *C) Inc() { c.n += 2 }")
	if diff := cmp.Diff([]string{"C.Inc", "use"}, names(c.Decls)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if s.scope.Lookup("c") == nil {
		t.Error("the variable c must live on when a method of its type is redefined")
	}
}

func TestCaret(t *testing.T) {
	s := newSession(t)
	_, err := s.check("x := 1\n\ty := nope")
	var list check.ErrorList
	if !errors.As(err, &list) {
		t.Fatal(err)
	}
	if got, want := list[0].Caret(), "\ty := nope\n\t     ^"; got != want {
		t.Errorf("Caret() = %q, want %q", got, want)
	}
}

func TestResult(t *testing.T) {
	tests := []struct {
		src  string
		want bool
	}{
		{"1 + 2", true}, {"x := 1", false}, {"x := 1\nx", true}, {"fmt.Println(1)", false}, {"fmt.Sprint(1)", true},
		{"func() {}()", false}, {"c := make(chan int, 1)\nc <- 1\n<-c", true}, {"strconv.Atoi(\"1\")", true}, {"-1", true}, {"println(1)", false},
	}
	for _, tt := range tests {
		if got := newSession(t).must(tt.src).Result != nil; got != tt.want {
			t.Errorf("%q: has a result: %v, want %v", tt.src, got, tt.want)
		}
	}
}

func TestCompleteness(t *testing.T) {
	tests := []struct {
		src    string
		want   check.Status
		indent string
	}{
		{"x := 1", check.Complete, ""}, {"", check.Complete, ""}, {"func f() {", check.Incomplete, "\t"},
		{"x := 1 +", check.Incomplete, ""}, {"f(1,", check.Incomplete, ""}, {"s := `abc", check.Incomplete, ""},
		{"/* open", check.Incomplete, ""}, {"s := \"abc", check.Invalid, ""}, {"}", check.Invalid, ""}, {"x := := 1", check.Invalid, ""},
		{"if x {\n\ty()", check.Incomplete, "\t"}, {"if true {\n} else", check.Incomplete, ""}, {"func f() {\n}", check.Complete, ""},
		{"// {", check.Complete, ""}, {"x := '{'", check.Complete, ""}, {"x++", check.Complete, ""},
	}
	for _, tt := range tests {
		got, indent := check.Completeness(tt.src)
		if got != tt.want || indent != tt.indent {
			t.Errorf("Completeness(%q) = %v, %q; want %v, %q", tt.src, got, indent, tt.want, tt.indent)
		}
	}
}

func TestCellRunTwiceKeepsItsTypes(t *testing.T) {
	s := newSession(t)
	src := "type In struct{ x int }\ntype Out struct{ in In }\nfunc (o Out) Get() int { return o.in.x }"
	s.must(src)
	s.must("o := Out{In{1}}")
	if c := s.must(src); len(c.Stale) != 0 || s.scope.Lookup("o") == nil {
		t.Errorf("o must live on when the cell of its type runs again unchanged, stale: %v", c.Stale)
	}
	c := s.must("type In struct{ x, y int }\ntype Out struct{ in In }\nfunc (o Out) Get() int { return o.in.x }")
	if len(c.Stale) != 1 || s.scope.Lookup("o") != nil {
		t.Errorf("o must become stale when a type inside its type changes, stale: %v", c.Stale)
	}
}
