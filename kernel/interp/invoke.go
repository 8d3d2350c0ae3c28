package interp

import (
	"reflect"
	"sync/atomic"
	"unsafe"
)

// yaegi calls a function by making a variable for each of its values, one by one, and looks at each argument three times. Most
// calls can do with less: see invocation.

// newFrame is yaegi's: it returns the frame of a call from the frame anc.
//
//go:linkname newFrame github.com/traefik/yaegi/interp.newFrame
func newFrame(anc unsafe.Pointer, length int, id uint64) unsafe.Pointer

// runCfg is yaegi's: it runs the code that begins at node.
//
//go:linkname runCfg github.com/traefik/yaegi/interp.runCfg
func runCfg(node, frame, funcNode, callNode unsafe.Pointer)

// header is the layout of a reflect.Value.
type header struct {
	typ  unsafe.Pointer
	ptr  unsafe.Pointer
	flag uintptr
}

// A plan tells how to make the variables of a function's frame, other than its results.
type plan struct {
	def, start unsafe.Pointer // nodes
	results    int
	vars       []header // without the pointers to them
	scalars    []int    // variables without pointers, which share memory
	offsets    []uintptr
	size       uintptr // of that memory, in units of 8 bytes
	pointers   []int   // that are one pointer
	strings    []int
	slices     []int
	interfaces []int
	others     []int
	types      []reflect.Type
}

// planOf returns the plan for calls of the function at the node def.
func (m *machine) planOf(def unsafe.Pointer, results int) *plan {
	all := *in[[]reflect.Type](def, m.at.types)
	p := &plan{def: def, results: results, types: all[results:]}
	p.start = *in[unsafe.Pointer]((*in[[]unsafe.Pointer](def, m.at.child))[3], m.at.start)
	for i, t := range p.types {
		v := reflect.New(t).Elem()
		w := *(*header)(unsafe.Pointer(&v))
		w.ptr = nil
		p.vars = append(p.vars, w)
		switch k := t.Kind(); {
		case scalar(t):
			p.scalars = append(p.scalars, i)
			p.offsets = append(p.offsets, p.size*8)
			p.size += (t.Size() + 7) / 8
		case k == reflect.Pointer || k == reflect.Map || k == reflect.Chan || k == reflect.Func:
			p.pointers = append(p.pointers, i)
		case k == reflect.String:
			p.strings = append(p.strings, i)
		case k == reflect.Slice:
			p.slices = append(p.slices, i)
		case k == reflect.Interface:
			p.interfaces = append(p.interfaces, i)
		default:
			p.others = append(p.others, i)
		}
	}
	return p
}

// scalar reports whether values of type t have no pointers in them.
func scalar(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Array:
		return scalar(t.Elem())
	case reflect.Struct:
		for i := range t.NumField() {
			if !scalar(t.Field(i).Type) {
				return false
			}
		}
		return true
	case reflect.String, reflect.UnsafePointer:
		return false
	}
	return basic(t.Kind())
}

// fill makes the variables of a call in vars.
func (p *plan) fill(vars []header) {
	copy(vars, p.vars)
	if len(p.scalars) > 0 {
		memory := unsafe.Pointer(unsafe.SliceData(make([]uint64, p.size+1)))
		for i, v := range p.scalars {
			vars[v].ptr = unsafe.Add(memory, p.offsets[i])
		}
	}
	share[unsafe.Pointer](vars, p.pointers)
	share[string](vars, p.strings)
	share[[]byte](vars, p.slices) // all slices have one layout
	share[any](vars, p.interfaces)
	for _, v := range p.others {
		vars[v].ptr = reflect.New(p.types[v]).UnsafePointer()
	}
}

// share makes the variables at some indices, all of the layout of T, at once.
func share[T any](vars []header, indices []int) {
	if len(indices) == 0 {
		return
	}
	memory := make([]T, len(indices))
	for i, v := range indices {
		vars[v].ptr = unsafe.Pointer(&memory[i])
	}
}

