package introspect

import (
	"go/token"
	"go/types"

	"gokernel/kernel/check"
	"gokernel/kernel/check/std"
)

// selectors collects what can follow the dot before the cursor.
func (q *question) selectors() {
	n := operandStart(q.toks[:len(q.toks)-1])
	if n < 0 {
		return
	}
	operand := q.code[q.toks[n].start:q.toks[len(q.toks)-1].start]
	p := q.scope.Partial(q.repaired(), q.start)
	q.expected = expectedType(p, pathTo(p, q.start))
	if n == len(q.toks)-2 && q.packages(p, operand) {
		return
	}
	tv, err := p.Eval(operand, q.start)
	if err != nil && tv.Type == nil {
		return
	}
	q.members(tv)
}

// operandStart returns the index of the token with which the operand that ends with toks begins, -1 if there is none.
func operandStart(toks []lexeme) int {
	i := len(toks) - 1
	for i >= 0 {
		switch toks[i].tok {
		case token.RPAREN, token.RBRACK, token.RBRACE:
			if i = opening(toks, i); i < 0 {
				return -1
			}
			if i == 0 {
				return i
			}
			switch prev := toks[i-1].tok; {
			case prev == token.IDENT, prev == token.RPAREN, prev == token.RBRACK && toks[i].tok != token.LBRACE, prev == token.RBRACE:
				i--
				continue
			case prev == token.RBRACK: // []T{…}: the type before it is part of the operand
				i--
				continue
			case toks[i].tok == token.LBRACE:
				return -1 // a block
			case prev == token.PERIOD: // x.(T)
				i -= 2
				continue
			}
			return i
		case token.IDENT, token.STRING, token.CHAR, token.INT, token.FLOAT:
			if i > 0 && toks[i-1].tok == token.PERIOD {
				i -= 2
				continue
			}
			if i > 0 && toks[i-1].tok == token.RBRACK { // []T{…}, map[K]V{…}
				if at := opening(toks, i-1); at == 0 || at > 0 && toks[at-1].tok != token.IDENT && toks[at-1].tok != token.RPAREN {
					if at > 0 && toks[at-1].tok == token.MAP {
						at--
					}
					return at
				}
			}
			return i
		default:
			return -1
		}
	}
	return -1
}

// opening returns the index of the bracket that toks[i] closes, or -1.
func opening(toks []lexeme, i int) int {
	depth := 0
	for ; i >= 0; i-- {
		switch toks[i].tok {
		case token.RPAREN, token.RBRACK, token.RBRACE:
			depth++
		case token.LPAREN, token.LBRACK, token.LBRACE:
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

// packages adds the exported names of the package that name stands for, or of all that it may stand for; false if it
// stands for none.
func (q *question) packages(p *check.Partial, name string) bool {
	if _, obj := p.Innermost(q.start).LookupParent(name, p.Pos(q.start)); obj != nil {
		if pkg, ok := obj.(*types.PkgName); ok {
			q.exported(pkg.Imported())
			return true
		}
		return false
	}
	paths := std.ByName(name)
	if path := p.ImportPath(name); path != "" {
		paths = []string{path}
	}
	for _, path := range paths {
		if pkg, err := p.Load(path); err == nil && !internal(path) {
			q.exported(pkg)
		}
	}
	return len(paths) > 0
}

// exported adds the exported names of a package.
func (q *question) exported(pkg *types.Package) {
	for _, name := range pkg.Scope().Names() {
		if token.IsExported(name) {
			q.addObject(pkg.Scope().Lookup(name), name, rankMember)
		}
	}
}

// members adds the fields and methods of a value, or the methods of a type.
func (q *question) members(tv types.TypeAndValue) {
	t := tv.Type
	if tuple, ok := t.(*types.Tuple); ok && tuple.Len() == 1 {
		t = tuple.At(0).Type()
	}
	if t == nil || t == types.Typ[types.Invalid] {
		return
	}
	if !tv.IsType() {
		q.fields(t)
	}
	if _, isPointer := t.Underlying().(*types.Pointer); !isPointer && !types.IsInterface(t) {
		t = types.NewPointer(t) // variables have the methods of their pointers too
	}
	set := types.NewMethodSet(t)
	for i := range set.Len() {
		m := set.At(i)
		if f, ok := m.Obj().(*types.Func); ok && visible(f) {
			rank := rankMember
			if len(m.Index()) > 1 {
				rank = rankEmbedded
			}
			q.addObject(f, f.Name(), rank)
		}
	}
}

// visible reports whether a cell may name a field or method.
func visible(obj types.Object) bool {
	return obj.Exported() || obj.Pkg() == nil || obj.Pkg().Path() == "main"
}

// fields adds the fields of a struct, or of what a pointer points to, those of embedded structs behind its own.
func (q *question) fields(t types.Type) {
	seen := map[types.Type]bool{}
	level := []types.Type{t}
	for rank := rankMember; len(level) > 0; rank = rankEmbedded {
		var next []types.Type
		for _, t := range level {
			if p, ok := t.Underlying().(*types.Pointer); ok {
				t = p.Elem()
			}
			s, ok := t.Underlying().(*types.Struct)
			if !ok || seen[t] {
				continue
			}
			seen[t] = true
			for f := range s.Fields() {
				if visible(f) {
					q.addObject(f, f.Name(), rank)
				}
				if f.Embedded() {
					next = append(next, f.Type())
				}
			}
		}
		level = next
	}
}
