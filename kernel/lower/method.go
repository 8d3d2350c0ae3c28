package lower

import (
	"fmt"
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"gokernel/kernel/check"
	"gokernel/kernel/goroutine"
)

func packPosition(cell, line int) int { return goroutine.Pos(cell, line) }

// A method is a selected method, with its operand.
type method struct {
	f        *fn
	obj      *types.Func
	function string     // the plain function that it is, "" for dynamic and compiled methods
	ptrRecv  bool       // the receiver is a pointer
	base     types.Type // type of the operand behind embedded fields, without pointer
	isPtr    bool       // the operand is a pointer
	text     string     // the operand
	addr     string     // its address, if it is no pointer
}

// method resolves x.Name: the operand is followed through embedded fields to the type that declares the method.
func (f *fn) method(x *ast.SelectorExpr) *method {
	t := f.typeOf(x.X)
	obj, path, _ := types.LookupFieldOrMethod(t, true, f.pkg, x.Sel.Name)
	fun, ok := obj.(*types.Func)
	if !ok {
		f.refuse(x, "the method %s here", x.Sel.Name)
	}
	m := &method{f: f, obj: fun, text: f.expr(x.X)}
	if id, ok := ast.Unparen(x.X).(*ast.Ident); ok {
		if v, ok := f.info.ObjectOf(id).(*types.Var); ok {
			if _, global := f.global(v); !global && f.boxed(v) {
				m.addr = f.local(v)
			}
		}
	}
	for _, i := range path[:len(path)-1] {
		st := structOf(t)
		if f.l.concealed(st.Field(i)) {
			break
		}
		m.text = f.l.field(m.text, t, st.Field(i), fieldName(st, i))
		m.addr = ""
		t = st.Field(i).Type()
	}
	m.base = t
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		m.isPtr, m.base = true, p.Elem()
	} else if p, ok := t.Underlying().(*types.Pointer); ok {
		m.isPtr, m.base = true, p.Elem()
	}
	if m.addr == "" {
		m.addr = address(m.text)
	}
	if f.l.dispatched(m.base) {
		m.function = f.l.dispatch(m.base, fun)
		return m
	}
	_, m.ptrRecv = fun.Signature().Recv().Type().(*types.Pointer)
	if named, ok := types.Unalias(m.base).(*types.Named); ok && f.l.interpreted(named) {
		m.function = f.l.methodFunc(named, fun)
		if m.function == "" {
			f.refuse(x, "the method %s.%s", named.Obj().Name(), fun.Name())
		}
	}
	return m
}

// concealed reports whether only compiled code may name a field. Methods that are promoted through it can be called all the same.
func (l *lowerer) concealed(field *types.Var) bool {
	path := field.Pkg().Path()
	return !field.Exported() && path != "main" && l.engine.libraries[path] == nil
}

func structOf(t types.Type) *types.Struct {
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	st, _ := t.Underlying().(*types.Struct)
	return st
}

func fieldName(st *types.Struct, i int) string {
	if name := st.Field(i).Name(); name != "_" {
		return name
	}
	return fmt.Sprintf("blank%d", i)
}

// interpreted reports whether the methods of t are functions that this package writes out.
func (l *lowerer) interpreted(t *types.Named) bool {
	if t.Obj().Pkg() == nil || types.IsInterface(t) || l.compiledType(t) != nil {
		return false
	}
	return t.Obj().Pkg().Path() == "main" || l.libraryOf(t) != nil
}

// recv returns the operand as the receiver that the method declares.
func (m *method) recv() string {
	switch {
	case m.ptrRecv && !m.isPtr:
		return m.addr
	case !m.ptrRecv && m.isPtr:
		return "(*" + m.text + ")"
	}
	return m.text
}

func (m *method) recvType() types.Type {
	if m.ptrRecv {
		return types.NewPointer(m.base)
	}
	return m.base
}

func (m *method) pointer() string {
	if m.isPtr {
		return m.text
	}
	return m.addr
}

// operand returns what a compiled method is called on: a pointer wherever the method wants one.
func (m *method) operand() string {
	if types.IsInterface(m.base) {
		return m.text
	}
	if m.ptrRecv && !m.isPtr {
		return paren(m.addr)
	}
	if m.isPtr && !m.ptrRecv {
		return "(*" + m.text + ")" // nil fails here, as in the reader's call
	}
	return m.text
}

func (m *method) operandType() types.Type {
	if m.ptrRecv && !types.IsInterface(m.base) {
		return types.NewPointer(m.base)
	}
	return m.base
}

// bound returns what a compiled method is called on later, as it is now, and its type. Nil fails now.
func (f *fn) bound(m *method) (string, types.Type) {
	switch {
	case types.IsInterface(m.base):
		check := fmt.Sprintf("there_%d", f.l.fresh())
		typ := f.l.typ(nil, m.base)
		f.l.write("func %s(r %s) %s {\nif r == nil {\n%s()\n}\nreturn r\n}\n", check, typ, typ, f.l.gk("NilDereference"))
		return check + "(" + m.text + ")", m.base
	case m.isPtr && !m.ptrRecv:
		return "*" + paren(m.text), m.base
	}
	return m.operand(), m.operandType()
}

// methodFunc returns the plain function of a method of a type of the notebook, "" if it has no live declaration.
func (l *lowerer) methodFunc(t *types.Named, m *types.Func) string {
	if lib := l.libraryOf(t); lib != nil {
		return l.libraryFunc(lib, t.Obj().Name()+"."+m.Name(), slices.Collect(t.TypeArgs().Types()))
	}
	d := l.scope.Lookup(t.Obj().Name() + "." + m.Name())
	if d == nil {
		return ""
	}
	if t.TypeArgs().Len() == 0 {
		return d.Emit
	}
	name := d.Emit + l.argsSuffix(t.TypeArgs())
	if l.first(name) {
		l.queue = append(l.queue, func() { l.instantiateMethod(d, t, name) })
	}
	return name
}

