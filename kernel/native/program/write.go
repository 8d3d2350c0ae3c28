package program

import (
	"fmt"
	"go/ast"
	"go/token"
	"maps"
	"slices"
	"strings"

	"gokernel/kernel/check"
)

// write writes all pieces.
func (a *assembly) write() error {
	for d := range a.taken {
		if d.Kind == check.Func || d.Kind == check.Method {
			a.findStarts(d.Node, d.Info)
		}
	}
	for _, f := range a.cell.Funcs {
		a.findStarts(f, a.cell.BodyInfo)
	}
	for _, s := range a.cell.Stmts {
		a.findStarts(s, a.cell.StmtInfo)
	}
	for _, d := range a.scope.Live() {
		if a.taken[d] && d.Kind != check.Var {
			if err := a.declaration(d); err != nil {
				return err
			}
		}
	}
	for _, v := range a.vars {
		a.variable(v)
	}
	for _, f := range a.cell.Funcs {
		a.piece(f.Pos(), f.End())
		a.out.WriteByte('\n')
	}
	if err := a.statements(); err != nil {
		return err
	}
	a.startFunctions()
	return nil
}

// directive returns a line directive for what follows in the same line, or for the next line.
func (a *assembly) directive(pos token.Pos, inline bool) string {
	cell, line, col := a.scope.Position(pos)
	if inline {
		return fmt.Sprintf("/*line %s:%d:%d*/", cell, line, col)
	}
	return fmt.Sprintf("//line %s:%d:%d\n", cell, line, col)
}

// An edit replaces bytes [start, end) of a cell.
type edit struct {
	start, end int
	text       string
}

// piece writes what lies between two positions of a cell, changed by edits, behind a line directive.
func (a *assembly) piece(from, to token.Pos, edits ...edit) {
	a.out.WriteString("\n" + a.directive(from, false))
	a.text(from, to, edits...)
}

// text writes what lies between two positions of a cell.
func (a *assembly) text(from, to token.Pos, edits ...edit) {
	cell, start, end, _ := a.scope.Range(from, to)
	_, text, _ := a.scope.CellText(cell)
	for _, e := range a.withStarts(cell, start, end, edits) {
		if e.start >= start && e.end <= end {
			a.out.WriteString(text[start:e.start] + e.text)
			start = e.end
		}
	}
	a.out.WriteString(text[start:end])
}

// declaration writes one that is not a variable's.
func (a *assembly) declaration(d *check.Decl) error {
	switch node := d.Node.(type) {
	case *ast.FuncDecl:
		if node.Body == nil {
			return a.errorAt(node.Pos(), "function %s has no body", d.Name)
		}
		var edits []edit
		if d.Name == "main" && a.kind == Wrapped {
			if _, start, end, ok := a.scope.Span(node.Name); ok {
				edits = append(edits, edit{start, end, Body})
			}
		}
		a.piece(a.withDirectives(node.Pos()), node.End(), edits...)
	case *ast.GenDecl:
		if d.Kind == check.Type { // of a group, just this one
			for _, spec := range node.Specs {
				a.out.WriteString("\ntype " + a.directive(spec.Pos(), true))
				a.text(spec.Pos(), spec.End())
			}
			break
		}
		var edits []edit
		for _, spec := range node.Specs {
			v, ok := spec.(*ast.ValueSpec)
			if !ok {
				continue
			}
			for _, id := range v.Names {
				if _, start, end, ok := a.scope.Span(id); ok && a.scope.Lookup(id.Name) != d {
					edits = append(edits, edit{start, end, "_" + strings.Repeat(" ", len(id.Name)-1)})
				}
			}
		}
		a.piece(node.Pos(), node.End(), edits...)
	}
	a.out.WriteByte('\n')
	return nil
}

// withDirectives returns where the directives to the compiler above a declaration begin, else pos.
func (a *assembly) withDirectives(pos token.Pos) token.Pos {
	cell, start, _, ok := a.scope.Range(pos, pos)
	if !ok {
		return pos
	}
	_, text, _ := a.scope.CellText(cell)
	begin := start
	for begin > 0 && text[begin-1] == '\n' {
		above := strings.LastIndexByte(text[:begin-1], '\n') + 1
		if !strings.HasPrefix(text[above:begin], "//go:") {
			break
		}
		begin = above
	}
	return pos - token.Pos(start-begin)
}

// variable writes a variable of the notebook with its initialiser.
func (a *assembly) variable(v *variable) {
	a.out.WriteString("\n" + a.directive(v.init.Names[0].Pos(), false))
	a.out.WriteString("var " + strings.Join(v.names, ", "))
	if v.init.Type != nil {
		a.out.WriteString(" " + a.directive(v.init.Type.Pos(), true))
		a.text(v.init.Type.Pos(), v.init.Type.End())
	}
	if n := len(v.init.Values); n > 0 {
		a.out.WriteString(" = " + a.directive(v.init.Values[0].Pos(), true))
		a.text(v.init.Values[0].Pos(), v.init.Values[n-1].End())
	}
	a.out.WriteByte('\n')
}

