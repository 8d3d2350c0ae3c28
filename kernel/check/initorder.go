package check

import (
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"
)

// inInitOrder puts the variable declarations that a cell begins with, before any other statement, into the order in which
// Go initialises a package's: each after those that its initialiser relies on, directly or through a function. It
// reports whether that is another order. Declarations that are no package's, since one relies on itself or on
// an older variable of its name, keep theirs.
func (c *checker) inInitOrder() bool {
	n := slices.IndexFunc(c.p.stmts, func(s ast.Stmt) bool { return !isVarDecl(s) })
	if n < 0 {
		n = len(c.p.stmts)
	}
	first := c.p.stmts[:n]
	if !c.mayRelyOnLater(first) {
		return false
	}
	p := *c.p
	p.stmts = first
	sub := &checker{before: c.before, p: &p, asVars: true, imports: c.imports, changed: map[string]bool{}, scope: c.before.clone()}
	sub.scope.version++
	sub.scope.imports = maps.Clone(c.imports)
	sub.cell = &Cell{ID: p.src.id, Name: p.src.name, Before: c.before, Scope: sub.scope, Hoisted: map[types.Object]*Decl{}}
	sub.declare()
	for _, e := range sub.checkStatements(first) {
		if within(c.before.env, first, e.Line) {
			return false
		}
	}
	specs := map[token.Pos]*ast.ValueSpec{} // by the positions of their names
	names := map[token.Pos]*ast.Ident{}
	var decls []ast.Stmt
	add := func(spec *ast.ValueSpec) {
		g := &ast.GenDecl{TokPos: spec.Pos(), Tok: token.VAR, Specs: []ast.Spec{spec}}
		decls = append(decls, &ast.DeclStmt{Decl: g})
	}
	for _, s := range first {
		for _, spec := range s.(*ast.DeclStmt).Decl.(*ast.GenDecl).Specs {
			spec := spec.(*ast.ValueSpec)
			for _, id := range spec.Names {
				specs[id.Pos()], names[id.Pos()] = spec, id
			}
			if len(spec.Values) == 0 {
				add(spec)
			}
		}
	}
	last, moved := token.NoPos, false
	for _, in := range sub.cell.Inits {
		spec := &ast.ValueSpec{Values: []ast.Expr{in.Rhs}}
		for _, v := range in.Lhs {
			if names[v.Pos()] == nil {
				return false // it is none of the cell's
			}
			spec.Names = append(spec.Names, names[v.Pos()])
			spec.Type = specs[v.Pos()].Type
		}
		moved = moved || spec.Pos() < last
		last = spec.Pos()
		add(spec)
	}
	if moved {
		c.p.stmts = append(decls, c.p.stmts[n:]...)
	}
	return moved
}

func isVarDecl(s ast.Stmt) bool {
	_, ok := s.(*ast.DeclStmt)
	return ok
}

// mayRelyOnLater reports by syntax whether one of some declarations may rely on one behind it.
func (c *checker) mayRelyOnLater(decls []ast.Stmt) bool {
	var specs []*ast.ValueSpec
	at := map[string]int{} // name → the number of its initialiser
	n := 0
	for _, s := range decls {
		for _, spec := range s.(*ast.DeclStmt).Decl.(*ast.GenDecl).Specs {
			spec := spec.(*ast.ValueSpec)
			specs = append(specs, spec)
			for _, id := range spec.Names {
				at[id.Name] = n
				if len(spec.Values) == len(spec.Names) {
					n++
				}
			}
			n++
		}
	}
	if len(at) < 2 {
		return false
	}
	if slices.ContainsFunc(c.p.decls, func(d ast.Decl) bool { _, ok := d.(*ast.FuncDecl); return ok }) {
		return true
	}
	for _, spec := range specs {
		for i, x := range spec.Values {
			if laterThan(x, at, at[spec.Names[i].Name]) { // a call of several results stands for the first
				return true
			}
		}
	}
	return false
}

// laterThan reports whether x mentions a name whose number is greater than n.
func laterThan(x ast.Expr, at map[string]int, n int) bool {
	found := false
	ast.Inspect(x, func(node ast.Node) bool {
		if id, ok := node.(*ast.Ident); ok {
			if m, declared := at[id.Name]; declared && m > n {
				found = true
			}
		}
		return !found
	})
	return found
}

// within reports whether a line of the cell belongs to statements.
func within(e *env, stmts []ast.Stmt, line int) bool {
	return slices.ContainsFunc(stmts, func(s ast.Stmt) bool {
		_, from, _ := e.locate(s.Pos())
		_, to, _ := e.locate(s.End())
		return from <= line && line <= to
	})
}
