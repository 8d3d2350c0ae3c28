package introspect

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"gokernel/kernel/check"
)

// pathTo returns the syntax around the placeholder at a byte of the cell, from the file down to the identifier; nil if
// the parser dropped it.
func pathTo(p *check.Partial, offset int) []ast.Node {
	pos := p.Pos(offset)
	for _, file := range p.Files {
		var stack, found []ast.Node
		ast.Inspect(file, func(n ast.Node) bool {
			if n == nil {
				stack = stack[:len(stack)-1]
				return true
			}
			stack = append(stack, n)
			if id, ok := n.(*ast.Ident); ok && id.NamePos == pos && found == nil {
				found = slices.Clone(stack)
			}
			return true
		})
		if found != nil {
			return found
		}
	}
	return nil
}

// expectedType returns the type of value that the place of the last node calls for, "" if any may stand there.
func expectedType(p *check.Partial, path []ast.Node) string {
	if len(path) < 2 {
		return ""
	}
	i := len(path) - 1
	if sel, ok := path[i-1].(*ast.SelectorExpr); ok && sel.Sel == path[i] {
		i--
	}
	for i > 0 {
		if _, ok := path[i-1].(*ast.ParenExpr); !ok {
			break
		}
		i--
	}
	if i == 0 {
		return ""
	}
	t := expectedBy(p, path[:i], path[i])
	if iface, ok := underlying(t).(*types.Interface); ok && iface.Empty() {
		return "" // anything fits
	}
	return typeString(t)
}

// expectedBy returns the type that the innermost of the parents wants for the child, nil if it does not care.
func expectedBy(p *check.Partial, parents []ast.Node, child ast.Node) types.Type {
	typeOf := func(x ast.Expr) types.Type { return p.Info.TypeOf(x) }
	switch n := parents[len(parents)-1].(type) {
	case *ast.CallExpr:
		return argument(typeOf(n.Fun), slices.IndexFunc(n.Args, func(a ast.Expr) bool { return a == child }))
	case *ast.AssignStmt:
		if i := slices.IndexFunc(n.Rhs, func(x ast.Expr) bool { return x == child }); i >= 0 && len(n.Lhs) == len(n.Rhs) && n.Tok != token.DEFINE {
			return typeOf(n.Lhs[i])
		}
	case *ast.ValueSpec:
		if n.Type != nil && child != n.Type {
			return typeOf(n.Type)
		}
	case *ast.BinaryExpr:
		switch {
		case n.Op == token.SHL || n.Op == token.SHR:
			return nil
		case n.Op == token.LAND || n.Op == token.LOR:
			return types.Typ[types.Bool]
		case n.Y == child:
			return defaultType(typeOf(n.X))
		}
	case *ast.UnaryExpr:
		if n.Op == token.NOT {
			return types.Typ[types.Bool]
		}
	case *ast.IfStmt, *ast.ForStmt:
		return types.Typ[types.Bool]
	case *ast.ExprStmt:
		// the condition of an if or for that is not finished is parsed as its first statement
		if len(parents) > 1 {
			switch parents[len(parents)-2].(type) {
			case *ast.IfStmt, *ast.ForStmt:
				return types.Typ[types.Bool]
			}
		}
	case *ast.SendStmt:
		if ch, ok := underlying(typeOf(n.Chan)).(*types.Chan); ok && n.Value == child {
			return ch.Elem()
		}
	case *ast.IndexExpr:
		if m, ok := underlying(typeOf(n.X)).(*types.Map); ok && n.Index == child {
			return m.Key()
		}
	case *ast.KeyValueExpr:
		if len(parents) > 1 && n.Value == child {
			if lit, ok := parents[len(parents)-2].(*ast.CompositeLit); ok {
				return element(typeOf(lit), n.Key)
			}
		}
	case *ast.CompositeLit:
		switch t := underlying(typeOf(n)).(type) {
		case *types.Slice:
			return t.Elem()
		case *types.Array:
			return t.Elem()
		case *types.Map:
			return t.Key()
		}
	case *ast.ReturnStmt:
		i := slices.IndexFunc(n.Results, func(x ast.Expr) bool { return x == child })
		if sig := enclosing(p, parents); sig != nil && i >= 0 && i < sig.Results().Len() {
			return sig.Results().At(i).Type()
		}
	case *ast.CaseClause:
		for _, parent := range slices.Backward(parents) {
			if s, ok := parent.(*ast.SwitchStmt); ok && s.Tag != nil {
				return typeOf(s.Tag)
			}
		}
	}
	return nil
}

