package dynamic

import (
	"fmt"
	"reflect"
	"runtime"
)

// A Value is a value of a type of the notebook, in an interface. Two are equal if type and value are.
type Value struct {
	typ *Type
	v   any // of the type that the interpreter computes with
}

// Box returns v, a value of the type with a number, for an interface to hold.
func (r *Registry) Box(id int, v any) any { return Value{r.Type(id), v} }

// Type returns the type that the reader gave it.
func (v Value) Type() *Type { return v.typ }

// Raw returns what the interpreter computes with.
func (v Value) Raw() any { return v.v }

// Bare returns what an interface holds, out of the wrapping that gives it the methods of an interface of compiled Go.
func Bare(x any) any {
	switch w := x.(type) {
	case nil, Value, string, int, bool, float64:
		return x
	case Error:
		return w.Value
	case Errors:
		return w.Value
	}
	t := reflect.TypeOf(x)
	if t.Kind() == reflect.Pointer && isWrapper(t.Elem()) {
		if v := reflect.ValueOf(x); !v.IsNil() {
			return v.Elem().Field(0).Interface()
		}
	}
	return x
}

// Raw returns what an interface holds, as the interpreter computes with it.
func Raw(x any) any {
	x = Bare(x)
	if v, ok := x.(Value); ok {
		return v.v
	}
	return x
}

// wrappers says which types are wrappers of the symbol tables.
var wrappers mapOfTypes // reflect.Type → bool; what a type is does not change

func isWrapper(t reflect.Type) bool {
	if t.Kind() != reflect.Struct {
		return false
	}
	if known, ok := wrappers.Load(t); ok {
		return known.(bool)
	}
	is := t.NumField() > 0 && t.Field(0).Name == "IValue"
	wrappers.Store(t, is)
	return is
}

// Is reports whether the dynamic type of x is that with a number.
func (r *Registry) Is(x any, id int) bool {
	v, ok := Bare(x).(Value)
	return ok && v.typ.ID == id
}

// Dispatch returns a number that stands for the dynamic type of x and its methods as they are now, 0 for a type of compiled
// Go. It panics, as a call of a method of nil does, if x holds nothing.
func Dispatch(x any) int {
	switch v := x.(type) {
	case nil:
		panic(nilDereference)
	case Value:
		return int(v.typ.dispatch.Load())
	}
	return 0
}

// Find returns a method of the dynamic type of x: of a type of the notebook as a function whose first parameter is the
// boxed receiver, otherwise bound to x.
func Find(x any, name string) any {
	x = Bare(x)
	if x == nil {
		panic(nilDereference)
	}
	if v, ok := x.(Value); ok {
		if f, ok := v.typ.function(name); ok {
			return f.Interface()
		}
		panic(fmt.Errorf("the method %s of %s is not known", name, v.typ))
	}
	m := reflect.ValueOf(x).MethodByName(compiledName(name))
	if !m.IsValid() {
		panic(fmt.Errorf("%T has no method %s", x, name))
	}
	return m.Interface()
}

// Same is a == b for interfaces.
func Same(a, b any) bool {
	a, b = Bare(a), Bare(b)
	v, ok := a.(Value)
	w, both := b.(Value)
	if ok && both {
		if v.typ != w.typ {
			return false
		}
		if v.typ.Uncomparable {
			panic(Fault("comparing uncomparable type " + v.typ.Name))
		}
		return v.v == w.v
	}
	return a == b
}

// A Fault is a runtime error of the reader's program.
type Fault string

// Error returns "runtime error: …" as compiled Go does.
func (f Fault) Error() string { return "runtime error: " + string(f) }

// RuntimeError marks it as a runtime.Error.
func (f Fault) RuntimeError() {}

var _ runtime.Error = Fault("")

const nilDereference Fault = "invalid memory address or nil pointer dereference"

// A Conversion is a type assertion that failed.
type Conversion string

// Error returns "interface conversion: …".
func (c Conversion) Error() string { return string(c) }

// RuntimeError marks it as a runtime.Error.
func (c Conversion) RuntimeError() {}

// Failed panics as the assertion that x, of the interface type called static, has the type called target. The number is that
// of target if it is an interface of the notebook, else 0.
func (r *Registry) Failed(x any, static, target string, iface int, compiled any) {
	x = Bare(x)
	switch {
	case x == nil && iface == 0 && compiled == nil:
		panic(Conversion("interface conversion: " + static + " is nil, not " + target))
	case x == nil:
		panic(Conversion("interface conversion: interface is nil, not " + target))
	}
	missing := ""
	if iface != 0 {
		missing, _ = r.Implements(x, iface)
	} else if compiled != nil {
		missing = lacks(x, reflect.TypeOf(compiled).Elem())
	}
	if missing != "" {
		panic(Conversion("interface conversion: " + TypeName(x) + " is not " + target + ": missing method " + missing))
	}
	text := "interface conversion: " + static + " is " + TypeName(x) + ", not " + target
	if TypeName(x) == target {
		text += " (types from different scopes)"
	}
	panic(Conversion(text))
}

// TypeName returns the name of the dynamic type of x, as %T prints it.
func TypeName(x any) string {
	x = Bare(x)
	if v, ok := x.(Value); ok {
		return v.typ.Name
	}
	return fmt.Sprintf("%T", x)
}
