package dynamic

import (
	"reflect"
	"strings"
)

// An rtype is the reflect.Type of a type of the notebook: that of its shape, but for what the reader's declaration says.
type rtype struct {
	reflect.Type
	t *Type
}

// TypeOf is reflect.TypeOf.
func TypeOf(x any) reflect.Type {
	x = Bare(x)
	if v, ok := x.(Value); ok {
		return rtype{reflect.TypeOf(v.v), v.typ}
	}
	return reflect.TypeOf(x)
}

// String returns the name with that of the package, as %T prints it.
func (r rtype) String() string { return r.t.Name }

// Name returns the name without package, "" for a type that has none.
func (r rtype) Name() string {
	if !r.t.Named {
		return ""
	}
	_, name, _ := strings.Cut(r.t.Name, ".")
	return name
}

// PkgPath returns "main" for a named type.
func (r rtype) PkgPath() string {
	if !r.t.Named {
		return ""
	}
	pkg, _, _ := strings.Cut(r.t.Name, ".")
	return pkg
}

// Elem returns the type of an element.
func (r rtype) Elem() reflect.Type {
	if r.t.elem != nil {
		return rtype{r.Type.Elem(), r.t.elem}
	}
	return r.Type.Elem()
}

// Key returns the type of a map's key.
func (r rtype) Key() reflect.Type {
	if r.t.key != nil {
		return rtype{r.Type.Key(), r.t.key}
	}
	return r.Type.Key()
}

// NumField returns the number of a struct's fields.
func (r rtype) NumField() int {
	if r.t.Kind != reflect.Struct {
		return r.Type.NumField()
	}
	return len(r.t.Fields)
}

// Field returns a field of a struct.
func (r rtype) Field(i int) reflect.StructField {
	f := r.Type.Field(i)
	d := r.t.Fields[i]
	f.Name, f.Tag, f.Anonymous, f.PkgPath = d.Name, reflect.StructTag(d.Tag), d.Embedded, ""
	if !d.Exported {
		f.PkgPath = "main"
	}
	if d.typ != nil {
		f.Type = rtype{f.Type, d.typ}
	}
	return f
}

// FieldByName returns the field with a name.
func (r rtype) FieldByName(name string) (reflect.StructField, bool) {
	for i, f := range r.t.Fields {
		if f.Name == name {
			return r.Field(i), true
		}
		if f.Embedded {
			panic(Unsupported("FieldByName of " + r.t.Name + ", which has embedded fields, is not supported by the interpreter"))
		}
	}
	return reflect.StructField{}, false
}

// NumMethod returns the number of exported methods.
func (r rtype) NumMethod() int {
	n := 0
	for _, m := range r.t.Methods {
		if m.Name[0] >= 'A' && m.Name[0] <= 'Z' {
			n++
		}
	}
	return n
}

// Comparable reports whether values can be compared.
func (r rtype) Comparable() bool { return !r.t.Uncomparable }

// refuse says that something cannot be known.
func (r rtype) refuse(what string) {
	panic(Unsupported(what + " of " + r.t.Name + " by reflection is not supported by the interpreter"))
}

// Method is refused.
func (r rtype) Method(int) reflect.Method { r.refuse("Method"); return reflect.Method{} }

// MethodByName is refused.
func (r rtype) MethodByName(string) (reflect.Method, bool) {
	r.refuse("MethodByName")
	return reflect.Method{}, false
}

// Implements tells it of interface types of compiled Go.
func (r rtype) Implements(u reflect.Type) bool {
	if _, ours := u.(rtype); ours {
		r.refuse("Implements")
	}
	return lacks(Value{typ: r.t}, u) == ""
}

// AssignableTo is refused but for the type itself.
func (r rtype) AssignableTo(u reflect.Type) bool {
	if u != reflect.Type(r) {
		r.refuse("AssignableTo")
	}
	return true
}

// ConvertibleTo is refused but for the type itself.
func (r rtype) ConvertibleTo(u reflect.Type) bool {
	if u != reflect.Type(r) {
		r.refuse("ConvertibleTo")
	}
	return true
}

// In is refused.
func (r rtype) In(int) reflect.Type { r.refuse("In"); return nil }

// Out is refused.
func (r rtype) Out(int) reflect.Type { r.refuse("Out"); return nil }
