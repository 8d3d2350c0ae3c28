package interp

import (
	"cmp"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"unicode/utf8"
	"unsafe"
)

// An encoder makes a snapshot. One variable after another is encoded with all it refers to; one that turns out not to be
// plain data is taken back, and so are those that refer to it or to what only it has encoded.
type encoder struct {
	globals map[string]reflect.Value
	vars    map[string]tree
	failed  map[string]string
	objects map[int]tree
	owner   map[int]string             // object → the variable that encoded it
	needs   map[string]map[string]bool // variable → those without which it cannot be restored
	known   map[object]int
	last    int               // number of the last object
	extents []extent          // of objects and variables
	at      map[object]string // where variables are
	pending []pending
	current string
	left    int // bytes
	time    budget
	n       int // values so far
}

// object identifies what a reference refers to.
type object struct {
	p   unsafe.Pointer
	typ reflect.Type // of what is there
	n   int          // of a slice: the capacity
}

// pending is an object whose content has to be encoded yet. They wait, rather than being encoded at once, lest a long list
// takes a deep stack.
type pending struct {
	id int
	v  reflect.Value // the element of a pointer, the map, or the slice up to its capacity
}

func newEncoder(globals map[string]reflect.Value, maxBytes int) *encoder {
	if maxBytes <= 0 {
		maxBytes = maxSnapshot
	}
	e := &encoder{
		globals: globals, at: map[object]string{}, vars: map[string]tree{}, failed: map[string]string{}, objects: map[int]tree{}, owner: map[int]string{},
		needs: map[string]map[string]bool{}, known: map[object]int{}, left: maxBytes, time: newBudget(),
	}
	for name, v := range globals {
		p := v.Addr().UnsafePointer()
		e.extents = append(e.extents, extentOf(p, v.Type().Size(), name))
		e.at[object{p: p, typ: v.Type()}] = name
	}
	return e
}

func (e *encoder) encodeAll() {
	for _, name := range slices.Sorted(maps.Keys(e.globals)) {
		if err := e.encode(name); err != nil {
			e.failed[name] = err.Error()
		}
	}
	e.separate()
	for again := true; again; {
		again = false
		for name := range e.vars {
			for need := range e.needs[name] {
				if _, ok := e.vars[need]; !ok {
					delete(e.vars, name)
					e.failed[name] = "it refers to a variable that is not plain data"
					again = true
					break
				}
			}
		}
	}
}

// separate takes back the variables that share memory in a way that objects cannot express: pointers to an element, slices
// that begin at different elements of one array.
func (e *encoder) separate() {
	e.extents = slices.DeleteFunc(e.extents, func(x extent) bool { return x.from == x.to })
	slices.SortFunc(e.extents, func(a, b extent) int { return cmp.Compare(a.from, b.from) })
	fail := func(x extent) {
		if _, ok := e.vars[x.owner]; ok && !x.variable {
			delete(e.vars, x.owner)
			e.failed[x.owner] = "it points into other data, or shares a part of an array"
		}
	}
	var last extent // that which reaches furthest
	for _, x := range e.extents {
		if x.from < last.to {
			fail(x)
			fail(last)
		}
		if x.to > last.to {
			last = x
		}
	}
}

// image returns what has been encoded.
func (e *encoder) image() image {
	im := image{Vars: e.vars, Objects: map[int]tree{}}
	for id, t := range e.objects {
		if _, ok := e.vars[e.owner[id]]; ok {
			im.Objects[id] = t
		}
	}
	return im
}

// encode encodes one variable.
func (e *encoder) encode(name string) (err error) {
	e.current, e.needs[name] = name, map[string]bool{}
	left := e.left
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("it cannot be read: %v", v)
		}
		if err == nil {
			return
		}
		e.left, e.pending = left, nil
		e.extents = slices.DeleteFunc(e.extents, func(x extent) bool { return x.owner == name && !x.variable })
		for id, owner := range e.owner {
			if owner == name {
				delete(e.owner, id)
				delete(e.objects, id)
			}
		}
		for o, id := range e.known {
			if e.owner[id] == "" {
				delete(e.known, o)
			}
		}
	}()
	t, err := e.value(e.globals[name])
	if err != nil {
		return err
	}
	for len(e.pending) > 0 {
		p := e.pending[len(e.pending)-1]
		e.pending = e.pending[:len(e.pending)-1]
		if e.objects[p.id], err = e.content(p.v); err != nil {
			return err
		}
	}
	e.vars[name] = t
	return nil
}

// content encodes an object.
func (e *encoder) content(v reflect.Value) (tree, error) {
	switch v.Kind() {
	case reflect.Map:
		entries := make([]tree, 0, 2*v.Len())
		for it := v.MapRange(); it.Next(); {
			k, err := e.value(it.Key())
			if err != nil {
				return nil, err
			}
			x, err := e.value(it.Value())
			if err != nil {
				return nil, err
			}
			entries = append(entries, k, x)
		}
		return entries, nil
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			b := v.Bytes()
			if err := e.spend(len(b) * 4 / 3); err != nil {
				return nil, err
			}
			return base64.StdEncoding.EncodeToString(b), nil
		}
		return e.elements(v)
	}
	return e.value(v.Elem()) // of a pointer
}

func (e *encoder) elements(v reflect.Value) (tree, error) {
	out := make([]tree, v.Len())
	for i := range out {
		t, err := e.value(v.Index(i))
		if err != nil {
			return nil, err
		}
		out[i] = t
	}
	return out, nil
}

