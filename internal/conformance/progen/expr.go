package progen

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// expr returns an expression of type t, nested at most depth deep.
func (g *gen) expr(t *typ, depth int) string {
	if depth > 0 && g.chance(75) {
		if e := g.compound(t, depth-1); e != "" {
			return e
		}
	}
	if vars := g.ofType(t); len(vars) > 0 && g.chance(75) {
		return pick(g, vars)
	}
	return g.literal(t, depth)
}

// varying is expr without constants, which the compiler would fold, and refuse where they overflow.
func (g *gen) varying(t *typ, depth int) string {
	if vars := g.ofType(t); len(vars) > 0 && (depth == 0 || g.chance(50)) {
		return pick(g, vars)
	}
	if t.kind == intKind || t.kind == floatKind || t.kind == stringKind || t.kind == boolKind {
		return "id[" + t.String() + "](" + g.expr(t, depth-1) + ")"
	}
	return g.expr(t, depth)
}

// ofType lists the variables in scope of type t, and fields of variables.
func (g *gen) ofType(t *typ) []string {
	var out []string
	for _, v := range g.visible() {
		if same(v.t, t) {
			out = append(out, v.name)
		}
		if v.t.kind == structKind {
			for _, f := range v.t.fields {
				if same(f.t, t) {
					out = append(out, v.name+"."+f.name)
				}
				if f.embedded && f.t.kind == structKind {
					for _, p := range f.t.fields {
						if same(p.t, t) && !p.embedded {
							out = append(out, v.name+"."+f.name+"."+p.name)
						}
					}
				}
			}
		}
	}
	return out
}

// visible lists the variables in scope that no inner one hides.
func (g *gen) visible() []variable {
	var out []variable
	seen := map[string]bool{}
	for _, v := range slices.Backward(g.vars) {
		if !seen[v.name] {
			out = append(out, v)
		}
		seen[v.name] = true
	}
	return out
}

// unchanged fixes the variables in scope for functions that expressions call, until what it returns is called.
func (g *gen) unchanged() func() {
	outer := g.vars
	g.vars = slices.Clone(g.vars)
	for i := range g.vars {
		g.vars[i].fixed = true
	}
	return func() { g.vars = outer }
}

func same(a, b *typ) bool { return a == b || a.String() == b.String() }

// literal returns a constant or a composite literal of type t.
func (g *gen) literal(t *typ, depth int) string {
	switch t.kind {
	case intKind:
		n := g.r.IntN(12)
		if g.chance(20) {
			n = g.r.IntN(1<<min(t.bits-1, 20) - 1)
		}
		if t.signed && g.chance(15) {
			n = -n
		}
		return g.typed(t, strconv.Itoa(n))
	case floatKind:
		return g.typed(t, strconv.FormatFloat(float64(g.r.IntN(64))/4, 'f', 2, 64))
	case stringKind:
		return g.typed(t, strconv.Quote(pick(g, []string{"", "a", "go", "héllo", "x y", "b,c,d", "Zed", "世界", "0", "tab\t"})))
	case boolKind:
		return pick(g, []string{"true", "false"})
	case sliceKind:
		if g.chance(10) {
			return t.String() + "(nil)"
		}
		return t.String() + "{" + g.list(t.elem, g.r.IntN(4), depth-1) + "}"
	case arrayKind:
		return t.String() + "{" + g.list(t.elem, g.r.IntN(t.n+1), depth-1) + "}"
	case mapKind:
		return g.mapLiteral(t, depth)
	case pointerKind:
		if g.chance(5) {
			return "(" + t.String() + ")(nil)"
		}
		if t.elem.kind == structKind {
			return "&" + g.literal(t.elem, depth)
		}
		return "new(" + g.varying(t.elem, 0) + ")"
	case structKind:
		var parts []string
		for _, f := range t.fields {
			if g.chance(70) {
				parts = append(parts, f.name+": "+g.expr(f.t, depth-1))
			}
		}
		return t.String() + "{" + strings.Join(parts, ", ") + "}"
	case funcKind:
		return g.closure(t)
	case interfaceKind:
		return g.implementation(t, depth)
	case errorKind:
		return pick(g, []string{`errors.New("plain")`, `fmt.Errorf("wrapped: %w", errors.New("inner"))`, "error(nil)"})
	}
	b := g.basic()
	return "any(" + g.typed(b, g.expr(b, depth-1)) + ")"
}

// typed converts a constant to types that it would not have by default.
func (g *gen) typed(t *typ, x string) string {
	if t == tInt || t == tString || t == tBool || t == tFloat {
		return x
	}
	return t.String() + "(" + x + ")"
}

func (g *gen) list(t *typ, n, depth int) string {
	out := make([]string, n)
	for i := range out {
		out[i] = g.expr(t, depth)
	}
	return strings.Join(out, ", ")
}

