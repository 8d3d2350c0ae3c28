package lower

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// initialize writes the initialisation of package variables, in the order that Go prescribes.
func (f *fn) initialize(in *types.Initializer) {
	f.at(in.Rhs)
	lhs := make([]string, len(in.Lhs))
	for i, v := range in.Lhs {
		lhs[i] = "_"
		if name, ok := f.global(v); ok && v.Name() != "_" {
			lhs[i] = name
		}
	}
	if len(lhs) == 1 {
		f.set(lhs[0], f.converted(in.Rhs, in.Lhs[0].Type()))
		return
	}
	values := f.multi(in.Rhs, len(lhs))
	for i, v := range in.Lhs {
		values[i] = f.l.convert(values[i], f.partType(in.Rhs, i), f.env.subst(v.Type()))
	}
	f.spread(lhs, values)
}

// assign writes definitions and assignments.
func (f *fn) assign(s *ast.AssignStmt) {
	switch s.Tok {
	case token.DEFINE:
		f.define(s.Lhs, s.Rhs)
		return
	case token.ASSIGN:
	default:
		rhs := f.bare(s.Rhs[0])
		if v := f.info.Types[s.Rhs[0]].Value; v != nil && (s.Tok == token.SHL_ASSIGN || s.Tok == token.SHR_ASSIGN) {
			rhs = constant.ToInt(v).ExactString()
		}
		place := ""
		switch {
		case !reads(s.Lhs[0]) || !f.runs(s.Rhs[0]):
			place = f.lvalue(s.Lhs[0])
		case f.runs(s.Lhs[0]):
			place = f.place(s.Lhs[0], nil)
			rhs = f.first(s.Rhs[0], f.typeOf(s.Rhs[0]))
		default:
			rhs = f.first(s.Rhs[0], f.typeOf(s.Rhs[0]))
			place = f.lvalue(s.Lhs[0])
		}
		f.line("%s %s %s", place, s.Tok, rhs)
		return
	}
	if f.top && f.up == nil && s.Rhs[0] == f.l.cell.Result && len(s.Rhs) == 1 {
		if id, ok := s.Lhs[0].(*ast.Ident); ok && id.Name == "_" && id.Pos() == s.Rhs[0].Pos() {
			f.result(s.Rhs[0])
			return
		}
	}
	if len(s.Lhs) == 1 {
		if isBlank(s.Lhs[0]) && reads(s.Rhs[0]) && f.info.Types[s.Rhs[0]].Value == nil { // which may panic
			t := f.typeOf(s.Rhs[0])
			f.line("%s(%s)", f.l.helper("use", t, "func %[1]s(v %[2]s) {}\n"), f.expr(s.Rhs[0]))
			return
		}
		if _, ok := ast.Unparen(s.Rhs[0]).(*ast.StarExpr); ok && f.mapped(s.Lhs[0]) { // where nothing, of a nil pointer, would delete
			place := f.place(s.Lhs[0], nil)
			f.set(place, f.value(s.Rhs[0], f.typeOf(s.Lhs[0])))
			return
		}
		t := f.typeOf(s.Lhs[0])
		if !isBlank(s.Lhs[0]) && reads(s.Lhs[0]) && f.runs(s.Rhs[0]) {
			place := ""
			if f.runs(s.Lhs[0]) {
				place = f.place(s.Lhs[0], nil)
			}
			value := f.first(s.Rhs[0], t)
			if place == "" {
				place = f.lvalue(s.Lhs[0])
			}
			f.set(place, value)
			return
		}
		if id, ok := ast.Unparen(s.Lhs[0]).(*ast.Ident); ok && id.Name != "_" && token.IsIdentifier(f.lvalue(id)) {
			f.set(f.lvalue(id), f.stored(s.Rhs[0], t))
			return
		}
		f.set(f.lvalue(s.Lhs[0]), f.converted(s.Rhs[0], t))
		return
	}
	lhs := make([]string, len(s.Lhs))
	assigned := map[types.Object]bool{}
	for _, x := range s.Lhs {
		if id, ok := ast.Unparen(x).(*ast.Ident); ok {
			assigned[f.info.ObjectOf(id)] = true
		}
	}
	for i, x := range s.Lhs {
		lhs[i] = f.place(x, assigned)
	}
	switch {
	case len(s.Rhs) == 1:
		f.spread(lhs, f.parted(s.Rhs[0], s.Lhs))
	default:
		rhs := make([]string, len(s.Rhs))
		for i, x := range s.Rhs {
			rhs[i] = f.converted(x, f.typeOf(s.Lhs[i]))
			if lhs[i] == "_" && !f.isNil(x) {
				rhs[i] = f.expr(x)
				continue
			}
			if types.IsInterface(f.typeOf(s.Lhs[i])) && !f.isNil(x) {
				temp := f.temp()
				f.line("var %[1]s %[2]s\n%[1]s = %[3]s", temp, f.l.typ(nil, f.typeOf(s.Lhs[i])), rhs[i])
				rhs[i] = temp
			}
		}
		if !slices.ContainsFunc(s.Rhs, func(x ast.Expr) bool { return f.info.Types[x].Value == nil }) {
			f.spread(lhs, rhs)
			return
		}
		temps := f.temps(len(rhs))
		for _, i := range f.callsFirst(s.Rhs) {
			if f.isNil(s.Rhs[i]) {
				temps[i] = "nil"
				continue
			}
			f.line("%s := %s", temps[i], rhs[i])
		}
		for i := range lhs {
			f.set(lhs[i], temps[i])
		}
	}
}

