package check

import (
	"go/ast"
	"go/token"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// file assembles one Go file of the live declarations and extra ones. Functions for which withBody is
// false are declared without their bodies, which is much faster to check. With roots, only those declarations are
// taken for which it is true, and what they and the extra ones rely on: the cost does not grow with the notebook then.
func (s *Scope) file(extra []ast.Decl, withBody, roots func(*Decl) bool) *ast.File {
	f := &ast.File{Name: ast.NewIdent("main")}
	paths := map[string]bool{}
	var decls []ast.Decl
	var taken map[*Decl]bool
	if roots != nil {
		taken = s.closure(extra, withBody, roots)
	}
	for _, d := range s.order {
		if taken != nil && !taken[d] {
			continue
		}
		if d.Kind == Var {
			maps.Copy(paths, d.paths)
		}
		if node := s.node(d, withBody(d)); node != nil {
			decls = append(decls, node)
		}
	}
	add := func(name, path string) {
		spec := &ast.ImportSpec{Name: ast.NewIdent(name), Path: &ast.BasicLit{Kind: token.STRING, Value: strconv.Quote(path)}}
		f.Imports = append(f.Imports, spec)
		f.Decls = append(f.Decls, &ast.GenDecl{Tok: token.IMPORT, Specs: []ast.Spec{spec}})
	}
	for _, name := range slices.Sorted(maps.Keys(s.imports)) {
		add(name, s.imports[name])
	}
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		add(aliasFor(path), path)
	}
	f.Decls = append(append(f.Decls, decls...), extra...)
	return f
}

// closure returns the declarations that extra ones and the roots refer to, directly or not, by name. A type brings its
// methods along.
func (s *Scope) closure(extra []ast.Decl, withBody, roots func(*Decl) bool) map[*Decl]bool {
	m := mentions{names: map[string]bool{}, selected: map[string]bool{}, paths: map[string]bool{}}
	for _, d := range extra {
		m.add(d)
	}
	methods := map[string][]*Decl{}
	for _, d := range s.order {
		if recv, _, ok := strings.Cut(d.Name, "."); ok && d.Kind == Method {
			methods[recv] = append(methods[recv], d)
		}
	}
	taken := map[*Decl]bool{}
	var take func(d *Decl)
	take = func(d *Decl) {
		if taken[d] {
			return
		}
		taken[d] = true
		if node := s.node(d, withBody(d)); node != nil {
			m.add(node)
		}
		for _, name := range d.Names {
			for _, method := range methods[name] {
				take(method)
			}
		}
	}
	for _, d := range s.order {
		if roots(d) {
			take(d)
		}
	}
	seen := map[string]bool{}
	for grown := true; grown; {
		grown = false
		for name := range m.names {
			if !seen[name] {
				seen[name], grown = true, true
				if d := s.decls[name]; d != nil {
					take(d)
				}
			}
		}
	}
	return taken
}

// node returns d as the checker shall see it now: names of a constant group that are no longer live become blank.
func (s *Scope) node(d *Decl, withBody bool) ast.Decl {
	switch d.Kind {
	case Var:
		spec := &ast.ValueSpec{Names: []*ast.Ident{ast.NewIdent(d.Name)}, Type: d.typeExpr}
		return &ast.GenDecl{Tok: token.VAR, Specs: []ast.Spec{spec}}
	case Func, Method:
		fn := d.Node.(*ast.FuncDecl)
		if withBody || fn.Body == nil {
			return fn
		}
		short := *fn
		short.Body = nil
		return &short
	case Const:
		return s.liveConstants(d)
	}
	return d.Node
}

func (s *Scope) liveConstants(d *Decl) ast.Decl {
	g := d.Node.(*ast.GenDecl)
	dead := map[string]bool{}
	for _, name := range d.Names {
		if s.decls[name] != d {
			dead[name] = true
		}
	}
	if len(dead) == 0 {
		return g
	}
	group := *g
	group.Specs = nil
	for _, spec := range g.Specs {
		v := *spec.(*ast.ValueSpec)
		v.Names = slices.Clone(v.Names)
		for i, id := range v.Names {
			if dead[id.Name] {
				v.Names[i] = &ast.Ident{NamePos: id.NamePos, Name: "_"}
			}
		}
		group.Specs = append(group.Specs, &v)
	}
	return &group
}
