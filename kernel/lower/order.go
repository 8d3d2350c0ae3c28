package lower

import (
	"cmp"
	"go/ast"
	"go/types"
	"slices"

	"gokernel/kernel/check"
)

// ordered returns the initialisations of a package's variables in the order that Go prescribes: as they are declared, but none
// before those that it depends on, be it through functions (Go spec, "Package initialization"). The checker that has put them
// into order did not look into functions.
func (l *lowerer) ordered(inits []*types.Initializer) []*types.Initializer {
	left := slices.Clone(inits)
	slices.SortStableFunc(left, func(a, b *types.Initializer) int { return cmp.Compare(a.Rhs.Pos(), b.Rhs.Pos()) })
	waiting := map[string]bool{} // variables without their value
	for _, in := range left {
		for _, v := range in.Lhs {
			waiting[v.Name()] = true
		}
	}
	delete(waiting, "_")
	bodies := l.bodies()
	var out []*types.Initializer
	for len(left) > 0 {
		next := slices.IndexFunc(left, func(in *types.Initializer) bool {
			own := map[string]bool{}
			for _, v := range in.Lhs {
				own[v.Name()] = true
			}
			return !l.depends(in.Rhs, l.cell.StmtInfo, bodies, waiting, own, map[string]bool{})
		})
		next = max(next, 0) // the checker has refused cycles
		for _, v := range left[next].Lhs {
			delete(waiting, v.Name())
		}
		out = append(out, left[next])
		left = slices.Delete(left, next, next+1)
	}
	return out
}

// bodies returns the functions and methods of the cell by name, methods as "T.M".
func (l *lowerer) bodies() map[string]*ast.FuncDecl {
	out := map[string]*ast.FuncDecl{}
	for _, d := range l.cell.Decls {
		if fn, ok := d.Node.(*ast.FuncDecl); ok && (d.Kind == check.Func || d.Kind == check.Method) {
			out[d.Name] = fn
		}
	}
	return out
}

// depends reports whether n refers to one of the waiting variables, through functions too.
func (l *lowerer) depends(n ast.Node, info *types.Info, bodies map[string]*ast.FuncDecl, waiting, own, seen map[string]bool) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok || found {
			return !found
		}
		name := ""
		switch obj := info.Uses[id].(type) {
		case *types.Var:
			if obj.Pkg() != nil && obj.Parent() == obj.Pkg().Scope() && waiting[obj.Name()] && !own[obj.Name()] {
				found = true
			}
		case *types.Func:
			name = obj.Name()
			if recv := obj.Signature().Recv(); recv != nil {
				t := recv.Type()
				if p, ok := t.(*types.Pointer); ok {
					t = p.Elem()
				}
				if named, ok := t.(*types.Named); ok {
					name = named.Obj().Name() + "." + name
				}
			}
		}
		if fn := bodies[name]; fn != nil && fn.Body != nil && !seen[name] {
			seen[name] = true
			found = found || l.depends(fn.Body, l.cell.BodyInfo, bodies, waiting, own, seen)
		}
		return !found
	})
	return found
}