// invocation returns what executes the call of an interpreted function at a node, which yaegi has made exec for; ok is false if
// the call is not a plain one: all results are used where they are and no argument is a function or enters an interface of yaegi.
func (m *machine) invocation(n unsafe.Pointer, children []unsafe.Pointer, exec bltn) (fast bltn, ok bool) {
	if *in[uint](n, m.at.action) != m.call || len(children) == 0 || *in[uint](children[0], m.at.kind) != m.ident {
		return nil, false
	}
	parent, level := *in[unsafe.Pointer](n, m.at.anc), *in[int](n, m.at.level)
	typ := *in[unsafe.Pointer](children[0], m.at.typ)
	if parent == nil || typ == nil || *in[uint](typ, m.at.cat) != m.functions || level != 0 && level != -1 {
		return nil, false
	}
	if k := *in[uint](parent, m.at.kind); k == m.goStmt || k == m.deferStmt || k == m.defineX || k == m.assignX {
		return nil, false
	}
	params := *in[[]unsafe.Pointer](typ, m.at.arg)
	if len(params) != len(children)-1 {
		return nil, false
	}
	args := make([]func(unsafe.Pointer) reflect.Value, len(params))
	for i, p := range params {
		if !m.copied(p) {
			return nil, false
		}
		args[i] = genValue(children[i+1])
	}
	results, at := len(*in[[]unsafe.Pointer](typ, m.at.ret)), *in[int](n, m.at.findex)
	callee := genValue(children[0])
	tnext, fnext := *in[unsafe.Pointer](n, m.at.tnext), *in[unsafe.Pointer](n, m.at.fnext)
	var last atomic.Pointer[plan]
	return func(frame unsafe.Pointer) bltn {
		f := callee(frame)
		if !f.IsValid() || f.Kind() != reflect.Pointer || f.Type().Elem() != m.node {
			return exec(frame)
		}
		def := f.UnsafePointer()
		if def == nil || in[reflect.Value](def, m.at.rval).IsValid() {
			return exec(frame)
		}
		p := last.Load()
		if p == nil || p.def != def {
			p = m.planOf(def, results)
			last.Store(p)
		}
		called := newFrame(frame, results+len(p.vars), atomic.LoadUint64((*uint64)(frame)))
		data := *in[[]reflect.Value](called, m.at.data)
		if results > 0 { // they are the caller's
			from := frame
			if level < 0 {
				from = *in[unsafe.Pointer](frame, m.at.global)
			}
			copy(data[:results], (*in[[]reflect.Value](from, m.at.data))[at:])
		}
		if vars := data[results:]; len(vars) > 0 {
			p.fill(unsafe.Slice((*header)(unsafe.Pointer(&vars[0])), len(vars)))
			if len(args) > len(vars) {
				return exec(frame)
			}
			for i, arg := range args {
				v := arg(frame)
				if !v.IsValid() {
					return exec(frame)
				}
				vars[i].Set(v)
			}
		}
		runCfg(p.start, called, def, n)
		next := tnext
		if fnext != nil && !data[0].Bool() {
			next = fnext
		}
		return m.then(next)
	}, true
}

// then returns what executes a node, nil for none.
func (m *machine) then(node unsafe.Pointer) bltn {
	if node == nil {
		return nil
	}
	return *in[bltn](node, m.at.exec)
}

// copied reports whether yaegi hands arguments for a parameter of an itype over as they are.
func (m *machine) copied(typ unsafe.Pointer) (ok bool) {
	defer func() {
		if recover() != nil { // a type that yaegi has not finished
			ok = false
		}
	}()
	if *in[uint](typ, m.at.cat) == m.variadic {
		return false
	}
	switch t := frameType(typ); t.Kind() {
	case reflect.Func:
		return false
	case reflect.Interface:
		return t.NumMethod() == 0
	case reflect.Struct:
		return t.PkgPath() != yaegiPath
	}
	return true
}
