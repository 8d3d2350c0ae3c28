package check

import (
	"errors"
	"fmt"
	"go/ast"
	"go/types"
	"path"
	"slices"
	"strings"
)

// checkProgram checks a pasted program as the file that it is, by the compiler's rules for files: unused imports, cycles of
// initialisation, names declared twice. What it takes from the notebook is no error.
func (c *checker) checkProgram() ErrorList {
	c.whole = true
	defer func() { c.whole = false }()
	_, errs := c.typecheck(c.p.file, NewInfo(), func(e types.Error, inCell bool) bool {
		name, undefined := strings.CutPrefix(e.Msg, "undefined: ")
		return !undefined || !c.provides(name)
	})
	return errs
}

// provides reports whether the notebook has a meaning for a name that a program does not declare.
func (c *checker) provides(name string) bool {
	if c.before.decls[name] != nil || c.before.imports[name] != "" {
		return true
	}
	return c.selects(name) && len(c.before.env.lib.ByName(name)) == 1
}

// addImports takes in the cell's import declarations. Names of packages that there are not are taken in too, so that the
// rest of the cell can be checked: go/types says nothing of what is selected from such a package.
func (c *checker) addImports() ErrorList {
	var errs ErrorList
	for _, spec := range c.p.imports {
		p, err := importPath(spec)
		if err != nil {
			errs = append(errs, c.errorAt(spec.Path.Pos(), err.Error()))
			continue
		}
		pkg, err := c.before.env.Import(p)
		name := path.Base(p)
		if err != nil {
			errs = append(errs, c.errorAt(spec.Path.Pos(), c.noPackage(p, err)))
		} else {
			name = pkg.Name()
		}
		if spec.Name != nil {
			name = spec.Name.Name
		}
		switch name {
		case "_":
		case ".":
			errs = append(errs, c.errorAt(spec.Pos(), "dot imports are not supported in cells: import the package by its name"))
		default:
			c.imports[name] = p
		}
	}
	return errs
}

// unloadable reports packages that the cell uses and that cannot be loaded, though another cell has imported them or the
// library knows the name: go/types says nothing of what is selected from them.
func (c *checker) unloadable(cell *Cell) ErrorList {
	var errs ErrorList
	told := map[string]bool{}
	infos := []*types.Info{cell.StmtInfo}
	for _, d := range cell.Decls {
		infos = append(infos, d.Info)
	}
	c.p.selections(func(id, _ *ast.Ident) {
		if told[id.Name] || c.imports[id.Name] == "" {
			return
		}
		for _, info := range infos {
			if info == nil || info.Uses[id] == nil {
				continue
			}
			if _, isPkg := info.Uses[id].(*types.PkgName); !isPkg {
				return
			}
		}
		p := c.imports[id.Name]
		if _, err := c.before.env.Import(p); err != nil {
			told[id.Name] = true
			errs = append(errs, c.errorAt(id.Pos(), c.noPackage(p, err)))
		}
	})
	return errs
}

// noPackage says why the package at p cannot be imported.
func (c *checker) noPackage(p string, err error) string {
	first, _, _ := strings.Cut(p, "/")
	var missing *MissingPackage
	switch {
	case strings.HasPrefix(p, "/"):
		return "import path cannot be absolute path"
	case path.Clean(p) != p:
		return fmt.Sprintf("non-canonical import path %q (should be %q)", p, path.Clean(p))
	case p == "C":
		return "cgo is not supported in cells"
	case errors.As(err, &missing):
		return missing.Error()
	case p == "runtime/cgo", p == "builtin", slices.Contains(strings.Split(p, "/"), "internal"):
		return "package " + p + " is not available in cells"
	}
	if other := c.before.env.lib.ByName(path.Base(p)); len(other) > 0 {
		return "package " + p + " is not available: did you mean " + strings.Join(other, " or ") + "?"
	}
	if strings.Contains(first, ".") {
		return "package " + p + " is not available: cells can import the standard library and the packages that come with the kernel"
	}
	return "package " + p + " is not in std"
}

// redeclared reports names that the cell declares twice: only a later cell may declare a name again.
func (c *checker) redeclared(own []*Decl) ErrorList {
	var errs ErrorList
	first := map[string]ast.Node{}
	add := func(name string, id ast.Node) {
		before := first[name]
		if before == nil {
			first[name] = id
			return
		}
		_, line, col := c.before.env.locate(before.Pos())
		where := position(c.p.src.name, line, col)
		recv, method, isMethod := strings.Cut(name, ".")
		if isMethod {
			errs = append(errs, c.errorAt(id.Pos(), "method "+recv+"."+method+" already declared at "+where))
			return
		}
		errs = append(errs, c.errorAt(id.Pos(), name+" redeclared in this block\n\t"+where+": other declaration of "+name))
	}
	for _, d := range own {
		switch node := d.Node.(type) {
		case *ast.FuncDecl:
			if node.Name.Name != "_" {
				add(d.Name, node.Name)
			}
		case *ast.GenDecl:
			for _, id := range declaredBy(node) {
				if id.Name != "_" {
					add(id.Name, id)
				}
			}
		}
	}
	for _, id := range c.hoistedIdents() {
		if decl := first[id.Name]; decl != nil {
			add(id.Name, id)
		}
	}
	return errs
}

// declaredBy returns the identifiers that a declaration of constants, types or variables declares.
func declaredBy(g *ast.GenDecl) []*ast.Ident {
	var ids []*ast.Ident
	for _, spec := range g.Specs {
		switch spec := spec.(type) {
		case *ast.ValueSpec:
			ids = append(ids, spec.Names...)
		case *ast.TypeSpec:
			ids = append(ids, spec.Name)
		}
	}
	return ids
}
