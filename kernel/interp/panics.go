package interp

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"runtime"
	"strings"

	"gokernel/internal/concurrency"
	"gokernel/kernel/goroutine"
)

// A fault is a runtime error of the reader's program that the interpreter has found.
type fault string

// Error returns "runtime error: …" as compiled Go does.
func (f fault) Error() string { return "runtime error: " + string(f) }

// RuntimeError marks it as a runtime.Error.
func (f fault) RuntimeError() {}

// A conversion is a type assertion that failed.
type conversion string

// Error returns "interface conversion: …".
func (c conversion) Error() string { return string(c) }

// RuntimeError marks it as a runtime.Error.
func (c conversion) RuntimeError() {}

const (
	nilDereference fault = "invalid memory address or nil pointer dereference"
	indexRange     fault = "index out of range"
	sliceRange     fault = "slice bounds out of range"
	nilMap         fault = "assignment to entry in nil map"
	lenRange       fault = "makeslice: len out of range"
	capRange       fault = "makeslice: cap out of range"
)

// faults leads from the beginnings of what package reflect, through which yaegi computes, panics with to what compiled Go
// would have said.
var faults = []struct {
	prefix string
	err    error
}{
	{"reflect: slice index out of range", indexRange},
	{"reflect: array index out of range", indexRange},
	{"reflect: string index out of range", indexRange},
	{"reflect.Value.Slice: slice index out of bounds", sliceRange},
	{"reflect.Value.Slice: string slice index out of bounds", sliceRange},
	{"reflect.Value.Slice3: slice index out of bounds", sliceRange},
	{"reflect.Value.Slice: slice of unaddressable array", sliceRange},
	{"reflect: call of reflect.Value.", nilDereference},
	{"reflect: Field of ", nilDereference},
	{"reflect: Method on nil interface value", nilDereference},
	{"reflect: indirection through nil pointer", nilDereference},
	{"reflect.Value.Call: call of nil function", nilDereference},
	{"reflect: Call with too few input arguments", nilDereference},
	{"reflect: Call using zero Value argument", nilDereference},
	{"reflect.Value.Interface: cannot return value obtained from", nilDereference},
	{"reflect.Value.Grow: slice overflow", fault("growslice: len out of range")},
	{"reflect: slice length out of range in MakeSlice", fault("makeslice: len out of range")},
	{"reflect.MakeSlice: negative len", fault("makeslice: len out of range")},
	{"reflect.MakeSlice: negative cap", fault("makeslice: cap out of range")},
	{"reflect.MakeSlice: len > cap", fault("makeslice: cap out of range")},
	{"reflect.MakeChan: negative buffer size", fault("makechan: size out of range")},
	{"reflect.MakeChan: unidirectional", fault("makechan: size out of range")},
}

// position is what yaegi begins its messages with.
var position = regexp.MustCompile(`^(?:[^:\n]*:)?\d+:\d+: `)

// fromSlice is what package reflect says of a conversion to an array.
var fromSlice = regexp.MustCompile(`^reflect: cannot convert slice with length (\d+) to (?:pointer to )?array with length (\d+)`)

// recovered returns what the reader's recover returns for a value that the interpreter panicked with, there where began tells.
func recovered(v any, began origin) any {
	if p, ok := v.(*concurrency.PanicError); ok {
		value, stack, ok := goroutine.Raised(p.Value)
		if !ok {
			value = p.Value
		}
		return &concurrency.PanicError{Value: recovered(value, func() []runtime.Frame { return stack }), Stack: p.Stack}
	}
	// What the reader's program panics with comes in a reflect.Value, all else is the interpreter's.
	if v, ok := v.(reflect.Value); ok {
		v := value(v)
		if v == nil {
			return &runtime.PanicNilError{}
		}
		return v
	}
	return normalise(v, began)
}

// value returns what is in v, which may be an interface or nothing.
func value(v reflect.Value) any {
	if !v.IsValid() || !v.CanInterface() {
		return nil
	}
	return v.Interface()
}

// normalise turns what yaegi and package reflect panic with into what compiled Go would have raised. All else it returns as
// it is.
func normalise(v any, began origin) any {
	switch e := v.(type) {
	case nil:
		return &runtime.PanicNilError{}
	case *reflect.ValueError:
		if inLibrary(began()) {
			return v
		}
		return nilDereference
	case runtime.Error:
		if named := goroutine.CompiledNames(e.Error()); named != e.Error() {
			return conversion(named) // a method is missing, or called through nil
		}
		if typ, ok := strings.CutPrefix(e.Error(), "hash of unhashable type: "); ok {
			return fault(unhashable + typ) // as all operations but looking into an empty map say
		}
		if typ, ok := strings.CutPrefix(e.Error(), "runtime error: "+unhashable); ok {
			return fault(unhashable + typ)
		}
		if e.Error() == "runtime: allocation size out of range" {
			return lenRange
		}
		return v
	case string:
		if better := fromText(e, v); better != v && !inLibrary(began()) {
			return better
		}
		return v
	case error:
		// yaegi's own errors have a type that is not exported.
		if t := reflect.TypeOf(v); t.Kind() == reflect.Pointer && t.Elem().PkgPath() == yaegiPath {
			text := e.Error()
			if m := position.FindString(text); m != "" {
				text = text[len(m):]
			}
			if strings.HasPrefix(text, "interface conversion: ") {
				return conversion(text)
			}
			return fromText(text, errors.New(text))
		}
	}
	return v
}

// fromText returns what the table has for a text, else otherwise.
func fromText(text string, otherwise any) any {
	if n := fromSlice.FindStringSubmatch(text); n != nil {
		return fault("cannot convert slice with length " + n[1] + " to array or pointer to array with length " + n[2])
	}
	for _, f := range faults {
		if strings.HasPrefix(text, f.prefix) {
			return f.err
		}
	}
	return otherwise
}

const yaegiPath = "github.com/traefik/yaegi/interp"

// unwrap returns the value that the reader's program knows, out of yaegi's wrappings.
func unwrap(v any) any {
	for range 16 { // each loop takes one off
		switch w := v.(type) {
		case nil:
			return nil
		case reflect.Value:
			if !w.IsValid() {
				return nil
			}
			if !w.CanInterface() {
				return fmt.Sprint(w)
			}
			v = w.Interface()
			continue
		}
		return v
	}
	return v
}
