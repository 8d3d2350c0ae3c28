package lower

import (
	"fmt"
	"go/types"
	"hash/fnv"
	"reflect"
	"strings"
)

// A Type describes a type to the runtime package, in the JSON of dynamic.Desc.
type Type struct {
	ID           int          `json:"id"`
	Name         string       `json:"name"`
	Kind         reflect.Kind `json:"kind"`
	Named        bool         `json:"named,omitempty"`
	Uncomparable bool         `json:"uncomparable,omitempty"`
	Elem         int          `json:"elem,omitempty"`
	Key          int          `json:"key,omitempty"`
	Fields       []Field      `json:"fields,omitempty"`
	Methods      []Method     `json:"methods,omitempty"`
}

// A Field describes a field of a struct type.
type Field struct {
	Name     string `json:"name"`
	Type     int    `json:"type,omitempty"`
	Tag      string `json:"tag,omitempty"`
	Exported bool   `json:"exported,omitempty"`
	Embedded bool   `json:"embedded,omitempty"`
}

// A Method describes a method by name and signature.
type Method struct {
	Name      string `json:"name"`
	Signature string `json:"sig"`
}

// kinds leads from go/types to reflect.
var kinds = map[types.BasicKind]reflect.Kind{
	types.Bool: reflect.Bool, types.Int: reflect.Int, types.Int8: reflect.Int8, types.Int16: reflect.Int16,
	types.Int32: reflect.Int32, types.Int64: reflect.Int64, types.Uint: reflect.Uint, types.Uint8: reflect.Uint8,
	types.Uint16: reflect.Uint16, types.Uint32: reflect.Uint32, types.Uint64: reflect.Uint64, types.Uintptr: reflect.Uintptr,
	types.Float32: reflect.Float32, types.Float64: reflect.Float64, types.Complex64: reflect.Complex64,
	types.Complex128: reflect.Complex128, types.String: reflect.String, types.UnsafePointer: reflect.UnsafePointer,
}

// typeID returns the number of a type in the notebook.
func (l *lowerer) typeID(t types.Type) int {
	name := l.identity(t)
	id, ok := l.engine.types[name]
	if !ok {
		id = len(l.engine.types) + 1
		l.engine.types[name] = id
	}
	return id
}

// describe makes a marked type known to the runtime package and returns its number, 0 if the type is not marked.
func (l *lowerer) describe(t types.Type) int {
	t = types.Unalias(t)
	if !l.marked(t) {
		return 0
	}
	if n, ok := t.(*types.Named); ok && inGeneric(n.Obj()) {
		panic(l.unsupported(n.Obj().Pos(), "a value of a type declared in generic code, in an interface,"))
	}
	id := l.typeID(t)
	if name := l.identity(t); l.described[name] {
		return id
	} else {
		l.described[name] = true
	}
	if nameless(t, true) {
		l.refuseChoosing("a value of the type " + l.goName(t) + " in an interface")
	}
	l.boxed = append(l.boxed, t)
	methods := l.methodsOf(t)
	h := fnv.New32a()
	fmt.Fprint(h, methods)
	if !l.first(fmt.Sprintf("type %d %x", id, h.Sum32())) {
		return id
	}
	d := &Type{ID: id, Name: l.goName(t), Uncomparable: !types.Comparable(t), Methods: methods}
	_, d.Named = t.(*types.Named)
	switch u := t.Underlying().(type) {
	case *types.Basic:
		d.Kind = kinds[u.Kind()]
	case *types.Pointer:
		d.Kind, d.Elem = reflect.Pointer, l.describe(u.Elem())
	case *types.Slice:
		d.Kind, d.Elem = reflect.Slice, l.describe(u.Elem())
	case *types.Array:
		d.Kind, d.Elem = reflect.Array, l.describe(u.Elem())
	case *types.Chan:
		d.Kind = reflect.Chan
	case *types.Map:
		d.Kind, d.Key, d.Elem = reflect.Map, l.describe(u.Key()), l.describe(u.Elem())
	case *types.Signature:
		d.Kind = reflect.Func
	case *types.Interface:
		d.Kind = reflect.Interface
	case *types.Struct:
		d.Kind = reflect.Struct
		for i := range u.NumFields() {
			f := u.Field(i)
			d.Fields = append(d.Fields, Field{Name: f.Name(), Type: l.describe(f.Type()), Tag: u.Tag(i), Exported: f.Exported(), Embedded: f.Embedded()})
		}
	}
	l.prog.Types = append(l.prog.Types, *d)
	if _, ok := t.(*types.Named); ok && !types.IsInterface(t) {
		// Package json looks for these in what a pointer refers to.
		set := types.NewMethodSet(types.NewPointer(t))
		if set.Lookup(nil, "UnmarshalJSON") != nil || set.Lookup(nil, "UnmarshalText") != nil {
			l.describe(types.NewPointer(t))
		}
	}
	return id
}