func (g *gen) mapLiteral(t *typ, depth int) string {
	var parts []string
	for i := range g.r.IntN(4) {
		key := strconv.Itoa(i * 3)
		if t.key.kind == stringKind {
			key = strconv.Quote(string(rune('a' + i)))
		}
		parts = append(parts, key+": "+g.expr(t.elem, depth-1))
	}
	return t.String() + "{" + strings.Join(parts, ", ") + "}"
}

// implementation returns a value that implements t.
func (g *gen) implementation(t *typ, depth int) string {
	s := pick(g, t.impls)
	x := g.expr(s, min(depth-1, 1))
	for _, m := range s.methods {
		if m.name == t.methods[0].name && m.pointer {
			x = g.literal(s, 0)
			return t.String() + "(&" + x + ")"
		}
	}
	return t.String() + "(" + x + ")"
}

// closure returns a function literal, which may use and change what is in scope. It calls no variables of function type, so
// that it cannot come to call itself.
func (g *gen) closure(t *typ) string {
	outer, results, loops, serial, times := g.out.String(), g.results, g.inLoop, len(g.vars), g.times
	g.out.Reset()
	defer g.unchanged()()
	names := make([]string, len(t.params))
	for i, p := range t.params {
		names[i] = g.name("a")
		g.vars = append(g.vars, variable{name: names[i], t: p})
	}
	g.results, g.inLoop, g.times = t.results, 0, times*3
	g.closures++
	g.block(g.r.IntN(3), 1)
	body := g.out.String()
	if len(t.results) > 0 {
		body += "return " + g.returned()
	}
	g.closures--
	g.vars, g.results, g.inLoop, g.times = g.vars[:serial], results, loops, times
	g.out.Reset()
	g.out.WriteString(outer)
	return "func" + signature(names, t.params, t.results) + " {\n" + body + "\n}"
}

// returned lists expressions for a return statement.
func (g *gen) returned() string {
	var out []string
	for _, r := range g.results {
		out = append(out, g.expr(r, 1))
	}
	return strings.Join(out, ", ")
}

// compound returns an expression with operators or calls, "" if it finds none for t.
func (g *gen) compound(t *typ, depth int) string {
	g.cost += g.times
	if g.cost > budget {
		return ""
	}
	if g.chance(30) {
		if c := g.call(t, depth); c != "" {
			return c
		}
	}
	switch t.kind {
	case intKind:
		return g.intExpr(t, depth)
	case floatKind:
		return fmt.Sprintf("(%s %s %s)", g.varying(t, depth), pick(g, []string{"+", "-", "*", "/"}), g.expr(t, depth))
	case stringKind:
		return g.stringExpr(t, depth)
	case boolKind:
		return g.boolExpr(depth)
	case sliceKind:
		return g.sliceExpr(t, depth)
	case anyKind:
		b := g.valueType(1)
		if b.kind == funcKind || b.kind == interfaceKind || b.kind == anyKind {
			b = g.basic()
		}
		return "any(" + g.varying(b, depth) + ")"
	}
	// an element of a slice, a map or an array
	for _, v := range g.visible() {
		if g.chance(40) && v.t.elem != nil && same(v.t.elem, t) {
			switch v.t.kind {
			case sliceKind, arrayKind:
				return fmt.Sprintf("%s[%s]", v.name, g.index(v, depth))
			case mapKind:
				return fmt.Sprintf("%s[%s]", v.name, g.expr(v.t.key, depth))
			}
		}
	}
	return ""
}

// index returns an index that is mostly in range.
func (g *gen) index(v variable, depth int) string {
	i := g.varying(tInt, min(depth, 1))
	if v.t.kind == arrayKind {
		return fmt.Sprintf("id(uint(%s)%%%d)", i, v.t.n)
	}
	if g.chance(90) {
		return fmt.Sprintf("int(uint(%s)%%uint(max(1, len(%s))))", i, v.name)
	}
	return i
}

func (g *gen) intExpr(t *typ, depth int) string {
	x := g.varying(t, depth)
	switch g.r.IntN(12) {
	case 0:
		return fmt.Sprintf("(%s %s (%s | 1))", x, pick(g, []string{"/", "%"}), g.varying(t, depth))
	case 1:
		if g.chance(30) {
			return fmt.Sprintf("(%s / %s)", x, g.varying(t, depth))
		}
		return fmt.Sprintf("(%s %s (uint(%s) & 7))", x, pick(g, []string{"<<", ">>"}), g.varying(tInt, depth))
	case 2:
		return fmt.Sprintf("(%s %s %s)", x, pick(g, []string{"&", "|", "^", "&^"}), g.expr(t, depth))
	case 3:
		return pick(g, []string{"-", "^"}) + x
	case 4:
		return fmt.Sprintf("%s(%s)", t, g.varying(g.integer(), depth))
	case 5:
		f := fmt.Sprintf("len(%s)", g.expr(tString, depth))
		for _, v := range g.visible() {
			if (v.t.kind == sliceKind || v.t.kind == mapKind) && g.chance(40) {
				f = fmt.Sprintf("len(%s)", v.name)
			}
		}
		return t.String() + "(id(" + f + "))"
	case 6:
		return fmt.Sprintf("%s(%s, %s)", pick(g, []string{"min", "max"}), x, g.expr(t, depth))
	case 7:
		return fmt.Sprintf("largest[%s](%s, %s)", t, x, g.expr(t, depth))
	case 8:
		e := &typ{kind: sliceKind, elem: t}
		return fmt.Sprintf("folded(%s, %s, func(a, x %s) %s { return a %s x })", g.varying(e, depth), x, t, t, pick(g, []string{"+", "-", "^"}))
	}
	return fmt.Sprintf("(%s %s %s)", x, pick(g, []string{"+", "-", "*"}), g.expr(t, depth))
}

