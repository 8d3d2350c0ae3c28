package check

import (
	"go/ast"
	"maps"
)

// unchanged finds the types that the cell declares again as they were, as happens when a cell is run twice. They stay
// the types they are, so that variables of them live on. A type that relies on one that changes changes too.
func (c *checker) unchanged(own []*Decl) map[*Decl]bool {
	same := map[*Decl]bool{}
	changing := map[string]bool{}
	for _, d := range own {
		old := c.before.decls[d.Name]
		if d.Kind == Type && old != nil && old.Kind == Type && !c.before.renewed[old.Emit] && c.before.env.text(d) == c.before.env.text(old) {
			same[d] = true
			continue
		}
		for _, name := range d.Names {
			changing[name] = true
		}
	}
	for shrunk := true; shrunk; {
		shrunk = false
		for d := range maps.Clone(same) {
			for name := range c.before.decls[d.Name].uses {
				if changing[name] && name != d.Name {
					delete(same, d)
					changing[d.Name] = true
					shrunk = true
					break
				}
			}
		}
	}
	for d := range same {
		old := c.before.decls[d.Name]
		d.Emit, d.Version = old.Emit, old.Version
	}
	return same
}

// text returns the source of a type declaration.
func (e *env) text(d *Decl) string {
	spec := d.Node.(*ast.GenDecl).Specs[0]
	src, _, _ := e.locate(spec.Pos())
	if src == nil {
		return ""
	}
	return src.text[e.offset(spec.Pos()):e.offset(spec.End())]
}
