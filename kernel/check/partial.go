package check

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// partialBase is where the positions of a Partial begin, far behind those of cells, so that the two never meet.
const partialBase = 1 << 40

// A Partial is what can be said about code that may be unfinished or wrong, at one place in it. Nothing of it stays
// behind in the notebook.
type Partial struct {
	Pkg   *types.Package
	Info  *types.Info
	Files []*ast.File // the cell's functions and imports; its statements, as the body of a function; its types and constants

	fset  *token.FileSet
	scope *Scope
	paths map[string]string // imports by name, the cell's own included
}

// Partial parses and type-checks as much of src as it can, for completion and inspection at the byte cursor. Functions
// other than the one around the cursor are known by their signatures. Of the notebook it looks only at what src refers
// to, so its cost does not grow with the notebook. Errors are not reported; types that are wrong or not known are invalid.
func (s *Scope) Partial(src string, cursor int) *Partial {
	p := &Partial{scope: s, paths: map[string]string{}}
	chunks := split(src)
	inFunc := slices.ContainsFunc(chunks, func(c chunk) bool { return c.kind == chunkFunc && c.start <= cursor && cursor <= c.end })
	funcs, fset := parsePartial(declPrefix + blank(src, chunks, func(k chunkKind) bool { return k == chunkFunc || k == chunkImport }) + "\n\n") // so that the end of src is inside
	stmts, _ := parsePartial(stmtPrefix + blank(src, chunks, func(k chunkKind) bool { return k == chunkStmt }) + "\n}")
	p.Files, p.fset = []*ast.File{funcs, stmts}, fset

	var own []ast.Decl // what the package shall hold of the cell
	var body *ast.FuncDecl
	for _, d := range stmts.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && body == nil && f.Body != nil {
			body = f
			own = append(own, packageLevel(f.Body)...)
		}
	}
	p.Files = append(p.Files, &ast.File{Name: ast.NewIdent("main"), Decls: slices.Clone(own)})
	for _, d := range funcs.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok {
			continue
		}
		if f.Body != nil && p.Offset(f.Pos()) <= cursor && cursor <= p.Offset(f.End()) {
			own = append(own, f)
			continue
		}
		short := *f
		short.Body = nil
		own = append(own, &short)
	}
	p.importsOf(funcs)
	if body != nil && inFunc {
		p.check(append(own, body)) // for the types of the variables that the function may use
		own = append(own, p.variables(body)...)
	} else if body != nil {
		own = append(own, body)
	}
	p.check(own)
	return p
}

// parsePartial parses what it can of a file whose cell text begins at position partialBase+len(declPrefix).
func parsePartial(text string) (*ast.File, *token.FileSet) {
	fset := token.NewFileSet()
	fset.AddFile("", 1, partialBase-2) // go/types asks for the files of the notebook's positions too
	file, _ := parser.ParseFile(fset, "", text, parser.SkipObjectResolution|parser.AllErrors)
	return file, fset
}

// packageLevel takes the type and constant declarations out of the cell's statements.
func packageLevel(body *ast.BlockStmt) []ast.Decl {
	var out []ast.Decl
	body.List = slices.DeleteFunc(body.List, func(s ast.Stmt) bool {
		d, ok := s.(*ast.DeclStmt)
		if !ok {
			return false
		}
		g, ok := d.Decl.(*ast.GenDecl)
		if !ok || g.Tok != token.TYPE && g.Tok != token.CONST {
			return false
		}
		out = append(out, g)
		return true
	})
	return out
}

// importsOf takes in the imports of a file.
func (p *Partial) importsOf(file *ast.File) {
	for _, spec := range file.Imports {
		path, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue
		}
		if spec.Name != nil {
			p.paths[spec.Name.Name] = path
		} else if pkg, err := p.scope.env.Import(path); err == nil {
			p.paths[pkg.Name()] = path
		}
	}
}

