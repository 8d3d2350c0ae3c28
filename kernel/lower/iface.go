package lower

import (
	"fmt"
	"go/ast"
	"go/types"
)

// empty is the type any.
var empty = types.NewInterfaceType(nil, nil).Complete()

// convert returns text, of type from, as a value of type to, to which it may be assigned.
func (l *lowerer) convert(text string, from, to types.Type) string {
	if to == nil || !types.IsInterface(to) {
		return text
	}
	if b, ok := from.(*types.Basic); ok && b.Kind() == types.UntypedNil {
		return text
	}
	if types.IsInterface(from) {
		switch {
		case l.compiled(to):
			if types.Identical(from, to) {
				return text
			}
			return l.to(to) + "(" + text + ")"
		case l.compiled(from):
			return l.gk("Bare") + "(" + text + ")"
		}
		return text
	}
	from = types.Default(from)
	if !l.marked(from) {
		if l.lone(from) {
			l.refuseChoosing("a value of the type " + l.goName(from) + " in an interface")
		}
		if _, ok := from.Underlying().(*types.Signature); ok && !l.compiled(to) {
			return l.gk("Any") + "(" + text + ")"
		}
		return text
	}
	boxed := fmt.Sprintf("%s(%d, %s)", l.gk("Box"), l.describe(from), text)
	if l.compiled(to) {
		return l.to(to) + "(" + boxed + ")"
	}
	return boxed
}

// to returns the function that makes a value of what an interface holds a value of t, an interface type of compiled Go.
func (l *lowerer) to(t types.Type) string { return l.adapter("To", t) }

func (l *lowerer) adapter(prefix string, t types.Type) string {
	obj := types.Unalias(t).(*types.Named).Obj()
	switch {
	case obj.Pkg() == nil:
		return l.gk(prefix + "Error")
	case obj.Pkg().Path() == "main" && prefix == "To":
		return l.helper("to", t, fmt.Sprintf("func %%[1]s(x interface{}) (v %%[2]s) {\nif x == nil { return v }\nv = %s(x).(%%[2]s)\nreturn v\n}\n", l.gk("Bare")))
	case obj.Pkg().Path() == "main":
		return l.helper("try", t, fmt.Sprintf("func %%[1]s(x interface{}) (v %%[2]s, ok bool) {\nif x == nil { return v, false }\nv, ok = %s(x).(%%[2]s)\nreturn v, ok\n}\n", l.gk("Bare")))
	}
	return l.importing(obj.Pkg().Path()) + "." + prefix + "_" + obj.Name()
}

// converts reports whether convert changes the representation of a value.
func (l *lowerer) converts(from, to types.Type) bool {
	return l.convert("", from, to) != ""
}

// assertion returns a function that tries a type assertion.
func (f *fn) assertion(from, to types.Type) string {
	l := f.l
	source := l.typ(nil, from)
	suffix := l.suffix([]types.Type{from, to})
	head := "func %[1]s(x " + source + ") (v %[2]s, ok bool) {\n"
	switch {
	case l.compiled(to):
		return l.helper("is"+suffix, to, head+"return "+l.adapter("Try", to)+"(x)\n}\n")
	case types.IsInterface(to) && to.Underlying().(*types.Interface).NumMethods() == 0:
		return l.helper("is"+suffix, to, head+"if x == nil { return v, false }\nreturn "+l.convert("x", from, empty)+", true\n}\n")
	case types.IsInterface(to):
		return l.helper("is"+suffix, to, head+fmt.Sprintf("if %s(x, %d) { return %s, true }\nreturn v, false\n}\n",
			l.gk("Implements"), l.describe(to), l.convert("x", from, empty)))
	case l.marked(to):
		return l.helper("is"+suffix, to, head+fmt.Sprintf("if %s(x, %d) {\n%sreturn r, true\n}\nreturn v, false\n}\n",
			l.gk("Is"), l.describe(to), l.unboxed("r", to)))
	}
	if l.lone(to) {
		l.refuseChoosing("an assertion of the type " + l.goName(to))
	}
	if l.compiled(from) {
		return l.helper("is"+suffix, to, head+"if x == nil { return v, false }\nvar y interface{}\ny = "+l.gk("Bare")+"(x)\nv, ok = y.(%[2]s)\nreturn v, ok\n}\n")
	}
	return l.helper("is"+suffix, to, head+"if x == nil { return v, false }\nv, ok = x.(%[2]s)\nreturn v, ok\n}\n")
}

// asserted returns a type assertion that panics if it fails.
func (f *fn) asserted(x *ast.TypeAssertExpr) string {
	l := f.l
	from, to := f.typeOf(x.X), f.typeOf(x.Type)
	try := f.assertion(from, to)
	iface, compiled := 0, "nil"
	switch {
	case l.compiled(to):
		compiled = "(*" + l.typ(nil, to) + ")(nil)"
	case l.dispatched(to) && to.Underlying().(*types.Interface).NumMethods() > 0:
		iface = l.describe(to)
	}
	if types.IsInterface(to) && compiled == "nil" && iface == 0 {
		compiled = "(*interface{})(nil)"
	}
	must := l.helper("must"+l.suffix([]types.Type{from, to}), to, fmt.Sprintf("func %%[1]s(x %s) %%[2]s {\nv, ok := %s(x)\nif !ok {\n%s(x, %q, %q, %d, %s)\n}\nreturn v\n}\n",
		l.typ(nil, from), try, l.gk("Failed"), l.goName(from), l.goName(to), iface, compiled))
	return must + "(" + f.expr(x.X) + ")"
}

// same compares x and y, of which one is of an interface type.
func (f *fn) same(x, y ast.Expr) string {
	return f.l.gk("Same") + "(" + f.converted(x, empty) + ", " + f.converted(y, empty) + ")"
}

// spreads returns a call whose results are arguments of another one, such that they have the types of the parameters.
func (f *fn) spreads(text string, tup *types.Tuple, param func(i int) types.Type) string {
	changes := false
	for i := range tup.Len() {
		changes = changes || f.l.converts(tup.At(i).Type(), param(i))
	}
	if !changes {
		return text
	}
	l := f.l
	var formals, results, values string
	for i := range tup.Len() {
		if i > 0 {
			formals, results, values = formals+", ", results+", ", values+", "
		}
		p := fmt.Sprintf("p%d", i)
		formals += p + " " + l.typ(nil, tup.At(i).Type())
		results += l.typ(nil, param(i))
		values += l.convert(p, tup.At(i).Type(), param(i))
	}
	name := fmt.Sprintf("sp_%d", l.fresh())
	l.prog.Funcs[name] = f.name
	l.write("//line gokernel:1:1\nfunc %s(%s) (%s) {\nreturn %s\n}\n", name, formals, results, values)
	return name + "(" + text + ")"
}

// functionValue returns a named function as a value: the interpreter does not take the name for one everywhere.
func (f *fn) functionValue(name string, t types.Type) string {
	return f.l.helper("fv", t, "func %[1]s(v %[2]s) %[2]s { return v }\n") + "(" + name + ")"
}
