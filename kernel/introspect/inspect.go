package introspect

import (
	"go/ast"
	"go/token"
	"go/types"

	"gokernel/kernel/check"
	"gokernel/kernel/check/std"
	"gokernel/kernel/jupyter"
)

// Inspect describes what stands at a byte of code as text/plain and text/markdown: signature, documentation, where it
// was declared and, if it is known, its value; with detail 1 also the source of the reader's own declarations
// and the fields and methods of types. Within the parentheses of a call, where no name is, that is the function. Inspect
// reports false if it knows nothing.
func (c Config) Inspect(s *check.Scope, code string, cursor, detail int) (jupyter.MIMEBundle, bool) {
	q := newQuestion(c, s, code, cursor)
	if data, ok := q.inspectMagic(); ok {
		return data, true
	}
	toks := lex(q.code)
	i := nameAt(toks, q.cursor)
	if i < 0 {
		return nil, false
	}
	if tok := toks[i].tok; tok.IsKeyword() {
		text := keywords[tok]
		return report{head: tok.String(), doc: text}.bundle(), true
	}
	subject := q.subject(toks, i)
	if subject == nil {
		return nil, false
	}
	return q.report(*subject, detail).bundle(), true
}

// nameAt returns the index of the name or keyword that touches the cursor; else of the function whose open parenthesis
// the cursor is in; else -1.
func nameAt(toks []lexeme, cursor int) int {
	isName := func(t lexeme) bool { return t.tok == token.IDENT || t.tok.IsKeyword() }
	before := -1 // the last token that ends before the cursor
	for i, t := range toks {
		if t.start > cursor {
			break
		}
		if isName(t) && cursor <= t.end {
			return i
		}
		if (t.tok == token.STRING || t.tok == token.COMMENT) && cursor > t.start && cursor < t.end && t.tok == token.COMMENT {
			return -1
		}
		if t.start < cursor {
			before = i
		}
	}
	depth := 0
	for i := before; i > 0; i-- {
		switch toks[i].tok {
		case token.RPAREN, token.RBRACK, token.RBRACE:
			depth++
		case token.LBRACE, token.LBRACK:
			depth--
		case token.LPAREN:
			if depth--; depth >= 0 {
				continue
			}
			if toks[i-1].tok == token.IDENT {
				return i - 1
			}
		}
	}
	return -1
}

// A subject is what an inspection is about.
type subject struct {
	name  string // as written, with operand
	obj   types.Object
	recv  types.Type // of which obj is a field or method, or nil
	paths []string   // instead of obj: the packages that the name stands for
	own   bool       // declared in the code itself
	local bool       // and not at its top level
}

// subject finds out what the name at toks[i] stands for; nil if that is not known.
func (q *question) subject(toks []lexeme, i int) *subject {
	t := toks[i]
	p := q.scope.Partial(q.code, t.start)
	if s := q.declared(p, t); s != nil {
		return s
	}
	// As written it has no meaning, perhaps because of what follows: cut the code behind the name.
	q.toks, q.start, q.prefix, q.cursor = toks[:i], t.start, t.lit, t.end
	p = q.scope.Partial(q.repaired(), t.start)
	if i >= 2 && toks[i-1].tok == token.PERIOD {
		return q.member(p, toks, i)
	}
	_, obj := p.Innermost(t.start).LookupParent(t.lit, p.Pos(t.start))
	if obj == nil {
		p = q.scope.Partial(t.lit, 0) // with nothing around it
		obj = p.Pkg.Scope().Lookup(t.lit)
	}
	if obj == nil {
		obj = types.Universe.Lookup(t.lit)
	}
	if obj != nil {
		return q.about(p, t.lit, obj)
	}
	if path := p.ImportPath(t.lit); path != "" {
		return &subject{name: t.lit, paths: []string{path}}
	}
	if paths := std.ByName(t.lit); len(paths) > 0 {
		return &subject{name: t.lit, paths: paths}
	}
	return nil
}

// declared returns what the checker found that the identifier at t declares or uses.
func (q *question) declared(p *check.Partial, t lexeme) *subject {
	var obj types.Object
	var recv types.Type
	for _, file := range p.Files {
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.SelectorExpr:
				if p.Offset(n.Sel.Pos()) == t.start {
					if sel := p.Info.Selections[n]; sel != nil {
						recv = sel.Recv()
					}
				}
			case *ast.Ident:
				if p.Offset(n.Pos()) == t.start && n.Name == t.lit && obj == nil {
					obj = p.Info.ObjectOf(n)
				}
			}
			return obj == nil
		})
	}
	if obj == nil {
		return nil
	}
	s := q.about(p, t.lit, obj)
	s.recv = recv
	return s
}

// about makes a subject of an object.
func (q *question) about(p *check.Partial, name string, obj types.Object) *subject {
	if pkg, ok := obj.(*types.PkgName); ok {
		return &subject{name: name, paths: []string{pkg.Imported().Path()}}
	}
	s := &subject{name: name, obj: obj, own: p.Offset(obj.Pos()) >= 0 && obj.Pkg() == p.Pkg}
	s.local = obj.Pkg() == p.Pkg && obj.Parent() != nil && obj.Parent() != p.Pkg.Scope()
	return s
}

// member finds what follows the dot of an operand.
func (q *question) member(p *check.Partial, toks []lexeme, i int) *subject {
	n := operandStart(toks[:i-1])
	if n < 0 {
		return nil
	}
	name := toks[i].lit
	operand := q.code[toks[n].start:toks[i-1].start]
	if n == i-2 {
		if _, obj := p.Innermost(toks[n].start).LookupParent(operand, p.Pos(toks[n].start)); obj == nil {
			return q.exportedBy(p, operand, name)
		} else if pkg, ok := obj.(*types.PkgName); ok {
			return q.exportedBy(p, operand, name, pkg.Imported().Path())
		}
	}
	tv, _ := p.Eval(operand, toks[n].start) // a type that is not known says it all
	if tv.Type == nil {
		return nil
	}
	obj, _, _ := types.LookupFieldOrMethod(tv.Type, true, p.Pkg, name)
	if obj == nil {
		return nil
	}
	return &subject{name: name, obj: obj, recv: tv.Type}
}

// exportedBy finds a name in the packages at the paths, or in those of that name.
func (q *question) exportedBy(p *check.Partial, pkgName, name string, paths ...string) *subject {
	if len(paths) == 0 {
		if paths = std.ByName(pkgName); p.ImportPath(pkgName) != "" {
			paths = []string{p.ImportPath(pkgName)}
		}
	}
	for _, path := range paths {
		pkg, err := p.Load(path)
		if err != nil {
			continue
		}
		if obj := pkg.Scope().Lookup(name); obj != nil && obj.Exported() {
			return &subject{name: pkgName + "." + name, obj: obj}
		}
	}
	return nil
}
