package introspect

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"gokernel/kernel/check"
	"gokernel/kernel/check/std"
)

// names collects what a name at the cursor can be.
func (q *question) names() {
	p := q.scope.Partial(q.repaired(), q.start)
	path := pathTo(p, q.start)
	if keysOnly := q.literalKeys(p, path); keysOnly {
		return
	}
	q.expected = expectedType(p, path)
	hidden := map[string]bool{}
	own := ownNames(p)
	for s := p.Innermost(q.start); s != nil; s = s.Parent() {
		rank := rankLocal
		if s == types.Universe {
			rank = rankPredeclared
		}
		for _, name := range s.Names() {
			obj := s.Lookup(name)
			if _, visible := s.LookupParent(name, p.Pos(q.start)); hidden[name] || visible != obj {
				continue // hidden, or declared later
			}
			if _, ok := obj.(*types.PkgName); ok || s == p.Pkg.Scope() && !own[name] {
				continue // of the notebook: below
			}
			hidden[name] = true
			q.addObject(obj, name, rank)
		}
	}
	for _, d := range q.scope.Live() {
		q.addLive(d, hidden)
	}
	for _, imp := range q.scope.Imports() {
		q.add(match{text: imp.Name, kind: "module", signature: imp.Path, rank: rankImported}, hidden)
	}
	for _, spec := range p.Files[0].Imports {
		if name := importName(p, spec); name != "" {
			q.add(match{text: name, kind: "module", signature: strings.Trim(spec.Path.Value, "\"`"), rank: rankImported}, hidden)
		}
	}
	if q.prefix == "" {
		return // everything else would drown what is likely
	}
	for tok := token.BREAK; tok <= token.VAR; tok++ {
		if tok.IsKeyword() {
			q.add(match{text: tok.String(), kind: "keyword", rank: rankKeyword}, hidden)
		}
	}
	for _, path := range std.Packages() {
		if internal(path) {
			continue
		}
		name, _ := std.Name(path)
		rank := rankPackage
		if std.Preloaded(path) {
			rank = rankImported
		}
		if strings.HasPrefix(name, q.prefix) {
			q.add(match{text: name, kind: "module", signature: strings.Join(std.ByName(name), ", "), rank: rank}, hidden)
		}
	}
}

// internal reports whether cells would not import the package.
func internal(path string) bool {
	return strings.HasPrefix(path, "internal/") || strings.Contains(path, "/internal/") || strings.HasPrefix(path, "vendor/")
}

// ownNames lists what the cell itself declares at package level.
func ownNames(p *check.Partial) map[string]bool {
	names := map[string]bool{}
	for _, name := range p.Pkg.Scope().Names() {
		if at := p.Offset(p.Pkg.Scope().Lookup(name).Pos()); at >= 0 {
			names[name] = true
		}
	}
	return names
}

// importName returns the name by which an import is known, "" for blank and dot imports and unknown packages.
func importName(p *check.Partial, spec *ast.ImportSpec) string {
	if spec.Name != nil {
		if spec.Name.Name == "_" || spec.Name.Name == "." {
			return ""
		}
		return spec.Name.Name
	}
	pkg, err := p.Load(strings.Trim(spec.Path.Value, "\"`"))
	if err != nil {
		return ""
	}
	return pkg.Name()
}

// add adds a match unless its name is hidden by one before, and hides it.
func (q *question) add(m match, hidden map[string]bool) {
	if !hidden[m.text] {
		hidden[m.text] = true
		q.matches = append(q.matches, m)
	}
}

// addLive adds what a live declaration of the notebook declares.
func (q *question) addLive(d *check.Decl, hidden map[string]bool) {
	if !slices.ContainsFunc(d.Names, q.wants) {
		return // save describing it
	}
	m := match{rank: rankNotebook}
	switch d.Kind {
	case check.Method:
		return
	case check.Var:
		m.kind, m.typ = "variable", typeString(d.Type)
		m.signature = m.typ
	case check.Const:
		m.kind = "constant"
	case check.Type:
		m.kind = "type"
	case check.Func:
		m.kind = "function"
		if f, ok := d.Node.(*ast.FuncDecl); ok {
			m.signature = signatureOf(f.Type)
			m.typ = resultOf(f.Type)
		}
	}
	for _, name := range d.Names {
		m.text = name
		q.add(m, hidden)
	}
}

// signatureOf returns the parameters and results of a function's syntax.
func signatureOf(t *ast.FuncType) string {
	return strings.TrimPrefix(types.ExprString(t), "func")
}

// resultOf returns the type of a function's only result, or "".
func resultOf(t *ast.FuncType) string {
	if t.Results == nil || t.Results.NumFields() != 1 {
		return ""
	}
	return types.ExprString(t.Results.List[0].Type)
}

// addObject adds what the checker calls obj under a name.
func (q *question) addObject(obj types.Object, name string, rank int) {
	if !q.wants(name) {
		return // save describing it
	}
	kind, signature, typ := describe(obj)
	q.matches = append(q.matches, match{text: name, kind: kind, signature: signature, rank: rank, typ: typ})
}

// describe returns an object's kind, what to show behind its name, and the type of its value: of functions, of their result.
func describe(obj types.Object) (kind, signature, typ string) {
	switch obj := obj.(type) {
	case *types.Func:
		kind = "function"
		sig := obj.Signature()
		if sig.Recv() != nil {
			kind = "method"
		}
		if sig.Results().Len() == 1 {
			typ = typeString(sig.Results().At(0).Type())
		}
		return kind, strings.TrimPrefix(typeString(sig), "func"), typ
	case *types.Var:
		kind = "variable"
		if obj.IsField() {
			kind = "field"
		} else if obj.Kind() == types.ParamVar {
			kind = "param"
		}
	case *types.Const:
		kind = "constant"
	case *types.TypeName:
		switch obj.Type().Underlying().(type) {
		case *types.Interface:
			return "interface", "interface", ""
		case *types.Struct:
			return "class", "struct", ""
		}
		return "type", typeString(obj.Type().Underlying()), ""
	case *types.Builtin:
		return "function", "", ""
	case *types.PkgName:
		return "module", obj.Imported().Path(), ""
	case *types.Nil:
		return "constant", "", ""
	default:
		return "variable", "", ""
	}
	typ = typeString(obj.Type())
	return kind, typ, typ
}

// typeString returns a type as a cell would write it.
func typeString(t types.Type) string {
	if t == nil || t == types.Typ[types.Invalid] {
		return ""
	}
	return types.TypeString(t, func(p *types.Package) string {
		if p.Path() == "main" {
			return ""
		}
		return p.Name()
	})
}

// labels collects the labels of the cell.
func (q *question) labels() {
	toks := lex(q.code)
	for i, t := range toks {
		starts := i == 0 || slices.Contains([]token.Token{token.SEMICOLON, token.LBRACE, token.RBRACE, token.COLON, token.COMMENT}, toks[i-1].tok)
		if t.tok == token.IDENT && starts && i+1 < len(toks) && toks[i+1].tok == token.COLON {
			q.matches = append(q.matches, match{text: t.lit, kind: "label"})
		}
	}
}