// inGeneric reports whether a type is declared in a generic function: each instance has one of its own.
func inGeneric(obj *types.TypeName) bool {
	if obj.Pkg() == nil || obj.Parent() == obj.Pkg().Scope() {
		return false
	}
	for s := obj.Parent(); s != nil && s != obj.Pkg().Scope(); s = s.Parent() {
		for _, name := range s.Names() {
			if t, ok := s.Lookup(name).(*types.TypeName); ok {
				if _, ok := t.Type().(*types.TypeParam); ok {
					return true
				}
			}
		}
	}
	return false
}

// methodsOf lists the method set of t.
func (l *lowerer) methodsOf(t types.Type) []Method {
	var out []Method
	for s := range types.NewMethodSet(t).Methods() {
		if !callable(s.Obj()) {
			continue
		}
		out = append(out, Method{s.Obj().Name(), l.goName(s.Type())})
	}
	return out
}

// callable reports whether a method is not one that other packages keep to themselves.
func callable(m types.Object) bool {
	return m.Exported() || m.Pkg() == nil || m.Pkg().Path() == "main"
}

// adapt gives the types that enter interfaces their methods, as functions of a boxed receiver.
func (l *lowerer) adapt(t types.Type) {
	if types.IsInterface(t) {
		return
	}
	id := l.typeID(t)
	for s := range types.NewMethodSet(t).Methods() {
		if !callable(s.Obj()) {
			continue
		}
		sig := s.Type().(*types.Signature)
		_, params, names := l.formals(sig)
		call := l.invoke(t, "r", s, names)
		if call == "" || !l.first(fmt.Sprintf("method %d %s %s", id, s.Obj().Name(), call)) {
			continue
		}
		name := fmt.Sprintf("ad_%d", l.fresh())
		l.prog.Funcs[name] = s.Obj().Name()
		ret := ""
		if sig.Results().Len() > 0 {
			ret = "return "
		}
		l.write("//line gokernel:1:1\nfunc %s(%s) %s {\n%s%s%s\n}\n", name, joinNonEmpty("x interface{}", params),
			l.results(sig.Results()), l.unboxed("r", t), ret, call)
		l.register = append(l.register, fmt.Sprintf("%s(%d, %q, %s)", l.gk("Method"), id, s.Obj().Name(), name))
	}
}

// unboxed returns statements that define name as what x, an interface, holds of type t. The interpreter asserts the type of a
// variable only as it should.
func (l *lowerer) unboxed(name string, t types.Type) string {
	return fmt.Sprintf("var y interface{}\ny = %s(x)\n%s := y.(%s)\n", l.gk("Raw"), name, l.typ(nil, t))
}

