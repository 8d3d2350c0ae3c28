package progen

import (
	"fmt"
	"strings"
)

// function declares a function; what it returns may be several values.
func (g *gen) function() {
	f := &function{name: g.name("fn")}
	for range g.r.IntN(3) {
		f.params = append(f.params, g.valueType(1))
	}
	for range 1 + g.r.IntN(2)*g.r.IntN(2) {
		f.results = append(f.results, g.valueType(1))
	}
	defer g.unchanged()()
	names := make([]string, len(f.params))
	mark := len(g.vars)
	for i, p := range f.params {
		names[i] = g.name("a")
		g.vars = append(g.vars, variable{name: names[i], t: p})
	}
	before := g.cost
	g.cost, g.times, g.results = 0, 1, f.results
	g.p("\nfunc %s%s {", f.name, signature(names, f.params, f.results))
	if g.chance(25) {
		g.p("defer func() { %s }()", strings.TrimSpace(g.captured(func() { g.print() })))
	}
	g.block(2+g.r.IntN(4), 2)
	g.p("return %s\n}", g.returned())
	f.cost = g.cost + 5
	g.cost, g.vars, g.results = before, g.vars[:mark], nil
	g.funcs = append(g.funcs, f)
}

// captured returns what f writes.
func (g *gen) captured(f func()) string {
	outer, mark := g.out.String(), len(g.vars)
	g.out.Reset()
	f()
	g.vars = g.vars[:mark]
	body := g.out.String()
	g.out.Reset()
	g.out.WriteString(outer)
	return body
}

// block writes n statements; what they declare goes out of scope with the block that the caller writes.
func (g *gen) block(n, depth int) {
	for range n {
		g.cost += g.times
		if g.cost > budget {
			return
		}
		g.statement(depth)
	}
}

// nested writes statements in braces that the caller has opened, and closes them.
func (g *gen) nested(n, depth int) {
	mark := len(g.vars)
	g.block(n, depth)
	g.vars = g.vars[:mark]
	g.p("}")
}

func (g *gen) statement(depth int) {
	if depth > 0 && g.chance(45) {
		pick(g, []func(int){g.ifStmt, g.forStmt, g.forStmt, g.rangeStmt, g.rangeStmt, g.switchStmt, g.typeSwitch, g.goroutines,
			g.deferred, g.shadow, g.channel, g.labelled, g.overFunc, g.captures, g.generic})(depth - 1)
		return
	}
	switch g.r.IntN(8) {
	case 0, 1, 2:
		g.declare()
	case 3, 4:
		g.assign()
	case 5:
		g.mutate()
	default:
		g.print()
	}
}

// declare writes a declaration of a variable.
func (g *gen) declare() {
	t := g.valueType(2)
	name := g.name("v")
	if g.chance(10) {
		for _, f := range g.funcs {
			if len(f.results) == 2 && g.cost+f.cost*g.times < budget {
				other := g.name("v")
				g.p("%s, %s := %s(%s)\n_, _ = %s, %s", name, other, f.name, g.args(f.params, 1), name, other)
				g.vars = append(g.vars, variable{name: name, t: f.results[0]}, variable{name: other, t: f.results[1]})
				return
			}
		}
	}
	x := g.expr(t, 3)
	switch g.r.IntN(4) {
	case 0:
		g.p("var %s %s = %s", name, t, x)
	case 1:
		g.p("var %s %s", name, t)
	default:
		g.p("%s := %s", name, g.exactly(t, x))
	}
	g.p("_ = %s", name)
	g.vars = append(g.vars, variable{name: name, t: t})
}

// exactly makes x a t where its own type, or that of a constant, would be another.
func (g *gen) exactly(t *typ, x string) string {
	if t.kind == anyKind || t.kind == intKind || t.kind == floatKind || t.kind == stringKind || t.kind == interfaceKind {
		return t.String() + "(" + x + ")"
	}
	return x
}

