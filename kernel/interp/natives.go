package interp

import (
	"go/token"
	"reflect"
	"unsafe"

	"gokernel/kernel/goroutine"
	"gokernel/kernel/interp/dynamic"
)

// frameType is yaegi's: it returns the type in which a frame keeps values of a type.
//
//go:linkname frameType github.com/traefik/yaegi/interp.(*itype).frameType
func frameType(typ unsafe.Pointer) reflect.Type

// A native does what a call of a function of the runtime package does, without the detour through package reflect that
// yaegi takes: 50 ns rather than 500. It gets the values of the arguments; out is false for functions without result.
type native func(args []reflect.Value) (v reflect.Value, out bool)

// natives returns the functions that lowered code calls all the time.
func (ev *Evaluator) natives() map[string]native {
	boolean := func(b bool) (reflect.Value, bool) { return reflect.ValueOf(b), true }
	whole := func(v any) (reflect.Value, bool) {
		if v == nil {
			return reflect.Zero(reflect.TypeFor[any]()), true
		}
		return reflect.ValueOf(v), true
	}
	return map[string]native{
		"At": func(a []reflect.Value) (reflect.Value, bool) {
			goroutine.At(int(a[0].Int()), int(a[1].Int()), a[2].String())
			return reflect.Value{}, false
		},
		"Bare": func(a []reflect.Value) (reflect.Value, bool) { return whole(dynamic.Bare(held(a[0]))) },
		"Box": func(a []reflect.Value) (reflect.Value, bool) {
			return whole(ev.types.Box(int(a[0].Int()), held(a[1])))
		},
		"Dispatch": func(a []reflect.Value) (reflect.Value, bool) {
			return reflect.ValueOf(dynamic.Dispatch(held(a[0]))), true
		},
		"Is": func(a []reflect.Value) (reflect.Value, bool) {
			return boolean(ev.types.Is(held(a[0]), int(a[1].Int())))
		},
		"Raw":  func(a []reflect.Value) (reflect.Value, bool) { return whole(dynamic.Raw(held(a[0]))) },
		"Same": func(a []reflect.Value) (reflect.Value, bool) { return boolean(dynamic.Same(held(a[0]), held(a[1]))) },
	}
}

// held returns what is in an argument. What a nil pointer refers to is not even nil.
func held(arg reflect.Value) any {
	if !arg.IsValid() {
		panic(nilDereference)
	}
	return value(arg)
}

// native returns what executes a call of a native at a node, which yaegi has made exec for; ok is false if it is none.
func (m *machine) native(n unsafe.Pointer, children []unsafe.Pointer, exec bltn) (fast bltn, ok bool) {
	if *in[uint](n, m.at.action) != m.call || len(children) < 2 {
		return nil, false
	}
	selected := *in[[]unsafe.Pointer](children[0], m.at.child)
	if len(selected) != 2 || *in[string](selected[0], m.at.ident) != "p_gk" {
		return nil, false
	}
	f, known := m.fast[*in[string](selected[1], m.at.ident)]
	parent := *in[unsafe.Pointer](n, m.at.anc)
	if !known || parent == nil || *in[uint](parent, m.at.action) == m.returns {
		return nil, false
	}
	args := make([]func(unsafe.Pointer) reflect.Value, len(children)-1)
	fixed := make([]reflect.Value, len(args))
	literals := 0
	for i, c := range children[1:] {
		args[i] = genValue(c)
		if *in[uint](c, m.at.kind) == m.literal {
			fixed[i] = *in[reflect.Value](c, m.at.rval)
			literals++
			if !fixed[i].IsValid() || fixed[i].Kind() != reflect.Int && fixed[i].Kind() != reflect.String && fixed[i].Kind() != reflect.Bool {
				return nil, false
			}
		}
	}
	tnext, fnext := *in[unsafe.Pointer](n, m.at.tnext), *in[unsafe.Pointer](n, m.at.fnext)
	result := genValue(n)
	return func(frame unsafe.Pointer) bltn {
		var buf [3]reflect.Value
		in := append(buf[:0], fixed...)
		for i, v := range fixed {
			if v.IsValid() {
				continue
			}
			in[i] = args[i](frame)
			if in[i].IsValid() && in[i].Kind() == reflect.Pointer && in[i].Type().Elem() == m.node {
				return exec(frame) // a function that yaegi has not wrapped
			}
		}
		v, out := f(in)
		if !out {
			return m.then(tnext)
		}
		result(frame).Set(v)
		if fnext != nil && !v.Bool() {
			return m.then(fnext)
		}
		return m.then(tnext)
	}, true
}

