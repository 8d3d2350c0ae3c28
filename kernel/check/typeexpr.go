package check

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strconv"
	"strings"
)

// hiddenPath is the import path of a package that only the checker sees: it gives names to types that cells cannot
// write, such as binary.littleEndian, so that a variable of such a type can be declared again in the next check.
const hiddenPath = "gokernel/hidden"

const pkgAlias = "_gokernel_" // begins the names under which type expressions import packages

// aliasFor returns the file-local name by which type expressions refer to the package at path.
func aliasFor(path string) string {
	return pkgAlias + strings.NewReplacer("/", "_", ".", "_", "-", "_").Replace(path)
}

// A typeWriter turns types into syntax that means the same in a later check: types of the notebook by their names,
// types of packages through aliased imports.
type typeWriter struct {
	env   *env
	pkg   *types.Package  // the notebook's package in this check
	paths map[string]bool // packages that the expressions need
	names map[string]bool // names of the notebook that they need
	err   error           // a type that cannot be written
}

func (w *typeWriter) expr(t types.Type) ast.Expr {
	switch t := t.(type) {
	case *types.Basic:
		if t.Kind() == types.UnsafePointer {
			return w.qualified("unsafe", "Pointer")
		}
		if t.Info()&types.IsUntyped != 0 {
			return ast.NewIdent(types.Default(t).String())
		}
		return ast.NewIdent(t.Name())
	case *types.Alias:
		if t.Obj().Pkg() == nil {
			return ast.NewIdent(t.Obj().Name()) // any
		}
		return w.expr(types.Unalias(t))
	case *types.Named:
		return w.named(t)
	case *types.Pointer:
		return &ast.StarExpr{X: w.expr(t.Elem())}
	case *types.Slice:
		return &ast.ArrayType{Elt: w.expr(t.Elem())}
	case *types.Array:
		return &ast.ArrayType{Len: &ast.BasicLit{Kind: token.INT, Value: strconv.FormatInt(t.Len(), 10)}, Elt: w.expr(t.Elem())}
	case *types.Map:
		return &ast.MapType{Key: w.expr(t.Key()), Value: w.expr(t.Elem())}
	case *types.Chan:
		dir := ast.SEND | ast.RECV
		switch t.Dir() {
		case types.SendOnly:
			dir = ast.SEND
		case types.RecvOnly:
			dir = ast.RECV
		}
		elem := w.expr(t.Elem())
		if c, ok := elem.(*ast.ChanType); ok && c.Dir == ast.RECV {
			elem = &ast.ParenExpr{X: elem}
		}
		return &ast.ChanType{Dir: dir, Value: elem}
	case *types.Signature:
		return w.signature(t)
	case *types.Struct:
		fields := &ast.FieldList{}
		for i := range t.NumFields() {
			f := t.Field(i)
			field := &ast.Field{Type: w.expr(f.Type())}
			if !f.Embedded() {
				field.Names = []*ast.Ident{ast.NewIdent(f.Name())}
			}
			if tag := t.Tag(i); tag != "" {
				field.Tag = &ast.BasicLit{Kind: token.STRING, Value: strconv.Quote(tag)}
			}
			fields.List = append(fields.List, field)
		}
		return &ast.StructType{Fields: fields}
	case *types.Interface:
		return w.interfaceType(t)
	case *types.Tuple, *types.TypeParam, *types.Union:
	}
	w.err = fmt.Errorf("a variable of type %s cannot live on after its cell", t)
	return ast.NewIdent("any")
}

func (w *typeWriter) named(t *types.Named) ast.Expr {
	obj := t.Obj()
	var base ast.Expr
	switch {
	case obj.Pkg() == nil: // error, comparable
		return ast.NewIdent(obj.Name())
	case obj.Pkg() == w.pkg:
		if obj.Parent() != w.pkg.Scope() {
			w.err = fmt.Errorf("type %s is declared inside a function: declare it at the top of the cell", obj.Name())
		}
		w.names[obj.Name()] = true
		base = ast.NewIdent(obj.Name())
	case obj.Exported() && obj.Parent() == obj.Pkg().Scope():
		base = w.qualified(obj.Pkg().Path(), obj.Name())
	default:
		return w.qualified(hiddenPath, w.env.alias(t))
	}
	args := t.TypeArgs()
	if args.Len() == 0 {
		return base
	}
	var indices []ast.Expr
	for i := range args.Len() {
		indices = append(indices, w.expr(args.At(i)))
	}
	return &ast.IndexListExpr{X: base, Indices: indices}
}

// alias gives t a name in the hidden package.
func (e *env) alias(t types.Type) string {
	e.mu.Lock()
	defer e.mu.Unlock()
	name, ok := e.aliases[t]
	if !ok {
		name = fmt.Sprintf("T%d", len(e.aliases))
		e.aliases[t] = name
		obj := types.NewTypeName(token.NoPos, e.hidden, name, nil)
		types.NewAlias(obj, t)
		e.hidden.Scope().Insert(obj)
		e.hidden.MarkComplete()
	}
	return name
}

func (w *typeWriter) qualified(path, name string) ast.Expr {
	w.paths[path] = true
	return &ast.SelectorExpr{X: ast.NewIdent(aliasFor(path)), Sel: ast.NewIdent(name)}
}

func (w *typeWriter) signature(t *types.Signature) ast.Expr {
	tuple := func(tup *types.Tuple, variadic bool) *ast.FieldList {
		l := &ast.FieldList{}
		for i := range tup.Len() {
			typ := w.expr(tup.At(i).Type())
			if variadic && i == tup.Len()-1 {
				if a, ok := typ.(*ast.ArrayType); ok {
					typ = &ast.Ellipsis{Elt: a.Elt}
				}
			}
			l.List = append(l.List, &ast.Field{Type: typ})
		}
		return l
	}
	return &ast.FuncType{Params: tuple(t.Params(), t.Variadic()), Results: tuple(t.Results(), false)}
}

func (w *typeWriter) interfaceType(t *types.Interface) ast.Expr {
	list := &ast.FieldList{}
	for i := range t.NumExplicitMethods() {
		m := t.ExplicitMethod(i)
		list.List = append(list.List, &ast.Field{Names: []*ast.Ident{ast.NewIdent(m.Name())}, Type: w.signature(m.Signature())})
	}
	for i := range t.NumEmbeddeds() {
		list.List = append(list.List, &ast.Field{Type: w.expr(t.EmbeddedType(i))})
	}
	return &ast.InterfaceType{Methods: list}
}
