package native

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"gokernel/kernel/check"
)

func (w *writer) exprs(list []ast.Expr) string {
	parts := make([]string, len(list))
	for i, x := range list {
		parts[i] = w.expr(x)
	}
	return strings.Join(parts, ", ")
}

// expr writes an expression; types too.
func (w *writer) expr(x ast.Expr) string {
	at := ""
	switch x.(type) {
	case *ast.CallExpr, *ast.IndexExpr, *ast.SelectorExpr, *ast.StarExpr, *ast.UnaryExpr, *ast.BinaryExpr, *ast.TypeAssertExpr, *ast.Ident, *ast.SliceExpr:
		at = w.inline(x.Pos())
	}
	return at + w.bare(x)
}

func (w *writer) bare(x ast.Expr) string {
	switch x := x.(type) {
	case *ast.Ident:
		return w.ident(x)
	case *ast.BasicLit:
		return x.Value
	case *ast.ParenExpr:
		return "(" + w.expr(x.X) + ")"
	case *ast.BinaryExpr:
		return w.expr(x.X) + " " + x.Op.String() + " " + w.expr(x.Y)
	case *ast.UnaryExpr:
		if lit, ok := ast.Unparen(x.X).(*ast.CompositeLit); ok && x.Op == token.AND {
			return w.composite(lit, w.info.TypeOf(lit), true)
		}
		if x.Op == token.ARROW {
			return w.got(x)
		}
		return x.Op.String() + w.expr(x.X)
	case *ast.StarExpr:
		return "*" + w.expr(x.X)
	case *ast.CallExpr:
		return w.call(x)
	case *ast.FuncLit:
		text := "func" + w.signature(x.Type) + " " + w.body(x.Body, true)
		w.line = 0
		return text
	case *ast.CompositeLit:
		return w.composite(x, w.info.TypeOf(x), false)
	case *ast.SelectorExpr:
		return w.selector(x)
	case *ast.IndexExpr:
		return w.expr(x.X) + "[" + w.expr(x.Index) + "]"
	case *ast.IndexListExpr:
		return w.expr(x.X) + "[" + w.exprs(x.Indices) + "]"
	case *ast.SliceExpr:
		bound := func(e ast.Expr) string {
			if e == nil {
				return ""
			}
			return w.expr(e)
		}
		text := w.expr(x.X) + "[" + bound(x.Low) + ":" + bound(x.High)
		if x.Slice3 {
			text += ":" + bound(x.Max)
		}
		return text + "]"
	case *ast.TypeAssertExpr:
		if x.Type == nil {
			return w.expr(x.X) + ".(type)"
		}
		return w.expr(x.X) + ".(" + w.typeExpr(x.Type) + ")"
	case *ast.KeyValueExpr:
		return w.expr(x.Key) + ": " + w.expr(x.Value)
	}
	return w.typeExpr(x)
}

// ident writes a name: those of the notebook lead to where they live.
func (w *writer) ident(x *ast.Ident) string {
	obj := w.info.ObjectOf(x)
	if p, ok := obj.(*types.PkgName); ok {
		return w.importing(p.Imported().Path())
	}
	d := w.resolve(obj)
	if d == nil {
		return x.Name
	}
	switch d.Kind {
	case check.Const:
		w.add(d)
		return unitName(x.Name)
	case check.Type:
		return w.typeName(d)
	case check.Func:
		return w.funcRef(d)
	case check.Var:
		return w.variable(d)
	}
	return x.Name
}

// funcRef writes a function of the notebook. Generic ones are written into each unit that uses them.
func (w *writer) funcRef(d *check.Decl) string {
	u := w.engine.where[d.Emit]
	if w.own[d.Emit] || u == nil || d.Node.(*ast.FuncDecl).Type.TypeParams != nil {
		w.add(d)
		return funcName(d.Name)
	}
	return "(" + w.from(u) + "." + table + "{})." + Func + d.Name // in parentheses, for the head of an if
}

// variable writes a variable of the notebook: one of this unit, or what the worker has given it the address of.
func (w *writer) variable(d *check.Decl) string {
	if w.stored[d.Emit] != nil {
		return Store + d.Emit
	}
	if w.engine.where[d.Emit] == nil && reflected(d.Type, false) {
		panic(&unsupported{fmt.Sprintf("the variable %s was interpreted: until %s is run again, what uses it", d.Name, d.Where)})
	}
	w.vars[d.Emit] = d
	return "(*" + low + "p_" + d.Emit + ")"
}

