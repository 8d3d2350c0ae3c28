package lower

import (
	"go/ast"
	"go/types"
	"strings"
)

// rangeOverFunc turns the body into a function for the iterator to call (Go spec, "For statements with range clause").
func (f *fn) rangeOverFunc(s *ast.RangeStmt, sig *types.Signature, label string) {
	yield, ok := sig.Params().At(0).Type().Underlying().(*types.Signature)
	if !ok {
		f.refuse(s, "this range")
	}
	state := f.temp()
	readers := ""
	for name, low := range f.labels {
		if low == label && label != "" {
			readers = name
		}
	}
	g := f.child(s, f.name+"-range")
	g.yields = &rangeFunc{state: state, label: readers}
	f.captured(s, g)
	f.passes(g)
	g.head = append(g.head, formal{state, "*int"})
	var params, names []string
	for p := range yield.Params().Variables() {
		name := f.temp()
		names = append(names, name)
		params = append(params, name+" "+f.l.typ(f.env, p.Type()))
	}
	g.line("if *%s != %d {\n%s(*%s == %d)\n}", state, exitNormal, f.l.gk("Continued"), state, exitDone)
	g.bind(s, names...)
	g.stmts(s.Body.List)
	g.line("return true")
	maker := f.maker(g.name)
	formals, actuals := join(g.head)
	f.l.write("func %s(%s) func(%s) bool {\nreturn func(%s) bool {\n%s}\n}\n", maker, formals, f.l.paramTypes(f.env.subst(yield).(*types.Signature)),
		strings.Join(params, ", "), g.buf.String())
	f.line("{\n%s := new(int)", state)
	f.line("%s(%s(%s))", paren(f.expr(s.X)), maker, actuals)
	exit := f.temp()
	f.line("%s := *%s\n_ = %s\n*%s = %d", exit, state, exit, state, exitDone)
	if g.yields.returns {
		f.line("if %s == %d {", exit, exitReturn)
		f.leave()
		f.line("}")
	}
	for i, b := range g.yields.exits {
		f.line("if %s == %d {", exit, exitLabel+i)
		f.branch(b)
		f.line("}")
	}
	f.line("}")
}

// passes hands the body of a loop over a function what its return and defer statements need.
func (f *fn) passes(g *fn) {
	to := f.deferring()
	seen := map[string]bool{}
	for _, h := range g.head {
		seen[h.name] = true
	}
	for _, r := range to.results {
		name := strings.TrimSuffix(strings.TrimPrefix(r, "(*"), ")")
		for _, h := range to.head {
			if h.name == name && !seen[name] {
				g.head = append(g.head, h)
			}
		}
	}
	if to.defers != "" {
		g.head = append(g.head, formal{to.defers, "*" + f.l.gk("Defers")})
	}
	for h := f; h.yields != nil; h = h.up {
		g.head = append(g.head, formal{h.yields.state, "*int"})
	}
}
