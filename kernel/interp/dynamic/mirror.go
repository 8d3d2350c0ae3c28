package dynamic

import (
	"fmt"
	"reflect"
	"strings"
)

// An Unsupported panic says that compiled code would see a value of the notebook without its type.
type Unsupported string

// Error says what is not supported.
func (u Unsupported) Error() string { return string(u) }

// Plain returns what x holds for compiled code that looks at its shape. It panics with an [Unsupported] where that code,
// the function named, would do other than it does with a value of the reader's type.
func Plain(function string, x any) any {
	v, ok := Bare(x).(Value)
	if !ok {
		return Bare(x)
	}
	if what := hides(v.typ, map[*Type]bool{}, strings.HasPrefix(function, "encoding/xml.") || strings.HasPrefix(function, "reflect.")); what != "" {
		panic(Unsupported(fmt.Sprintf("%s with a value of type %s (%s) is not supported by the interpreter", function, v.typ, what)))
	}
	return v.v
}

// hides says what of a type compiled code cannot see, "" if its shape is all.
func hides(t *Type, seen map[*Type]bool, names bool) string {
	if t == nil || seen[t] {
		return ""
	}
	seen[t] = true
	for _, m := range t.Methods {
		if t.Kind != reflect.Interface && m.Name[0] >= 'A' && m.Name[0] <= 'Z' {
			return "its method " + m.Name
		}
	}
	if t.Kind == reflect.Interface && len(t.Methods) > 0 || t.Kind == reflect.Func {
		return "its type"
	}
	if names && t.Named {
		return "its name"
	}
	for _, f := range t.Fields {
		if !f.Exported || f.Embedded {
			return "the field " + f.Name
		}
		if what := hides(f.typ, seen, names); what != "" {
			return what
		}
	}
	if what := hides(t.elem, seen, names); what != "" {
		return what
	}
	return hides(t.key, seen, names)
}

// Shown returns x for compiled code that looks for the methods Error and String only.
func Shown(x any) any {
	v, ok := Bare(x).(Value)
	if !ok {
		return x
	}
	switch {
	case v.typ.has("Error", returnsString):
		return toError(v)
	case v.typ.has("String", returnsString):
		return text{v}
	}
	return v.v
}

// text is a value with a String method.
type text struct{ v Value }

func (t text) String() string {
	f, _ := t.v.typ.function("String")
	return call(f, t.v)[0].String()
}

// Displayed returns the value for a printer that knows neither the names of types nor their methods: what has an Error or
// String method in it stays a Value.
func (v Value) Displayed() any {
	if !prints(v.typ, map[*Type]bool{}) {
		return v.v
	}
	return displayed(reflect.ValueOf(v.v), v.typ)
}

// prints reports whether values of a type contain some that print by methods.
func prints(t *Type, seen map[*Type]bool) bool {
	if t == nil || seen[t] {
		return false
	}
	seen[t] = true
	if t.has("String", returnsString) || t.has("Error", returnsString) || t.has("Format", "func(fmt.State, int32)") {
		return true
	}
	for _, f := range t.Fields {
		if f.Exported && prints(f.typ, seen) {
			return true
		}
	}
	return prints(t.elem, seen) || prints(t.key, seen)
}

func displayed(v reflect.Value, t *Type) any {
	for v.IsValid() && v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	if !v.IsValid() || t == nil || t.Kind == reflect.Interface {
		return value(v)
	}
	own := map[*Type]bool{}
	if t.elem != nil || t.key != nil || len(t.Fields) > 0 {
		own[t.elem], own[t.key] = true, true
		for _, f := range t.Fields {
			own[f.typ] = true
		}
	}
	if prints(t, own) {
		return Value{t, v.Interface()}
	}
	if !prints(t, map[*Type]bool{}) {
		return v.Interface()
	}
	switch v.Kind() {
	case reflect.Slice, reflect.Array:
		out := make([]any, v.Len())
		for i := range out {
			out[i] = displayed(v.Index(i), t.elem)
		}
		return out
	case reflect.Map:
		out := make(map[any]any, v.Len())
		for it := v.MapRange(); it.Next(); {
			out[displayed(it.Key(), t.key)] = displayed(it.Value(), t.elem)
		}
		return out
	case reflect.Struct:
		fields := make([]reflect.StructField, len(t.Fields))
		for i := range fields {
			fields[i] = reflect.StructField{Name: fmt.Sprintf("F%d", i), Type: reflect.TypeFor[any]()}
		}
		out := reflect.New(reflect.StructOf(fields)).Elem()
		for i, f := range t.Fields {
			typ := f.typ
			if !f.Exported {
				typ = nil
			}
			if x := displayed(v.Field(i), typ); x != nil {
				out.Field(i).Set(reflect.ValueOf(x))
			}
		}
		return out.Interface()
	}
	return v.Interface()
}

func value(v reflect.Value) any {
	if !v.IsValid() || !v.CanInterface() {
		return nil
	}
	return v.Interface()
}

// Compiled returns t for a function of compiled Go, which panics on types of the notebook: with an [Unsupported].
func Compiled(function string, t reflect.Type) reflect.Type {
	if r, ok := t.(rtype); ok {
		panic(Unsupported(fmt.Sprintf("%s of the type %s is not supported by the interpreter", function, r.t.Name)))
	}
	return t
}
