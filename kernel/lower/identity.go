package lower

import (
	"fmt"
	"go/types"
	"strconv"
	"strings"

	"gokernel/kernel/check"
)

// A writer of types: as reflect names them for the reader, or such that two types have one name only if they are identical.
type typeWriter struct {
	l        *lowerer
	identity bool
}

// goName returns the name of t as reflect, and so %T, writes it.
func (l *lowerer) goName(t types.Type) string { return typeWriter{l, false}.typ(t) }

// identity returns a name that only types identical to t have.
func (l *lowerer) identity(t types.Type) string { return typeWriter{l, true}.typ(t) }

func (w typeWriter) typ(t types.Type) string {
	switch t := t.(type) {
	case *types.Basic:
		if t.Kind() == types.UnsafePointer {
			return "unsafe.Pointer"
		}
		return types.Typ[types.Default(t).(*types.Basic).Kind()].Name()
	case *types.Alias:
		return w.typ(types.Unalias(t))
	case *types.Named:
		return w.named(t)
	case *types.Pointer:
		return "*" + w.typ(t.Elem())
	case *types.Slice:
		return "[]" + w.typ(t.Elem())
	case *types.Array:
		return fmt.Sprintf("[%d]%s", t.Len(), w.typ(t.Elem()))
	case *types.Map:
		return "map[" + w.typ(t.Key()) + "]" + w.typ(t.Elem())
	case *types.Chan:
		elem := w.typ(t.Elem())
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
		return "func" + w.signature(t)
	case *types.Struct:
		return w.structure(t)
	case *types.Interface:
		return w.iface(t)
	case *types.TypeParam:
		return t.Obj().Name()
	}
	return t.String()
}

func (w typeWriter) signature(t *types.Signature) string {
	var in, out []string
	for i := range t.Params().Len() {
		s := w.typ(t.Params().At(i).Type())
		if t.Variadic() && i == t.Params().Len()-1 {
			s = "..." + strings.TrimPrefix(s, "[]")
		}
		in = append(in, s)
	}
	for v := range t.Results().Variables() {
		out = append(out, w.typ(v.Type()))
	}
	s := "(" + strings.Join(in, ", ") + ")"
	switch len(out) {
	case 0:
	case 1:
		s += " " + out[0]
	default:
		s += " (" + strings.Join(out, ", ") + ")"
	}
	return s
}

func (w typeWriter) structure(t *types.Struct) string {
	if t.NumFields() == 0 {
		return "struct {}"
	}
	var parts []string
	for i := range t.NumFields() {
		f := t.Field(i)
		s := f.Name() + " " + w.typ(f.Type())
		if f.Embedded() && !w.identity {
			s = w.typ(f.Type())
		} else if f.Embedded() {
			s = "embedded " + s
		}
		if tag := t.Tag(i); tag != "" {
			s += " " + strconv.Quote(tag)
		}
		parts = append(parts, s)
	}
	return "struct { " + strings.Join(parts, "; ") + " }"
}

func (w typeWriter) iface(t *types.Interface) string {
	if t.NumMethods() == 0 {
		return "interface {}"
	}
	var parts []string
	for m := range t.Methods() {
		name := m.Name()
		if !m.Exported() && !w.identity {
			name = m.Pkg().Name() + "." + name
		}
		parts = append(parts, name+w.signature(m.Signature()))
	}
	return "interface { " + strings.Join(parts, "; ") + " }"
}

func (w typeWriter) named(t *types.Named) string {
	obj := t.Obj()
	if obj.Pkg() == nil {
		return obj.Name()
	}
	if w.identity {
		if obj.Pkg().Path() == "main" {
			return "main." + w.l.baseName(t) + w.args(t)
		}
		return obj.Pkg().Path() + "." + obj.Name() + w.args(t)
	}
	return obj.Pkg().Name() + "." + obj.Name() + w.args(t)
}

// args writes type arguments, whose packages reflect names by their paths.
func (w typeWriter) args(t *types.Named) string {
	if t.TypeArgs().Len() == 0 {
		return ""
	}
	var parts []string
	for a := range t.TypeArgs().Types() {
		parts = append(parts, w.typ(a))
	}
	return "[" + strings.Join(parts, ",") + "]"
}

// baseName returns the unique name of a type of the notebook or of one of its functions, without type arguments.
func (l *lowerer) baseName(t *types.Named) string {
	obj := t.Obj()
	if d := l.scope.Lookup(obj.Name()); d != nil && d.Kind == check.Type && obj.Parent() == obj.Pkg().Scope() {
		return d.Emit
	}
	return fmt.Sprintf("%s_at%d", obj.Name(), localID(obj.Pos()))
}

// marked reports whether values of type t must carry their type in an interface: the interpreter knows only its shape.
func (l *lowerer) marked(t types.Type) bool {
	switch t := types.Unalias(t).(type) {
	case *types.Named:
		if t.Obj().Pkg() == nil {
			return false
		}
		if l.compiledType(t) != nil {
			return false
		}
		return t.Obj().Pkg().Path() == "main" || t.TypeArgs().Len() > 0 || l.libraryOf(t) != nil
	case *types.Pointer:
		return l.marked(t.Elem())
	case *types.Slice:
		return l.marked(t.Elem())
	case *types.Array:
		return l.marked(t.Elem())
	case *types.Chan:
		return l.marked(t.Elem())
	case *types.Map:
		return l.marked(t.Key()) || l.marked(t.Elem())
	case *types.Interface:
		return t.NumMethods() > 0 // the empty one is compiled Go's too
	case *types.Struct:
		for f := range t.Fields() {
			if !f.Exported() || f.Embedded() || l.marked(f.Type()) {
				return true
			}
		}
	case *types.Signature:
		return l.marked(t.Params()) || l.marked(t.Results())
	case *types.Tuple:
		for v := range t.Variables() {
			if l.marked(v.Type()) {
				return true
			}
		}
	}
	return false
}