func (f *fn) isNil(x ast.Expr) bool { return f.info.Types[x].IsNil() }

// mapped reports whether x is an element of a map.
func (f *fn) mapped(x ast.Expr) bool {
	i, ok := ast.Unparen(x).(*ast.IndexExpr)
	if !ok {
		return false
	}
	_, ok = f.typeOf(i.X).Underlying().(*types.Map)
	return ok
}

// calls reports whether x calls something, or converts it.
func calls(x ast.Node) bool {
	return uses(x, func(n ast.Node) bool { _, ok := n.(*ast.CallExpr); return ok })
}

// runs reports whether x calls a function that may be the reader's.
func (f *fn) runs(x ast.Node) bool {
	return uses(x, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return false
		}
		tv := f.info.Types[call.Fun]
		return !tv.IsType() && !tv.IsBuiltin()
	})
}

// first gives a variable the value of x, which is to be computed before something else, and returns the variable. Where the
// language leaves it open, the compiler makes calls before it looks at variables.
func (f *fn) first(x ast.Expr, t types.Type) string {
	temp := f.temp()
	f.line("var %[1]s %[2]s\n%[1]s = %[3]s", temp, f.l.typ(f.env, t), f.converted(x, t))
	return temp
}

// multi returns the n values of a call or of a comma-ok form as expressions that may be used once.
func (f *fn) multi(x ast.Expr, n int) []string {
	temps := f.temps(n)
	value := ""
	if a, ok := ast.Unparen(x).(*ast.TypeAssertExpr); ok && n == 2 {
		value = f.assertion(f.typeOf(a.X), f.typeOf(a.Type)) + "(" + f.expr(a.X) + ")"
	} else if recv, ok := ast.Unparen(x).(*ast.UnaryExpr); ok && recv.Op == token.ARROW {
		value = "<-" + f.expr(recv.X) // in parentheses yaegi takes it for one value
	} else {
		value = f.expr(x)
	}
	f.line("%s := %s", strings.Join(temps, ", "), value)
	return temps
}

// parted is multi for values that become those of places.
func (f *fn) parted(x ast.Expr, places []ast.Expr) []string {
	values := f.multi(x, len(places))
	for i, p := range places {
		if isBlank(p) {
			continue
		}
		t := f.placeType(p)
		if t == nil {
			t = f.typeOf(p)
		}
		values[i] = f.l.convert(values[i], f.partType(x, i), t)
	}
	return values
}

// partType returns the type of the i-th value of a call with several results or of a comma-ok form.
func (f *fn) partType(x ast.Expr, i int) types.Type {
	switch t := f.typeOf(x).(type) {
	case *types.Tuple:
		return f.env.subst(t.At(i).Type())
	default:
		if i == 0 {
			return t
		}
		return types.Typ[types.Bool]
	}
}

