package report

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"html"
	"slices"
	"strconv"
	"strings"
)

// A Coverage tells which statements of the cells a program has run.
type Coverage struct {
	Functions []Covered
}

// Covered is one function.
type Covered struct {
	Name       string
	At         Frame
	Statements int
	Run        int
	Missed     []Frame // where blocks begin that were not run
}

// CoverVariable is the name of the variable that `go tool cover -mode=set -var` shall add.
const CoverVariable = "gk_cover"

// ParseCoverage reads counters of a program, whose source `go tool cover` has instrumented with CoverVariable. Functions
// that skip names are left out.
func ParseCoverage(source []byte, counts []uint32, skip func(name string) bool) (*Coverage, error) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "", source, parser.SkipObjectResolution)
	if err != nil {
		return nil, fmt.Errorf("reading the instrumented program: %w", err)
	}
	numbers := coverNumbers(file)
	c := &Coverage{}
	for _, d := range file.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok || f.Body == nil || skip(f.Name.Name) {
			continue
		}
		at := fset.Position(f.Pos())
		covered := Covered{Name: f.Name.Name, At: Frame{File: at.Filename, Line: at.Line}}
		ast.Inspect(f.Body, func(n ast.Node) bool {
			stmts := statements(n)
			for k, s := range stmts {
				i, ok := counter(s)
				switch {
				case !ok || i >= len(counts) || i >= len(numbers):
					continue
				case counts[i] > 0:
					covered.Run += numbers[i]
				case k+1 < len(stmts): // the first of those that it counts
					p := fset.Position(stmts[k+1].Pos())
					covered.Missed = append(covered.Missed, Frame{File: p.Filename, Line: p.Line})
				}
				covered.Statements += numbers[i]
			}
			return true
		})
		if covered.Statements > 0 {
			c.Functions = append(c.Functions, covered)
		}
	}
	return c, nil
}

// statements returns those that stand one after the other in a node.
func statements(n ast.Node) []ast.Stmt {
	switch n := n.(type) {
	case *ast.BlockStmt:
		return n.List
	case *ast.CaseClause:
		return n.Body
	case *ast.CommClause:
		return n.Body
	}
	return nil
}

// counter returns the number of the counter that a statement sets: "gk_cover.Count[3] = 1".
func counter(n ast.Stmt) (int, bool) {
	s, ok := n.(*ast.AssignStmt)
	if !ok || len(s.Lhs) != 1 {
		return 0, false
	}
	index, ok := s.Lhs[0].(*ast.IndexExpr)
	if !ok {
		return 0, false
	}
	sel, ok := index.X.(*ast.SelectorExpr)
	if !ok || sel.Sel.Name != "Count" {
		return 0, false
	}
	if id, ok := sel.X.(*ast.Ident); !ok || id.Name != CoverVariable {
		return 0, false
	}
	lit, ok := index.Index.(*ast.BasicLit)
	if !ok {
		return 0, false
	}
	i, err := strconv.Atoi(lit.Value)
	return i, err == nil
}

// coverNumbers returns for each counter how many statements it counts.
func coverNumbers(file *ast.File) []int {
	var numbers []int
	ast.Inspect(file, func(n ast.Node) bool {
		kv, ok := n.(*ast.KeyValueExpr)
		if !ok {
			return true
		}
		key, isName := kv.Key.(*ast.Ident)
		list, isList := kv.Value.(*ast.CompositeLit)
		if !isName || key.Name != "NumStmt" || !isList {
			return true
		}
		numbers = nil
		for _, x := range list.Elts {
			n := 0
			if lit, ok := x.(*ast.BasicLit); ok {
				n, _ = strconv.Atoi(lit.Value) // digits
			}
			numbers = append(numbers, n)
		}
		return false
	})
	return numbers
}

// Percent returns the share of the statements that were run.
func (c *Coverage) Percent() float64 {
	run, all := 0, 0
	for _, f := range c.Functions {
		run, all = run+f.Run, all+f.Statements
	}
	if all == 0 {
		return 0
	}
	return 100 * float64(run) / float64(all)
}

// missed returns the lines that were not run, each once.
func (f Covered) missed() []Frame {
	all := slices.Clone(f.Missed)
	slices.SortFunc(all, func(a, b Frame) int { return a.Line - b.Line })
	return slices.Compact(all)
}

// Text returns the coverage as plain text.
func (c *Coverage) Text(lines Lines) string {
	var b strings.Builder
	fmt.Fprintf(&b, "coverage: %.1f%% of statements\n", c.Percent())
	for _, f := range c.Functions {
		fmt.Fprintf(&b, "  %s (%s): %d of %d\n", f.Name, f.At.At(), f.Run, f.Statements)
		for _, m := range f.missed() {
			fmt.Fprintf(&b, "    not run: %s: %s\n", m.At(), lines.source(m))
		}
	}
	return b.String()
}

// HTML returns the coverage as a table.
func (c *Coverage) HTML(lines Lines) string {
	var rows []row
	for _, f := range c.Functions {
		missed := ""
		for _, m := range f.missed() {
			missed += lines.code(m) + "<br>"
		}
		rows = append(rows, row{html.EscapeString(f.Name), html.EscapeString(f.At.At()), fmt.Sprintf("%d of %d", f.Run, f.Statements), missed})
	}
	return fmt.Sprintf("<p>coverage: %.1f%% of statements</p>", c.Percent()) + table([]string{"function", "at", "statements run", "not run"}, rows)
}
