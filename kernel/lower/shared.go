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

// lone reports whether t is a composite type that the interpreter may have made: to compiled code, which has a type of its own that
// looks the same, a value of it in an interface is of another type. What the program that both run in has is one type to both.
func (l *lowerer) lone(t types.Type) bool {
	if l.marked(t) || types.IsInterface(t) {
		return false
	}
	switch t := types.Unalias(t).(type) {
	case *types.Basic, *types.Named:
		return false
	case *types.Pointer:
		switch types.Unalias(t.Elem()).(type) {
		case *types.Basic, *types.Named:
			return false
		}
	case *types.Slice:
		elem := types.Unalias(t.Elem())
		if s, ok := elem.(*types.Slice); ok {
			elem = s.Elem()
		}
		return !plain(elem)
	case *types.Map:
		key, ok := types.Unalias(t.Key()).(*types.Basic)
		return !ok || key.Kind() != types.String && key.Kind() != types.Int || !plain(t.Elem())
	case *types.Chan:
		return t.Dir() != types.SendRecv || !plain(t.Elem())
	case *types.Signature:
		return t.Params().Len()+t.Results().Len() > 0
	case *types.Struct:
		return t.NumFields() > 0
	}
	return true
}

// plain reports whether package interp has the composite types of t that lone leaves out.
func plain(t types.Type) bool {
	switch t := types.Unalias(t).(type) {
	case *types.Basic:
		return t.Kind() != types.UnsafePointer
	case *types.Named:
		return t.Obj().Pkg() == nil // error
	case *types.Interface:
		return t.NumMethods() == 0
	case *types.Struct:
		return t.NumFields() == 0
	}
	return false
}

// printing lists the packages to which the type of what they are given does not matter beyond its looks.
var printing = map[string]bool{"fmt": true, "log": true, "errors": true, "testing": true, "encoding/json": true, displayPath: true}

// looked returns x as a value for an interface whose type only its looks matter of.
func (f *fn) looked(x ast.Expr, t types.Type) string {
	from := f.typeOf(x)
	if !types.IsInterface(t) || !f.l.lone(from) {
		return f.stored(x, t)
	}
	if _, ok := from.Underlying().(*types.Signature); ok {
		return f.l.gk("Any") + "(" + f.stored(x, from) + ")"
	}
	return f.stored(x, from)
}
