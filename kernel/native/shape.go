package native

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"gokernel/kernel/check"
)

// A shape is a struct type without a name that has unexported fields. Written in two packages it would be two types, so the
// first unit that writes it names it for the others, and has functions that hand out the addresses of its fields.
type shape struct {
	unit *Unit
	name string
	t    *types.Struct
}

// shaped reports whether t must be the same type in all units: it has unexported fields, and can be written outside of a
// function.
func (e *emitter) shaped(t *types.Struct) bool {
	if e.keying || e.scope == nil {
		return false
	}
	return hasHidden(t) && e.general(t, nil)
}

func hasHidden(t *types.Struct) bool {
	for f := range t.Fields() {
		if !f.Exported() {
			return true
		}
	}
	return false
}

// general reports whether t has the same meaning in all places: it names no type of a function and no type parameter. Types
// in seen have been asked for.
func (e *emitter) general(t types.Type, seen []types.Type) bool {
	for _, s := range seen {
		if s == t {
			return true
		}
	}
	seen = append(seen, t)
	var parts []types.Type
	switch t := types.Unalias(t).(type) {
	case *types.Named:
		if obj := t.Obj(); obj.Pkg() != nil && obj.Parent() != obj.Pkg().Scope() {
			return false
		}
		for a := range t.TypeArgs().Types() {
			parts = append(parts, a)
		}
	case *types.TypeParam:
		return false
	case *types.Map:
		parts = append(parts, t.Key(), t.Elem())
	case interface{ Elem() types.Type }: // a pointer, slice, array, channel
		parts = append(parts, t.Elem())
	case *types.Signature:
		parts = append(parts, t.Params(), t.Results())
	case *types.Tuple:
		for v := range t.Variables() {
			parts = append(parts, v.Type())
		}
	case *types.Struct:
		for f := range t.Fields() {
			parts = append(parts, f.Type())
		}
	case *types.Interface:
		for m := range t.ExplicitMethods() {
			parts = append(parts, m.Signature())
		}
		for m := range t.EmbeddedTypes() {
			parts = append(parts, m)
		}
	}
	for _, p := range parts {
		if !e.general(p, seen) {
			return false
		}
	}
	return true
}

// lookup returns the shape that t is, nil if no unit has written it, and the key under which the engine keeps it.
func (e *emitter) lookup(t *types.Struct) (*shape, string) {
	e.keying = true
	key := e.structure(t)
	e.keying = false
	return e.engine.shapes[key], key
}

// shape writes a shape by its name.
func (e *emitter) shape(t *types.Struct) string {
	s, key := e.lookup(t)
	if s == nil {
		s = &shape{unit: e.unit, name: fmt.Sprintf("%ss_%d", mark, len(e.engine.shapes)+1), t: t}
		e.engine.shapes[key] = s
		e.shapes = append(e.shapes, s)
	}
	if s.unit == e.unit {
		return s.name
	}
	return e.from(s.unit) + "." + s.name
}

// writeShape writes what shape has promised. The fields are handed out by methods of the table.
func (e *emitter) writeShape(s *shape) {
	fmt.Fprintf(&e.out, "type %s = %s\n", s.name, e.structure(s.t))
	for f := range s.t.Fields() {
		if !f.Exported() && f.Name() != "_" {
			fmt.Fprintf(&e.out, "func (%s) %s%s_%s(r *%s) *%s {\n"+ours+"\nreturn &r.%s }\n",
				table, Field, s.name, f.Name(), s.name, paren(e.typ(f.Type())), f.Name())
		}
	}
}

// home returns the unit in which the unexported fields of t, or of what t points to, can be named; nil if t is no struct type
// of the notebook.
func (e *emitter) home(t types.Type) *Unit {
	switch t := pointee(t).(type) {
	case *types.Struct:
		if e.shaped(t) {
			if s, _ := e.lookup(t); s != nil {
				return s.unit
			}
		}
		return e.unit
	case *types.Named:
		if from := e.locals[t.Obj()]; from != nil {
			return e.home(from)
		}
		d := e.declared(t.Obj())
		if d == nil || structOf(t) == nil {
			return nil
		}
		if spec := typeSpecOf(d); spec != nil {
			if _, literal := ast.Unparen(spec.Type).(*ast.StructType); !literal {
				return e.home(d.Info.TypeOf(spec.Type))
			}
		}
		if u := e.engine.where[d.Emit]; u != nil && !e.own[d.Emit] {
			return u
		}
		return e.unit
	}
	return nil
}

// pointee returns t, or what it points to.
func pointee(t types.Type) types.Type {
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	return types.Unalias(t)
}

// declared returns the declaration of a type of the notebook, nil for all others.
func (e *emitter) declared(obj *types.TypeName) *check.Decl {
	if obj.Pkg() == nil || obj.Pkg().Path() != "main" || obj.Parent() != obj.Pkg().Scope() {
		return nil
	}
	if d := e.scope.Lookup(obj.Name()); d != nil && d.Kind == check.Type {
		return d
	}
	return nil
}

func typeSpecOf(d *check.Decl) *ast.TypeSpec {
	if g, ok := d.Node.(*ast.GenDecl); ok && g.Tok == token.TYPE {
		for _, s := range g.Specs {
			if s, ok := s.(*ast.TypeSpec); ok && s.Name.Name == d.Name {
				return s
			}
		}
	}
	return nil
}

// foreign reports whether the unexported fields of t, or of what t points to, cannot be named in this unit.
func (e *emitter) foreign(t types.Type) bool {
	if n, ok := pointee(t).(*types.Named); ok {
		if d := e.declared(n.Obj()); d != nil && !e.own[d.Emit] && e.engine.where[d.Emit] != nil {
			return true
		}
	}
	u := e.home(t)
	return u != nil && u != e.unit
}

