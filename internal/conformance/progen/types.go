package progen

import (
	"fmt"
	"strings"
)

type kind int

const (
	intKind kind = iota
	floatKind
	stringKind
	boolKind
	sliceKind
	arrayKind
	mapKind
	pointerKind
	structKind
	funcKind
	anyKind
	interfaceKind
	errorKind
)

// A typ is a type of the program.
type typ struct {
	kind    kind
	name    string // of basic and declared types
	bits    int    // of integers
	signed  bool
	elem    *typ // of slices, arrays, maps, pointers
	key     *typ // of maps
	n       int  // of arrays
	params  []*typ
	results []*typ
	fields  []field
	methods []*method
	prints  bool // has a String method
	impls   []*typ
}

type field struct {
	name     string
	t        *typ
	embedded bool
}

type method struct {
	name    string
	pointer bool
	mutates bool // its calls stand alone: Go leaves open when x is read in x + x.f()
	params  []*typ
	result  *typ
}

var (
	tInt    = &typ{kind: intKind, name: "int", bits: 64, signed: true}
	tInt8   = &typ{kind: intKind, name: "int8", bits: 8, signed: true}
	tUint8  = &typ{kind: intKind, name: "uint8", bits: 8}
	tUint32 = &typ{kind: intKind, name: "uint32", bits: 32}
	tInt64  = &typ{kind: intKind, name: "int64", bits: 64, signed: true}
	tRune   = &typ{kind: intKind, name: "rune", bits: 32, signed: true}
	tFloat  = &typ{kind: floatKind, name: "float64"}
	tString = &typ{kind: stringKind, name: "string"}
	tBool   = &typ{kind: boolKind, name: "bool"}
	tAny    = &typ{kind: anyKind, name: "any"}
	tError  = &typ{kind: errorKind, name: "error"}
)

func (t *typ) String() string {
	if t.name != "" {
		return t.name
	}
	switch t.kind {
	case sliceKind:
		return "[]" + t.elem.String()
	case arrayKind:
		return fmt.Sprintf("[%d]%s", t.n, t.elem)
	case mapKind:
		return fmt.Sprintf("map[%s]%s", t.key, t.elem)
	case pointerKind:
		return "*" + t.elem.String()
	case funcKind:
		return "func" + signature(nil, t.params, t.results)
	}
	return "any"
}

// signature returns "(a int, b string) (int, error)"; names may be nil.
func signature(names []string, params, results []*typ) string {
	var in, out []string
	for i, p := range params {
		if names != nil {
			in = append(in, names[i]+" "+p.String())
		} else {
			in = append(in, p.String())
		}
	}
	for _, r := range results {
		out = append(out, r.String())
	}
	switch len(out) {
	case 0:
		return "(" + strings.Join(in, ", ") + ")"
	case 1:
		return "(" + strings.Join(in, ", ") + ") " + out[0]
	}
	return "(" + strings.Join(in, ", ") + ") (" + strings.Join(out, ", ") + ")"
}

func (t *typ) comparable() bool {
	switch t.kind {
	case sliceKind, mapKind, funcKind, anyKind, interfaceKind, errorKind:
		return false
	case arrayKind:
		return t.elem.comparable()
	case structKind:
		for _, f := range t.fields {
			if !f.t.comparable() {
				return false
			}
		}
	}
	return true
}

// basic returns a type with operators.
func (g *gen) basic() *typ {
	switch g.r.IntN(12) {
	case 0:
		return pick(g, []*typ{tInt8, tUint8, tUint32, tInt64, tRune})
	case 1, 2:
		return tFloat
	case 3, 4, 5:
		return tString
	case 6:
		return tBool
	}
	return tInt
}

// valueType returns a type for a variable, nested at most depth deep.
func (g *gen) valueType(depth int) *typ {
	if depth <= 0 || g.chance(35) {
		return g.basic()
	}
	if len(g.types) > 0 && g.chance(35) {
		return pick(g, g.types)
	}
	switch g.r.IntN(9) {
	case 0, 1, 2:
		return &typ{kind: sliceKind, elem: g.valueType(depth - 1)}
	case 3:
		return &typ{kind: arrayKind, elem: g.basic(), n: 1 + g.r.IntN(4)}
	case 4, 5:
		return &typ{kind: mapKind, key: pick(g, []*typ{tString, tInt}), elem: g.valueType(depth - 1)}
	case 6:
		if len(g.types) > 0 {
			return &typ{kind: pointerKind, elem: pick(g, g.types)}
		}
	case 7:
		return &typ{kind: funcKind, params: g.basics(g.r.IntN(3)), results: g.basics(1)}
	case 8:
		if len(g.ifaces) > 0 && g.chance(70) {
			return pick(g, g.ifaces)
		}
		return tAny
	}
	return g.basic()
}

