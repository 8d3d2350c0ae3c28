package lower

import (
	"fmt"
	"go/ast"
	"go/types"
	"hash/fnv"
	"strings"
)

// builtin takes apart a call of a predeclared function.
func (f *fn) builtin(x *ast.CallExpr, fun ast.Expr) *callParts {
	name := ""
	switch fun := fun.(type) {
	case *ast.Ident:
		name = fun.Name
	case *ast.SelectorExpr:
		name = fun.Sel.Name
		f.refuse(x, "unsafe.%s", name)
	}
	c := &callParts{}
	plain := func(names []string) string { return name + "(" + f.spreadArgs(x, names) + ")" }
	switch name {
	case "append":
		s := f.typeOf(x)
		c.add(f.converted(x.Args[0], s), s)
		elem := s.Underlying().(*types.Slice).Elem()
		for i, a := range x.Args[1:] {
			if i > 0 && reads(a) { // the interpreter would read it when it has stored those before
				c.add(f.as(f.converted(a, elem), elem, elem), elem)
				continue
			}
			if x.Ellipsis.IsValid() {
				c.add(f.expr(a), types.Default(f.typeOf(a)))
			} else {
				c.add(f.converted(a, elem), elem)
			}
		}
	case "make", "new":
		t := f.typeOf(x.Args[0])
		if name == "new" && !f.info.Types[x.Args[0]].IsType() {
			t = types.Default(t)
			c.add(f.converted(x.Args[0], t), t)
			h := f.l.helper("newof", t, "func %[1]s(v %[2]s) *%[2]s {\np := new(%[2]s)\n*p = v\nreturn p\n}\n")
			c.build = func(names []string) string { return h + "(" + names[0] + ")" }
			return c
		}
		for _, a := range x.Args[1:] {
			c.add(f.operand(a), f.typeOf(a))
		}
		if ch, ok := t.Underlying().(*types.Chan); ok && ch.Dir() != types.SendRecv {
			h := f.l.helper("makechan", t, "func %[1]s(n int) %[2]s {\nreturn make(chan "+f.l.typ(nil, ch.Elem())+", n)\n}\n")
			c.build = func(names []string) string { return h + "(" + strings.Join(append(names, "0")[:1], "") + ")" }
			return c
		}
		plain = func(names []string) string {
			return name + "(" + joinNonEmpty(append([]string{f.l.typ(nil, t)}, names...)...) + ")"
		}
	case "delete":
		m := f.typeOf(x.Args[0])
		c.add(f.expr(x.Args[0]), m)
		key := f.typeOf(x.Args[1])
		if u, ok := m.Underlying().(*types.Map); ok {
			key = u.Key()
		}
		c.add(f.key(x.Args[1], key), key)
	case "panic":
		c.add(f.converted(x.Args[0], empty), empty)
	case "print", "println":
		for _, a := range x.Args {
			if types.IsInterface(f.typeOf(a)) {
				c.add(f.l.gk("Words")+"("+f.expr(a)+")", types.Typ[types.String])
				continue
			}
			c.add(f.expr(a), types.Default(f.typeOf(a)))
		}
		plain = func(names []string) string {
			return f.l.gk(printers[name]) + "(" + strings.Join(names, ", ") + ")"
		}
	case "recover":
		plain = func([]string) string { return f.l.gk("Recover") + "()" }
	case "min", "max":
		t := f.typeOf(x)
		op := map[string]string{"min": "<", "max": ">"}[name]
		h := f.l.helper(name, types.Default(t), "func %[1]s(a, b %[2]s) %[2]s {\nif a != a { return a }\nif b != b { return b }\nif a "+op+" b { return a }\nreturn b\n}\n")
		for _, a := range x.Args {
			c.add(f.converted(a, types.Default(t)), types.Default(t))
		}
		plain = func(names []string) string {
			text := names[0]
			for _, n := range names[1:] {
				text = h + "(" + text + ", " + n + ")"
			}
			return text
		}
	case "clear":
		t := f.typeOf(x.Args[0])
		c.add(f.expr(x.Args[0]), t)
		if _, ok := t.Underlying().(*types.Map); ok {
			plain = func(names []string) string { return f.l.gk("Clear") + "(" + names[0] + ")" }
			break
		}
		body := "func %[1]s(s %[2]s) {\nfor i := range s {\nvar zero %[3]s\ns[i] = zero\n}\n}\n"
		elem := t
		if u, ok := t.Underlying().(*types.Slice); ok {
			elem = u.Elem()
		}
		h := f.l.helper("clear", t, strings.ReplaceAll(body, "%[3]s", f.l.typ(nil, elem)))
		plain = func(names []string) string { return h + "(" + names[0] + ")" }
	case "len", "cap":
		t := f.typeOf(x.Args[0])
		c.add(f.expr(x.Args[0]), t)
		if p, ok := t.Underlying().(*types.Pointer); ok { // it may be nil
			if a, ok := p.Elem().Underlying().(*types.Array); ok {
				h := f.l.helper("len", t, fmt.Sprintf("func %%[1]s(p %%[2]s) int {\nreturn %d\n}\n", a.Len()))
				plain = func(names []string) string { return h + "(" + names[0] + ")" }
			}
		}
	default:
		for _, a := range x.Args {
			c.add(f.expr(a), types.Default(f.typeOf(a)))
		}
	}
	c.build = plain
	return c
}

// argTuple returns the types of a call's arguments, if they are the results of another call.
func (f *fn) argTuple(x *ast.CallExpr) (*types.Tuple, bool) {
	if len(x.Args) != 1 {
		return nil, false
	}
	tup, ok := f.typeOf(x.Args[0]).(*types.Tuple)
	return tup, ok
}

// builtinOf takes apart a call of a predeclared function whose arguments are the results of another call.
func (f *fn) builtinOf(x *ast.CallExpr, name string, tup *types.Tuple) *callParts {
	c := &callParts{}
	c.add(f.expr(x.Args[0]), tup)
	var params, names []string
	for i := range tup.Len() {
		p := fmt.Sprintf("p%d", i)
		params, names = append(params, p+" "+f.l.typ(nil, tup.At(i).Type())), append(names, p)
	}
	result, ret := "", ""
	if f.info.Types[x].IsValue() {
		result, ret = f.l.typ(nil, f.typeOf(x)), "return "
	}
	switch name {
	case "print", "println":
		name = f.l.gk(printers[name])
	case "copy", "delete", "complex":
	default:
		f.refuse(x, "%s of a call with several results", name)
	}
	h := fmt.Sprintf("bt_%d", f.l.fresh())
	f.l.write("//line gokernel:1:1\nfunc %s(%s) %s {\n%s%s(%s)\n}\n", h, strings.Join(params, ", "), result, ret, name, strings.Join(names, ", "))
	c.build = func(args []string) string { return h + "(" + strings.Join(args, ", ") + ")" }
	return c
}

// printers has the runtime's functions for the predeclared ones that print.
var printers = map[string]string{"print": "Print", "println": "Println"}

// reads reports whether x is a part of what could change.
func reads(x ast.Expr) bool {
	switch ast.Unparen(x).(type) {
	case *ast.IndexExpr, *ast.StarExpr, *ast.SelectorExpr:
		return true
	}
	return false
}

// helper defines a function for type t once and returns its name; text is a format of the name and the type.
func (l *lowerer) helper(what string, t types.Type, text string) string {
	typ := l.typ(nil, t)
	h := fnv.New64a()
	h.Write([]byte(typ))
	name := fmt.Sprintf("%s_h%x", what, h.Sum64())
	if l.first(name) {
		l.write(text, name, typ)
	}
	return name
}
