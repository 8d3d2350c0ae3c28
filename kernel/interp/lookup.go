package interp

import (
	"reflect"
	"sync/atomic"
	"unsafe"
)

// getIndexMap is yaegi's: it makes the operation of a node that reads an entry of a map.
//
//go:linkname getIndexMap github.com/traefik/yaegi/interp.getIndexMap
func getIndexMap(node unsafe.Pointer)

// A lookup reads the entry of a map, given as the pointer that it is, into a variable. It returns false, and does nothing, if
// the key or the variable is of another kind than it knows.
type lookup func(m unsafe.Pointer, key, dest reflect.Value) bool

// lookups are those of the maps that programs count and collect in most, by type. Package reflect takes three times as long.
var lookups = func() map[reflect.Type]lookup {
	all := map[reflect.Type]lookup{}
	withKey(all, reflect.String, reflect.Value.String)
	withKey(all, reflect.Int, func(v reflect.Value) int { return int(v.Int()) })
	withKey(all, reflect.Int32, func(v reflect.Value) int32 { return int32(v.Int()) })
	return all
}()

func withKey[K comparable](all map[reflect.Type]lookup, kind reflect.Kind, key func(reflect.Value) K) {
	withValue(all, kind, key, reflect.Int, func(dest reflect.Value, v int) { dest.SetInt(int64(v)) })
	withValue(all, kind, key, reflect.Bool, reflect.Value.SetBool)
	withValue(all, kind, key, reflect.String, reflect.Value.SetString)
	withValue(all, kind, key, reflect.Float64, reflect.Value.SetFloat)
}

func withValue[K comparable, V any](all map[reflect.Type]lookup, keyKind reflect.Kind, key func(reflect.Value) K, kind reflect.Kind, set func(reflect.Value, V)) {
	all[reflect.TypeFor[map[K]V]()] = func(m unsafe.Pointer, k, dest reflect.Value) bool {
		if k.Kind() != keyKind || dest.Kind() != kind || !dest.CanSet() {
			return false
		}
		set(dest, (*(*map[K]V)(unsafe.Pointer(&m)))[key(k)])
		return true
	}
}

// found returns what executes a node that reads an entry of a map, for which yaegi has made exec with gen.
func (m *machine) found(gen generator, n unsafe.Pointer, exec bltn) bltn {
	children := *in[[]unsafe.Pointer](n, m.at.child)
	if reflect.ValueOf(gen).Pointer() != reflect.ValueOf(getIndexMap).Pointer() {
		return exec
	}
	tnext, fnext := *in[unsafe.Pointer](n, m.at.tnext), *in[unsafe.Pointer](n, m.at.fnext)
	base, index, dest := genValue(children[0]), genValue(children[1]), genValue(n)
	type known struct {
		typ  reflect.Type
		read lookup
	}
	var last atomic.Pointer[known]
	return func(frame unsafe.Pointer) bltn {
		b := base(frame)
		if !b.IsValid() || b.Kind() != reflect.Map {
			return exec(frame)
		}
		l := last.Load()
		if t := b.Type(); l == nil || l.typ != t {
			l = &known{t, lookups[t]}
			last.Store(l)
		}
		d := dest(frame)
		if l.read == nil || !l.read(b.UnsafePointer(), index(frame), d) {
			return exec(frame)
		}
		if fnext != nil && !d.Bool() {
			return m.then(fnext)
		}
		return m.then(tnext)
	}
}