// underlying is t.Underlying with nil for nil.
func underlying(t types.Type) types.Type {
	if t == nil {
		return nil
	}
	return t.Underlying()
}

// defaultType is types.Default, with nil where the type is not known.
func defaultType(t types.Type) types.Type {
	if t == nil || t == types.Typ[types.Invalid] {
		return nil
	}
	return types.Default(t)
}

// argument returns the type of parameter i of a function, or nil. Type any says nothing.
func argument(fun types.Type, i int) types.Type {
	sig, ok := underlying(fun).(*types.Signature)
	if !ok || i < 0 || sig.Params().Len() == 0 {
		return nil
	}
	last := sig.Params().Len() - 1
	if sig.Variadic() && i >= last {
		if s, ok := sig.Params().At(last).Type().(*types.Slice); ok {
			return s.Elem()
		}
		return nil
	}
	if i > last {
		return nil
	}
	return sig.Params().At(i).Type()
}

// element returns the type of what stands behind a key of a composite literal of type t.
func element(t types.Type, key ast.Expr) types.Type {
	if p, ok := underlying(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	switch t := underlying(t).(type) {
	case *types.Map:
		return t.Elem()
	case *types.Slice:
		return t.Elem()
	case *types.Array:
		return t.Elem()
	case *types.Struct:
		if id, ok := key.(*ast.Ident); ok {
			for f := range t.Fields() {
				if f.Name() == id.Name {
					return f.Type()
				}
			}
		}
	}
	return nil
}

// enclosing returns the signature of the innermost function around, or nil.
func enclosing(p *check.Partial, parents []ast.Node) *types.Signature {
	for _, n := range slices.Backward(parents) {
		switch n := n.(type) {
		case *ast.FuncLit:
			sig, _ := p.Info.TypeOf(n).(*types.Signature)
			return sig
		case *ast.FuncDecl:
			if f, ok := p.Info.Defs[n.Name].(*types.Func); ok {
				return f.Signature()
			}
			return nil
		}
	}
	return nil
}

// literalKeys adds the fields that a struct literal around the cursor does not name yet. It reports whether
// nothing else can stand there.
func (q *question) literalKeys(p *check.Partial, path []ast.Node) bool {
	if len(path) < 2 {
		return false
	}
	lit, ok := path[len(path)-2].(*ast.CompositeLit)
	if !ok || path[len(path)-1] == lit.Type {
		return false
	}
	t := p.Info.TypeOf(lit)
	if t == nil && lit.Type != nil {
		t = p.Info.TypeOf(lit.Type)
	}
	if ptr, ok := underlying(t).(*types.Pointer); ok {
		t = ptr.Elem()
	}
	s, ok := underlying(t).(*types.Struct)
	if !ok {
		return false
	}
	used := map[string]bool{}
	for _, e := range lit.Elts {
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			if id, ok := kv.Key.(*ast.Ident); ok {
				used[id.Name] = true
			}
		}
	}
	for f := range s.Fields() {
		if visible(f) && !used[f.Name()] {
			kind, signature, typ := describe(f)
			q.matches = append(q.matches, match{text: f.Name() + ": ", kind: kind, signature: signature, rank: rankKey, typ: typ})
		}
	}
	return len(used) > 0
}
