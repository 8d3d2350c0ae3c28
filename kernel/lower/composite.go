package lower

import (
	"fmt"
	"go/ast"
	"go/types"
	"slices"
	"strings"
)

// composite returns a literal of type t, or the address of one if t is a pointer.
func (f *fn) composite(x *ast.CompositeLit, t types.Type) string {
	under := t.Underlying()
	amp := ""
	if p, ok := under.(*types.Pointer); ok { // an element &T{} whose type is left out
		amp, t = "&", p.Elem()
		under = t.Underlying()
	}
	st, isStruct := under.(*types.Struct)
	if isStruct && f.l.hasHidden(t) {
		return f.filled(x, t, st, amp)
	}
	parts := make([]part, 0, len(x.Elts))
	for i, e := range x.Elts {
		kv, keyed := e.(*ast.KeyValueExpr)
		value := e
		if keyed {
			value = kv.Value
		}
		switch u := under.(type) {
		case *types.Struct:
			field := u.Field(i)
			if keyed {
				field = f.info.ObjectOf(kv.Key.(*ast.Ident)).(*types.Var)
				for j := range u.NumFields() {
					if u.Field(j).Name() == field.Name() {
						field = u.Field(j)
					}
				}
			}
			parts = append(parts, part{field.Name() + ": ", operand{f.element(value, field.Type()), field.Type()}})
		case *types.Map:
			parts = append(parts, part{"", operand{f.key(kv.Key, u.Key()), u.Key()}}, part{": ", operand{f.element(value, u.Elem()), u.Elem()}})
		case *types.Slice:
			parts = append(parts, part{f.keyed(kv), operand{f.element(value, u.Elem()), u.Elem()}})
		case *types.Array:
			parts = append(parts, part{f.keyed(kv), operand{f.element(value, u.Elem()), u.Elem()}})
		}
	}
	typ := f.l.typ(nil, t)
	if slices.ContainsFunc(parts, part.dereferences) || f.logic > 0 && slices.ContainsFunc(x.Elts, isKeyed) {
		return f.passed(parts, typ, amp)
	}
	return amp + typ + "{" + joinParts(parts) + "}"
}

// A part is a key or a value of a composite literal, behind what stands before it.
type part struct {
	before string
	operand
}

// dereferences reports whether a pointer is dereferenced in p: yaegi takes that for a type if it stands in a literal.
func (p part) dereferences() bool { return strings.Contains(p.text, "(*") }

// isKeyed reports whether an element of a composite literal has a key. Where such a literal begins the first operand of && or
// ||, yaegi takes the key for the condition.
func isKeyed(x ast.Expr) bool {
	_, ok := x.(*ast.KeyValueExpr)
	return ok
}

// joinParts separates the elements of a literal by commas; a key and its value are one.
func joinParts(parts []part) string {
	var b strings.Builder
	for i, p := range parts {
		if i > 0 && p.before != ": " {
			b.WriteString(", ")
		}
		b.WriteString(p.before + p.text)
	}
	return b.String()
}

// passed returns a literal as the call of a function that gets its parts as arguments.
func (f *fn) passed(parts []part, typ, amp string) string {
	var formals, actuals []string
	for i, p := range parts {
		name := fmt.Sprintf("p%d", i)
		formals = append(formals, name+" "+f.l.typ(f.env, p.typ))
		actuals = append(actuals, p.text)
		parts[i].text = name
	}
	name := fmt.Sprintf("lit_%d", f.l.fresh())
	result := typ
	if amp != "" {
		result = "*" + typ
	}
	f.l.prog.Funcs[name] = f.name
	f.l.write("func %s(%s) %s {\nreturn %s%s{%s}\n}\n", name, strings.Join(formals, ", "), result, amp, typ, joinParts(parts))
	return name + "(" + strings.Join(actuals, ", ") + ")"
}

func (f *fn) keyed(kv *ast.KeyValueExpr) string {
	if kv == nil {
		return ""
	}
	return f.info.Types[kv.Key].Value.ExactString() + ": "
}

// key returns x as a key of type t.
func (f *fn) key(x ast.Expr, t types.Type) string {
	if call, ok := ast.Unparen(x).(*ast.CallExpr); f.env != nil && !f.isNil(x) && (types.IsInterface(t) || ok && f.info.Types[call.Fun].IsType()) {
		return f.as(f.element(x, t), t, t) // of two type arguments that are one type there may be two equal keys
	}
	if f.isNil(x) {
		return f.l.helper("nil", t, "func %[1]s() (v %[2]s) { return v }\n") + "()"
	}
	return f.element(x, t)
}

// element returns a part of a composite literal, whose own type may be left out.
func (f *fn) element(x ast.Expr, t types.Type) string {
	if c, ok := x.(*ast.CompositeLit); ok && c.Type == nil {
		return f.composite(c, f.env.subst(t))
	}
	return f.converted(x, t)
}
