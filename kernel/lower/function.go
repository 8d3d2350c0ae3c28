package lower

import (
	"fmt"
	"go/ast"
	"go/types"
	"strings"
)

func (l *lowerer) write(format string, args ...any) { fmt.Fprintf(&l.out, format, args...) }

// function writes a declared function or, as a plain function, a method.
func (l *lowerer) function(info *types.Info, pkg *types.Package, node *ast.FuncDecl, v env, name, readers string) {
	l.prog.Funcs[name] = readers
	f := l.newFunc(info, pkg, v, readers)
	if node.Body == nil {
		f.refuse(node, "a function without a body")
	}
	f.sig = v.subst(info.TypeOf(node.Name).(*types.Signature)).(*types.Signature)
	f.analyse(declares(info, node.Recv, node.Type), node.Body)
	params := f.params(node.Recv, node.Type)
	body := f.funcBody(node.Recv, node.Type, node.Body)
	l.write("func %s(%s) %s {\n%s}\n", name, params, l.results(f.sig.Results()), body)
}

// funcLit writes the maker of a function literal and returns a call of it.
func (f *fn) funcLit(x *ast.FuncLit) string {
	*f.nlits++
	g := f.child(x, fmt.Sprintf("%s.func%d", f.name, *f.nlits))
	g.sig = f.env.subst(f.info.TypeOf(x)).(*types.Signature)
	formals, actuals := f.captured(x, g)
	params := g.params(nil, x.Type)
	results := f.l.results(g.sig.Results())
	body := g.funcBody(nil, x.Type, x.Body)
	maker := f.maker(g.name)
	f.l.write("func %s(%s) func(%s) %s {\nreturn func(%s) %s {\n%s}\n}\n", maker, formals, f.l.paramTypes(g.sig), results, params, results, body)
	return maker + "(" + actuals + ")"
}

// maker returns a new name for a maker, known to the reader as name.
func (f *fn) maker(name string) string {
	m := fmt.Sprintf("mk_%d", f.l.fresh())
	f.l.prog.Funcs[m] = name
	return m
}

// child returns the lowering of the literal lit inside f.
func (f *fn) child(lit ast.Node, name string) *fn {
	return &fn{l: f.l, info: f.info, pkg: f.pkg, env: f.env, caps: f.caps, lit: lit, up: f, name: name,
		names: map[types.Object]string{}, labels: map[string]string{}, nlits: f.nlits}
}

// captured returns the parameters through which a maker hands g the variables that lit captures, and the arguments.
func (f *fn) captured(lit ast.Node, g *fn) (formals, actuals string) {
	for _, obj := range f.caps.free[lit] {
		g.head = append(g.head, formal{f.local(obj), "*" + f.l.typ(f.env, obj.Type())})
	}
	return join(g.head)
}

func join(fs []formal) (formals, actuals string) {
	var a, b []string
	for _, x := range fs {
		a = append(a, x.name+" "+x.typ)
		b = append(b, x.name)
	}
	return strings.Join(a, ", "), strings.Join(b, ", ")
}

// params returns the parameter list. Captured parameters are copied to variables behind pointers by bindParams.
func (f *fn) params(recv *ast.FieldList, t *ast.FuncType) string {
	var parts []string
	for _, field := range fields(recv, t.Params) {
		var typ string
		if e, ok := field.Type.(*ast.Ellipsis); ok {
			typ = "..." + f.l.typ(f.env, f.info.TypeOf(e.Elt))
		} else {
			typ = f.l.typ(f.env, f.info.TypeOf(field.Type))
		}
		if len(field.Names) == 0 {
			parts = append(parts, fmt.Sprintf("a%d %s", f.l.fresh(), typ))
		}
		for _, id := range field.Names {
			if obj := f.info.Defs[id]; obj != nil && id.Name != "_" {
				name := f.local(obj)
				if f.boxed(obj) {
					name += "_p"
				}
				parts = append(parts, name+" "+typ)
			} else {
				parts = append(parts, fmt.Sprintf("a%d %s", f.l.fresh(), typ))
			}
		}
	}
	return strings.Join(parts, ", ")
}