// spend takes n bytes from what may be used, and looks at the time now and then.
func (e *encoder) spend(n int) error {
	e.left -= n
	if e.left < 0 {
		return errors.New("it is too large")
	}
	if e.n++; e.n%256 == 0 && e.time.spent() {
		return errors.New("there was not enough time")
	}
	return nil
}

// valueBytes is what a value takes at least, with what is around it.
const valueBytes = 4

func (e *encoder) value(v reflect.Value) (tree, error) {
	if err := e.spend(valueBytes); err != nil {
		return nil, err
	}
	switch v.Kind() {
	case reflect.Bool:
		return v.Bool(), nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return strconv.FormatInt(v.Int(), 10), nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return strconv.FormatUint(v.Uint(), 10), nil
	case reflect.Float32, reflect.Float64:
		return strconv.FormatFloat(v.Float(), 'g', -1, 64), nil
	case reflect.Complex64, reflect.Complex128:
		c := v.Complex()
		return []tree{strconv.FormatFloat(real(c), 'g', -1, 64), strconv.FormatFloat(imag(c), 'g', -1, 64)}, nil
	case reflect.String:
		s := v.String()
		if err := e.spend(len(s)); err != nil {
			return nil, err
		}
		if !utf8.ValidString(s) {
			return []tree{base64.StdEncoding.EncodeToString([]byte(s))}, nil
		}
		return s, nil
	case reflect.Array:
		return e.elements(v)
	case reflect.Struct:
		return e.structure(v)
	case reflect.Pointer, reflect.Map, reflect.Slice:
		return e.reference(v)
	case reflect.Interface:
		return e.dynamic(v)
	case reflect.Chan, reflect.Func, reflect.UnsafePointer:
		if v.IsNil() {
			return nil, nil
		}
		return nil, fmt.Errorf("it holds a %s", v.Kind())
	}
	return nil, errPlain
}

// structure encodes a struct: field by field, or as a whole where fields are hidden.
func (e *encoder) structure(v reflect.Value) (tree, error) {
	t := v.Type()
	if b, ok, err := binary(v); ok {
		if err != nil {
			return nil, fmt.Errorf("a %s of it: %w", t, err)
		}
		return map[string]tree{"binary": base64.StdEncoding.EncodeToString(b)}, e.spend(len(b) * 4 / 3)
	}
	if !v.CanAddr() { // in a map or an interface
		addressable := reflect.New(t).Elem()
		addressable.Set(v)
		v = addressable
	}
	out := make([]tree, t.NumField())
	for i := range out {
		field, ok := fieldOf(v, i)
		if !ok {
			if v.IsZero() {
				return nil, nil
			}
			return nil, fmt.Errorf("it holds a %s", t)
		}
		f, err := e.value(field)
		if err != nil {
			return nil, err
		}
		out[i] = f
	}
	return out, nil
}

// binary returns what a value of a type of compiled code marshals itself to.
func binary(v reflect.Value) (b []byte, ok bool, err error) {
	if v.Type().PkgPath() == "" {
		return nil, false, nil
	}
	if !v.CanAddr() { // in a map
		addressable := reflect.New(v.Type()).Elem()
		addressable.Set(v)
		v = addressable
	}
	switch m := v.Addr().Interface().(type) {
	case marshals:
		if _, back := m.(unmarshals); back {
			b, err = m.MarshalBinary()
			return b, true, err
		}
	case gobs:
		if _, back := m.(ungobs); back {
			b, err = m.GobEncode()
			return b, true, err
		}
	}
	return nil, false, nil
}

// reference encodes a pointer, map or slice.
func (e *encoder) reference(v reflect.Value) (tree, error) {
	if v.IsNil() {
		return nil, nil
	}
	o := object{p: v.UnsafePointer()}
	size := uintptr(1) // of a map: where its head is
	switch v.Kind() {
	case reflect.Pointer:
		o.typ = v.Type().Elem()
		size = o.typ.Size()
	case reflect.Slice:
		o.typ, o.n = v.Type().Elem(), v.Cap()
		size = o.typ.Size() * uintptr(o.n)
	default:
		o.typ = v.Type()
	}
	refer := func(to tree) tree {
		if v.Kind() == reflect.Slice {
			return []tree{to, v.Len()}
		}
		return to
	}
	if id, ok := e.known[o]; ok {
		e.needs[e.current][e.owner[id]] = true
		return refer(id), nil
	}
	if name, ok := e.at[o]; ok && v.Kind() == reflect.Pointer {
		e.needs[e.current][name] = true
		return name, nil
	}
	x := extentOf(o.p, size, e.current)
	x.variable = false
	e.extents = append(e.extents, x)
	e.last++
	id := e.last
	e.known[o], e.owner[id] = id, e.current
	content := v
	if v.Kind() == reflect.Slice {
		content = v.Slice(0, v.Cap())
	}
	e.pending = append(e.pending, pending{id, content})
	return refer(id), nil
}

// dynamic encodes what is in an interface, if its type can be named.
func (e *encoder) dynamic(v reflect.Value) (tree, error) {
	if v.IsNil() {
		return nil, nil
	}
	inner := v.Elem()
	name, ok := typeName(inner.Type())
	if !ok {
		return nil, fmt.Errorf("it holds a %s in an interface", inner.Type())
	}
	t, err := e.value(inner)
	if err != nil {
		return nil, err
	}
	return map[string]tree{"type": name, "value": t}, nil
}
