package interp

import (
	"reflect"
	"sync/atomic"
	"unsafe"
)

// Elements and fields are what programs look at most. yaegi's operations for them may panic, and what is wrapped around an
// operation that may panic takes longer than itself; those here know when they cannot.

// A shortcut tells where the element or field of a variable is, without package reflect's looking at its kind again.
type shortcut struct {
	typ    unsafe.Pointer // of the variable
	flag   uintptr
	kind   reflect.Kind
	part   header  // the element's type and flag
	size   uintptr // of an element
	offset uintptr // of a field
	length uint64  // of an array
}

// sliceHeader is the layout of a slice.
type sliceHeader struct {
	data     unsafe.Pointer
	len, cap int
}

// newShortcut returns the shortcut from v to part, nil if there is none: v is no variable.
func newShortcut(v, part reflect.Value) *shortcut {
	if !v.CanAddr() || !part.CanAddr() {
		return nil
	}
	h := *(*header)(unsafe.Pointer(&v))
	return &shortcut{typ: h.typ, flag: h.flag, kind: v.Kind(), part: *(*header)(unsafe.Pointer(&part)), size: part.Type().Size()}
}

// element returns what executes an index expression at a node, of an array, a slice or a string; ok is false if it is another
// one. Where the index is out of range, and wherever else it is not certain what happens, exec does.
func (m *machine) element(n unsafe.Pointer, children []unsafe.Pointer, exec bltn) (fast bltn, ok bool) {
	if len(children) != 2 || in[reflect.Value](children[1], m.at.rval).IsValid() {
		return nil, false
	}
	switch m.kindOf(children[0]) {
	case reflect.Array, reflect.Slice, reflect.String:
	default:
		return nil, false
	}
	k := m.kindOf(children[1])
	if k < reflect.Int || k > reflect.Uintptr {
		return nil, false
	}
	base, index, signed := genValue(children[0]), genValue(children[1]), k <= reflect.Int64
	store, ok := m.store(n)
	if !ok {
		return nil, false
	}
	var known atomic.Pointer[shortcut]
	return func(frame unsafe.Pointer) bltn {
		a, x, i := base(frame), index(frame), uint64(0)
		switch {
		case !a.IsValid() || !x.IsValid():
			return exec(frame)
		case signed:
			i = uint64(x.Int())
		default:
			i = x.Uint()
		}
		h := (*header)(unsafe.Pointer(&a))
		if s := known.Load(); s != nil && s.typ == h.typ && s.flag == h.flag {
			part := s.part
			if s.kind == reflect.Array {
				if i >= s.length {
					return exec(frame)
				}
				part.ptr = unsafe.Add(h.ptr, uintptr(i)*s.size)
			} else {
				slice := (*sliceHeader)(h.ptr)
				if i >= uint64(slice.len) {
					return exec(frame)
				}
				part.ptr = unsafe.Add(slice.data, uintptr(i)*s.size)
			}
			return store(frame, *(*reflect.Value)(unsafe.Pointer(&part)))
		}
		if i >= uint64(a.Len()) {
			return exec(frame)
		}
		v := a.Index(int(i))
		if s := newShortcut(a, v); s != nil && a.Kind() != reflect.String {
			s.length = uint64(a.Len())
			known.Store(s)
		}
		return store(frame, v)
	}, true
}

// member returns what executes the selection of a field, in a struct or through a pointer to one, as element does. Where the
// pointer is nil exec does.
func (m *machine) member(n unsafe.Pointer, children []unsafe.Pointer, exec bltn) (fast bltn, ok bool) {
	index, ok := (*in[any](n, m.at.val)).([]int)
	if !ok || len(index) != 1 || len(children) != 2 || *in[uint](n, m.at.kind) != m.selector {
		return nil, false
	}
	if k := m.kindOf(n); k == reflect.Func || k == reflect.Invalid { // a method
		return nil, false
	}
	if k := m.kindOf(children[0]); k != reflect.Struct && k != reflect.Pointer {
		return nil, false
	}
	base, field := genValue(children[0]), index[0]
	store, ok := m.store(n)
	if !ok {
		return nil, false
	}
	var known atomic.Pointer[shortcut]
	return func(frame unsafe.Pointer) bltn {
		x := base(frame)
		h := (*header)(unsafe.Pointer(&x))
		if s := known.Load(); s != nil && s.typ == h.typ && s.flag == h.flag {
			part, at := s.part, h.ptr
			if s.kind == reflect.Pointer {
				at = *(*unsafe.Pointer)(at)
			}
			if at == nil {
				return exec(frame)
			}
			part.ptr = unsafe.Add(at, s.offset)
			return store(frame, *(*reflect.Value)(unsafe.Pointer(&part)))
		}
		y := x
		if x.Kind() == reflect.Pointer {
			y = x.Elem()
		}
		if y.Kind() != reflect.Struct {
			return exec(frame)
		}
		v := y.Field(field)
		if s := newShortcut(x, v); s != nil {
			s.offset = y.Type().Field(field).Offset
			known.Store(s)
		}
		return store(frame, v)
	}, true
}

// deref is yaegi's: it makes the operation of a node that dereferences a pointer.
//
//go:linkname deref github.com/traefik/yaegi/interp.deref
func deref(node unsafe.Pointer)

// pointed returns what executes the dereference of a pointer, as element does. Where it is nil exec does. yaegi's own operation
// does not store what decides a branch and is false, which && and || look at again.
func (m *machine) pointed(n unsafe.Pointer, children []unsafe.Pointer, exec bltn) (fast bltn, ok bool) {
	if len(children) != 1 {
		return nil, false
	}
	store, ok := m.store(n)
	if !ok {
		return nil, false
	}
	pointer := genValue(children[0])
	return func(frame unsafe.Pointer) bltn {
		p := pointer(frame)
		if p.Kind() != reflect.Pointer || p.IsNil() {
			return exec(frame)
		}
		return store(frame, p.Elem())
	}, true
}

// store returns what makes a value, which may be assigned to, that of a node and goes on; ok is false where yaegi keeps it in
// the frame of another function.
func (m *machine) store(n unsafe.Pointer) (do func(frame unsafe.Pointer, v reflect.Value) bltn, ok bool) {
	level, at := *in[int](n, m.at.level), *in[int](n, m.at.findex)
	tnext, fnext := *in[unsafe.Pointer](n, m.at.tnext), *in[unsafe.Pointer](n, m.at.fnext)
	switch {
	case at < 0 || level != 0 && level != -1:
		return nil, false
	case level == 0 && fnext == nil && tnext != nil:
		return func(frame unsafe.Pointer, v reflect.Value) bltn {
			(*in[[]reflect.Value](frame, m.at.data))[at] = v
			return *in[bltn](tnext, m.at.exec)
		}, true
	}
	return func(frame unsafe.Pointer, v reflect.Value) bltn {
		if level < 0 {
			frame = *in[unsafe.Pointer](frame, m.at.global)
		}
		(*in[[]reflect.Value](frame, m.at.data))[at] = v
		if fnext != nil && !v.Bool() {
			return m.then(fnext)
		}
		return m.then(tnext)
	}, true
}
