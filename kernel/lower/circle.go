package lower

import (
	"fmt"
	"go/types"
	"slices"
	"strings"
)

// A circle is a struct type that this cell defines, and those that it leads to.
type circle struct {
	t    *types.Named
	name string // in lowered code
	to   []*circle
	// in holds those of to that are a part of it, not behind a pointer or the like.
	in []*circle
}

// settle returns declarations that make the interpreter complete the struct types that refer to themselves or to each other, in
// an order in which it can: it gets along with one type at a time that is incomplete. The cell is refused if there is none.
func (l *lowerer) settle() string {
	known := map[string]*circle{}
	for _, c := range l.structs {
		known[l.identity(c.t)] = c
	}
	for _, c := range l.structs {
		l.leads(c.t.Underlying(), known, c, true, map[string]bool{})
	}
	var b strings.Builder
	done := map[*circle]bool{}
	for len(done) < len(l.structs) {
		before := len(done)
		for _, c := range l.structs {
			if done[c] {
				continue
			}
			group := l.group(c)
			if slices.ContainsFunc(group, func(m *circle) bool {
				return slices.ContainsFunc(m.to, func(n *circle) bool { return !done[n] && !slices.Contains(group, n) })
			}) {
				continue // what it consists of comes first
			}
			for _, m := range group {
				done[m] = true
			}
			if len(group) == 1 && !slices.Contains(c.to, c) {
				continue
			}
			i := slices.IndexFunc(group, func(m *circle) bool { return !cyclic(group, m) && !held(group, m) })
			if i < 0 {
				panic(l.unsupported(c.t.Obj().Pos(), "the type "+c.t.Obj().Name()+", which refers to others that refer to each other in several circles,"))
			}
			fmt.Fprintf(&b, "var settled_%s %s\n", group[i].name, group[i].name)
		}
		if len(done) == before {
			break
		}
	}
	return b.String()
}

// leads notes the struct types that t, a part of from if that is so, refers to.
func (l *lowerer) leads(t types.Type, known map[string]*circle, from *circle, part bool, seen map[string]bool) {
	switch t := types.Unalias(t).(type) {
	case *types.Named:
		name := l.identity(t)
		if c := known[name]; c != nil {
			if !slices.Contains(from.to, c) {
				from.to = append(from.to, c)
			}
			if part {
				from.in = append(from.in, c)
			}
			return
		}
		if part {
			name += " as a part"
		}
		if t.Obj().Pkg() == nil || seen[name] || types.IsInterface(t) || t.Obj().Pkg().Path() != "main" && t.TypeArgs().Len() == 0 {
			return
		}
		seen[name] = true
		if _, ok := t.Underlying().(*types.Struct); !ok {
			l.leads(t.Underlying(), known, from, part, seen)
		}
	case *types.Pointer:
		l.leads(t.Elem(), known, from, false, seen)
	case *types.Slice:
		l.leads(t.Elem(), known, from, false, seen)
	case *types.Array:
		l.leads(t.Elem(), known, from, part, seen)
	case *types.Chan:
		l.leads(t.Elem(), known, from, false, seen)
	case *types.Map:
		l.leads(t.Key(), known, from, false, seen)
		l.leads(t.Elem(), known, from, false, seen)
	case *types.Struct:
		for f := range t.Fields() {
			l.leads(f.Type(), known, from, part, seen)
		}
	case *types.Signature:
		for _, tup := range []*types.Tuple{t.Params(), t.Results()} {
			for v := range tup.Variables() {
				l.leads(v.Type(), known, from, false, seen)
			}
		}
	}
}

// group returns the types that c leads to and that lead back to it, c among them.
func (l *lowerer) group(c *circle) []*circle {
	var out []*circle
	for _, m := range l.structs {
		if m == c || reaches(c, m, nil) && reaches(m, c, nil) {
			out = append(out, m)
		}
	}
	return out
}

// reaches reports whether a leads to b. seen holds types on the way.
func reaches(a, b *circle, seen map[*circle]bool) bool {
	if seen == nil {
		seen = map[*circle]bool{}
	}
	for _, n := range a.to {
		if n == b {
			return true
		}
		if !seen[n] {
			seen[n] = true
			if reaches(n, b, seen) {
				return true
			}
		}
	}
	return false
}

// held reports whether a type of a group has m as a part: it would be laid out before m's size is known.
func held(group []*circle, m *circle) bool {
	return slices.ContainsFunc(group, func(c *circle) bool { return slices.Contains(c.in, m) })
}

// cyclic reports whether types of a group refer to each other in a circle that without does not belong to.
func cyclic(group []*circle, without *circle) bool {
	for _, m := range group {
		if m != without && m.loops(without) {
			return true
		}
	}
	return false
}

// loops reports whether c leads back to itself by a way that avoids a type.
func (c *circle) loops(avoid *circle) bool {
	seen := map[*circle]bool{}
	var visit func(*circle) bool
	visit = func(n *circle) bool {
		for _, m := range n.to {
			if m == avoid {
				continue
			}
			if m == c {
				return true
			}
			if !seen[m] {
				seen[m] = true
				if visit(m) {
					return true
				}
			}
		}
		return false
	}
	return visit(c)
}
