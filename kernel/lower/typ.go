package lower

import (
	"fmt"
	"go/token"
	"go/types"
	"hash/fnv"
	"slices"
	"strings"
)

// env maps the type parameters of the generic code being written out to the types of the instance. nil outside.
type env map[*types.TypeParam]types.Type

// subst replaces type parameters in t.
func (v env) subst(t types.Type) types.Type {
	if len(v) == 0 || t == nil {
		return t
	}
	switch t := t.(type) {
	case *types.TypeParam:
		if u, ok := v[t]; ok {
			return u
		}
	case *types.Alias:
		return v.subst(types.Unalias(t))
	case *types.Pointer:
		return types.NewPointer(v.subst(t.Elem()))
	case *types.Slice:
		return types.NewSlice(v.subst(t.Elem()))
	case *types.Array:
		return types.NewArray(v.subst(t.Elem()), t.Len())
	case *types.Map:
		return types.NewMap(v.subst(t.Key()), v.subst(t.Elem()))
	case *types.Chan:
		return types.NewChan(t.Dir(), v.subst(t.Elem()))
	case *types.Tuple:
		return v.tuple(t)
	case *types.Signature:
		return types.NewSignatureType(nil, nil, nil, v.tuple(t.Params()), v.tuple(t.Results()), t.Variadic())
	case *types.Struct:
		fields := make([]*types.Var, t.NumFields())
		tags := make([]string, t.NumFields())
		for i := range fields {
			f := t.Field(i)
			fields[i] = types.NewField(f.Pos(), f.Pkg(), f.Name(), v.subst(f.Type()), f.Embedded())
			tags[i] = t.Tag(i)
		}
		return types.NewStruct(fields, tags)
	case *types.Interface:
		methods := make([]*types.Func, t.NumMethods())
		for i := range methods {
			m := t.Method(i)
			methods[i] = types.NewFunc(m.Pos(), m.Pkg(), m.Name(), v.subst(m.Signature()).(*types.Signature))
		}
		return types.NewInterfaceType(methods, nil).Complete()
	case *types.Named:
		if t.TypeArgs().Len() == 0 {
			return t
		}
		args := make([]types.Type, t.TypeArgs().Len())
		for i := range args {
			args[i] = v.subst(t.TypeArgs().At(i))
		}
		inst, err := types.Instantiate(nil, t.Origin(), args, false)
		if err != nil {
			return t
		}
		return inst
	}
	return t
}

func (v env) tuple(t *types.Tuple) *types.Tuple {
	vars := make([]*types.Var, t.Len())
	for i := range vars {
		vars[i] = types.NewParam(t.At(i).Pos(), t.At(i).Pkg(), t.At(i).Name(), v.subst(t.At(i).Type()))
	}
	return types.NewTuple(vars...)
}

// typ returns the type t, in which type parameters are replaced, as lowered source, and defines the notebook's types
// that it names.
func (l *lowerer) typ(v env, t types.Type) string {
	switch t := v.subst(t).(type) {
	case *types.Basic:
		switch t.Kind() {
		case types.UnsafePointer:
			return l.importing("unsafe") + ".Pointer"
		case types.UntypedNil:
			return "interface{}"
		}
		if t.Info()&types.IsUntyped != 0 {
			return types.Default(t).String()
		}
		return t.Name()
	case *types.Alias:
		return l.typ(nil, types.Unalias(t))
	case *types.Named:
		return l.named(t)
	case *types.Pointer:
		return "*" + l.typ(nil, t.Elem())
	case *types.Slice:
		return "[]" + l.typ(nil, t.Elem())
	case *types.Array:
		return fmt.Sprintf("[%d]%s", t.Len(), l.typ(nil, t.Elem()))
	case *types.Map:
		if nameless(t.Key(), false) { // reflect makes such a map with another hash function
			l.refuseChoosing("a map whose keys have the type " + l.goName(t.Key()))
		}
		return "map[" + l.typ(nil, t.Key()) + "]" + l.typ(nil, t.Elem())
	case *types.Chan:
		elem := l.typ(nil, t.Elem())
		switch t.Dir() {
		case types.SendOnly:
			return "chan<- " + elem
		case types.RecvOnly:
			return "<-chan " + elem
		}
		if strings.HasPrefix(elem, "<-") {
			elem = "(" + elem + ")"
		}
		return "chan " + elem
	case *types.Signature:
		return "func" + l.signature(t)
	case *types.Struct:
		return l.structType(t)
	case *types.Interface:
		if t.NumMethods() > 0 {
			l.refuseChoosing("the type " + l.goName(t))
		}
		return "interface{}"
	case *types.TypeParam:
		panic(l.unsupported(t.Obj().Pos(), "a type declared in generic code"))
	}
	panic(fmt.Errorf("lowering type %v: no case for %T", t, t))
}

// signature returns "(int, ...string) (bool, error)".
func (l *lowerer) signature(t *types.Signature) string {
	return "(" + l.paramTypes(t) + ") " + l.results(t.Results())
}

func (l *lowerer) paramTypes(t *types.Signature) string {
	parts := make([]string, t.Params().Len())
	for i := range parts {
		parts[i] = l.typ(nil, t.Params().At(i).Type())
		if t.Variadic() && i == len(parts)-1 {
			parts[i] = "..." + strings.TrimPrefix(parts[i], "[]")
		}
	}
	return strings.Join(parts, ", ")
}

func (l *lowerer) results(t *types.Tuple) string {
	parts := make([]string, t.Len())
	for i := range parts {
		parts[i] = l.typ(nil, t.At(i).Type())
	}
	if len(parts) == 1 {
		return parts[0]
	}
	if len(parts) == 0 {
		return ""
	}
	return "(" + strings.Join(parts, ", ") + ")"
}

