package main

import (
	"bytes"
	"context"
	"embed"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/printer"
	"go/token"
	"go/types"
	"path"
	"slices"
	"strconv"
	"strings"

	"gokernel/internal/gostd"
)

// generic lists the packages whose generic declarations are written as source. Missing are those that cannot be had
// without the runtime or the package's other unexported parts: weak, runtime.AddCleanup, hash/maphash, crypto/hkdf,
// crypto/pbkdf2 and database/sql.Null.
var generic = []string{
	"cmp", "errors", "iter", "maps", "math/rand/v2", "reflect", "slices", "sync", "sync/atomic", "unique",
}

// replacements hold declarations of ours in place of those that use unsafe or the runtime.
//
//go:embed replacements/*.go.txt
var replacements embed.FS

// decl is a declaration at package level, with the methods if it is of a type.
type decl struct {
	nodes []ast.Decl
	info  *types.Info // nil: the declaration is ours
	// imports maps the names of packages to their paths, for a declaration of ours.
	imports map[string]string
}

// writeSource writes for each package one file with its generic declarations and what they need of the package, without
// comments. What other than generic is exported there is used by its import path, also by the package itself. Of the
// preloaded packages it adds those that declare something generic to own.
func writeSource(ctx context.Context, own *zipWriter) error {
	// A set of its own: go/doc takes out of the syntax trees what is not exported, and this changes them as well.
	set, err := gostd.Load(ctx, gostd.Config{
		Platform: gostd.Platforms()[0], Extra: preloaded, Bodies: slices.Concat(generic, preloaded),
	})
	if err != nil {
		return err
	}
	for _, p := range set.Importable(false) {
		src, err := genericSource(set, p)
		if err != nil {
			return fmt.Errorf("extracting the generic source of %s: %w", p.Path, err)
		}
		if src != nil {
			own.add("generic/"+p.Path+"/"+path.Base(p.Path)+".go", src)
		}
	}
	var z zipWriter
	for _, name := range generic {
		src, err := genericSource(set, set.Packages[name])
		if err != nil {
			return fmt.Errorf("extracting the generic source of %s: %w", name, err)
		}
		z.add(name+"/"+path.Base(strings.TrimSuffix(name, "/v2"))+".go", src)
	}
	return z.write("source.zip")
}

// genericSource returns nil if the package declares nothing generic.
func genericSource(set *gostd.Set, p *gostd.Package) ([]byte, error) {
	decls := map[string]*decl{}
	for _, f := range p.Files {
		collect(decls, f, func() *decl { return &decl{info: p.Info} })
	}
	if err := replace(set.Fset, decls, p); err != nil {
		return nil, err
	}
	c := closure{pkg: p.Types, decls: decls, imports: map[string]string{}, want: map[string]bool{}}
	for name, d := range decls {
		if ast.IsExported(name) && d.isGeneric() {
			c.add(name)
		}
	}
	if len(c.want) == 0 {
		return nil, nil
	}
	var body bytes.Buffer
	printed := map[ast.Decl]bool{}
	for _, name := range sorted(c.want) {
		for _, n := range decls[name].nodes {
			if printed[n] {
				continue
			}
			printed[n] = true
			if err := printer.Fprint(&body, set.Fset, n); err != nil {
				return nil, err
			}
			body.WriteString("\n\n")
		}
	}
	var out bytes.Buffer
	if p.Std {
		fmt.Fprintln(&out, "// From the Go standard library, changed. Copyright The Go Authors, BSD licence: GOLICENSE.txt.")
	}
	fmt.Fprintf(&out, "\npackage %s\n\n", p.Types.Name())
	for _, imp := range sorted(c.imports) {
		fmt.Fprintf(&out, "import %q\n", imp)
	}
	out.Write(body.Bytes())
	return format.Source(out.Bytes())
}