// variables declares what the statements at the cell's top level declare as variables of the package.
func (p *Partial) variables(body *ast.FuncDecl) []ast.Decl {
	scope := p.Info.Scopes[body.Type]
	if scope == nil {
		return nil
	}
	w := &typeWriter{env: p.scope.env, pkg: p.Pkg, paths: map[string]bool{}, names: map[string]bool{}}
	var out []ast.Decl
	for _, name := range scope.Names() {
		v, ok := scope.Lookup(name).(*types.Var)
		if !ok || v.Type() == types.Typ[types.Invalid] {
			continue
		}
		w.err = nil
		if t := w.expr(v.Type()); w.err == nil {
			spec := &ast.ValueSpec{Names: []*ast.Ident{{Name: name, NamePos: v.Pos()}}, Type: t}
			out = append(out, &ast.GenDecl{Tok: token.VAR, Specs: []ast.Spec{spec}})
		}
	}
	for path := range w.paths {
		p.paths[aliasFor(path)] = path // so that the second check imports it
	}
	return out
}

// check type-checks the cell's declarations beside those of the notebook that they refer to.
func (p *Partial) check(own []ast.Decl) {
	file := &ast.File{Package: partialBase, Name: &ast.Ident{Name: "main", NamePos: partialBase}}
	m := mentions{names: map[string]bool{}, selected: map[string]bool{}, paths: map[string]bool{}}
	for _, d := range own {
		m.add(d)
	}
	hides := declared(own)
	decls := p.scope.relevant(m, hides)
	add := func(name, path string) {
		spec := &ast.ImportSpec{Name: ast.NewIdent(name), Path: &ast.BasicLit{Kind: token.STRING, Value: strconv.Quote(path)}}
		file.Decls = append(file.Decls, &ast.GenDecl{Tok: token.IMPORT, Specs: []ast.Spec{spec}})
	}
	for name := range m.selected {
		if path := p.ImportPath(name); path != "" && !hides[name] && (p.scope.decls[name] == nil || p.paths[name] != "") {
			add(name, path)
		}
	}
	for path := range m.paths {
		if !m.selected[aliasFor(path)] || p.paths[aliasFor(path)] == "" {
			add(aliasFor(path), path)
		}
	}
	file.Decls = append(append(file.Decls, decls...), own...)
	p.Info = NewInfo()
	p.Pkg = types.NewPackage("main", "main")
	conf := types.Config{GoVersion: "go1.26", Importer: p.scope.env, Error: func(error) {}, DisableUnusedImportCheck: true}
	defer func() {
		// go/types is held to what parsers accept; that it fails on a wreck is no reason to fail with it.
		if recover() != nil {
			p.Pkg, p.Info = types.NewPackage("main", "main"), NewInfo()
		}
	}()
	_ = types.NewChecker(&conf, p.fset, p.Pkg, p.Info).Files([]*ast.File{file}) // errors are to be expected
}

// declared lists the names of package-level declarations, methods as "T.Method".
func declared(decls []ast.Decl) map[string]bool {
	names := map[string]bool{}
	for _, d := range decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv != nil {
				names[ReceiverName(d)+"."+d.Name.Name] = true
			} else {
				names[d.Name.Name] = true
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					names[spec.Name.Name] = true
				case *ast.ValueSpec:
					for _, id := range spec.Names {
						names[id.Name] = true
					}
				}
			}
		}
	}
	return names
}

// mentions is what syntax refers to.
type mentions struct {
	names    map[string]bool // all identifiers
	selected map[string]bool // those before a dot
	paths    map[string]bool // packages that types of variables need
}

// add adds the identifiers in n.
func (m mentions) add(n ast.Node) {
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Ident:
			m.names[n.Name] = true
		case *ast.SelectorExpr:
			if id, ok := n.X.(*ast.Ident); ok {
				m.selected[id.Name] = true
			}
		}
		return true
	})
}

// relevant returns the live declarations, functions without bodies, that the mentions need, and those that they need
// in turn, and adds what these mention. What hides is left out.
func (s *Scope) relevant(m mentions, hides map[string]bool) []ast.Decl {
	methods := map[string][]*Decl{}
	for _, d := range s.order {
		if d.Kind == Method {
			recv, _, _ := strings.Cut(d.Name, ".")
			methods[recv] = append(methods[recv], d)
		}
	}
	nodes := map[*Decl]ast.Decl{}
	take := func(d *Decl) {
		if nodes[d] != nil {
			return
		}
		if node := s.node(d, false); node != nil {
			nodes[d] = node
			m.add(node)
		}
		maps.Copy(m.paths, d.paths)
	}
	seen := map[string]bool{}
	for grown := true; grown; {
		grown = false
		for name := range m.names {
			if seen[name] {
				continue
			}
			seen[name], grown = true, true
			d := s.decls[name]
			if d == nil || slices.ContainsFunc(d.Names, func(n string) bool { return hides[n] }) {
				continue
			}
			take(d)
			for _, method := range methods[name] {
				if d.Kind == Type && !hides[method.Name] {
					take(method)
				}
			}
		}
	}
	var out []ast.Decl
	for _, d := range s.order {
		if node := nodes[d]; node != nil {
			out = append(out, node)
		}
	}
	return out
}

