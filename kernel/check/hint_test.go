package check_test

import (
	"strings"
	"testing"
)

func TestHints(t *testing.T) {
	tests := []struct {
		name  string
		cells []string // the last does not compile
		want  string
	}{
		{"a method one letter off", []string{"type P struct{ name string }\nfunc (p P) Greet() string { return p.name }", "P{}.Gret()"}, "did you mean Greet?"},
		{"a field one letter off", []string{"type P struct{ name string }\np := &P{}", "p.nmae"}, "did you mean name?"},
		{"a method of a package's type", []string{"var wg sync.WaitGroup\nwg.Wiat()"}, "did you mean Wait?"},
		{"a function of a package", []string{"strings.ToUper(\"a\")"}, "did you mean ToUpper?"},
		{"a function of the same cell", []string{"func compute() {}\ncomptue()"}, "did you mean compute?"},
		{"a letter too many", []string{"total := 1", "totall"}, "did you mean total?"},
		{"another case", []string{"ok2 := 1", "OK2"}, "did you mean ok2?"},
		{"two letters of a short name swapped", []string{"sum := 1", "smu"}, "did you mean sum?"},
		{"declared below", []string{"println(1)\nprintln(w)\nvar w = 3"}, "it is declared in line 3: variables exist from their declaration on; only those declared before all statements may stand in any order"},
		{"several packages of one name", []string{"template.New(\"x\")"}, "import one of html/template, text/template"},
		{"several values", []string{"a, b := 1, 2\na, b"}, "a cell shows one expression; fmt.Println(a, b) prints several"},
		{"several calls", []string{"len(\"a\"), [2]int{1, 2}"}, `a cell shows one expression; fmt.Println(len("a"), [2]int{1, 2}) prints several`},
		{"an open bracket", []string{"x := []int{\n1,\n2,"}, "the { of line 1 is not closed"},
		{"the cell ends", []string{"z :="}, "the cell ends here"},
		{"too many brackets", []string{"if true {\n}\n}"}, "no { is open here"},
		{"a method that is gone", []string{"type T struct{}\nfunc (T) A() {}\nfunc (T) B() {}", "type T struct{ x int }\nfunc (T) A() {}", "T{}.B()"},
			"B of cell [1] is gone: T was declared again without it in cell [2]"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newSession(t)
			for _, src := range tt.cells[:len(tt.cells)-1] {
				s.must(src)
			}
			_, err := s.check(tt.cells[len(tt.cells)-1])
			if err == nil || !strings.Contains(err.Error(), "("+tt.want+")") {
				t.Errorf("got %v, want a hint %q", err, tt.want)
			}
		})
	}
}

func TestNoHints(t *testing.T) {
	for _, cells := range [][]string{{"total"}, {"sum := 1", "num"}, {"err := 1", "er"}, {"counter := 1", "conuters"}, {"y := y"}} {
		s := newSession(t)
		for _, src := range cells[:len(cells)-1] {
			s.must(src)
		}
		_, err := s.check(cells[len(cells)-1])
		if err == nil || strings.Contains(err.Error(), "did you mean") {
			t.Errorf("%q: got %v, want no guess", cells, err)
		}
	}
}

func TestImportsAreFoundByWhatIsSelected(t *testing.T) {
	s := newSession(t)
	s.must("rand.Intn(3)")
	s.must("x := rand.New(rand.NewSource(1))")
	if got := s.scope.Imports()[0].Path; got != "math/rand" {
		t.Errorf("rand stands for %s, want math/rand, the only one with Intn", got)
	}
	s = newSession(t)
	s.must("rand.IntN(3)")
	if got := s.scope.Imports()[0].Path; got != "math/rand/v2" {
		t.Errorf("rand stands for %s, want math/rand/v2", got)
	}
}