// method defines a method of a type without type parameters, as a plain function.
func (l *lowerer) method(d *check.Decl) {
	node := d.Node.(*ast.FuncDecl)
	obj, ok := l.cell.BodyInfo.Defs[node.Name].(*types.Func)
	if !ok {
		return
	}
	recv := obj.Signature().Recv().Type()
	ptr := ""
	if p, ok := recv.(*types.Pointer); ok {
		ptr, recv = "*", p.Elem()
	}
	named, ok := recv.(*types.Named)
	if !ok || named.TypeParams().Len() > 0 {
		return
	}
	readers := named.Obj().Name() + "." + obj.Name()
	if ptr != "" {
		readers = "(*" + named.Obj().Name() + ")." + obj.Name()
	}
	l.function(l.cell.BodyInfo, l.cell.BodyPkg, node, nil, d.Emit, readers)
}

// formals returns a signature's parameters as types, as declarations, and as arguments of a call that passes them on.
func (l *lowerer) formals(sig *types.Signature) (typs, params, names string) {
	var a, b, c []string
	for i := range sig.Params().Len() {
		t := l.typ(nil, sig.Params().At(i).Type())
		name := fmt.Sprintf("p%d", i)
		arg := name
		if sig.Variadic() && i == sig.Params().Len()-1 {
			t = "..." + strings.TrimPrefix(t, "[]")
			arg += "..."
		}
		a, b, c = append(a, t), append(b, name+" "+t), append(c, arg)
	}
	return strings.Join(a, ", "), strings.Join(b, ", "), strings.Join(c, ", ")
}

// selector returns x.Sel: a name of a package, a field or a method that is not called.
func (f *fn) selector(x *ast.SelectorExpr) string {
	sel := f.info.Selections[x]
	if sel == nil {
		return f.qualified(x)
	}
	switch sel.Kind() {
	case types.FieldVal:
		return f.fields(x, f.expr(x.X))
	case types.MethodVal:
		return f.methodValue(x)
	}
	return f.methodExpr(x)
}

// fields returns the field that x selects of operand, through embedded fields.
func (f *fn) fields(x *ast.SelectorExpr, operand string) string {
	t := f.typeOf(x.X)
	_, path, _ := types.LookupFieldOrMethod(t, true, f.pkg, x.Sel.Name)
	for _, i := range path {
		st := structOf(t)
		operand = f.l.field(operand, t, st.Field(i), fieldName(st, i))
		t = st.Field(i).Type()
	}
	return operand
}

// qualified returns a name of another package.
func (f *fn) qualified(x *ast.SelectorExpr) string {
	obj := f.info.Uses[x.Sel]
	path := obj.Pkg().Path()
	if path == "runtime" && obj.Name() == "MemProfileRate" {
		f.refuse(x, "runtime.MemProfileRate")
	}
	if path == "os" && (obj.Name() == "Stdout" || obj.Name() == "Stderr") {
		return f.l.gk(obj.Name()) + "()"
	}
	if inst, ok := f.info.Instances[x.Sel]; ok {
		return f.l.instance(f, x.Sel, obj.(*types.Func), inst)
	}
	return f.l.importing(path) + "." + obj.Name()
}

// methodValue returns x.M as a function that holds its receiver.
func (f *fn) methodValue(x *ast.SelectorExpr) string {
	m := f.method(x)
	sig := f.typeOf(x).(*types.Signature)
	var recv, call string
	var recvType types.Type
	switch {
	case f.l.dispatched(m.base):
		recv, recvType, call = f.l.gk("NotNil")+"("+m.recv()+")", m.recvType(), m.function
	case m.function != "":
		recv, recvType, call = m.recv(), m.recvType(), m.function
	default:
		recv, recvType = f.bound(m)
		call = "r." + f.l.methodName(m.obj)
	}
	_, params, names := f.l.formals(sig)
	if m.function != "" {
		names = joinNonEmpty("r", names)
	}
	ret := ""
	if sig.Results().Len() > 0 {
		ret = "return "
	}
	maker := f.maker(f.name)
	types, _, _ := f.l.formals(sig)
	results := f.l.results(sig.Results())
	f.l.write("func %s(r %s) func(%s) %s {\nreturn func(%s) %s {\n%s%s(%s)\n}\n}\n", maker, f.l.typ(nil, recvType), types, results, params, results, ret, call, names)
	return maker + "(" + recv + ")"
}

// methodExpr returns T.M as a function whose first parameter is the receiver.
func (f *fn) methodExpr(x *ast.SelectorExpr) string {
	sig := f.typeOf(x).(*types.Signature)
	recv := sig.Params().At(0).Type()
	_, params, names := f.l.formals(sig)
	_, rest, _ := strings.Cut(names, ", ")
	s := types.NewMethodSet(recv).Lookup(f.pkg, x.Sel.Name)
	if s == nil {
		f.refuse(x, "the method expression %s", types.ExprString(x))
	}
	call := f.l.invoke(recv, "p0", s, rest)
	if call == "" {
		f.refuse(x, "the method expression %s", types.ExprString(x))
	}
	ret := ""
	if sig.Results().Len() > 0 {
		ret = "return "
	}
	name := f.maker(f.name)
	f.l.write("func %s(%s) %s {\n%s%s\n}\n", name, params, f.l.results(sig.Results()), ret, call)
	return f.functionValue(name, sig)
}
