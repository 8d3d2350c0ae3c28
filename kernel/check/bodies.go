package check

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

// checkBodies checks the functions of this cell, and those of earlier cells that refer to something this cell redefines:
// these are defined anew, or become stale if they no longer compile.
func (c *checker) checkBodies(own []*Decl) ErrorList {
	inits := make([]ast.Decl, len(c.cell.Funcs))
	for i, f := range c.cell.Funcs {
		inits[i] = f
	}
	redo := c.dependents(own)
	c.cell.BodyInfo, c.cell.BodyPkg = c.cell.StmtInfo, c.cell.Pkg
	for needsBodies(own) || len(redo) > 0 || len(inits) > 0 {
		bodies := map[*Decl]bool{}
		for _, d := range slices.Concat(own, redo) {
			bodies[d] = true
		}
		broken := map[*Decl]string{}
		info := NewInfo()
		withBody := func(d *Decl) bool { return bodies[d] }
		roots := withBody
		if slices.ContainsFunc(own, func(d *Decl) bool { return d.Kind == Method }) || len(redo) > 0 {
			roots = nil // an engine may need all types whose methods change
		}
		file := c.scope.file(inits, withBody, roots)
		pkg, errs := c.typecheck(file, info, func(e types.Error, inCell bool) bool {
			if inCell {
				return true
			}
			if d := declAt(redo, e.Pos); d != nil && broken[d] == "" {
				broken[d] = e.Msg
			}
			return false
		})
		if len(errs) > 0 {
			return errs
		}
		c.cell.BodyInfo, c.cell.BodyPkg = info, pkg
		if len(broken) == 0 {
			break
		}
		redo = c.retire(redo, broken)
	}
	for _, d := range slices.Concat(own, redo) {
		d.uses = usesOf(d.Node, c.cell.BodyInfo, c.cell.BodyPkg)
		d.Info, d.Pkg = c.cell.BodyInfo, c.cell.BodyPkg
	}
	c.cell.Decls = append(own, redo...)
	c.cell.Funcs = slices.DeleteFunc(c.cell.Funcs, func(f *ast.FuncDecl) bool { return f.Name.Name == "_" }) // checked, never called
	return nil
}

func needsBodies(own []*Decl) bool {
	return slices.ContainsFunc(own, func(d *Decl) bool { return d.Kind == Func || d.Kind == Method })
}

func declAt(decls []*Decl, pos token.Pos) *Decl {
	for _, d := range decls {
		if d.Node.Pos() <= pos && pos < d.Node.End() {
			return d
		}
	}
	return nil
}

// dependents finds the earlier declarations that refer, directly or not, to a name that this cell changed, and gives
// them new versions in the scope. Variables among them hold values of types that are gone: they become stale.
func (c *checker) dependents(own []*Decl) []*Decl {
	var redo []*Decl
	mine := map[*Decl]bool{}
	for _, d := range own {
		mine[d] = true
	}
	for grown := len(c.changed) > 0; grown; {
		grown = false
		for _, d := range slices.Clone(c.scope.order) {
			if mine[d] || d.Cell == c.p.src.id || !c.touches(d) {
				continue
			}
			grown = true
			for _, name := range d.Names {
				c.changed[name] = true
			}
			if d.Kind == Var {
				c.markStale(d, "its type was redefined in "+c.p.src.name)
				continue
			}
			again := *d
			c.newVersion(&again)
			c.scope.replace(d, &again)
			mine[&again] = true
			redo = append(redo, &again)
		}
	}
	return redo
}

func (c *checker) markStale(d *Decl, reason string) {
	for _, name := range d.Names {
		if c.scope.decls[name] == d {
			c.scope.drop(name)
			st := Stale{Name: name, Where: d.Where, Reason: reason}
			c.scope.stale[name] = st
			c.cell.Stale = append(c.cell.Stale, st)
		}
	}
}

// retire makes the broken declarations stale, and those that refer to them, and returns what is left of redo.
func (c *checker) retire(redo []*Decl, broken map[*Decl]string) []*Decl {
	gone := map[string]bool{}
	for d, reason := range broken {
		c.markStale(d, reason)
		for _, name := range d.Names {
			gone[name] = true
		}
	}
	for grown := true; grown; {
		grown = false
		for _, d := range slices.Clone(c.scope.order) {
			for name := range d.uses {
				if gone[name] && d.Cell != c.p.src.id && !gone[d.Name] {
					grown = true
					gone[d.Name] = true
					c.markStale(d, "it uses "+name+", which no longer compiles")
				}
			}
		}
	}
	return slices.DeleteFunc(redo, func(d *Decl) bool { return gone[d.Name] })
}

// replace puts a new version of a declaration in the place of the old one.
func (s *Scope) replace(old, again *Decl) {
	for _, name := range old.Names {
		if s.decls[name] == old {
			s.decls[name] = again
		}
	}
	s.order[slices.Index(s.order, old)] = again
}

// usesOf returns the names of the notebook that node refers to, methods as "T.Method".
func usesOf(node ast.Node, info *types.Info, pkg *types.Package) map[string]bool {
	uses := map[string]bool{}
	ast.Inspect(node, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok {
			return true
		}
		obj := info.Uses[id]
		if obj == nil || obj.Pkg() != pkg {
			return true
		}
		if obj.Parent() == pkg.Scope() {
			uses[obj.Name()] = true
		} else if f, ok := obj.(*types.Func); ok {
			if recv := f.Signature().Recv(); recv != nil {
				t := types.Unalias(recv.Type())
				if p, ok := t.(*types.Pointer); ok {
					t = types.Unalias(p.Elem())
				}
				if named, ok := t.(*types.Named); ok {
					uses[named.Obj().Name()+"."+f.Name()] = true
				}
			}
		}
		return true
	})
	return uses
}