func (g *gen) basics(n int) []*typ {
	out := make([]*typ, n)
	for i := range out {
		out[i] = g.basic()
	}
	return out
}

// typeDecl declares a struct, or a named basic type, with methods.
func (g *gen) typeDecl() {
	t := &typ{name: g.name("T"), kind: structKind}
	if g.chance(25) {
		under := pick(g, []*typ{tInt, tString, tInt8, tFloat})
		*t = *under
		t.name = g.name("N")
		g.p("type %s %s", t.name, under.name)
	} else {
		g.p("type %s struct {", t.name)
		for range 1 + g.r.IntN(4) {
			f := field{name: g.name("f"), t: g.valueType(1)}
			if len(g.types) > 0 && g.chance(25) {
				if e := pick(g, g.types); e.kind == structKind && !t.embeds(e) {
					f = field{name: e.name, t: e, embedded: true}
				}
			}
			if f.embedded {
				g.p("%s", f.name)
			} else {
				g.p("%s %s", f.name, f.t)
			}
			t.fields = append(t.fields, f)
		}
		g.p("}")
	}
	g.types = append(g.types, t)
	for range g.r.IntN(3) {
		g.method(t)
	}
	if g.chance(20) {
		t.prints = true
		g.p("func (x %s) String() string { return %q + fmt.Sprint(%s) }", t, t.name+":", g.plain("x", t))
	}
}

func (t *typ) embeds(e *typ) bool {
	for _, f := range t.fields {
		if f.embedded && (f.t == e || f.t.embeds(e) || e.embeds(f.t)) {
			return true
		}
	}
	return false
}

// plain returns an expression that prints x without its own String method.
func (g *gen) plain(x string, t *typ) string {
	switch t.kind {
	case structKind:
		return g.printable(x+"."+t.fields[0].name, t.fields[0].t)
	case stringKind:
		return "string(" + x + ")"
	case floatKind:
		return "float64(" + x + ")"
	}
	return "int(" + x + ")"
}

// method declares a method of t.
func (g *gen) method(t *typ) {
	m := &method{name: g.name("m"), pointer: t.kind == structKind && g.chance(50), params: g.basics(g.r.IntN(2)), result: g.basic()}
	m.mutates = m.pointer
	g.methodBody(t, m)
	t.methods = append(t.methods, m)
}

func (g *gen) methodBody(t *typ, m *method) {
	star := ""
	if m.pointer {
		star = "*"
	}
	names := make([]string, len(m.params))
	defer g.unchanged()()
	mark := len(g.vars)
	x := variable{name: "x", t: t, fixed: !m.mutates}
	if m.pointer {
		x.t = &typ{kind: pointerKind, elem: t}
	}
	g.vars = append(g.vars, x)
	for i, p := range m.params {
		names[i] = g.name("a")
		g.vars = append(g.vars, variable{name: names[i], t: p})
	}
	g.times, g.results = 5, []*typ{m.result}
	g.p("func (x %s%s) %s%s {", star, t, m.name, signature(names, m.params, []*typ{m.result}))
	g.block(1+g.r.IntN(2), 1)
	g.p("return %s\n}", g.expr(m.result, 2))
	g.vars, g.results = g.vars[:mark], nil
}

// interfaceDecl declares an interface and types that implement it.
func (g *gen) interfaceDecl() {
	t := &typ{kind: interfaceKind, name: g.name("I")}
	m := &method{name: g.name("m"), params: g.basics(g.r.IntN(2)), result: g.basic()}
	t.methods = []*method{m}
	g.p("type %s interface { %s%s }", t, m.name, signature(nil, m.params, []*typ{m.result}))
	for range 2 {
		g.typeDecl()
	}
	for _, s := range g.types {
		if s.kind == structKind && g.chance(40) {
			continue
		}
		own := *m
		own.pointer = s.kind == structKind && g.chance(50)
		g.methodBody(s, &own)
		s.methods = append(s.methods, &own)
		t.impls = append(t.impls, s)
	}
	if len(t.impls) > 0 {
		g.ifaces = append(g.ifaces, t)
	}
}
