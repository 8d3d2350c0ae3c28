package check

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/types"
	"regexp"
	"slices"
	"strings"
)

// autoImport adds the packages that undefined names stand for, if there is just one package of that name which has all that
// the cell selects from it.
func (c *checker) autoImport(errs ErrorList) bool {
	added := false
	for _, e := range errs {
		name, ok := strings.CutPrefix(e.Msg, "undefined: ")
		if !ok || c.imports[name] != "" || !c.selects(name) {
			continue
		}
		if paths := c.candidates(name); len(paths) == 1 {
			c.imports[name] = paths[0]
			added = true
		}
	}
	return added
}

// candidates lists the packages that name may stand for: those that have what the cell selects, all if none has it.
func (c *checker) candidates(name string) []string {
	paths := c.before.env.lib.ByName(name)
	if len(paths) < 2 {
		return paths
	}
	wanted := c.selected(name)
	fit := slices.DeleteFunc(slices.Clone(paths), func(p string) bool {
		pkg, err := c.before.env.Import(p)
		return err != nil || slices.ContainsFunc(wanted, func(sel string) bool { return pkg.Scope().Lookup(sel) == nil })
	})
	if len(fit) == 0 {
		return paths
	}
	return fit
}

// selects reports whether the cell uses name as in name.Something.
func (c *checker) selects(name string) bool { return len(c.selected(name)) > 0 }

// selected lists what the cell selects from name.
func (c *checker) selected(name string) []string {
	var found []string
	c.p.selections(func(id, sel *ast.Ident) {
		if id.Name == name {
			found = append(found, sel.Name)
		}
	})
	return found
}

// explain adds hints to errors where one helps.
func (c *checker) explain(errs ErrorList) {
	for i := range errs {
		if e := &errs[i]; e.Hint == "" {
			e.Hint = c.hint(e)
		}
	}
}

// noMember matches "p.Namee undefined (type P has no field or method Namee)"; the compiler quotes paths of packages whose
// name is not unique.
var noMember = regexp.MustCompile(`undefined \(type \*?((?:"[^"]+"\.)?[\pL_][\pL_\d.]*).* has no field or method ([\pL_\d]+)\)`)

// hint says what to do about e, "" if nothing better than its message is known.
func (c *checker) hint(e *Error) string {
	if m := noMember.FindStringSubmatch(e.Msg); m != nil {
		if st, ok := c.scope.stale[m[1]+"."+m[2]]; ok {
			return m[2] + " of " + st.Where + " is gone: " + st.Reason
		}
		return didYouMean(m[2], c.members(m[1]))
	}
	name, ok := strings.CutPrefix(e.Msg, "undefined: ")
	if !ok {
		return ""
	}
	if pkg, sel, ok := strings.Cut(name, "."); ok {
		return didYouMean(sel, c.exported(pkg))
	}
	if st, ok := c.before.stale[name]; ok {
		return name + " of " + st.Where + " is out of date: " + st.Reason + "; run that cell again"
	}
	if line := c.declaredBelow(name, e.Line); line > 0 {
		return fmt.Sprintf("it is declared in line %d: variables exist from their declaration on; only those declared before all statements may stand in any order", line)
	}
	if c.selects(name) {
		if paths := c.candidates(name); len(paths) > 1 {
			return "import one of " + strings.Join(paths, ", ")
		}
		if path := "golang.org/x/sync/" + name; slices.Contains(moreSync, name) {
			if _, err := c.before.env.Import(path); err != nil {
				return err.Error()
			}
			return fmt.Sprintf("import %q", path)
		}
	}
	return didYouMean(name, c.known())
}

// moreSync are the packages of golang.org/x/sync, which programs with goroutines use next to the standard library.
var moreSync = []string{"errgroup", "semaphore", "singleflight", "syncmap"}

// declaredBelow returns the line at or below another in which the statements declare a variable of the cell, 0 if none does.
func (c *checker) declaredBelow(name string, line int) int {
	for _, id := range c.hoistedIdents() {
		if _, at, _ := c.before.env.locate(id.Pos()); id.Name == name && at >= line {
			return at
		}
	}
	return 0
}

func didYouMean(name string, candidates []string) string {
	slices.Sort(candidates)
	if near := nearest(name, candidates); near != "" {
		return "did you mean " + near + "?"
	}
	return ""
}

// known lists the names that a cell may use at its top.
func (c *checker) known() []string {
	var names []string
	for name := range c.before.decls {
		names = append(names, name)
	}
	for name := range c.imports {
		names = append(names, name)
	}
	for _, d := range c.p.decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil {
				names = append(names, d.Name.Name)
			}
		case *ast.GenDecl:
			for _, id := range declaredBy(d) {
				names = append(names, id.Name)
			}
		}
	}
	return append(append(names, types.Universe.Names()...), c.hoistedNames()...)
}

// exported lists the names that the package imported as name exports.
func (c *checker) exported(name string) []string {
	pkg, err := c.before.env.Import(c.imports[name])
	if err != nil {
		return nil
	}
	return slices.DeleteFunc(pkg.Scope().Names(), func(n string) bool { return !ast.IsExported(n) })
}

// members lists the fields and methods of a type of the notebook or of a package, by the name that errors give it.
func (c *checker) members(name string) []string {
	scope := c.cell.Pkg.Scope()
	if dot := strings.LastIndexByte(name, '.'); dot >= 0 {
		pkg := name[:dot]
		path := cmp.Or(c.imports[pkg], strings.Trim(pkg, `"`))
		p, err := c.before.env.Import(path)
		if err != nil {
			return nil
		}
		scope, name = p.Scope(), name[dot+1:]
	}
	obj := scope.Lookup(name)
	if obj == nil || obj.Type() == nil {
		return nil
	}
	var out []string
	set := types.NewMethodSet(types.NewPointer(obj.Type()))
	for i := range set.Len() {
		out = append(out, set.At(i).Obj().Name())
	}
	if st, ok := obj.Type().Underlying().(*types.Struct); ok {
		for i := range st.NumFields() {
			out = append(out, st.Field(i).Name())
		}
	}
	return out
}