// invoke returns the call of a method of the variable recv of type t, "" if the method has no live declaration.
func (l *lowerer) invoke(t types.Type, recv string, s *types.Selection, args string) string {
	m := s.Obj().(*types.Func)
	path, at := recv, t
	for _, i := range s.Index()[:len(s.Index())-1] {
		st := structOf(at)
		if l.concealed(st.Field(i)) {
			break
		}
		path = l.field(path, at, st.Field(i), fieldName(st, i))
		at = st.Field(i).Type()
	}
	base, isPtr := types.Unalias(at), false
	if p, ok := base.Underlying().(*types.Pointer); ok {
		if _, named := base.(*types.Named); !named {
			base, isPtr = types.Unalias(p.Elem()), true
		}
	}
	if l.dispatched(base) {
		return l.dispatch(base, m) + "(" + joinNonEmpty(path, args) + ")"
	}
	named, ok := base.(*types.Named)
	if !ok || !l.interpreted(named) {
		return path + "." + l.methodName(m) + "(" + args + ")"
	}
	function := l.methodFunc(named, m)
	if function == "" {
		return ""
	}
	_, ptrRecv := m.Signature().Recv().Type().(*types.Pointer)
	switch {
	case ptrRecv && !isPtr:
		path = "&" + path
	case !ptrRecv && isPtr:
		if len(s.Index()) > 1 {
			path = "(*" + path + ")"
			break
		}
		name := named.Obj().Name()
		path = l.helper("receiver", named, fmt.Sprintf("func %%[1]s(p *%%[2]s, m string) %%[2]s {\nif p == nil {\n%s(m, %q)\n}\nreturn *p\n}\n", l.gk("NilReceiver"), name)) +
			fmt.Sprintf("(%s, %q)", path, "main."+name+"."+m.Name())
	}
	return function + "(" + joinNonEmpty(path, args) + ")"
}

// dispatched reports whether methods of an interface type are found by the front end: those of compiled Go are not.
func (l *lowerer) dispatched(t types.Type) bool { return types.IsInterface(t) && !l.compiled(t) }

// compiled reports whether t is an interface type of compiled Go that has methods.
func (l *lowerer) compiled(t types.Type) bool {
	n, ok := types.Unalias(t).(*types.Named)
	if !ok || !types.IsInterface(n) || n.TypeArgs().Len() > 0 || n.Underlying().(*types.Interface).NumMethods() == 0 {
		return false
	}
	obj := n.Obj()
	return obj.Pkg() == nil || obj.Pkg().Path() != "main" && obj.Exported() || l.compiledType(n) != nil
}

// dispatch returns the function that calls a method of an interface type through whatever the interface holds.
func (l *lowerer) dispatch(iface types.Type, m *types.Func) string {
	sig := m.Signature()
	for o := range iface.Underlying().(*types.Interface).Methods() {
		if o.Name() == m.Name() {
			sig = o.Signature() // of the instance
		}
	}
	key := m.Name() + l.goName(sig)
	d := l.dispatchers[key]
	if d == nil {
		d = &dispatcher{name: fmt.Sprintf("ic_%d_%s", l.fresh(), m.Name()), method: m.Name(), sig: sig}
		l.dispatchers[key] = d
		l.dispatchOrder = append(l.dispatchOrder, d)
		l.prog.Funcs[d.name] = m.Name()
	}
	return d.name
}

// A dispatcher is a function that calls a method of the dynamic type of its first argument.
type dispatcher struct {
	name, method string
	sig          *types.Signature
}

// maxDirect is how many types a dispatcher tells apart by itself.
const maxDirect = 12

// writeDispatcher writes d, which calls the methods of the types known by now directly.
func (l *lowerer) writeDispatcher(d *dispatcher) {
	typs, params, names := l.formals(d.sig)
	results := l.results(d.sig.Results())
	ret, end := "", "\nreturn"
	if d.sig.Results().Len() > 0 {
		ret, end = "return ", ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "//line gokernel:1:1\nfunc %s(%s) %s {\nn := %s(x)\n", d.name, joinNonEmpty("x interface{}", params), results, l.gk("Dispatch"))
	direct := 0
	want := l.goName(d.sig)
	for _, t := range l.boxed {
		if types.IsInterface(t) || direct == maxDirect {
			continue
		}
		for s := range types.NewMethodSet(t).Methods() {
			if s.Obj().Name() != d.method || l.goName(s.Type()) != want {
				continue
			}
			if call := l.invoke(t, "r", s, names); call != "" {
				direct++
				fmt.Fprintf(&b, "if n == %d {\n%s%s%s%s\n}\n", l.typeID(t), l.unboxed("r", t), ret, call, end)
			}
		}
	}
	fmt.Fprintf(&b, "if n == 0 {\n%s%s(x, %q).(func(%s) %s)(%s)%s\n}\n", ret, l.gk("Find"), d.method, typs, results, names, end)
	fmt.Fprintf(&b, "%s%s(x, %q).(func(%s) %s)(%s)\n}\n", ret, l.gk("Find"), d.method, joinNonEmpty("interface{}", typs), results, joinNonEmpty("x", names))
	l.write("%s", b.String())
}
