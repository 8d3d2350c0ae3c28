package program

import (
	"fmt"
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"gokernel/kernel/check"
)

// IsTest reports whether a function of that name is one that `go test` runs.
func IsTest(name string) bool {
	return slices.ContainsFunc([]string{"Test", "Benchmark", "Fuzz", "Example"}, func(p string) bool { return begins(name, p) })
}

// begins is the rule of cmd/go for names: TestX, Test_x and Test are tests, Testify is none.
func begins(name, prefix string) bool {
	rest, ok := strings.CutPrefix(name, prefix)
	if !ok {
		return false
	}
	r, _ := utf8.DecodeRuneInString(rest)
	return rest == "" || !unicode.IsLower(r)
}

// tests lists the test functions of the program. The error is an *Error if one is none though its name or its
// parameter says so, as go test and its vet have it.
func (a *assembly) tests(p *Program) error {
	if a.kind == Loop && len(a.cell.Stmts) > 0 {
		p.Benchmarks = append(p.Benchmarks, Statement)
	}
	inCell := a.hasTests()
	for _, d := range a.scope.Live() {
		if !a.taken[d] || d.Kind != check.Func || inCell && !a.own(d) {
			continue
		}
		fn, ok := d.Node.(*ast.FuncDecl)
		if !ok {
			continue
		}
		if wrong := misnamed(d.Name, fn); wrong != "" && a.own(d) {
			return a.errorAt(fn.Name.Pos(), "%s", wrong)
		}
		switch {
		case d.Name == "TestMain" && takes(fn, "M"):
			p.TestMain = true
		case begins(d.Name, "Test") && takes(fn, "T"):
			p.Tests = append(p.Tests, d.Name)
		case begins(d.Name, "Benchmark") && takes(fn, "B"):
			p.Benchmarks = append(p.Benchmarks, d.Name)
		case begins(d.Name, "Fuzz") && takes(fn, "F"):
			p.Fuzzes = append(p.Fuzzes, d.Name)
		}
	}
	file, err := parser.ParseFile(token.NewFileSet(), "", p.Source, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil // the compiler says it better
	}
	for _, e := range doc.Examples(file) {
		name := "Example" + e.Name
		if d := a.scope.Lookup(name); d == nil || inCell && !a.own(d) {
			continue
		}
		p.Examples = append(p.Examples, Example{Name: name, Output: e.Output, Unordered: e.Unordered, Compared: e.Output != "" || e.EmptyOutput})
	}
	return nil
}

// misnamed says what is wrong with a function that is meant to be a test, "" if nothing is or it is not.
func misnamed(name string, f *ast.FuncDecl) string {
	for _, kind := range []struct{ prefix, param, letter string }{{"Test", "t", "T"}, {"Benchmark", "b", "B"}, {"Fuzz", "f", "F"}} {
		rest, ok := strings.CutPrefix(name, kind.prefix)
		switch {
		case !ok:
		case !begins(name, kind.prefix):
			if takes(f, kind.letter) {
				r, _ := utf8.DecodeRuneInString(rest)
				return fmt.Sprintf("%s has a malformed name: go test runs it only if the letter behind %s is no lower-case one, as in %s%c%s",
					name, kind.prefix, kind.prefix, unicode.ToUpper(r), rest[utf8.RuneLen(r):])
			}
		case name == "TestMain" && takes(f, "M"):
		case !takes(f, kind.letter):
			return fmt.Sprintf("wrong signature for %s, must be: func %s(%s *testing.%s)", name, name, kind.param, kind.letter)
		}
	}
	if begins(name, "Example") && (f.Type.Params.NumFields() > 0 || f.Type.Results.NumFields() > 0 || f.Type.TypeParams.NumFields() > 0) {
		return fmt.Sprintf("wrong signature for %s, must be: func %s()", name, name)
	}
	return ""
}

// takes reports whether a function takes just a *testing.T, or another letter's, and returns nothing.
func takes(f *ast.FuncDecl, letter string) bool {
	params := f.Type.Params.List
	if len(params) != 1 || len(params[0].Names) > 1 || f.Type.Results.NumFields() > 0 || f.Type.TypeParams.NumFields() > 0 {
		return false
	}
	star, ok := params[0].Type.(*ast.StarExpr)
	if !ok {
		return false
	}
	sel, ok := star.X.(*ast.SelectorExpr)
	return ok && sel.Sel.Name == letter
}
