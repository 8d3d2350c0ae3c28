package check

import (
	"go/types"
	"slices"
)

// Replay returns a cell that declares anew what is live in s, for an engine that knows nothing yet, and runs nothing: its
// variables have no values. The scope stays as it is. The error, an ErrorList, means that the declarations no longer fit
// together, which is a bug.
func Replay(s *Scope, id int, name string) (*Cell, error) {
	c := &checker{before: s, scope: s, p: &parsedCell{src: &source{id: id, name: name}}}
	info := NewInfo()
	pkg, errs := c.typecheck(s.file(nil, func(*Decl) bool { return true }, nil), info, func(types.Error, bool) bool { return true })
	if len(errs) > 0 {
		errs.sort()
		return nil, errs
	}
	cell := &Cell{
		ID: id, Name: name, Before: s, Scope: s,
		StmtInfo: info, Pkg: pkg, BodyInfo: info, BodyPkg: pkg, Hoisted: map[types.Object]*Decl{},
	}
	for _, d := range s.order {
		if d.Kind != Var {
			cell.Decls = append(cell.Decls, d)
			continue
		}
		again := *d
		if obj := pkg.Scope().Lookup(d.Name); obj != nil {
			again.Type = obj.Type()
		}
		cell.Vars = append(cell.Vars, &again)
	}
	return cell, nil
}

// Lost returns a scope in which the named variables cannot be used any more, for the reason given, and nor can what
// refers to them; gone lists all of it.
func (s *Scope) Lost(reason string, names ...string) (lost *Scope, gone []Stale) {
	n := s.clone()
	mark := func(d *Decl, reason string) {
		for _, name := range d.Names {
			if n.decls[name] == d {
				n.drop(name)
				n.stale[name] = Stale{Name: name, Where: d.Where, Reason: reason}
				gone = append(gone, n.stale[name])
			}
		}
	}
	for _, name := range names {
		if d := n.decls[name]; d != nil && d.Kind == Var {
			mark(d, reason)
		}
	}
	for grown := len(gone) > 0; grown; {
		grown = false
		for _, d := range slices.Clone(n.order) {
			for name := range d.uses {
				if st, ok := n.stale[name]; ok && n.decls[d.Name] == d && slices.Contains(gone, st) {
					mark(d, "it uses "+name+" of "+st.Where+", which was lost")
					grown = true
				}
			}
		}
	}
	return n, gone
}

// Undo returns the scope after the cell if it never came to declare the named variables: those that it would have
// declared anew are as before it, unless it has changed what they rely on.
func (c *Cell) Undo(names ...string) *Scope {
	own := c.ID
	n := c.Scope.clone()
	for _, name := range names {
		d, old := n.decls[name], c.Before.decls[name]
		if d == nil || d.Kind != Var || d.Cell != own || old != nil && old.Emit == d.Emit {
			continue // it has kept its storage, and the value from before
		}
		n.drop(name)
		redone := slices.ContainsFunc(c.Decls, func(d *Decl) bool { return d.Cell != own })
		if old != nil && !redone && len(c.Stale) == 0 {
			n.add(old)
		}
	}
	return n
}
