package interp

import (
	"fmt"
	"reflect"

	"gokernel/kernel/goroutine"
	"gokernel/kernel/interp/dynamic"
	"gokernel/kernel/interp/stdlib"
)

// runtimePath is the import path of what lowered code calls and no cell can import.
const runtimePath = "gk"

// runtime returns the symbols of the runtime package: all of stdlib.Runtime, and this package's own.
func (ev *Evaluator) runtime() map[string]reflect.Value {
	symbols, _ := stdlib.Load(stdlib.Runtime)
	for name, v := range map[string]any{
		"Call": Call, "Displayable": displayable, "Defers": (*Defers)(nil), "Result": ev.setResult, "Step": ev.step,
		"NotNil": notNil, "NilDereference": func() { panic(nilDereference) }, "Continued": continued, "Words": words,
		"Complex64":  func(re, im float64) complex64 { return complex(float32(re), float32(im)) },
		"Complex128": func(re, im float64) complex128 { return complex(re, im) },
		"NilReceiver": func(method, typ string) {
			panic(conversion("value method " + method + " called using nil *" + typ + " pointer"))
		},
		"Negative": func(c complex128) complex128 { return -c },
		"Runes":    runes, "Clear": func(m any) { reflect.ValueOf(m).Clear() },
		"Recover": func() any { return dynamic.Bare(Recover()) },
		"Print":   printBuiltin(symbols["Print"]), "Println": printBuiltin(symbols["Println"]),
		// Interfaces and what they hold; see package dynamic.
		"Any": func(v any) any { return v }, "Box": ev.types.Box, "Raw": dynamic.Raw, "Bare": dynamic.Bare, "Is": ev.types.Is,
		"Same": dynamic.Same, "Dispatch": dynamic.Dispatch, "Find": dynamic.Find, "Method": ev.types.Method,
		"Implements": func(x any, iface int) bool { _, ok := ev.types.Implements(x, iface); return ok },
		"Failed":     ev.types.Failed, "ToError": dynamic.ToError, "TryError": dynamic.TryError,
		"JSONDecode": dynamic.Decode, "JSONEncode": dynamic.Encode,
		"Plain": dynamic.Plain, "Compiled": dynamic.Compiled, "Shown": dynamic.Shown,
	} {
		symbols[name] = reflect.ValueOf(v)
	}
	return symbols
}

// notNil returns x, an interface of which a method is called later.
func notNil(x any) any {
	dynamic.Dispatch(x)
	return x
}

// continued panics for an iterator that calls the body of a loop that has ended, or that the body has left.
func continued(ended bool) {
	if ended {
		panic(fault("range function continued iteration after whole loop exit"))
	}
	panic(fault("range function continued iteration after function for loop body returned false"))
}

// words returns what print and println print of an interface.
func words(x any) string {
	if x == nil {
		return "(0x0,0x0)"
	}
	return fmt.Sprintf("(%p,%p)", reflect.TypeOf(x), &x)
}

// runes returns where the runes of a string begin, and what they are.
func runes(s string) (at []int, r []rune) {
	for i, c := range s {
		at, r = append(at, i), append(r, c)
	}
	return at, r
}

// printBuiltin returns print or println for values out of interfaces.
func printBuiltin(f reflect.Value) func(args ...any) {
	print := f.Interface().(func(args ...any))
	return func(args ...any) {
		for i, a := range args {
			args[i] = dynamic.Raw(a)
		}
		print(args...)
	}
}

// adapters adds to the symbols of a package, for each interface I, the functions To_I and Try_I that make an I of what an
// interface holds.
func adapters(symbols map[string]reflect.Value) {
	any := reflect.TypeFor[any]()
	boolean := reflect.TypeFor[bool]()
	for name, s := range symbols {
		t := s.Type()
		if t.Kind() != reflect.Pointer || t.Elem().Kind() != reflect.Interface || t.Elem().NumMethod() == 0 || !s.IsNil() {
			continue
		}
		t = t.Elem()
		var wrapper reflect.Type
		if w, ok := symbols["_"+name]; ok {
			wrapper = w.Type().Elem()
		}
		try := func(x reflect.Value) (reflect.Value, bool) {
			v := reflect.New(t).Elem()
			w, ok := dynamic.To(value(x), t, wrapper)
			if ok {
				v.Set(reflect.ValueOf(w))
			}
			return v, ok
		}
		symbols["To_"+name] = reflect.MakeFunc(reflect.FuncOf([]reflect.Type{any}, []reflect.Type{t}, false), func(in []reflect.Value) []reflect.Value {
			v, _ := try(in[0])
			return []reflect.Value{v}
		})
		symbols["Try_"+name] = reflect.MakeFunc(reflect.FuncOf([]reflect.Type{any}, []reflect.Type{t, boolean}, false), func(in []reflect.Value) []reflect.Value {
			v, ok := try(in[0])
			return []reflect.Value{v, reflect.ValueOf(ok)}
		})
	}
}

// setResult keeps the values of a cell's last expression.
func (ev *Evaluator) setResult(values ...any) {
	ev.mu.Lock()
	defer ev.mu.Unlock()
	if r := ev.cell; r != nil && r.cell == goroutine.Current() {
		r.result, r.has = values, true
	}
}

// step notes that the variables of step n of the cell have their values.
func (ev *Evaluator) step(n int) {
	ev.mu.Lock()
	defer ev.mu.Unlock()
	if r := ev.cell; r != nil && r.cell == goroutine.Current() {
		r.steps = max(r.steps, n)
	}
}