// door writes the address of an unexported field of a foreign struct. ref is the struct's address; if t is a type with methods,
// the struct itself will do.
func (e *emitter) door(ref string, t types.Type, field string) string {
	if st, ok := pointee(t).(*types.Struct); ok {
		s, _ := e.lookup(st)
		return "(" + e.from(s.unit) + "." + table + "{})." + Field + s.name + "_" + field + "(" + ref + ")"
	}
	if n, ok := pointee(t).(*types.Named); ok && e.locals[n.Obj()] != nil {
		from := e.locals[n.Obj()]
		for {
			n, ok := types.Unalias(from).(*types.Named)
			if !ok || e.locals[n.Obj()] == nil {
				break
			}
			from = e.locals[n.Obj()]
		}
		return e.door("(*"+e.typ(from)+")("+ref+")", types.NewPointer(from), field)
	}
	return ref + "." + Field + field + "()"
}

// doors writes the methods that hand out the unexported fields of a type that is defined by another type.
func (w *writer) doors(name, args string, from ast.Expr) {
	t := w.info.TypeOf(from)
	st, ok := t.Underlying().(*types.Struct)
	if !ok {
		return
	}
	for f := range st.Fields() {
		if f.Exported() || f.Name() == "_" {
			continue
		}
		text := "&r." + f.Name()
		if w.foreign(t) {
			text = w.door("(*"+w.typeExpr(from)+")(r)", t, f.Name())
		}
		fmt.Fprintf(&w.out, "func (r *%s%s) %s%s() *%s {\n"+ours+"\nreturn %s }\n", name, args, Field, f.Name(), paren(w.typ(f.Type())), text)
	}
}

// recast writes a conversion of x between struct types, or pointers to them, that the reader's package allows and the unit's does
// not, since their unexported fields belong to different units; "" if it is none.
func (w *writer) recast(x *ast.CallExpr) string {
	from, to := w.info.TypeOf(x.Args[0]), w.info.TypeOf(x.Fun)
	a, b := structOf(from), structOf(to)
	if a == nil || b == nil || !hasHidden(a) || w.home(from) == w.home(to) {
		return ""
	}
	pointer := w.importing("unsafe") + ".Pointer"
	if _, ok := to.Underlying().(*types.Pointer); ok {
		return "(" + w.typeExpr(x.Fun) + ")(" + pointer + "(" + w.expr(x.Args[0]) + "))"
	}
	return "(*(*" + w.typeExpr(x.Fun) + ")(" + pointer + "(" + low + "ptr(" + w.expr(x.Args[0]) + "))))"
}

// embedded writes the type of an embedded field, whose name is the one that the reader wrote.
func (w *writer) embedded(x ast.Expr) string {
	switch x := ast.Unparen(x).(type) {
	case *ast.StarExpr:
		return "*" + w.embedded(x.X)
	case *ast.IndexExpr:
		return w.embedded(x.X) + "[" + w.typeExpr(x.Index) + "]"
	case *ast.IndexListExpr:
		return w.embedded(x.X) + "[" + w.exprs(x.Indices) + "]"
	case *ast.Ident:
		if d := w.resolve(w.info.Uses[x]); d != nil { // the identifier's object is the field
			return w.embeddable(d)
		}
		return x.Name
	}
	return w.typeExpr(x)
}

// embeddedType writes the type of an embedded field that stands nowhere in the source.
func (e *emitter) embeddedType(t types.Type) string {
	var obj *types.TypeName
	var args *types.TypeList
	switch t := t.(type) {
	case *types.Pointer:
		return "*" + e.embeddedType(t.Elem())
	case *types.Named:
		obj, args = t.Obj(), t.TypeArgs()
	case *types.Alias:
		obj, args = t.Obj(), t.TypeArgs()
	default:
		return e.typ(t)
	}
	d := e.declared(obj)
	if d == nil {
		return e.typ(t)
	}
	var parts []string
	for a := range args.Types() {
		parts = append(parts, e.typ(a))
	}
	text := e.embeddable(d)
	if len(parts) > 0 {
		text += "[" + strings.Join(parts, ", ") + "]"
	}
	return text
}

// embeddable writes the name of a type of the notebook such that a field which embeds it has that name.
func (e *emitter) embeddable(d *check.Decl) string {
	name := e.typeName(d)
	switch {
	case e.keying:
		return "embedded " + name
	case unitName(d.Name) != d.Name:
		panic(&unsupported{"an embedded field of the type " + d.Name})
	case e.own[d.Emit] || ast.IsExported(d.Name):
		return name
	}
	if spec := typeSpecOf(d); spec != nil && !e.aliases[d.Emit] {
		e.aliases[d.Emit] = true
		w := &writer{emitter: e, info: d.Info, pkg: d.Pkg}
		params, args := w.typeArgs(spec.TypeParams)
		fmt.Fprintf(&e.head, "type %s%s = %s%s\n", d.Name, params, name, args)
	}
	return d.Name
}

// reflected reports whether the interpreter makes values of t otherwise than compiled code: interfaces with methods and without a
// name, and maps with structs without a name in their keys.
func reflected(t types.Type, key bool) bool {
	switch t := types.Unalias(t).(type) {
	case *types.Map:
		return reflected(t.Key(), true) || reflected(t.Elem(), false)
	case interface{ Elem() types.Type }: // a pointer, slice, array, channel
		return reflected(t.Elem(), key)
	case *types.Interface:
		return t.NumMethods() > 0
	case *types.Struct:
		if key {
			return true
		}
		for f := range t.Fields() {
			if reflected(f.Type(), false) {
				return true
			}
		}
	}
	return false
}