// kindOf returns the kind of a node's values, Invalid if that is not certain.
func (m *machine) kindOf(n unsafe.Pointer) (k reflect.Kind) {
	defer func() {
		if recover() != nil { // a type that yaegi has not finished
			k = reflect.Invalid
		}
	}()
	typ := *in[unsafe.Pointer](n, m.at.typ)
	if typ == nil {
		return reflect.Invalid
	}
	if t := frameType(typ); t != nil {
		return t.Kind()
	}
	return reflect.Invalid
}

// basic reports whether values of a kind have no parts.
func basic(k reflect.Kind) bool {
	return k >= reflect.Bool && k <= reflect.Complex128 || k == reflect.String
}

// harmless reports whether an operation cannot panic, for all that is known before it runs.
func (m *machine) harmless(n unsafe.Pointer, children []unsafe.Pointer) bool {
	action := *in[uint](n, m.at.action)
	switch {
	case m.assigns[action]:
		for i, c := range children {
			switch k := *in[uint](c, m.at.kind); {
			case k == m.star, i == 0 && k == m.indexExpr && m.onMap(c):
				return false
			}
		}
		return len(children) == 2 && m.kindOf(children[0]) != reflect.Invalid
	case action == m.and && *in[uint](n, m.at.kind) == m.binary:
		return true
	case action == m.composite:
		k := m.kindOf(n)
		return k == reflect.Struct || k == reflect.Slice || k == reflect.Array || k == reflect.Pointer
	case action == m.addr && *in[uint](n, m.at.kind) == m.addressExpr:
		return len(children) == 1 && *in[uint](children[0], m.at.kind) == m.compositeLit
	case action == m.convert:
		return basic(m.kindOf(n)) && len(children) == 2 && basic(m.kindOf(children[1]))
	case action == m.equal || action == m.notEqual:
		return len(children) == 2 && basic(m.kindOf(children[0])) && basic(m.kindOf(children[1]))
	case action == m.index: // of a map
		return len(children) == 2 && *in[uint](children[0], m.at.kind) == m.ident && m.kindOf(children[0]) == reflect.Map && basic(m.kindOf(children[1]))
	case action == m.dot:
		return len(children) == 2 && m.kindOf(children[0]) == reflect.Struct
	case m.divides[action]:
		k := m.kindOf(children[0])
		return len(children) == 2 && (*in[uint](children[1], m.at.kind) == m.literal || k == reflect.Float64 || k == reflect.Float32)
	}
	return false
}

// onMap reports whether an index expression is one of a map.
func (m *machine) onMap(n unsafe.Pointer) bool {
	children := *in[[]unsafe.Pointer](n, m.at.child)
	k := reflect.Invalid
	if len(children) > 0 {
		k = m.kindOf(children[0])
	}
	return k == reflect.Map || k == reflect.Invalid
}

// divided returns what executes a division of integers without the precautions that only a divisor of zero needs.
func (m *machine) divided(n unsafe.Pointer, children []unsafe.Pointer, exec bltn, pos token.Pos) (fast bltn, ok bool) {
	if !m.divides[*in[uint](n, m.at.action)] || len(children) != 2 {
		return nil, false
	}
	k := m.kindOf(children[1])
	if k < reflect.Int || k > reflect.Uintptr || in[reflect.Value](children[1], m.at.rval).IsValid() {
		return nil, false
	}
	divisor, careful := genValue(children[1]), m.noting(exec, pos)
	return func(frame unsafe.Pointer) bltn {
		if d := divisor(frame); d.IsValid() && (d.CanInt() && d.Int() != 0 || d.CanUint() && d.Uint() != 0) {
			return exec(frame)
		}
		return careful(frame)
	}, true
}

// entry returns what reports whether an operation on an entry of a map, whose keys have no parts, cannot panic: the map is there.
// It returns nil for other operations.
func (m *machine) entry(n unsafe.Pointer, children []unsafe.Pointer) func(frame unsafe.Pointer) bool {
	if !m.assigns[*in[uint](n, m.at.action)] || len(children) == 0 || *in[uint](children[0], m.at.kind) != m.indexExpr {
		return nil
	}
	place := *in[[]unsafe.Pointer](children[0], m.at.child)
	if len(place) != 2 || *in[uint](place[0], m.at.kind) != m.ident || m.kindOf(place[0]) != reflect.Map || !basic(m.kindOf(place[1])) {
		return nil
	}
	base := genValue(place[0])
	return func(frame unsafe.Pointer) bool {
		v := base(frame)
		return v.IsValid() && v.Kind() == reflect.Map && !v.IsNil()
	}
}
