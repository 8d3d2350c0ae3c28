package main

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/doc"
	"go/token"
	"strings"

	"gokernel/internal/gostd"
)

// writeDocs writes the doc comments of all exported names.
func writeDocs(set *gostd.Set, own *zipWriter) error {
	var std zipWriter
	add := func(z *zipWriter, prefix string, p *gostd.Package, mode doc.Mode, fset *token.FileSet) error {
		d, err := doc.NewFromFiles(fset, p.Files, p.Path, mode|doc.PreserveAST)
		if err != nil {
			return fmt.Errorf("reading the documentation of %s: %w", p.Path, err)
		}
		data, err := json.Marshal(comments(d)) // sorts the keys
		if err != nil {
			return fmt.Errorf("encoding the documentation of %s: %w", p.Path, err)
		}
		z.add(prefix+p.Path, data)
		return nil
	}
	for _, p := range set.Importable(true) {
		if err := add(&std, "", p, 0, set.Fset); err != nil {
			return err
		}
	}
	for _, p := range set.Importable(false) {
		if err := add(own, "docs/", p, 0, set.Fset); err != nil {
			return err
		}
	}
	fset := token.NewFileSet()
	b, err := gostd.Builtin(fset)
	if err != nil {
		return err
	}
	if err := add(&std, "", b, doc.AllDecls, fset); err != nil {
		return err
	}
	return std.write("docs.zip")
}

// comments maps the names of a package, "Type.Method" and "Type.Field" among them, to their doc comments.
func comments(d *doc.Package) map[string]string {
	m := map[string]string{}
	add := func(name, text string) {
		if text = strings.TrimRight(text, "\n"); text != "" {
			m[name] = text
		}
	}
	values := func(list []*doc.Value) {
		for _, v := range list {
			for _, spec := range v.Decl.Specs {
				spec := spec.(*ast.ValueSpec)
				text := firstText(spec.Doc, spec.Comment)
				if text == "" {
					text = v.Doc
				}
				for _, n := range spec.Names {
					add(n.Name, text)
				}
			}
		}
	}
	funcs := func(prefix string, list []*doc.Func) {
		for _, f := range list {
			add(prefix+f.Name, f.Doc)
		}
	}
	add("", d.Doc)
	values(d.Consts)
	values(d.Vars)
	funcs("", d.Funcs)
	for _, t := range d.Types {
		add(t.Name, t.Doc)
		values(t.Consts)
		values(t.Vars)
		funcs("", t.Funcs)
		for _, spec := range t.Decl.Specs {
			if spec := spec.(*ast.TypeSpec); spec.Name.Name == t.Name {
				members(spec.Type, t.Name+".", add)
			}
		}
		funcs(t.Name+".", t.Methods)
	}
	return m
}

// members adds the fields of a struct, at any depth of literal structs, or the methods of an interface.
func members(e ast.Expr, prefix string, add func(name, text string)) {
	var fields *ast.FieldList
	switch e := e.(type) {
	case *ast.StructType:
		fields = e.Fields
	case *ast.InterfaceType:
		fields = e.Methods
	default:
		return
	}
	for _, f := range fields.List {
		for _, n := range f.Names {
			if n.IsExported() {
				add(prefix+n.Name, firstText(f.Doc, f.Comment))
				members(f.Type, prefix+n.Name+".", add)
			}
		}
	}
}

func firstText(groups ...*ast.CommentGroup) string {
	for _, g := range groups {
		if text := g.Text(); text != "" {
			return text
		}
	}
	return ""
}