// statements writes the cell's statements as a function. Variables that they declare are its own, but those that other
// functions use are the package's.
func (a *assembly) statements() error {
	head := ""
	switch {
	case a.cell.Main && (a.kind == Main || a.kind == Wrapped):
		return nil
	case a.kind == Main:
		head = "main() {"
	case a.kind == Wrapped:
		head = Body + "() {"
	case len(a.cell.Stmts) == 0:
		return nil
	case a.kind == Tests:
		head = "init() {"
	case a.kind == Loop:
		a.imports["gk_testing"] = "testing"
		head = Statement + "(gk_b *gk_testing.B) { gk_b.ReportAllocs(); for gk_b.Loop() {"
	}
	if len(a.cell.Stmts) == 0 {
		return &Error{Message: "the cell has no statements and no func main: there is nothing to run"}
	}
	var local []string
	for _, name := range slices.Sorted(maps.Keys(a.hoisted)) {
		if !a.shared[name] {
			local = append(local, name)
		} else if !slices.Contains(a.before, name) {
			text, ok := a.typeText(a.hoisted[name].Type)
			if !ok {
				return &Error{Message: fmt.Sprintf("the variable %s is of a type without a name, so functions of a program cannot use it", name)}
			}
			fmt.Fprintf(&a.out, "var %s %s\n", name, text)
		}
	}
	a.out.WriteString("\nfunc " + head)
	for i, s := range a.cell.Stmts {
		a.statement(s, i == len(a.cell.Stmts)-1, local)
	}
	a.out.WriteString("\n//line gokernel.go:1\n")
	for _, name := range a.unused(local) {
		a.out.WriteString("_ = &" + name + "\n") // reading it would be an access that the reader has not written
	}
	a.out.WriteString("}")
	if a.kind == Loop {
		a.out.WriteString("}")
	}
	a.out.WriteByte('\n')
	return nil
}

// unused returns those of the names that the compiler would call declared and not used.
func (a *assembly) unused(names []string) []string {
	assigned := map[*ast.Ident]bool{}
	used := map[string]bool{}
	for _, s := range a.cell.Stmts {
		ast.Inspect(s, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.AssignStmt:
				for _, l := range n.Lhs {
					if id, ok := ast.Unparen(l).(*ast.Ident); ok && n.Tok == token.ASSIGN {
						assigned[id] = true
					}
				}
			case *ast.Ident:
				if d := a.cell.Hoisted[a.cell.StmtInfo.Uses[n]]; d != nil && !assigned[n] {
					used[d.Name] = true
				}
			}
			return true
		})
	}
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool { return used[name] })
}

// statement writes one statement. Declarations of variables become assignments, but those of the local ones.
func (a *assembly) statement(s ast.Stmt, last bool, local []string) {
	if _, ok := s.(*ast.DeclStmt); !ok {
		a.importsOf(s, a.cell.StmtInfo)
	}
	switch s := s.(type) {
	case *ast.AssignStmt:
		if last && len(s.Lhs) == 1 && s.Lhs[0].Pos() == s.Rhs[0].Pos() { // the last expression, see check
			a.result(s.Rhs[0])
			return
		}
		var edits []edit
		if _, start, _, ok := a.scope.Range(s.TokPos, s.End()); ok && s.Tok == token.DEFINE && !isLocal(s.Lhs, local) {
			edits = append(edits, edit{start, start + 2, " ="})
		}
		a.piece(s.Pos(), s.End(), edits...)
	case *ast.DeclStmt:
		for _, spec := range s.Decl.(*ast.GenDecl).Specs {
			v, ok := spec.(*ast.ValueSpec)
			if !ok {
				continue
			}
			names := make([]ast.Expr, len(v.Names))
			for i, id := range v.Names {
				names[i] = id
			}
			if isLocal(names, local) {
				a.importsOf(v, a.cell.StmtInfo)
				a.local(v)
				continue
			}
			if n := len(v.Values); n > 0 {
				for _, x := range v.Values { // but not the type, which is left out
					a.importsOf(x, a.cell.StmtInfo)
				}
				a.piece(v.Names[0].Pos(), v.Names[len(v.Names)-1].End())
				a.out.WriteString(" = " + a.directive(v.Values[0].Pos(), true))
				a.text(v.Values[0].Pos(), v.Values[n-1].End())
			}
		}
	case *ast.ExprStmt:
		if last && a.cell.Result != nil {
			a.result(s.X)
			return
		}
		a.piece(s.Pos(), s.End())
	default:
		a.piece(s.Pos(), s.End())
	}
}

// local writes a declaration of variables of the function. Its parts need not be together in the cell, see
// check.Cell.Stmts.
func (a *assembly) local(v *ast.ValueSpec) {
	a.out.WriteString("\nvar " + a.directive(v.Pos(), true))
	a.text(v.Pos(), v.Names[len(v.Names)-1].End())
	if v.Type != nil {
		a.out.WriteString(" " + a.directive(v.Type.Pos(), true))
		a.text(v.Type.Pos(), v.Type.End())
	}
	if n := len(v.Values); n > 0 {
		a.out.WriteString(" = " + a.directive(v.Values[0].Pos(), true))
		a.text(v.Values[0].Pos(), v.Values[n-1].End())
	}
}

// result writes the last expression so that its value is shown.
func (a *assembly) result(x ast.Expr) {
	before, after := "_ = ", ""
	switch _, isCall := ast.Unparen(x).(*ast.CallExpr); {
	case a.cell.Result != nil && a.kind != Loop:
		a.imports["gk_fmt"] = "fmt"
		before, after = "gk_fmt.Println(", ")"
	case isCall && a.cell.Result != nil:
		before = "" // what it returns may be several values, and a statement need not use them
		if tv := a.cell.StmtInfo.Types[ast.Unparen(x).(*ast.CallExpr).Fun]; tv.IsBuiltin() || tv.IsType() {
			before = "_ = "
		}
	}
	a.out.WriteString("\n" + before + a.directive(x.Pos(), true))
	a.text(x.Pos(), x.End())
	a.out.WriteString(after)
}

// isLocal reports whether one of the names on the left is a variable of the function.
func isLocal(names []ast.Expr, local []string) bool {
	return slices.ContainsFunc(names, func(x ast.Expr) bool {
		id, ok := x.(*ast.Ident)
		return ok && slices.Contains(local, id.Name)
	})
}
