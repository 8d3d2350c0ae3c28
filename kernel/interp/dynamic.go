package interp

import (
	"fmt"
	"reflect"
	"unsafe"
)

// valueInterfaceType is yaegi's, of valueInterface.
//
//go:linkname valueInterfaceType github.com/traefik/yaegi/interp.valueInterfaceType
var valueInterfaceType reflect.Type

// genInterfaceWrapper is yaegi's: it returns a function that makes a value of compiled code, which implements an interface
// by the methods of the interpreted type of a node.
//
//go:linkname genInterfaceWrapper github.com/traefik/yaegi/interp.genInterfaceWrapper
func genInterfaceWrapper(node unsafe.Pointer, typ reflect.Type) func(frame unsafe.Pointer) reflect.Value

// lookupMethod is yaegi's: it returns the declaration of a method of a type, or nil.
//
//go:linkname lookupMethod github.com/traefik/yaegi/interp.(*itype).lookupMethod
func lookupMethod(typ unsafe.Pointer, name string) (node unsafe.Pointer, index []int)

// valueInterface has the layout of yaegi's type of that name, in which it keeps values of interface types. The node, whose
// type is that of the value, is what tells an interpreted type from others of the same shape.
type valueInterface struct {
	node  unsafe.Pointer
	value reflect.Value
}

// methods is yaegi's: it returns the names of the methods of a type, with their signatures.
//
//go:linkname methods github.com/traefik/yaegi/interp.(*itype).methods
func methods(typ unsafe.Pointer) map[string]string

// dynamic returns v, the value of a node, as yaegi keeps it in an interface; but bare if its type has no methods that only
// the interpreter knows.
func (m *machine) dynamic(node unsafe.Pointer, v reflect.Value) any {
	if inner, ok := asDynamic(value(v)); ok {
		if inner.node == nil || !inner.value.IsValid() {
			return unwrap(value(v), false)
		}
		return m.dynamic(inner.node, inner.value)
	}
	typ := *in[unsafe.Pointer](node, m.at.typ)
	if typ == nil || !v.IsValid() || v.Kind() == reflect.Interface || v.Type().NumMethod() > 0 || len(methods(typ)) == 0 {
		return value(v)
	}
	p := reflect.New(valueInterfaceType)
	*(*valueInterface)(p.UnsafePointer()) = valueInterface{m.constant(node, v), v}
	return p.Elem().Interface()
}

// Dyn converts v to an interface. Compiled code cannot: it is there for the front end to name, and calls of it are
// replaced by dyn.
func Dyn(v any) any { return v }

// dyn returns what executes a call of Dyn at a node, which yaegi has made exec for: the value keeps the methods of its type
// wherever it goes. yaegi forgets them in conversions of pointers, arguments and results, and looks for the value of others
// in the wrong frame.
func (m *machine) dyn(exec bltn, call, arg unsafe.Pointer) bltn {
	result, of := genValue(call), genValue(arg)
	// yaegi takes off what it has wrapped from results that are arguments of compiled functions.
	prints := m.printsArgs(*in[unsafe.Pointer](call, m.at.anc))
	return func(frame unsafe.Pointer) bltn {
		next := exec(frame)
		// A copy, as of every value in an interface.
		v := of(frame)
		if v.IsValid() && v.CanAddr() {
			c := reflect.New(v.Type()).Elem()
			c.Set(v)
			v = c
		}
		if d := m.dynamic(arg, v); d != nil && reflect.TypeOf(d) == valueInterfaceType {
			if prints {
				d = boxed{d}
			}
			result(frame).Set(reflect.ValueOf(d))
		}
		return next
	}
}

// boxed is a value as yaegi keeps it in an interface, for the functions of printers only.
type boxed struct{ v any }

// printsArgs reports whether a node calls a function of package fmt or log.
func (m *machine) printsArgs(n unsafe.Pointer) bool {
	if n == nil || *in[uint](n, m.at.action) != m.call {
		return false
	}
	children := *in[[]unsafe.Pointer](n, m.at.child)
	selected := *in[[]unsafe.Pointer](children[0], m.at.child)
	if len(selected) != 2 {
		return false
	}
	name := *in[string](selected[0], m.at.ident)
	return name == "p_fmt" || name == "p_log"
}

// isDyn reports whether a node calls Dyn.
func (m *machine) isDyn(n unsafe.Pointer, children []unsafe.Pointer) bool {
	if len(children) != 2 || *in[uint](n, m.at.action) != m.call {
		return false
	}
	// The package is known by an alias, see Program.Imports.
	selected := *in[[]unsafe.Pointer](children[0], m.at.child)
	return len(selected) == 2 && *in[string](selected[1], m.at.ident) == "Dyn" && *in[string](selected[0], m.at.ident) == "p_gk"
}

// rebound returns v such that it can be used in another function than that which it comes from.
func (m *machine) rebound(v any) any {
	if d, ok := asDynamic(v); ok {
		if d.node == nil || !d.value.IsValid() {
			return unwrap(v, false)
		}
		return m.dynamic(d.node, d.value)
	}
	return v
}

// constant returns a node of the type of another one whose value is v in any frame: yaegi, when it looks for methods,
// evaluates nodes again in the frame of whoever asks.
func (m *machine) constant(node unsafe.Pointer, v reflect.Value) unsafe.Pointer {
	c := reflect.New(m.node)
	c.Elem().Set(reflect.NewAt(m.node, node).Elem())
	*in[uint](c.UnsafePointer(), m.at.kind) = m.literal
	*in[reflect.Value](c.UnsafePointer(), m.at.rval) = v
	return c.UnsafePointer()
}

// asDynamic returns what yaegi keeps in an interface, if v is that.
func asDynamic(v any) (valueInterface, bool) {
	if v == nil || reflect.TypeOf(v) != valueInterfaceType {
		return valueInterface{}, false
	}
	p := reflect.New(valueInterfaceType)
	p.Elem().Set(reflect.ValueOf(v))
	return *(*valueInterface)(p.UnsafePointer()), true
}

// printable returns a value that compiled code prints as v: one with the Error or String method of v's type. It does not
// fail.
func (m *machine) printable(v any) (p any) {
	d, ok := asDynamic(v)
	if !ok || d.node == nil || !d.value.IsValid() {
		return unwrap(v, false)
	}
	defer func() {
		if recover() != nil {
			p = unwrap(v, false)
		}
	}()
	if inner, ok := asDynamic(d.value.Interface()); ok && inner.node != nil {
		return m.printable(d.value.Interface())
	}
	typ := *in[unsafe.Pointer](d.node, m.at.typ)
	for _, i := range []struct {
		method string
		typ    reflect.Type
	}{{"Error", reflect.TypeFor[error]()}, {"String", reflect.TypeFor[fmt.Stringer]()}} {
		if method, _ := lookupMethod(typ, i.method); method == nil {
			continue
		}
		w := genInterfaceWrapper(m.constant(d.node, d.value), i.typ)(m.frame).Interface()
		if reflect.TypeOf(w).Implements(i.typ) {
			return w
		}
	}
	return unwrap(v, false)
}
