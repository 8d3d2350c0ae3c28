package check

import (
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"
)

// CellText returns the name ("cell [7]") and the text of the cell with that number, as it was checked.
func (s *Scope) CellText(cell int) (name, text string, ok bool) {
	src := s.env.sourceOf(cell)
	if src == nil {
		return "", "", false
	}
	return src.name, src.text, true
}

// Span tells which bytes of which cell a node takes up: its text is text[start:end] of Scope.CellText(cell). It is false for
// nodes that no cell holds.
func (s *Scope) Span(n ast.Node) (cell, start, end int, ok bool) {
	return s.Range(n.Pos(), n.End())
}

// Range is Span for what lies between two positions of one cell.
func (s *Scope) Range(from, to token.Pos) (cell, start, end int, ok bool) {
	src, base := s.env.sourceAt(from)
	if src == nil || to < from {
		return 0, 0, 0, false
	}
	offset := func(p token.Pos) int { return min(max(int(p)-base-src.pad, 0), len(src.text)) }
	return src.id, offset(from), offset(to), true
}

// Uses returns the names of the notebook to which d refers, methods as "T.Method", sorted. Those of a variable are the
// names in its type.
func (d *Decl) Uses() []string { return slices.Sorted(maps.Keys(d.uses)) }

// Uses returns the names of the notebook to which a node refers, sorted; info and pkg are from the check of the node.
func Uses(n ast.Node, info *types.Info, pkg *types.Package) []string {
	return slices.Sorted(maps.Keys(usesOf(n, info, pkg)))
}

// An Initializer is the statement that declared a variable: "x, y := f()", "var x T", "var x, y = 1, 2".
type Initializer struct {
	Names  []*ast.Ident // all that it declares, "_" among them
	Type   ast.Expr     // nil if it names none
	Values []ast.Expr   // none, as many as Names, or one with as many results
}

// Initializer returns the statement that declared the variable d. Its nodes are syntax without types; Span knows their
// places.
func (s *Scope) Initializer(d *Decl) (*Initializer, bool) {
	src := s.env.sourceOf(d.Cell)
	if d.Kind != Var || src == nil {
		return nil, false
	}
	p, err := s.env.parseCell(src.id, src.name, src.text)
	if err != nil {
		return nil, false // it was parsed before
	}
	declares := func(names []*ast.Ident) bool {
		return slices.ContainsFunc(names, func(id *ast.Ident) bool { return id.Name == d.Name })
	}
	var found *Initializer
	for _, stmt := range p.stmts {
		for _, in := range initializers(stmt) {
			if declares(in.Names) && found == nil { // x, err := …; y, err := …: the first declares err
				found = in
			}
		}
	}
	return found, found != nil
}

// initializers returns what a statement at the top of a cell declares.
func initializers(stmt ast.Stmt) []*Initializer {
	switch stmt := stmt.(type) {
	case *ast.AssignStmt:
		if stmt.Tok != token.DEFINE {
			return nil
		}
		in := &Initializer{Values: stmt.Rhs}
		for _, l := range stmt.Lhs {
			if id, ok := l.(*ast.Ident); ok {
				in.Names = append(in.Names, id)
			}
		}
		return []*Initializer{in}
	case *ast.DeclStmt:
		g, ok := stmt.Decl.(*ast.GenDecl)
		if !ok || g.Tok != token.VAR {
			return nil
		}
		var all []*Initializer
		for _, spec := range g.Specs {
			if v, ok := spec.(*ast.ValueSpec); ok {
				all = append(all, &Initializer{Names: v.Names, Type: v.Type, Values: v.Values})
			}
		}
		return all
	}
	return nil
}

// sourceOf returns the source of the cell with that number.
func (e *env) sourceOf(cell int) *source {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, src := range slices.Backward(e.sources) {
		if src.id == cell {
			return src
		}
	}
	return nil
}

// sourceAt returns the source that pos is in and where it begins.
func (e *env) sourceAt(pos token.Pos) (src *source, base int) {
	if !pos.IsValid() {
		return nil, 0
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	i, found := slices.BinarySearch(e.bases, int(pos))
	if !found {
		i--
	}
	if i < 0 {
		return nil, 0
	}
	return e.sources[i], e.bases[i]
}