// structType writes embedded fields as named ones: promotion is made explicit wherever it is used.
func (l *lowerer) structType(t *types.Struct) string {
	var b strings.Builder
	b.WriteString("struct{")
	for i := range t.NumFields() {
		f := t.Field(i)
		if i > 0 {
			b.WriteString("; ")
		}
		name := f.Name()
		if name == "_" {
			name = fmt.Sprintf("blank%d", i)
		}
		fmt.Fprintf(&b, "%s %s", name, l.typ(nil, f.Type()))
		if tag := t.Tag(i); tag != "" {
			b.WriteString(" " + quote(tag))
		}
	}
	b.WriteString("}")
	return b.String()
}

// named returns the name of a named type of compiled Go, and of a struct type, which it defines if that is new to the
// interpreter. Of other types of the notebook it returns what they are made of: the interpreter needs no more, since
// methods are functions and interfaces know the types of their values.
func (l *lowerer) named(t *types.Named) string {
	obj := t.Obj()
	if obj.Pkg() == nil {
		if obj.Name() == "error" {
			return "error"
		}
		return "interface{}"
	}
	if types.IsInterface(t) && l.compiledType(t) == nil && !l.compiled(t) && (obj.Pkg().Path() == "main" || t.TypeArgs().Len() > 0 || !obj.Exported()) {
		return "interface{}"
	}
	if obj.Pkg().Path() != "main" {
		if t.TypeArgs().Len() > 0 {
			if sig, ok := t.Underlying().(*types.Signature); ok { // iter.Seq
				return l.typ(nil, sig)
			}
			if lib := l.libraryOf(t); lib != nil {
				return l.libraryType(lib, t)
			}
			panic(&Unsupported{What: "the generic type " + types.TypeString(t, nil) + " is not supported by the interpreter", Cell: l.cell.Name, Line: 1, Column: 1})
		}
		if lib := l.libraryOf(t); lib != nil {
			return l.libraryType(lib, t)
		}
		return l.importing(obj.Pkg().Path()) + "." + obj.Name()
	}
	if d := l.compiledType(t); d != nil {
		if _, ok := t.Underlying().(*types.Struct); !ok && mentions(t.Underlying(), t, nil) {
			panic(l.unsupported(obj.Pos(), "a type that refers to itself, "+obj.Name()+","))
		}
		name, ok := l.native(d)
		if !ok || t.TypeArgs().Len() > 0 {
			panic(&Unsupported{What: "the generic type " + obj.Name() + " is not supported by the interpreter", Cell: l.cell.Name, Line: 1, Column: 1})
		}
		return name
	}
	under := t.Underlying()
	recursive := mentions(under, t, nil)
	_, isStruct := under.(*types.Struct)
	if recursive && !isStruct {
		what := "a type that refers to itself is not supported by the interpreter; a struct around it is: type " + obj.Name() + " struct{ … }"
		if _, ok := under.(*types.Signature); ok {
			what = "a function type that refers to itself is not supported by the interpreter; a struct around the function is: type " +
				obj.Name() + " struct{ run func(…) " + obj.Name() + " }"
		}
		cell, line, col := l.scope.Position(obj.Pos())
		panic(&Unsupported{What: what, Cell: cell, Line: line, Column: col})
	}
	if !isStruct {
		return l.typ(nil, under)
	}
	name := l.typeName(t)
	if l.first(name) {
		l.structs = append(l.structs, &circle{t: t, name: name})
		source := l.typ(nil, under)
		if st, ok := under.(*types.Struct); ok && st.NumFields() == 0 {
			source = "struct{ blank0 [0]int }" // the interpreter does not take one without fields for a struct everywhere
		}
		fmt.Fprintf(&l.typeDecls, "type %s %s\n", name, source)
	}
	return name
}

// mentions reports whether t leads to the type what without going through a struct. seen holds named types on the way.
func mentions(t types.Type, what *types.Named, seen []*types.Named) bool {
	switch t := types.Unalias(t).(type) {
	case *types.Named:
		if t.Obj() == what.Obj() {
			return true
		}
		if _, ok := t.Underlying().(*types.Struct); ok || slices.Contains(seen, t) {
			return false
		}
		return mentions(t.Underlying(), what, append(seen, t))
	case *types.Pointer:
		return mentions(t.Elem(), what, seen)
	case *types.Slice:
		return mentions(t.Elem(), what, seen)
	case *types.Array:
		return mentions(t.Elem(), what, seen)
	case *types.Chan:
		return mentions(t.Elem(), what, seen)
	case *types.Map:
		return mentions(t.Key(), what, seen) || mentions(t.Elem(), what, seen)
	case *types.Signature:
		return mentions(t.Params(), what, seen) || mentions(t.Results(), what, seen)
	case *types.Tuple:
		for v := range t.Variables() {
			if mentions(v.Type(), what, seen) {
				return true
			}
		}
	}
	return false
}

// typeName returns the unique name of a type of the notebook or of one of its functions.
func (l *lowerer) typeName(t *types.Named) string {
	base := l.baseName(t)
	if args := t.TypeArgs(); args.Len() > 0 {
		base += l.argsSuffix(args)
	}
	return base
}

func localID(pos token.Pos) int { return int(pos) }

// argsSuffix distinguishes the instances of generic code.
func (l *lowerer) argsSuffix(args *types.TypeList) string {
	var list []types.Type
	for t := range args.Types() {
		list = append(list, t)
	}
	return l.suffix(list)
}

func (l *lowerer) suffix(args []types.Type) string {
	h := fnv.New64a()
	for _, t := range args {
		fmt.Fprintf(h, "%s,", l.identity(t))
	}
	return fmt.Sprintf("_i%x", h.Sum64())
}
