package lower

import (
	"go/ast"
	"go/types"
	"strings"
)

// lvalue returns the place that x stands for, "_" for the blank identifier.
func (f *fn) lvalue(x ast.Expr) string {
	if id, ok := ast.Unparen(x).(*ast.Ident); ok && id.Name == "_" {
		return "_"
	}
	if star, ok := ast.Unparen(x).(*ast.StarExpr); ok {
		return "(*" + f.expr(star.X) + ")"
	}
	return f.expr(ast.Unparen(x))
}

// set writes an assignment to a place. It has no parentheses around it: the interpreter would store a struct elsewhere.
func (f *fn) set(place, value string) {
	if strings.HasPrefix(place, "(*") && closing(place) == len(place)-1 {
		place = place[1 : len(place)-1]
	}
	f.line("%s = %s", place, value)
}

// closing returns the index of the parenthesis that closes the one that text begins with.
func closing(text string) int {
	depth := 0
	for i, r := range text {
		switch r {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

// place is lvalue for one of several places: what is indexed and what pointers point to is fixed before any of the places
// gets its value (Go spec, "Assignment statements"). The variables in assigned are among the places.
func (f *fn) place(x ast.Expr, assigned map[types.Object]bool) string {
	fixed := func(x ast.Expr, t types.Type) string {
		if f.settled(x, assigned) {
			return f.expr(x)
		}
		temp := f.temp()
		f.line("var %[1]s %[2]s\n%[1]s = %[3]s", temp, f.l.typ(f.env, t), f.converted(x, t))
		return temp
	}
	switch x := ast.Unparen(x).(type) {
	case *ast.IndexExpr:
		t := f.typeOf(x.X)
		index := types.Default(f.typeOf(x.Index))
		switch u := t.Underlying().(type) {
		case *types.Map:
			return fixed(x.X, t) + "[" + fixed(x.Index, u.Key()) + "]"
		case *types.Pointer:
			return "(*" + fixed(x.X, t) + ")[" + fixed(x.Index, index) + "]"
		case *types.Array:
			return f.place(x.X, assigned) + "[" + fixed(x.Index, index) + "]"
		}
		return fixed(x.X, t) + "[" + fixed(x.Index, index) + "]"
	case *ast.StarExpr:
		return "(*" + fixed(x.X, f.typeOf(x.X)) + ")"
	case *ast.SelectorExpr:
		if f.info.Selections[x] == nil {
			break
		}
		t := f.typeOf(x.X)
		if _, ok := t.Underlying().(*types.Pointer); ok {
			return f.fields(x, fixed(x.X, t))
		}
		return f.fields(x, f.place(x.X, assigned))
	}
	return f.lvalue(x)
}

// settled reports whether x has the same value after variables in assigned and what pointers point to have changed.
func (f *fn) settled(x ast.Expr, assigned map[types.Object]bool) bool {
	if f.info.Types[x].Value != nil {
		return true
	}
	switch x := ast.Unparen(x).(type) {
	case *ast.Ident:
		return !assigned[f.info.ObjectOf(x)]
	case *ast.BinaryExpr:
		return f.settled(x.X, assigned) && f.settled(x.Y, assigned)
	}
	return false
}