// Pos returns the position of a byte of the cell.
func (p *Partial) Pos(offset int) token.Pos { return token.Pos(partialBase + len(declPrefix) + offset) }

// Offset returns the byte of the cell at pos; negative, or beyond its end, if pos is not in the cell.
func (p *Partial) Offset(pos token.Pos) int { return int(pos) - partialBase - len(declPrefix) }

// ImportPath returns the path of the package that name stands for: one imported, or the only one of that name; "" if there is none.
func (p *Partial) ImportPath(name string) string {
	if path := p.paths[name]; path != "" {
		return path
	}
	if path := p.scope.imports[name]; path != "" {
		return path
	}
	if paths := p.scope.env.lib.ByName(name); len(paths) == 1 {
		return paths[0]
	}
	return ""
}

// Innermost returns the smallest scope around a byte of the cell, the package's if there is none.
func (p *Partial) Innermost(offset int) *types.Scope {
	for i := range p.Pkg.Scope().NumChildren() {
		if s := p.Pkg.Scope().Child(i).Innermost(p.Pos(offset)); s != nil {
			return s
		}
	}
	return p.Pkg.Scope()
}

// Eval returns the type, and the value of constants, of an expression at a byte of the cell. Its names must be in the
// code that p was made of.
func (p *Partial) Eval(expr string, offset int) (tv types.TypeAndValue, err error) {
	x, err := parser.ParseExprFrom(token.NewFileSet(), "", expr, parser.SkipObjectResolution)
	if err != nil {
		return tv, fmt.Errorf("parsing %s: %w", expr, err)
	}
	defer func() {
		if r := recover(); r != nil { // as in check
			err = fmt.Errorf("checking %s: %v", expr, r)
		}
	}()
	info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}}
	err = types.CheckExpr(p.fset, p.Pkg, p.Pos(offset), x, info)
	return info.Types[x], err
}

// Load imports a package.
func (p *Partial) Load(path string) (*types.Package, error) { return p.scope.env.Import(path) }

// Text returns the source of a declaration, "" for variables, and the comment lines that stand right above it, without
// comment marks.
func (s *Scope) Text(d *Decl) (source, comment string) {
	if d.Node == nil {
		return "", ""
	}
	src, _, _ := s.env.locate(d.Node.Pos())
	if src == nil {
		return "", ""
	}
	pos := d.Node.Pos()
	if g, ok := d.Node.(*ast.GenDecl); ok && d.Kind == Type && len(g.Specs) == 1 && g.Specs[0].Pos() > pos+token.Pos(len("type ")) {
		pos = g.Specs[0].Pos() // one of a group
	}
	start := s.env.offset(pos)
	end := max(start, s.env.offset(d.Node.End()))
	lines := strings.Split(src.text[:start], "\n")
	first := len(lines) - 1
	for first > 0 && strings.HasPrefix(strings.TrimSpace(lines[first-1]), "//") {
		first--
	}
	var b strings.Builder
	for _, line := range lines[first : len(lines)-1] {
		text := strings.TrimPrefix(strings.TrimSpace(line), "//")
		b.WriteString(strings.TrimPrefix(text, " ") + "\n")
	}
	return src.text[start:end], b.String()
}

// offset returns the byte of its cell's text at which pos is, at most the text's length.
func (e *env) offset(pos token.Pos) int {
	src, line, col := e.locate(pos)
	if src == nil {
		return 0
	}
	at := 0
	for range line - 1 {
		at += strings.IndexByte(src.text[at:], '\n') + 1
	}
	return min(at+col-1, len(src.text))
}