func structOf(t types.Type) *types.Struct {
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	st, _ := t.Underlying().(*types.Struct)
	return st
}

// selector writes x.Sel: a name of a package, a field, or a method.
func (w *writer) selector(x *ast.SelectorExpr) string {
	sel := w.info.Selections[x]
	if sel == nil {
		return w.qualified(x)
	}
	if sel.Kind() != types.FieldVal {
		base := w.expr(x.X)
		if w.info.Types[x.X].IsType() {
			if _, ok := ast.Unparen(x.X).(*ast.Ident); !ok {
				base = "(" + base + ")"
			}
		}
		return base + "." + methodName(sel.Obj())
	}
	text, t := w.expr(x.X), w.info.TypeOf(x.X)
	hidden := false
	for at, i := t, 0; i < len(sel.Index()); i++ {
		f := structOf(at).Field(sel.Index()[i])
		hidden = hidden || !f.Exported() && w.foreign(at)
		at = f.Type()
	}
	if !hidden {
		return text + "." + x.Sel.Name
	}
	addressable := w.info.Types[x.X].Addressable()
	for _, i := range sel.Index() {
		f := structOf(t).Field(i)
		_, isPtr := t.Underlying().(*types.Pointer)
		switch {
		case f.Exported() || !w.foreign(t):
			text += "." + f.Name()
			addressable = addressable || isPtr
		default:
			text = "(*" + w.door(w.reference(text, t, isPtr || addressable), t, f.Name()) + ")"
			addressable = true
		}
		t = f.Type()
	}
	return text
}

// reference writes what door wants of an operand of type t.
func (w *writer) reference(text string, t types.Type, addressable bool) string {
	_, isPtr := t.Underlying().(*types.Pointer)
	_, isNamed := types.Unalias(t).(*types.Named)
	_, isShape := pointee(t).(*types.Struct)
	if n, ok := pointee(t).(*types.Named); ok && w.locals[n.Obj()] != nil {
		isShape = true // it has no methods either
	}
	switch {
	case isPtr && isNamed && !isShape:
		return "(*" + text + ")" // a pointer type with a name has no methods
	case isPtr:
		return text
	case !addressable:
		return low + "ptr(" + text + ")"
	case isShape:
		return "&" + text
	}
	return text
}

// qualified writes a name of another package, or the worker's function in its place.
func (w *writer) qualified(x *ast.SelectorExpr) string {
	obj := w.info.Uses[x.Sel]
	path := obj.Pkg().Path()
	if path == "os" && (obj.Name() == "Stdout" || obj.Name() == "Stderr") {
		w.importing("os")
		return w.hook(obj.Name(), "func() *"+alias("os")+".File") + "()"
	}
	if f, ok := obj.(*types.Func); ok && w.engine.hooked(path, obj.Name()) {
		return w.hook(path+"."+obj.Name(), w.typ(f.Signature()))
	}
	return w.importing(path) + "." + obj.Name()
}

// callee writes what a call calls.
func (w *writer) callee(x *ast.CallExpr) string {
	if w.info.Types[x.Fun].IsType() {
		text := w.typeExpr(x.Fun)
		if strings.HasPrefix(text, "*") || strings.HasPrefix(text, "<-") || strings.HasPrefix(text, "func") {
			text = "(" + text + ")"
		}
		return text
	}
	return w.expr(x.Fun)
}

// call writes a call; recover, printing and what needs the worker go through it.
func (w *writer) call(x *ast.CallExpr) string {
	if id, ok := ast.Unparen(x.Fun).(*ast.Ident); ok && w.info.Types[x.Fun].IsBuiltin() {
		switch id.Name {
		case "recover":
			return w.hook("Recovered", "func(any) any") + "(recover())"
		case "print", "println":
			key := map[string]string{"print": "Print", "println": "Println"}[id.Name]
			args := make([]string, len(x.Args))
			for i, a := range x.Args {
				args[i] = w.expr(a)
				if _, param := types.Unalias(w.info.TypeOf(a)).(*types.TypeParam); !param && types.IsInterface(w.info.TypeOf(a)) {
					args[i] = w.hook("Words", "func(any) string") + "(" + args[i] + ")"
				}
			}
			return w.hook(key, "func(...any)") + "(" + strings.Join(args, ", ") + ")"
		}
	}
	if sel, ok := ast.Unparen(x.Fun).(*ast.SelectorExpr); ok {
		if s := w.info.Selections[sel]; s != nil && s.Kind() == types.MethodVal {
			if text := w.replaced(sel, s, x); text != "" {
				return text
			}
		}
	}
	if w.info.Types[x.Fun].IsType() {
		if text := w.recast(x); text != "" {
			return text
		}
	}
	text := w.callee(x) + "(" + w.args(x)
	if x.Ellipsis.IsValid() {
		text += "..."
	}
	if w.makesChan(x) {
		return w.made(text + ")")
	}
	return text + ")"
}

