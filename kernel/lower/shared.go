package lower

import (
	"go/ast"
	"go/types"

	"gokernel/kernel/check"
)

// refuseChoosing refuses the cell if it can be compiled instead.
func (l *lowerer) refuseChoosing(what string) {
	if l.engine.Choosing {
		panic(&Unsupported{What: what + " is not supported by the interpreter", Cell: l.cell.Name, Line: 1, Column: 1})
	}
}

// nameless reports whether t contains a struct type or an interface type without a name that the interpreter makes otherwise than
// the compiler: hidden leaves out structs whose fields are all exported.
func nameless(t types.Type, hidden bool) bool {
	switch t := types.Unalias(t).(type) {
	case *types.Map:
		return nameless(t.Key(), hidden) || nameless(t.Elem(), hidden)
	case interface{ Elem() types.Type }: // a pointer, slice, array, channel
		return nameless(t.Elem(), hidden)
	case *types.Signature:
		return nameless(t.Params(), hidden) || nameless(t.Results(), hidden)
	case *types.Tuple:
		for v := range t.Variables() {
			if nameless(v.Type(), hidden) {
				return true
			}
		}
	case *types.Interface:
		return t.NumMethods() > 0
	case *types.Struct:
		for f := range t.Fields() {
			if !hidden || !f.Exported() || f.Embedded() || nameless(f.Type(), hidden) {
				return true
			}
		}
	}
	return false
}

// refuseShared refuses a cell that shares types without a name with compiled code: it would not take them for its own.
func (l *lowerer) refuseShared() {
	if l.engine.compiled == nil {
		return
	}
	shared := func(n ast.Node, t types.Type) {
		if nameless(t, true) {
			panic(l.unsupported(n.Pos(), "a type without a name that compiled code uses, "+l.goName(t)+","))
		}
	}
	for _, s := range l.cell.Stmts {
		ast.Inspect(s, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.Ident:
				if obj := l.cell.StmtInfo.Uses[n]; obj != nil && l.ofCompiled(obj) {
					shared(n, obj.Type())
				}
			case *ast.CompositeLit:
				t := l.cell.StmtInfo.TypeOf(n)
				if st, ok := t.Underlying().(*types.Struct); ok && l.compiledType(t) != nil && len(n.Elts) > 0 {
					for f := range st.Fields() {
						shared(n, f.Type())
					}
				}
			}
			return true
		})
	}
}

// ofCompiled reports whether obj is a function, variable or alias that is compiled, or a field or method of the notebook.
func (l *lowerer) ofCompiled(obj types.Object) bool {
	if obj.Pkg() == nil || obj.Pkg().Path() != "main" {
		return false
	}
	switch obj := obj.(type) {
	case *types.Var:
		if obj.IsField() {
			return true
		}
		_, ok := l.native(l.lookup(obj, check.Var))
		return ok
	case *types.Func:
		return obj.Signature().Recv() != nil || l.isCompiled(l.lookup(obj, check.Func))
	case *types.TypeName:
		return l.isCompiled(l.lookup(obj, check.Type))
	}
	return false
}

// lookup returns the declaration of the notebook that obj stands for, nil if it is something else.
func (l *lowerer) lookup(obj types.Object, kind check.Kind) *check.Decl {
	if obj.Parent() != obj.Pkg().Scope() {
		return nil
	}
	if d := l.scope.Lookup(obj.Name()); d != nil && d.Kind == kind {
		return d
	}
	return nil
}