func fields(lists ...*ast.FieldList) []*ast.Field {
	var out []*ast.Field
	for _, l := range lists {
		if l != nil {
			out = append(out, l.List...)
		}
	}
	return out
}

// bindParams makes the parameters the variables that the body knows, behind pointers where captured.
func (f *fn) bindParams(recv *ast.FieldList, t *ast.FuncType) {
	for _, field := range fields(recv, t.Params) {
		for _, id := range field.Names {
			obj := f.info.Defs[id]
			if obj == nil || id.Name == "_" {
				continue
			}
			name, typ := f.local(obj), f.l.typ(f.env, obj.Type())
			if f.boxed(obj) {
				f.line("%s := new(%s)\n*%s = %s_p", name, typ, name, name)
				typ = "*" + typ
			}
			f.head = append(f.head, formal{name, typ})
		}
	}
}

// funcBody returns the statements of a function. One that defers runs its body inside gk.Call, where panics and recover
// are compiled Go's; its results then travel through pointers.
func (f *fn) funcBody(recv *ast.FieldList, t *ast.FuncType, body *ast.BlockStmt) string {
	deferring := uses(body, func(n ast.Node) bool { _, ok := n.(*ast.DeferStmt); return ok })
	f.boxRes = deferring || uses(body, func(n ast.Node) bool {
		r, ok := n.(*ast.RangeStmt)
		return ok && rangesOverFunc(f.env.subst(f.info.TypeOf(r.X)))
	})
	f.bindParams(recv, t)
	f.declareResults(t)
	if !deferring {
		f.stmts(body.List)
		f.fallOff(body)
		return f.buf.String()
	}
	before := f.buf.String()
	f.buf.Reset()
	f.defers = fmt.Sprintf("d%d", f.l.fresh())
	f.stmts(body.List)
	inner := f.buf.String()
	f.buf.Reset()
	f.buf.WriteString(before)
	maker := f.maker(f.name)
	formals, actuals := join(f.head)
	d := f.defers + " *" + f.l.gk("Defers")
	f.l.write("func %s(%s) func(*%s) {\nreturn func(%s) {\n%s}\n}\n", maker, formals, f.l.gk("Defers"), d, inner)
	f.line("%s(%s(%s))", f.l.gk("Call"), maker, actuals)
	if len(f.results) > 0 {
		f.line("return %s", strings.Join(f.results, ", "))
	}
	return f.buf.String()
}

// fallOff ends a function whose last statement the interpreter may not see to be terminating.
func (f *fn) fallOff(body *ast.BlockStmt) {
	if f.sig == nil || f.sig.Results().Len() == 0 {
		return
	}
	if n := len(body.List); n > 0 {
		if _, ok := body.List[n-1].(*ast.ReturnStmt); ok {
			return
		}
	}
	if len(f.results) > 0 {
		f.line("return %s", strings.Join(f.results, ", "))
		return
	}
	f.line("panic(\"unreachable\")")
}

// declareResults declares variables for named results, and for unnamed ones that must travel through pointers.
func (f *fn) declareResults(t *ast.FuncType) {
	for _, field := range fields(t.Results) {
		typ := f.l.typ(f.env, f.info.TypeOf(field.Type))
		for _, id := range field.Names {
			obj := f.info.Defs[id]
			if obj == nil || id.Name == "_" {
				f.anonymousResult(typ)
				continue
			}
			if f.boxRes {
				f.caps.boxed[obj] = true
			}
			f.declare(obj, "")
			f.results = append(f.results, f.variable(obj))
			if f.boxed(obj) {
				f.head = append(f.head, formal{f.local(obj), "*" + typ})
			}
		}
		if len(field.Names) == 0 && f.boxRes {
			f.anonymousResult(typ)
		}
	}
}

func (f *fn) anonymousResult(typ string) {
	name := fmt.Sprintf("r%d", f.l.fresh())
	if f.boxRes {
		f.line("%s := new(%s)", name, typ)
		f.results = append(f.results, "(*"+name+")")
		f.head = append(f.head, formal{name, "*" + typ})
		return
	}
	f.line("var %s %s", name, typ)
	f.results = append(f.results, name)
}
