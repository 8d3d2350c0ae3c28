package progen

import (
	"fmt"
	"strings"
)

func (g *gen) forStmt(depth int) {
	i := g.name("i")
	n := 1 + g.r.IntN(5)
	mark := len(g.vars)
	switch g.r.IntN(3) {
	case 0:
		g.p("for %s := range %d {", i, n)
	case 1:
		g.p("for %s := %d; %s >= 0; %s-- {", i, n-1, i, i)
	default:
		g.p("for %s := 0; %s < %d; %s++ {", i, i, n, i)
	}
	g.p("_ = %s", i)
	g.vars = append(g.vars, variable{name: i, t: tInt, fixed: true})
	g.loop(n, depth)
	g.vars = g.vars[:mark]
}

func (g *gen) rangeStmt(depth int) {
	mark := len(g.vars)
	k, v := g.name("k"), g.name("e")
	switch g.r.IntN(4) {
	case 0:
		g.p("for %s, %s := range %s {\n_, _ = %s, %s", k, v, g.expr(tString, 2), k, v)
		g.vars = append(g.vars, variable{name: k, t: tInt, fixed: true}, variable{name: v, t: tRune})
	case 1:
		t := &typ{kind: mapKind, key: tString, elem: g.valueType(1)}
		g.p("for _, %s := range sortedPairs(%s) {\n%s, %s := %s.key, %s.val\n_, _ = %s, %s", v+"p", g.varying(t, 2), k, v, v+"p", v+"p", k, v)
		g.vars = append(g.vars, variable{name: k, t: tString}, variable{name: v, t: t.elem})
	case 2:
		t := &typ{kind: arrayKind, elem: g.basic(), n: 1 + g.r.IntN(4)}
		g.p("for %s, %s := range %s {\n_, _ = %s, %s", k, v, g.varying(t, 1), k, v)
		g.vars = append(g.vars, variable{name: k, t: tInt, fixed: true}, variable{name: v, t: t.elem})
	default:
		t := &typ{kind: sliceKind, elem: g.valueType(1)}
		g.p("for %s, %s := range %s {\n_, _ = %s, %s", k, v, g.varying(t, 2), k, v)
		g.vars = append(g.vars, variable{name: k, t: tInt, fixed: true}, variable{name: v, t: t.elem})
	}
	g.loop(4, depth)
	g.vars = g.vars[:mark]
}

// overFunc ranges over a function.
func (g *gen) overFunc(depth int) {
	mark := len(g.vars)
	i := g.name("i")
	if g.chance(50) {
		g.p("for %s := range count(%d) {\n_ = %s", i, 1+g.r.IntN(4), i)
		g.vars = append(g.vars, variable{name: i, t: tInt})
	} else {
		t := g.basic()
		v := g.name("e")
		g.p("for %s, %s := range (&stack[%s]{}).push(%s).all {\n_, _ = %s, %s", i, v, t, g.list(t, 1+g.r.IntN(3), 1), i, v)
		g.vars = append(g.vars, variable{name: i, t: tInt}, variable{name: v, t: t})
	}
	g.loop(4, depth)
	g.vars = g.vars[:mark]
}

func (g *gen) switchStmt(depth int) {
	mark := len(g.vars)
	if g.chance(40) {
		g.p("switch {")
		for range 1 + g.r.IntN(3) {
			g.p("case %s:", g.varying(tBool, 2))
			g.block(1, depth)
			g.vars = g.vars[:mark]
		}
	} else {
		t := pick(g, []*typ{tInt, tString})
		g.p("switch %s {", g.varying(t, 2))
		for i := range 1 + g.r.IntN(3) {
			if t == tInt {
				g.p("case %d, %d:", 2*i, 2*i+1)
			} else {
				g.p("case %q:", strings.Repeat("a", i))
			}
			g.block(1, depth)
			g.vars = g.vars[:mark]
			if g.chance(20) {
				g.p("fallthrough\ncase %s:", map[*typ]string{tInt: fmt.Sprint(100 + i), tString: fmt.Sprintf("%q", fmt.Sprint("z", i))}[t])
				g.block(1, depth)
				g.vars = g.vars[:mark]
			}
		}
	}
	if g.chance(60) {
		g.p("default:")
		g.block(1, depth)
		g.vars = g.vars[:mark]
	}
	g.p("}")
}

func (g *gen) typeSwitch(depth int) {
	mark := len(g.vars)
	x := g.name("x")
	g.p("switch %s := %s.(type) {", x, g.exactly(tAny, g.expr(tAny, 2)))
	used := map[string]bool{}
	for range 1 + g.r.IntN(4) {
		t := g.valueType(1)
		name := t.String()
		if t == tRune {
			name = "int32"
		}
		if used[name] || t.kind == anyKind {
			continue
		}
		used[name] = true
		g.p("case %s:\n_ = %s", t, x)
		g.vars = append(g.vars, variable{name: x, t: t})
		g.block(1, depth)
		g.print()
		g.vars = g.vars[:mark]
	}
	g.p("default:\n_ = %s\nfmt.Println(\"other\")", x)
	g.p("}")
}