// replaced writes a call of a method for which the worker has a function, "" if it has none.
func (w *writer) replaced(sel *ast.SelectorExpr, s *types.Selection, x *ast.CallExpr) string {
	m := s.Obj().(*types.Func)
	var key, at string
	if m.FullName() == "(*sync.WaitGroup).Go" {
		id, line, col := w.scope.Origin(x.Pos())
		key, at = "WaitGroupGo", fmt.Sprintf("%d, %d, ", packPosition(id, line), col)
	} else if key = w.engine.method(m.FullName()); key == "" {
		return ""
	}
	if len(s.Index()) != 1 {
		return ""
	}
	recv := w.expr(sel.X)
	if _, ok := s.Recv().Underlying().(*types.Pointer); !ok && !types.IsInterface(s.Recv()) {
		recv = "&" + recv
	}
	sig := m.Signature()
	typ := strings.Replace(w.typ(sig), "func(", "func("+map[bool]string{true: "int, int, "}[at != ""]+w.typ(sig.Recv().Type())+", ", 1)
	args := w.exprs(x.Args)
	if args != "" {
		args = ", " + args
	}
	if x.Ellipsis.IsValid() {
		args += "..."
	}
	return w.hook(key, typ) + "(" + at + recv + args + ")"
}

// composite writes a literal of type t, or its address.
func (w *writer) composite(x *ast.CompositeLit, t types.Type, addr bool) string {
	if p, ok := t.Underlying().(*types.Pointer); ok && x.Type == nil { // an element &T{} whose type is left out
		addr, t = true, p.Elem()
	}
	amp := ""
	if addr {
		amp = "&"
	}
	if st, ok := t.Underlying().(*types.Struct); ok && w.foreign(t) {
		if hasHidden(st) {
			return w.filled(x, t, st, addr)
		}
	}
	if x.Type == nil {
		return amp + w.typ(t) + "{" + w.elements(x, t) + "}"
	}
	return amp + w.typeExpr(x.Type) + "{" + w.elements(x, t) + "}"
}

// elements writes what stands in the braces of a literal.
func (w *writer) elements(x *ast.CompositeLit, t types.Type) string {
	_, isStruct := t.Underlying().(*types.Struct)
	var parts []string
	for _, e := range x.Elts {
		kv, ok := e.(*ast.KeyValueExpr)
		switch {
		case ok && isStruct:
			at := w.inline(kv.Pos())
			parts = append(parts, at+kv.Key.(*ast.Ident).Name+": "+w.expr(kv.Value))
		case ok:
			parts = append(parts, w.expr(kv.Key)+": "+w.expr(kv.Value))
		default:
			parts = append(parts, w.expr(e))
		}
	}
	return strings.Join(parts, ", ")
}

// filled writes a literal of a struct type of another unit as a function that sets its fields.
func (w *writer) filled(x *ast.CompositeLit, t types.Type, st *types.Struct, addr bool) string {
	var b strings.Builder
	typ := ""
	if x.Type != nil {
		typ = w.typeExpr(x.Type)
	} else {
		typ = w.typ(t)
	}
	v, ref := w.fresh(), t
	if addr {
		ref = types.NewPointer(t)
		fmt.Fprintf(&b, "func() *%s { %s := new(%s); ", typ, v, typ)
	} else {
		fmt.Fprintf(&b, "func() (%s %s) { ", v, typ)
	}
	for i, e := range x.Elts {
		name := st.Field(min(i, st.NumFields()-1)).Name()
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			name, e = kv.Key.(*ast.Ident).Name, kv.Value
		}
		if name == "_" {
			fmt.Fprintf(&b, "_ = %s; ", w.expr(e))
		} else if ast.IsExported(name) {
			fmt.Fprintf(&b, "%s.%s = %s; ", v, name, w.expr(e))
		} else {
			fmt.Fprintf(&b, "*%s = %s; ", w.door(w.reference(v, ref, true), ref, name), w.expr(e))
		}
	}
	fmt.Fprintf(&b, "return %s }()", v)
	return b.String()
}
