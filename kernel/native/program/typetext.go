package program

import (
	"go/types"
	"strings"
)

// typeText returns a type as the file can write it, and false if it cannot: it is, or holds, one that has no name outside
// of its package or function.
func (a *assembly) typeText(t types.Type) (string, bool) {
	if !writable(t, map[types.Type]bool{}) {
		return "", false
	}
	return types.TypeString(t, func(p *types.Package) string {
		if p.Path() == "main" {
			return ""
		}
		name := "gk_" + strings.NewReplacer("/", "_", ".", "_", "-", "_").Replace(p.Path())
		a.imports[name] = p.Path()
		return name
	}), true
}

// writable reports whether all that t is made of can be written in another package.
func writable(t types.Type, seen map[types.Type]bool) bool {
	if seen[t] {
		return true
	}
	seen[t] = true
	switch t := t.(type) {
	case *types.Alias:
		if !named(t.Obj()) {
			return false
		}
	case *types.Named:
		if !named(t.Obj()) {
			return false
		}
	}
	for part := range parts(t) {
		if part == nil || !writable(part, seen) {
			return false
		}
	}
	return true
}

// parts yields the types of which t is made, nil for what only its own package can name.
func parts(t types.Type) func(yield func(types.Type) bool) {
	return func(yield func(types.Type) bool) {
		var list []types.Type
		foreign := func(o types.Object) bool {
			return !o.Exported() && o.Pkg() != nil && o.Pkg().Path() != "main"
		}
		switch t := t.(type) {
		case *types.Named:
			for arg := range t.TypeArgs().Types() {
				list = append(list, arg)
			}
		case *types.Map:
			list = append(list, t.Key(), t.Elem())
		case interface{ Elem() types.Type }: // pointers, slices, arrays, channels
			list = append(list, t.Elem())
		case *types.Signature:
			for _, tuple := range []*types.Tuple{t.Params(), t.Results()} {
				for v := range tuple.Variables() {
					list = append(list, v.Type())
				}
			}
		case *types.Struct:
			for f := range t.Fields() {
				list = append(list, f.Type())
				if foreign(f) {
					list = append(list, nil)
				}
			}
		case *types.Interface:
			for m := range t.ExplicitMethods() {
				list = append(list, m.Type())
				if foreign(m) {
					list = append(list, nil)
				}
			}
			for e := range t.EmbeddedTypes() {
				list = append(list, e)
			}
		}
		for _, part := range list {
			if !yield(part) {
				return
			}
		}
	}
}

// named reports whether a type's name can be written.
func named(o *types.TypeName) bool {
	return o.Pkg() == nil || o.Parent() == o.Pkg().Scope() && (o.Exported() || o.Pkg().Path() == "main")
}