// collect adds the declarations of a file, a group's one by one, without their comments.
func collect(decls map[string]*decl, f *ast.File, newDecl func() *decl) {
	add := func(name string, n ast.Decl) {
		if name == "_" || name == "init" {
			return
		}
		if decls[name] == nil {
			decls[name] = newDecl()
		}
		decls[name].nodes = append(decls[name].nodes, n)
	}
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			d.Doc = nil
			name := d.Name.Name
			if d.Recv != nil {
				name = receiver(d.Recv.List[0].Type)
			}
			add(name, d)
		case *ast.GenDecl:
			d.Doc = nil
			for _, spec := range d.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					spec.Doc, spec.Comment = nil, nil
					add(spec.Name.Name, &ast.GenDecl{Tok: d.Tok, Specs: []ast.Spec{spec}})
				case *ast.ValueSpec:
					spec.Doc, spec.Comment = nil, nil
					var n ast.Decl = d // a group of constants stays whole, for iota
					if d.Tok == token.VAR {
						n = &ast.GenDecl{Tok: d.Tok, Specs: []ast.Spec{spec}}
					}
					for _, name := range spec.Names {
						add(name.Name, n)
					}
				}
			}
		}
	}
}

// receiver returns the name of the type of a receiver.
func receiver(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.StarExpr:
		return receiver(e.X)
	case *ast.IndexExpr:
		return receiver(e.X)
	case *ast.IndexListExpr:
		return receiver(e.X)
	case *ast.Ident:
		return e.Name
	}
	return "_"
}

// replace puts our declarations in place of the package's.
func replace(fset *token.FileSet, decls map[string]*decl, p *gostd.Package) error {
	name := "replacements/" + strings.ReplaceAll(p.Path, "/", "_") + ".go.txt"
	src, err := replacements.ReadFile(name)
	if err != nil {
		return nil // none needed
	}
	f, err := parser.ParseFile(fset, name, src, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	imports := map[string]string{}
	for _, spec := range f.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return err
		}
		imports[path.Base(strings.TrimSuffix(imported, "/v2"))] = imported
	}
	ours := map[string]*decl{}
	collect(ours, f, func() *decl { return &decl{imports: imports} })
	for name, d := range ours {
		decls[name] = d
	}
	return nil
}

// isGeneric reports whether the declaration has type parameters or is a constraint.
func (d *decl) isGeneric() bool {
	for _, n := range d.nodes {
		switch n := n.(type) {
		case *ast.FuncDecl:
			if n.Type.TypeParams != nil {
				return true
			}
		case *ast.GenDecl:
			if spec, ok := n.Specs[0].(*ast.TypeSpec); ok && (spec.TypeParams != nil || isConstraint(spec.Type)) {
				return true
			}
		}
	}
	return false
}

func isConstraint(e ast.Expr) bool {
	i, ok := e.(*ast.InterfaceType)
	return ok && slices.ContainsFunc(i.Methods.List, func(f *ast.Field) bool {
		_, union := f.Type.(*ast.BinaryExpr)
		return union
	})
}

// closure finds what a set of declarations needs.
type closure struct {
	pkg     *types.Package
	decls   map[string]*decl
	imports map[string]string // import path to name
	want    map[string]bool
}

func (c *closure) add(name string) {
	if c.want[name] {
		return
	}
	c.want[name] = true
	d := c.decls[name]
	if d == nil {
		panic(fmt.Sprintf("%s: %s is used but not declared", c.pkg.Path(), name))
	}
	for _, n := range d.nodes {
		ast.Inspect(n, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				c.use(d, id)
			}
			return true
		})
	}
}

// use adds what an identifier refers to. One of an exported declaration that is not generic is qualified, in place.
func (c *closure) use(d *decl, id *ast.Ident) {
	if d.info == nil {
		if imported, ok := d.imports[id.Name]; ok {
			c.imports[imported] = id.Name
		} else if target, ok := c.decls[id.Name]; ok && target.isGeneric() || ok && target.info == nil {
			c.add(id.Name)
		}
		return
	}
	switch o := d.info.Uses[id].(type) {
	case *types.PkgName:
		c.imports[o.Imported().Path()] = o.Name()
	case types.Object:
		if o.Parent() != c.pkg.Scope() {
			return
		}
		if o.Exported() && !c.decls[o.Name()].isGeneric() {
			c.imports[c.pkg.Path()] = c.pkg.Name()
			id.Name = c.pkg.Name() + "." + o.Name()
			return
		}
		c.add(o.Name())
	}
}

func sorted[V any](m map[string]V) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
