package progen

import (
	"fmt"
	"strings"
)

// call returns a call that yields a t, of a function, a method or a variable of function type; "" if there is none.
func (g *gen) call(t *typ, depth int) string {
	var found []string
	for _, f := range g.funcs {
		if len(f.results) == 1 && same(f.results[0], t) && g.cost+f.cost*g.times < budget {
			found = append(found, f.name+"("+g.args(f.params, depth)+")")
			g.cost += f.cost * g.times
		}
	}
	for _, v := range g.visible() {
		switch {
		case v.t.kind == funcKind && g.closures == 0 && len(v.t.results) == 1 && same(v.t.results[0], t):
			found = append(found, v.name+"("+g.args(v.t.params, depth)+")")
		case v.t.kind == structKind || v.t.kind == interfaceKind || v.t.kind == pointerKind || v.t.name != "":
			owner := v.t
			if v.t.kind == pointerKind {
				owner = v.t.elem
			}
			for _, m := range owner.methods {
				if m.mutates || !same(m.result, t) || g.chance(30) {
					continue
				}
				switch args := g.args(m.params, depth); {
				case g.chance(15) && !m.pointer && v.t.kind == structKind:
					found = append(found, fmt.Sprintf("%s.%s(%s)", v.t, m.name, join(v.name, args)))
				default:
					found = append(found, v.name+"."+m.name+"("+args+")")
				}
			}
		}
	}
	if len(found) == 0 {
		return ""
	}
	return pick(g, found)
}

func join(first, rest string) string {
	if rest == "" {
		return first
	}
	return first + ", " + rest
}

func (g *gen) args(params []*typ, depth int) string {
	out := make([]string, len(params))
	for i, p := range params {
		out[i] = g.expr(p, min(depth, 1))
	}
	return strings.Join(out, ", ")
}