func (g *gen) integer() *typ {
	return pick(g, []*typ{tInt, tInt8, tUint8, tUint32, tInt64, tRune})
}

func (g *gen) stringExpr(t *typ, depth int) string {
	x := g.varying(t, depth)
	switch g.r.IntN(7) {
	case 0:
		return fmt.Sprintf("%s(strings.%s(string(%s)))", t, pick(g, []string{"ToUpper", "TrimSpace", "ToLower", "Title"}), x)
	case 1:
		return fmt.Sprintf("%s(strings.Repeat(string(%s), int(uint(%s)%%3)))", t, x, g.varying(tInt, depth))
	case 2:
		b := g.basic()
		return fmt.Sprintf("%s(fmt.Sprint(%s))", t, g.expr(b, depth))
	case 3:
		b := g.basic()
		verb := map[kind][]string{intKind: {"%d", "%x", "%5d", "%b"}, floatKind: {"%.2f", "%g", "%8.1f"}, stringKind: {"%q", "%s", "%8s", "%x"}, boolKind: {"%v", "%t"}}[b.kind]
		return fmt.Sprintf("%s(fmt.Sprintf(%q, %s))", t, pick(g, verb), g.varying(b, depth))
	case 4:
		return fmt.Sprintf("%s[:uint(%s)%%uint(len(%s)+1)]", x, g.varying(tInt, 0), x)
	case 5:
		return fmt.Sprintf("%s(strings.Join(%s, \"-\"))", t, g.varying(&typ{kind: sliceKind, elem: tString}, depth))
	}
	return fmt.Sprintf("(%s + %s)", x, g.expr(t, depth))
}

func (g *gen) boolExpr(depth int) string {
	switch g.r.IntN(6) {
	case 0:
		return "!" + g.varying(tBool, depth)
	case 1, 2:
		return fmt.Sprintf("(%s %s %s)", g.varying(tBool, depth), pick(g, []string{"&&", "||"}), g.expr(tBool, depth))
	case 3:
		for _, v := range g.visible() {
			if g.chance(40) && v.t.comparable() && v.t.kind != boolKind {
				return fmt.Sprintf("(%s %s (%s))", v.name, pick(g, []string{"==", "!="}), g.expr(v.t, depth))
			}
			if g.chance(30) && (v.t.kind == sliceKind || v.t.kind == mapKind || v.t.kind == anyKind || v.t.kind == interfaceKind || v.t.kind == funcKind) {
				return fmt.Sprintf("(%s == nil)", v.name)
			}
		}
	}
	b := pick(g, []*typ{tInt, tString, tFloat, tInt8})
	return fmt.Sprintf("(%s %s %s)", g.varying(b, depth), pick(g, []string{"<", "<=", ">", ">=", "==", "!="}), g.expr(b, depth))
}

func (g *gen) sliceExpr(t *typ, depth int) string {
	x := g.varying(t, depth)
	switch g.r.IntN(6) {
	case 0:
		return fmt.Sprintf("append(%s, %s)", x, g.list(t.elem, 1+g.r.IntN(2), depth))
	case 1:
		return fmt.Sprintf("kept(%s, func(x %s) bool { return %s })", x, t.elem, g.with("x", t.elem, func() string { return g.expr(tBool, 1) }))
	case 2:
		from := g.basic()
		return fmt.Sprintf("mapped(%s, func(x %s) %s { return %s })", g.varying(&typ{kind: sliceKind, elem: from}, depth), from, t.elem,
			g.with("x", from, func() string { return g.expr(t.elem, 1) }))
	case 3:
		return fmt.Sprintf("append(%s(nil), %s...)", t, x)
	case 4:
		if same(t.elem, tString) {
			return fmt.Sprintf("strings.Split(%s, \",\")", g.expr(tString, depth))
		}
		return fmt.Sprintf("slices.Clone(%s)", x)
	}
	return x
}

// with makes something while one more variable is in scope.
func (g *gen) with(name string, t *typ, f func() string) string {
	g.vars = append(g.vars, variable{name: name, t: t, fixed: true})
	g.closures++
	out := f()
	g.closures--
	g.vars = g.vars[:len(g.vars)-1]
	return out
}