// spread assigns values to places.
func (f *fn) spread(places, values []string) {
	for i, p := range places {
		f.set(p, values[i])
	}
}

// define writes x, y := values and var x, y = values.
func (f *fn) define(lhs []ast.Expr, rhs []ast.Expr) {
	values := make([]string, len(lhs))
	if len(rhs) == 1 && len(lhs) > 1 {
		values = f.parted(rhs[0], lhs)
	} else {
		for i, x := range rhs {
			t := f.placeType(lhs[i])
			if t == nil {
				t = f.typeOf(x)
			}
			values[i] = f.converted(x, t)
		}
		if len(lhs) > 1 {
			temps := f.temps(len(lhs))
			for _, i := range f.callsFirst(rhs) {
				t := f.placeType(lhs[i])
				if t == nil {
					t = f.typeOf(rhs[i])
				}
				f.line("var %[1]s %[2]s\n%[1]s = %[3]s", temps[i], f.l.typ(f.env, t), values[i])
				values[i] = temps[i]
			}
		}
	}
	for i, x := range lhs {
		id, ok := ast.Unparen(x).(*ast.Ident)
		if !ok || id.Name == "_" {
			f.line("_ = %s", values[i])
			continue
		}
		obj := f.info.Defs[id]
		if obj == nil {
			f.set(f.variable(f.info.Uses[id]), values[i])
		} else if name, ok := f.global(obj); ok {
			f.set(name, values[i])
		} else {
			if t := f.valueType(rhs, i); len(rhs) == len(lhs) && t != nil && types.Identical(t, f.env.subst(obj.Type())) && !types.IsInterface(t) {
				f.declareAs(obj, values[i])
			} else {
				f.declare(obj, values[i])
			}
		}
	}
	f.step(lhs)
}

// callsFirst returns the indices of list in the order in which the compiler computes it.
func (f *fn) callsFirst(list []ast.Expr) []int {
	var calls, others []int
	for i, x := range list {
		if call, ok := ast.Unparen(x).(*ast.CallExpr); f.runs(x) || ok && f.info.Types[call.Fun].IsBuiltin() {
			calls = append(calls, i)
		} else {
			others = append(others, i)
		}
	}
	return append(calls, others...)
}

// valueType returns the type of the i-th of the values rhs, of which one may be a call with several results.
func (f *fn) valueType(rhs []ast.Expr, i int) types.Type {
	if len(rhs) > 1 || i == 0 {
		if tup, ok := f.typeOf(rhs[min(i, len(rhs)-1)]).(*types.Tuple); ok {
			return tup.At(i).Type()
		}
		if f.isNil(rhs[i]) {
			return nil
		}
		return types.Default(f.typeOf(rhs[i]))
	}
	if tup, ok := f.typeOf(rhs[0]).(*types.Tuple); ok {
		return tup.At(i).Type()
	}
	return nil
}

// placeType returns the type of the variable that x defines or assigns, nil for the blank identifier.
func (f *fn) placeType(x ast.Expr) types.Type {
	if id, ok := x.(*ast.Ident); ok {
		if obj := f.info.ObjectOf(id); obj != nil {
			return f.env.subst(obj.Type())
		}
	}
	return nil
}

// step notes, for cells that fail half-way, that the notebook's variables in lhs have their values.
func (f *fn) step(lhs []ast.Expr) {
	if !f.top || f.up != nil {
		return
	}
	var names []string
	for _, x := range lhs {
		if id, ok := x.(*ast.Ident); ok {
			if obj := f.info.Defs[id]; obj != nil && f.isGlobal(obj) {
				names = append(names, id.Name)
			}
		}
	}
	if len(names) > 0 {
		f.l.prog.Steps = append(f.l.prog.Steps, strings.Join(names, ","))
		f.line("%s(%d)", f.l.gk("Step"), len(f.l.prog.Steps))
	}
}

// temps returns n new local names.
func (f *fn) temps(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = f.temp()
	}
	return out
}