func TestMethodsOfRedefinedType(t *testing.T) {
	s := newSession(t)
	s.must("type T struct{ n int }\nfunc (t T) Same() int { return t.n }\nfunc (t T) Gone() {}")
	s.must("func (t T) Other() int { return t.n * 2 }")
	s.must("func (t T) Breaks() int { return t.n }\nfunc (t T) Calls() { t.Gone() }")
	c := s.must("type T struct{ n, m int }\nfunc (t T) Same() int { return t.m }")
	var stale []string
	for _, st := range c.Stale {
		stale = append(stale, st.Name)
	}
	if len(stale) != 2 || s.scope.Lookup("T.Gone") != nil || s.scope.Lookup("T.Calls") != nil {
		t.Errorf("T.Gone, which its own cell no longer declares, and its caller must be stale, got %v", stale)
	}
	s.must("T{m: 1}.Same() + T{n: 2}.Other() + T{}.Breaks()")
}

func TestCompilersWords(t *testing.T) {
	tests := []struct{ name, src, want string }{
		{"end of the cell", "x := 1\nz :=", "cell [1]:2:5: syntax error: unexpected EOF, expected expression (the cell ends here)"},
		{"unfinished call", "fmt.Println(1", "cell [1]:1:14: syntax error: unexpected newline in argument list; possibly missing comma or )"},
		{"missing brace", "for i := range 3\n{\n}", "cell [1]:1:17: syntax error: unexpected newline, expected { after for clause"},
		{"else on a line of its own", "if true {\n}\nelse {\n}", "cell [1]:3:1: syntax error: unexpected keyword else, expected } (else must stand on the line of the closing brace before it)"},
		{"two statements", "x := 1 y := 2", "cell [1]:1:8: syntax error: unexpected name y at end of statement"},
		{"string", "s := \"abc", "cell [1]:1:10: newline in string"},
		{"a comment behind statements", "x := 1\n/* the rest is\nfmt.Println(x)", "cell [1]:2:1: comment not terminated"},
		{"a comment behind a function", "func f() {}\n\t/* a", "cell [1]:2:2: comment not terminated"},
		{"a comment in a statement", "x := 1 /* a", "cell [1]:1:8: comment not terminated"},
		{"nothing but a comment", "/* a\n", "cell [1]:1:1: comment not terminated"},
		{"a comment and another error", "x := := 1\ny := 2\n/* a", "cell [1]:1:6: syntax error: unexpected :=, expected expression\ncell [1]:3:1: comment not terminated"},
		{"a function twice", "func f() {}\nfunc f() {}", "cell [1]:2:6: f redeclared in this block\n\tcell [1]:1:6: other declaration of f"},
		{"a method twice", "type T int\nfunc (T) m() {}\nfunc (T) m() {}", "cell [1]:3:10: method T.m already declared at cell [1]:2:10"},
		{"a function and a variable", "func x() {}\nx := 1", "cell [1]:2:1: x redeclared in this block\n\tcell [1]:1:6: other declaration of x"},
		{"label", "L:\nfor {\n}", "cell [1]:1:1: label L defined and not used"},
		{"cgo", "import \"C\"", "cell [1]:1:8: cgo is not supported in cells"},
		{"dot import", "import . \"fmt\"", "cell [1]:1:8: dot imports are not supported in cells: import the package by its name"},
		{"an import and a name", "import \"nosuch\"\nnosuch.F()\nundefinedName()", "cell [1]:1:8: package nosuch is not in std\ncell [1]:3:1: undefined: undefinedName"},
		{"another package", "// Package foo is a library.\npackage foo", "cell [1]:2:9: package foo is not a main package (write package main)"},
		{"no name for a package", "package _\nfunc main() {}", "cell [1]:1:9: invalid package name _ (write package main)"},
		{"unused import in a program", "package main\n\nimport \"os\"\n\nfunc main() {}", "cell [1]:3:8: \"os\" imported and not used"},
		{"cycle in a program", "package main\n\nvar a = f()\n\nfunc f() int { return a }\n\nfunc main() {}",
			"cell [1]:3:5: initialization cycle for a\n\tcell [1]:3:5: a refers to f\n\tcell [1]:5:6: f refers to a"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := newSession(t).check(tt.src)
			if err == nil || err.Error() != tt.want {
				t.Errorf("got:  %v\nwant: %s", err, tt.want)
			}
		})
	}
}