// goroutines writes goroutines that fill places of their own. What panics in one of them ends there: else what the others
// have printed by then would be left to chance.
func (g *gen) goroutines(int) {
	wg, n := g.name("wg"), 2+g.r.IntN(3)
	t := pick(g, []*typ{tInt, tString})
	out := g.name("out")
	i := g.name("i")
	x := g.isolated(i, t)
	g.p("var %s sync.WaitGroup\n%s := make([]%s, %d)", wg, out, t, n)
	g.p("for %s := range %d {", i, n)
	if g.chance(50) {
		g.p("%s.Add(1)\ngo func() {\ndefer %s.Done()\ndefer func() { _ = recover() }()\n%s[%s] = %s\n}()", wg, wg, out, i, x)
	} else {
		g.p("%s.Go(func() {\ndefer func() { _ = recover() }()\n%s[%s] = %s\n})", wg, out, i, x)
	}
	g.p("}\n%s.Wait()\nfmt.Println(%s)", wg, out)
}

// deferred writes a function literal with deferred calls, which may panic.
func (g *gen) deferred(depth int) {
	g.p("guarded(%q, func() {", g.name("d"))
	loops, results := g.inLoop, g.results
	g.inLoop, g.results = 0, nil
	mark := len(g.vars)
	g.closures++
	for range 1 + g.r.IntN(2) {
		if g.chance(50) {
			t := g.basic()
			g.p("defer fmt.Println(\"deferred\", %s)", g.expr(t, 2))
		} else {
			g.p("defer func() {\n%s}()", g.captured(func() { g.block(1, 0) }))
		}
	}
	g.block(1+g.r.IntN(3), depth)
	if g.chance(30) {
		t := pick(g, []*typ{tString, tInt, tError})
		g.p("if %s { panic(%s) }", g.varying(tBool, 1), g.exactly(t, g.literal(t, 1)))
	}
	g.closures--
	g.inLoop, g.results = loops, results
	g.vars = g.vars[:mark]
	g.p("})")
}

// channel writes a channel with one sender, which may panic, and a receiver.
func (g *gen) channel(int) {
	c, n, end := g.name("c"), 1+g.r.IntN(4), g.name("end")
	t := g.basic()
	i := g.name("i")
	x := g.isolated(i, t)
	g.p("%s := make(chan %s, %d)\nvar %s any", c, t, g.r.IntN(3), end)
	g.p("go func() {\ndefer close(%s)\ndefer func() { %s = recover() }()\nfor %s := range %d {\n_ = %s\n%s <- %s\n}\n}()", c, end, i, n, i, c, x)
	switch g.r.IntN(3) {
	case 0:
		g.p("for x := range %s { fmt.Println(x) }", c)
	case 1:
		g.p("for {\nx, ok := <-%s\nif !ok { break }\nfmt.Println(x, ok)\n}", c)
	default:
		g.p("for open := true; open; {\nselect {\ncase x, ok := <-%s:\nif open = ok; ok { fmt.Println(x) }\n}\n}", c)
	}
	g.p("fmt.Println(%s)", end)
}

// isolated returns an expression that uses i only: it runs in another goroutine.
func (g *gen) isolated(i string, t *typ) string {
	vars, funcs := g.vars, g.funcs
	g.vars, g.funcs = []variable{{name: i, t: tInt, fixed: true}}, nil
	defer func() { g.vars, g.funcs = vars, funcs }()
	return g.exactly(t, g.expr(t, 2))
}

func (g *gen) labelled(depth int) {
	l, i, j := g.name("L"), g.name("i"), g.name("j")
	mark := len(g.vars)
	g.p("%s:\nfor %s := 0; %s < 3; %s++ {\nfor %s := range 3 {\n_ = %s", l, i, i, i, j, j)
	g.vars = append(g.vars, variable{name: i, t: tInt, fixed: true}, variable{name: j, t: tInt, fixed: true})
	times := g.times
	g.times *= 9
	inner := len(g.vars)
	g.block(1, depth)
	g.p("if %s { %s %s }", g.varying(tBool, 2), pick(g, []string{"break", "continue"}), l)
	g.block(1, depth)
	g.vars = g.vars[:inner]
	g.times = times
	g.p("}\n}")
	g.vars = g.vars[:mark]
}

// captures collects closures in a loop and calls them after it.
func (g *gen) captures(int) {
	fs, i, acc := g.name("fs"), g.name("i"), g.name("v")
	t := g.basic()
	g.p("var %s []func() %s\n%s := %s", fs, t, acc, g.exactly(t, g.expr(t, 1)))
	g.vars = append(g.vars, variable{name: acc, t: t})
	g.p("for %s := range 3 {\n_ = %s\n%s = append(%s, func() %s { %s = %s; return %s })\n}", i, i, fs, fs, t, acc,
		g.with(i, tInt, func() string { return g.expr(t, 2) }), acc)
	g.p("for _, f := range %s { fmt.Println(f()) }", fs)
}

// generic uses the generic stack.
func (g *gen) generic(int) {
	t := g.valueType(1)
	for !t.stable() {
		t = g.valueType(1)
	}
	s := g.name("s")
	g.p("%s := &stack[%s]{}\n%s.push(%s)", s, t, s, g.list(t, 1+g.r.IntN(3), 2))
	g.p("if x, ok := %s.pop(); ok { fmt.Println(x, len(%s.items)) }", s, s)
}
