package main

import (
	"go/types"
	"maps"
	"slices"
)

// requires lists the other packages whose interfaces with methods can be met by way of this package's exported names:
// in signatures, fields and methods, to any depth. Their wrappers are needed as soon as values are passed.
func (t *table) requires() []string {
	w := walker{seen: map[types.Type]bool{}, found: map[string]bool{}}
	for _, name := range t.pkg.Scope().Names() {
		if o := t.pkg.Scope().Lookup(name); o.Exported() {
			w.walk(o.Type())
		}
	}
	delete(w.found, t.pkg.Path())
	maps.DeleteFunc(w.found, func(path string, _ bool) bool { return !t.importable[path] })
	return slices.Sorted(maps.Keys(w.found))
}

type walker struct {
	seen  map[types.Type]bool
	found map[string]bool
}

func (w *walker) walk(t types.Type) {
	if t == nil || w.seen[t] {
		return
	}
	w.seen[t] = true
	switch t := t.(type) {
	case *types.Alias:
		w.walk(t.Rhs())
	case *types.Named:
		if i, ok := t.Underlying().(*types.Interface); ok && i.NumMethods() > 0 && t.Obj().Pkg() != nil {
			w.found[t.Obj().Pkg().Path()] = true
		}
		for m := range t.Methods() {
			if m.Exported() {
				w.walk(m.Type())
			}
		}
		for a := range t.TypeArgs().Types() {
			w.walk(a)
		}
		w.walk(t.Underlying())
	case *types.Pointer:
		w.walk(t.Elem())
	case *types.Slice:
		w.walk(t.Elem())
	case *types.Array:
		w.walk(t.Elem())
	case *types.Chan:
		w.walk(t.Elem())
	case *types.Map:
		w.walk(t.Key())
		w.walk(t.Elem())
	case *types.Struct:
		for f := range t.Fields() {
			if f.Exported() || f.Embedded() {
				w.walk(f.Type())
			}
		}
	case *types.Interface:
		for m := range t.Methods() {
			if m.Exported() {
				w.walk(m.Type())
			}
		}
	case *types.Signature:
		w.walk(t.Params())
		w.walk(t.Results())
	case *types.Tuple:
		for v := range t.Variables() {
			w.walk(v.Type())
		}
	}
}
