package dynamic

import (
	"fmt"
	"reflect"
)

// errorType is that of error, which has wrappers of its own.
var errorType = reflect.TypeFor[error]()

// To returns x as a value that implements t, an interface type of compiled Go; ok tells whether the dynamic type of x has the
// methods. wrapper is a struct type whose fields, after the first, are the methods; nil if there is none.
func To(x any, t, wrapper reflect.Type) (w any, ok bool) {
	x = Bare(x)
	v, ours := x.(Value)
	if !ours {
		return x, x != nil && reflect.TypeOf(x).Implements(t)
	}
	if lacks(x, t) != "" {
		return nil, false
	}
	if t == errorType {
		return toError(v), true
	}
	if wrapper == nil {
		panic(fmt.Errorf("%s cannot be a %s here", v.typ, t))
	}
	p := reflect.New(wrapper)
	p.Elem().Field(0).Set(reflect.ValueOf(x))
	for i := 1; i < wrapper.NumField(); i++ {
		field := wrapper.Field(i)
		f, ok := v.typ.function(field.Name[1:])
		if !ok {
			continue
		}
		p.Elem().Field(i).Set(reflect.MakeFunc(field.Type, func(in []reflect.Value) []reflect.Value { return call(f, v, in...) }))
	}
	return p.Interface(), true
}

// lacks returns a method of the interface type t that the dynamic type of x lacks, "" if there is none.
func lacks(x any, t reflect.Type) string {
	v, ours := x.(Value)
	for i := range t.NumMethod() {
		m := t.Method(i)
		if ours {
			if !v.typ.has(m.Name, m.Type.String()) {
				return m.Name
			}
			continue
		}
		f, found := reflect.TypeOf(x).MethodByName(m.Name)
		if !found || signature(f.Type, true) != m.Type.String() {
			return m.Name
		}
	}
	return ""
}

// ToError returns x as an error. It panics if it is none.
func ToError(x any) error {
	err, ok := TryError(x)
	if !ok && x != nil {
		panic(fmt.Errorf("%s is no error", TypeName(x)))
	}
	return err
}

// TryError is the assertion x.(error).
func TryError(x any) (error, bool) {
	if x == nil {
		return nil, false
	}
	w, ok := To(x, errorType, nil)
	if !ok {
		return nil, false
	}
	return w.(error), true
}

// An Error gives a value of the notebook the methods that compiled Go looks for in errors.
type Error struct{ failing }

// Errors is an Error that wraps several.
type Errors struct{ failing }

type failing struct{ Value }

const (
	returnsString  = "func() string"
	returnsError   = "func() error"
	returnsErrors  = "func() []error"
	takesError     = "func(error) bool"
	takesInterface = "func(interface {}) bool"
)

func toError(v Value) error {
	if v.typ.has("Unwrap", returnsErrors) {
		return Errors{failing{v}}
	}
	return Error{failing{v}}
}

// Error calls the value's method.
func (e failing) Error() string {
	f, _ := e.typ.method("Error", returnsString)
	return call(f, e.Value)[0].String()
}

// Unwrap calls the value's method of that name, if it has one that returns an error.
func (e Error) Unwrap() error {
	if f, ok := e.typ.method("Unwrap", returnsError); ok {
		err, _ := call(f, e.Value)[0].Interface().(error)
		return err
	}
	return nil
}

// Unwrap calls the value's method of that name.
func (e Errors) Unwrap() []error {
	f, _ := e.typ.method("Unwrap", returnsErrors)
	errs, _ := call(f, e.Value)[0].Interface().([]error)
	return errs
}

// Is calls the value's method of that name, if it has one. Errors of equal values are one.
func (e failing) Is(target error) bool {
	if t, ok := Bare(target).(Value); ok && t.typ == e.typ && !t.typ.Uncomparable && t.v == e.v {
		return true
	}
	if f, ok := e.typ.method("Is", takesError); ok {
		return call(f, e.Value, errorValue(target))[0].Bool()
	}
	return false
}

// errorValue is reflect.ValueOf for errors, which may be nil.
func errorValue(err error) reflect.Value {
	v := reflect.New(errorType).Elem()
	if err != nil {
		v.Set(reflect.ValueOf(err))
	}
	return v
}

// ErrorsAs is errors.As. Target is a pointer, boxed if it is one to a type of the notebook.
func (r *Registry) ErrorsAs(err error, target any) bool {
	ptr := reflect.ValueOf(Raw(target))
	if err == nil {
		return false
	}
	if target == nil || ptr.Kind() != reflect.Pointer || ptr.IsNil() {
		panic("errors: target cannot be nil")
	}
	var want *Type
	if v, ok := target.(Value); ok {
		want = v.typ.elem
	}
	return as(err, target, ptr.Elem(), want)
}

func as(err error, target any, place reflect.Value, want *Type) bool {
	for err != nil {
		x := Bare(err)
		v, ours := x.(Value)
		switch {
		case want != nil && want.Kind == reflect.Interface:
			if has(x, want) {
				place.Set(reflect.ValueOf(x))
				return true
			}
		case want != nil:
			if ours && v.typ == want {
				place.Set(reflect.ValueOf(v.v))
				return true
			}
		case place.Kind() == reflect.Interface && place.NumMethod() == 0:
			place.Set(reflect.ValueOf(x))
			return true
		case place.Kind() == reflect.Interface:
			if reflect.TypeOf(err).Implements(place.Type()) && lacks(x, place.Type()) == "" {
				place.Set(reflect.ValueOf(err))
				return true
			}
		case !ours && reflect.TypeOf(x).AssignableTo(place.Type()):
			place.Set(reflect.ValueOf(x))
			return true
		}
		if ours {
			if f, ok := v.typ.method("As", takesInterface); ok && call(f, v, reflect.ValueOf(target))[0].Bool() {
				return true
			}
		} else if a, ok := err.(interface{ As(any) bool }); ok && a.As(target) {
			return true
		}
		switch u := err.(type) {
		case interface{ Unwrap() error }:
			err = u.Unwrap()
		case interface{ Unwrap() []error }:
			for _, e := range u.Unwrap() {
				if e != nil && as(e, target, place, want) {
					return true
				}
			}
			return false
		default:
			return false
		}
	}
	return false
}

// has reports whether the dynamic type of x has the methods of an interface type of the notebook.
func has(x any, iface *Type) bool {
	for _, m := range iface.Methods {
		if v, ok := x.(Value); ok {
			if !v.typ.has(m.Name, m.Signature) {
				return false
			}
			continue
		}
		f, found := reflect.TypeOf(x).MethodByName(compiledName(m.Name))
		if !found || signature(f.Type, true) != m.Signature {
			return false
		}
	}
	return true
}