func (g *gen) assign() {
	var targets []variable
	for _, v := range g.visible() {
		if !v.fixed {
			targets = append(targets, v)
		}
	}
	if len(targets) == 0 {
		g.declare()
		return
	}
	v := pick(g, targets)
	switch v.t.kind {
	case intKind:
		switch g.r.IntN(4) {
		case 0:
			g.p("%s%s", v.name, pick(g, []string{"++", "--"}))
			return
		case 1:
			g.p("%s %s= %s", v.name, pick(g, []string{"+", "-", "*", "^", "|"}), g.expr(v.t, 2))
			return
		}
	case stringKind:
		if g.chance(60) {
			g.p("if len(%s) < 100 { %s += %s }", v.name, v.name, g.expr(v.t, 1))
			return
		}
	case sliceKind:
		switch g.r.IntN(4) {
		case 0:
			g.p("if len(%s) > 0 { %s[%s] = %s }", v.name, v.name, g.index(v, 1), g.expr(v.t.elem, 2))
			return
		case 1:
			g.p("if len(%s) < 20 { %s = append(%s, %s) }", v.name, v.name, v.name, g.expr(v.t.elem, 1))
			return
		case 2:
			if v.t.elem.kind == intKind || v.t.elem.kind == stringKind {
				g.p(pick(g, []string{"slices.Sort(%s)", "slices.Reverse(%s)", "clear(%s)"}), v.name)
				return
			}
		}
	case mapKind:
		if g.chance(20) {
			g.p("delete(%s, %s)", v.name, g.expr(v.t.key, 1))
		} else {
			g.p("%s[%s] = %s", v.name, g.expr(v.t.key, 1), g.expr(v.t.elem, 2))
		}
		return
	case arrayKind:
		g.p("%s[%s] = %s", v.name, g.index(v, 1), g.expr(v.t.elem, 2))
		return
	case structKind:
		f := pick(g, v.t.fields)
		g.p("%s.%s = %s", v.name, f.name, g.expr(f.t, 2))
		return
	case pointerKind:
		if v.t.elem.kind == structKind && g.chance(70) {
			f := pick(g, v.t.elem.fields)
			g.p("%s.%s = %s", v.name, f.name, g.expr(f.t, 1))
			return
		}
	}
	for _, w := range targets {
		if w.name != v.name && same(w.t, v.t) && g.chance(30) {
			g.p("%s, %s = %s, %s", v.name, w.name, w.name, v.name)
			return
		}
	}
	g.p("%s = %s", v.name, g.expr(v.t, 3))
}

// mutate calls a method that changes its receiver.
func (g *gen) mutate() {
	for _, v := range g.visible() {
		owner := v.t
		if v.t.kind == pointerKind {
			owner = v.t.elem
		}
		for _, m := range owner.methods {
			if m.mutates && !v.fixed && g.chance(40) {
				g.p("fmt.Println(%s.%s(%s))", v.name, m.name, g.args(m.params, 1))
				return
			}
		}
	}
	g.assign()
}

// printable returns an expression that prints x the same each time: no addresses, no functions.
func (g *gen) printable(x string, t *typ) string {
	switch t.kind {
	case anyKind:
		return "shown(" + x + ")"
	case funcKind:
		return x + " == nil"
	case pointerKind:
		if t.elem.kind == structKind {
			return x + " != nil"
		}
		return x + " == nil"
	case interfaceKind:
		return x + " != nil"
	case structKind:
		if t.stable() {
			return x
		}
		var parts []string
		for _, f := range t.fields {
			parts = append(parts, g.printable(x+"."+f.name, f.t))
		}
		return strings.Join(parts, ", ")
	case sliceKind, mapKind, arrayKind:
		if !t.elem.stable() {
			return "len(" + x + ")"
		}
	}
	return x
}

// stable reports whether fmt prints values of t without addresses.
func (t *typ) stable() bool {
	switch t.kind {
	case funcKind, pointerKind, interfaceKind, anyKind:
		return false
	case sliceKind, mapKind, arrayKind:
		return t.elem.stable()
	case structKind:
		if t.prints {
			return true
		}
		for _, f := range t.fields {
			if !f.t.stable() {
				return false
			}
		}
	}
	return true
}

func (g *gen) print() {
	if len(g.vars) == 0 || g.chance(30) {
		t := g.basic()
		g.p("fmt.Println(%s)", g.expr(t, 3))
		return
	}
	v := pick(g, g.visible())
	g.p("fmt.Println(%s)", g.printable(v.name, v.t))
}

func (g *gen) ifStmt(depth int) {
	switch g.r.IntN(3) {
	case 0:
		name := g.name("v")
		t := g.basic()
		g.p("if %s := %s; %s {", name, g.exactly(t, g.expr(t, 2)), g.with(name, t, func() string { return fmt.Sprintf("id(%s) == %s", name, name) }))
	default:
		g.p("if %s {", g.expr(tBool, 3))
	}
	mark := len(g.vars)
	g.block(1+g.r.IntN(3), depth)
	g.vars = g.vars[:mark]
	if g.chance(50) {
		g.p("} else if %s {", g.expr(tBool, 2))
		g.block(1, depth)
		g.vars = g.vars[:mark]
	}
	if g.chance(50) {
		g.p("} else {")
		g.block(1+g.r.IntN(2), depth)
		g.vars = g.vars[:mark]
	}
	g.p("}")
}

// loop writes the body of a loop of n rounds whose head the caller has written.
func (g *gen) loop(n, depth int) {
	times := g.times
	g.times *= n
	g.inLoop++
	mark := len(g.vars)
	g.block(1+g.r.IntN(3), depth)
	if g.chance(25) {
		g.p("if %s { %s }", g.expr(tBool, 2), pick(g, []string{"break", "continue"}))
	}
	if g.chance(10) && g.results != nil {
		g.p("if %s { return %s }", g.expr(tBool, 2), g.returned())
	}
	g.block(g.r.IntN(2), depth)
	g.vars = g.vars[:mark]
	g.inLoop--
	g.times = times
	g.p("}")
}

func (g *gen) shadow(depth int) {
	if len(g.vars) == 0 {
		g.declare()
		return
	}
	v := pick(g, g.visible())
	g.p("{")
	g.p("%s := %s\n_ = %s", v.name, g.exactly(v.t, v.name), v.name)
	g.nested(1+g.r.IntN(3), depth)
}
