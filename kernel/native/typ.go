package native

import (
	"fmt"
	"go/ast"
	"go/types"
	"strings"

	"gokernel/kernel/check"
)

// typeExpr writes a type that stands in the source.
func (w *writer) typeExpr(x ast.Expr) string {
	switch x := x.(type) {
	case *ast.Ident:
		return w.ident(x)
	case *ast.ParenExpr:
		return "(" + w.typeExpr(x.X) + ")"
	case *ast.StarExpr:
		return "*" + w.typeExpr(x.X)
	case *ast.ArrayType:
		switch n := x.Len.(type) {
		case nil:
			return "[]" + w.typeExpr(x.Elt)
		case *ast.Ellipsis:
			return "[...]" + w.typeExpr(x.Elt)
		default:
			return "[" + w.expr(n) + "]" + w.typeExpr(x.Elt)
		}
	case *ast.MapType:
		return "map[" + w.typeExpr(x.Key) + "]" + w.typeExpr(x.Value)
	case *ast.ChanType:
		switch x.Dir {
		case ast.SEND:
			return "chan<- " + w.typeExpr(x.Value)
		case ast.RECV:
			return "<-chan " + w.typeExpr(x.Value)
		}
		return "chan " + parenRecv(w.typeExpr(x.Value))
	case *ast.FuncType:
		return "func" + w.signature(x)
	case *ast.StructType:
		if t, ok := w.info.TypeOf(x).(*types.Struct); ok && w.shaped(t) {
			return w.shape(t)
		}
		return w.structType(x)
	case *ast.InterfaceType:
		return w.interfaceType(x)
	case *ast.Ellipsis:
		return "..." + w.typeExpr(x.Elt)
	case *ast.UnaryExpr: // ~int
		return x.Op.String() + w.typeExpr(x.X)
	case *ast.BinaryExpr: // int | string
		return w.typeExpr(x.X) + " | " + w.typeExpr(x.Y)
	}
	return w.expr(x)
}

func parenRecv(typ string) string {
	if strings.HasPrefix(typ, "<-") {
		return "(" + typ + ")"
	}
	return typ
}

// fields writes parameters.
func (w *writer) fields(list *ast.FieldList, sep string) string {
	if list == nil {
		return ""
	}
	var parts []string
	for _, f := range list.List {
		typ := w.typeExpr(f.Type)
		var names []string
		for _, id := range f.Names {
			names = append(names, id.Name)
		}
		if len(names) > 0 {
			typ = strings.Join(names, ", ") + " " + typ
		}
		parts = append(parts, typ)
	}
	return strings.Join(parts, sep)
}

func (w *writer) typeParams(list *ast.FieldList) string {
	if list == nil {
		return ""
	}
	return "[" + w.fields(list, ", ") + "]"
}

// typeArgs writes type parameters once more, each with a name, and the arguments that pass them on.
func (w *writer) typeArgs(list *ast.FieldList) (params, args string) {
	if list == nil {
		return "", ""
	}
	var fields, names []string
	for _, f := range list.List {
		typ := w.typeExpr(f.Type)
		for _, id := range f.Names {
			name := id.Name
			if name == "_" {
				name = w.fresh()
			}
			names = append(names, name)
			fields = append(fields, name+" "+typ)
		}
	}
	return "[" + strings.Join(fields, ", ") + "]", "[" + strings.Join(names, ", ") + "]"
}

// signature writes parameters and results.
func (w *writer) signature(t *ast.FuncType) string {
	return "(" + w.fields(t.Params, ", ") + ") " + w.resultList(t.Results)
}

func (w *writer) resultList(list *ast.FieldList) string {
	if list == nil || len(list.List) == 0 {
		return ""
	}
	return "(" + w.fields(list, ", ") + ")"
}

func (w *writer) structType(t *ast.StructType) string {
	var b strings.Builder
	b.WriteString("struct {")
	for i, f := range t.Fields.List {
		if i > 0 {
			b.WriteString("; ")
		}
		for j, id := range f.Names {
			if j > 0 {
				b.WriteString(", ")
			}
			b.WriteString(id.Name)
		}
		b.WriteString(" ")
		if len(f.Names) == 0 {
			b.WriteString(w.embedded(f.Type))
		} else {
			b.WriteString(w.typeExpr(f.Type))
		}
		if f.Tag != nil {
			b.WriteString(" " + f.Tag.Value)
		}
	}
	b.WriteString("}")
	return b.String()
}

func (w *writer) interfaceType(t *ast.InterfaceType) string {
	var parts []string
	for _, f := range t.Methods.List {
		sig, ok := f.Type.(*ast.FuncType)
		if !ok || len(f.Names) == 0 {
			parts = append(parts, w.typeExpr(f.Type))
			continue
		}
		for _, id := range f.Names {
			parts = append(parts, methodName(w.info.Defs[id])+w.signature(sig))
		}
	}
	return "interface { " + strings.Join(parts, "; ") + " }"
}

