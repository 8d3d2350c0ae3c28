package dynamic

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"sync"
)

type mapOfTypes = sync.Map // reflect.Type → what is known of it

func (p *printer) structure(v reflect.Value, t *Type, depth int, hidden bool) {
	if p.sharpV() {
		p.write(nameOf(v, t))
	}
	p.write("{")
	n := v.NumField()
	if t != nil {
		n = min(n, len(t.Fields))
	}
	for i := range n {
		if i > 0 {
			if p.sharpV() {
				p.write(", ")
			} else {
				p.write(" ")
			}
		}
		name, typ, exported := v.Type().Field(i).Name, (*Type)(nil), v.Type().Field(i).IsExported()
		if t != nil && i < len(t.Fields) {
			name, typ, exported = t.Fields[i].Name, t.Fields[i].typ, t.Fields[i].Exported
		}
		if p.plusV() || p.sharpV() {
			p.write(name + ":")
		}
		field := v.Field(i)
		if field.Kind() == reflect.Interface && typ == nil && field.IsValid() {
			if field.IsNil() {
				if p.sharpV() {
					p.write(field.Type().String() + "(nil)")
				} else {
					p.nothing(nil)
				}
				continue
			}
		}
		p.value(field, typ, depth+1, hidden || !exported)
	}
	p.write("}")
}

func (p *printer) list(v reflect.Value, t *Type, depth int, hidden bool) {
	var elem *Type
	if t != nil {
		elem = t.elem
	}
	if v.Type().Elem().Kind() == reflect.Uint8 && elem == nil {
		switch p.verb {
		case 's', 'q', 'x', 'X':
			raw := reflect.MakeSlice(reflect.TypeFor[[]byte](), v.Len(), v.Len())
			reflect.Copy(raw, v)
			p.leaf(raw)
			return
		}
	}
	if p.sharpV() {
		p.write(nameOf(v, t))
		if v.Kind() == reflect.Slice && v.IsNil() {
			p.write("(nil)")
			return
		}
		p.write("{")
	} else {
		p.write("[")
	}
	for i := range v.Len() {
		if i > 0 {
			if p.sharpV() {
				p.write(", ")
			} else {
				p.write(" ")
			}
		}
		p.value(v.Index(i), elem, depth+1, hidden)
	}
	if p.sharpV() {
		p.write("}")
	} else {
		p.write("]")
	}
}

func (p *printer) dictionary(v reflect.Value, t *Type, depth int, hidden bool) {
	var key, elem *Type
	if t != nil {
		key, elem = t.key, t.elem
	}
	sharp := p.sharpV()
	if sharp {
		p.write(nameOf(v, t))
		if v.IsNil() {
			p.write("(nil)")
			return
		}
		p.write("{")
	} else {
		p.write("map[")
	}
	for i, k := range sortedKeys(v) {
		switch {
		case i > 0 && sharp:
			p.write(", ")
		case i > 0:
			p.write(" ")
		}
		p.value(k, key, depth+1, hidden)
		p.write(":")
		p.value(v.MapIndex(k), elem, depth+1, hidden)
	}
	if sharp {
		p.write("}")
	} else {
		p.write("]")
	}
}

// sortedKeys returns the keys of a map in the order in which package fmt prints them.
func sortedKeys(v reflect.Value) []reflect.Value {
	keys := v.MapKeys()
	slices.SortStableFunc(keys, compare)
	return keys
}

func compare(a, b reflect.Value) int {
	if a.Kind() == reflect.Interface || b.Kind() == reflect.Interface {
		return compareInterfaces(a, b)
	}
	if a.Type() != b.Type() {
		return -1
	}
	switch {
	case a.CanInt():
		return cmp.Compare(a.Int(), b.Int())
	case a.CanUint():
		return cmp.Compare(a.Uint(), b.Uint())
	case a.CanFloat():
		return cmp.Compare(a.Float(), b.Float())
	}
	switch a.Kind() {
	case reflect.String:
		return cmp.Compare(a.String(), b.String())
	case reflect.Bool:
		switch {
		case a.Bool() == b.Bool():
			return 0
		case a.Bool():
			return 1
		}
		return -1
	case reflect.Complex64, reflect.Complex128:
		if c := cmp.Compare(real(a.Complex()), real(b.Complex())); c != 0 {
			return c
		}
		return cmp.Compare(imag(a.Complex()), imag(b.Complex()))
	case reflect.Pointer, reflect.Chan, reflect.UnsafePointer:
		return cmp.Compare(a.Pointer(), b.Pointer())
	case reflect.Struct:
		for i := range a.NumField() {
			if c := compare(a.Field(i), b.Field(i)); c != 0 {
				return c
			}
		}
	case reflect.Array:
		for i := range a.Len() {
			if c := compare(a.Index(i), b.Index(i)); c != 0 {
				return c
			}
		}
	}
	return 0
}

// compareInterfaces orders by type, in no special order, then by value.
func compareInterfaces(a, b reflect.Value) int {
	if a.IsNil() || b.IsNil() {
		return cmp.Compare(btoi(!a.IsNil()), btoi(!b.IsNil()))
	}
	x, y := a.Elem(), b.Elem()
	v, ok := x.Interface().(Value)
	w, both := y.Interface().(Value)
	if ok && both {
		if v.typ != w.typ {
			return cmp.Compare(v.typ.ID, w.typ.ID)
		}
		return compare(reflect.ValueOf(v.v), reflect.ValueOf(w.v))
	}
	if x.Type() != y.Type() {
		return cmp.Compare(fmt.Sprintf("%p", x.Type()), fmt.Sprintf("%p", y.Type()))
	}
	return compare(x, y)
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// methods prints v by the methods of its type that package fmt looks for, and reports whether it has one.
func (p *printer) methods(v reflect.Value, t *Type) (done bool) {
	var name string
	var f reflect.Value
	find := func(method, signature string) bool {
		if f.IsValid() || !t.has(method, signature) {
			return false
		}
		name = method
		f, _ = t.function(method)
		return f.IsValid()
	}
	if find("Format", "func(fmt.State, int32)") {
		defer p.catch(v, t, name)
		call(f, box(v, t), reflect.ValueOf(p.s), reflect.ValueOf(p.verb))
		return true
	}
	text := func() string { return call(f, box(v, t))[0].String() }
	if p.sharpV() {
		if find("GoString", returnsString) {
			defer p.catch(v, t, name)
			p.write(text())
			return true
		}
		return false
	}
	switch p.verb {
	case 'v', 's', 'x', 'X', 'q':
		if find("Error", returnsString) || find("String", returnsString) {
			defer p.catch(v, t, name)
			fmt.Fprintf(p.s, fmt.FormatString(p.s, p.verb), text())
			return true
		}
	}
	return false
}

func box(v reflect.Value, t *Type) Value { return Value{t, v.Interface()} }

// catch says that a method panicked, as package fmt does.
func (p *printer) catch(v reflect.Value, t *Type, method string) {
	r := recover()
	if r == nil {
		return
	}
	if v.Kind() == reflect.Pointer && v.IsNil() {
		p.write("<nil>")
		return
	}
	if x, ok := r.(reflect.Value); ok && x.IsValid() && x.CanInterface() {
		r = x.Interface()
	}
	fmt.Fprintf(p.s, "%%!%c(PANIC=%s method: ", p.verb, method)
	fmt.Fprintf(p.s, "%v", Printed{r})
	p.write(")")
}