// typeName writes the name of a type of the notebook.
func (e *emitter) typeName(d *check.Decl) string {
	if e.own[d.Emit] && e.keying {
		return e.unit.Path + "." + symbolOf(d.Name)
	}
	if e.own[d.Emit] {
		return unitName(d.Name)
	}
	u := e.engine.where[d.Emit]
	if u == nil {
		panic(interpreted(d))
	}
	return e.from(u) + "." + symbolOf(d.Name)
}

// typ writes a type that stands nowhere in the source.
func (e *emitter) typ(t types.Type) string {
	switch t := t.(type) {
	case *types.Basic:
		switch {
		case t.Kind() == types.UnsafePointer:
			return e.importing("unsafe") + ".Pointer"
		case t.Info()&types.IsUntyped != 0:
			return types.Default(t).String()
		}
		return t.Name()
	case *types.Alias:
		if t.Obj().Pkg() == nil {
			return t.Obj().Name()
		}
		return e.typ(types.Unalias(t))
	case *types.Named:
		return e.named(t)
	case *types.TypeParam:
		return t.Obj().Name()
	case *types.Pointer:
		return "*" + e.typ(t.Elem())
	case *types.Slice:
		return "[]" + e.typ(t.Elem())
	case *types.Array:
		return fmt.Sprintf("[%d]%s", t.Len(), e.typ(t.Elem()))
	case *types.Map:
		return "map[" + e.typ(t.Key()) + "]" + e.typ(t.Elem())
	case *types.Chan:
		return [...]string{types.SendRecv: "chan ", types.SendOnly: "chan<- ", types.RecvOnly: "<-chan "}[t.Dir()] + paren(e.typ(t.Elem()))
	case *types.Signature:
		return "func" + e.tuples(t)
	case *types.Struct:
		if !e.keying && e.shaped(t) {
			return e.shape(t)
		}
		return e.structure(t)
	case *types.Interface:
		var parts []string
		for i := range t.NumExplicitMethods() {
			m := t.ExplicitMethod(i)
			parts = append(parts, methodName(m)+e.tuples(m.Signature()))
		}
		for i := range t.NumEmbeddeds() {
			parts = append(parts, e.typ(t.EmbeddedType(i)))
		}
		return "interface { " + strings.Join(parts, "; ") + " }"
	case *types.Union:
		var parts []string
		for i := range t.Len() {
			tilde := ""
			if t.Term(i).Tilde() {
				tilde = "~"
			}
			parts = append(parts, tilde+e.typ(t.Term(i).Type()))
		}
		return strings.Join(parts, " | ")
	}
	panic(&unsupported{"the type " + t.String()})
}

func (e *emitter) named(t *types.Named) string {
	obj := t.Obj()
	if obj.Pkg() == nil {
		return obj.Name()
	}
	name := ""
	switch {
	case obj.Pkg().Path() != "main":
		if !obj.Exported() {
			panic(&unsupported{"a variable of the type " + t.String()})
		}
		name = e.importing(obj.Pkg().Path()) + "." + obj.Name()
	case obj.Parent() == obj.Pkg().Scope():
		d := e.scope.Lookup(obj.Name())
		if d == nil || d.Kind != check.Type {
			panic(&unsupported{"the type " + obj.Name()})
		}
		name = e.typeName(d)
	default:
		panic(&unsupported{"the local type " + obj.Name() + " in this place"})
	}
	if args := t.TypeArgs(); args.Len() > 0 {
		var parts []string
		for a := range args.Types() {
			parts = append(parts, e.typ(a))
		}
		name += "[" + strings.Join(parts, ", ") + "]"
	}
	return name
}

// structure writes a struct type as its fields.
func (e *emitter) structure(t *types.Struct) string {
	parts := make([]string, t.NumFields())
	for i := range parts {
		f := t.Field(i)
		if parts[i] = f.Name() + " " + e.typ(f.Type()); f.Embedded() {
			parts[i] = e.embeddedType(f.Type())
		}
		if tag := t.Tag(i); tag != "" {
			parts[i] += fmt.Sprintf(" %q", tag)
		}
	}
	return "struct { " + strings.Join(parts, "; ") + " }"
}

func (e *emitter) tuples(t *types.Signature) string {
	params := make([]string, t.Params().Len())
	for i := range params {
		params[i] = e.typ(t.Params().At(i).Type())
		if t.Variadic() && i == len(params)-1 {
			params[i] = "..." + strings.TrimPrefix(params[i], "[]")
		}
	}
	results := make([]string, t.Results().Len())
	for i := range results {
		results[i] = e.typ(t.Results().At(i).Type())
	}
	return "(" + strings.Join(params, ", ") + ") (" + strings.Join(results, ", ") + ")"
}
