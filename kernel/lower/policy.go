package lower

import (
	"fmt"
	"go/ast"
	"go/types"
	"strings"
)

// keeping lists the packages of compiled Go that take what an interface holds as it is: they store it or know package dynamic.
var keeping = map[string]bool{
	"fmt": true, "log": true, "errors": true, "sync": true, "sync/atomic": true, "context": true, "testing": true,
	"container/list": true, "container/ring": true, "container/heap": true, "encoding/json": true,
}

// comparing lists functions of other packages to which a value's shape is all that matters.
var shapeOnly = map[string]bool{
	"sort.Slice": true, "sort.SliceStable": true, "sort.SliceIsSorted": true, "reflect.Swapper": true,
	"runtime.KeepAlive": true, "fmt.Sscan": true, "fmt.Sscanf": true, "fmt.Sscanln": true, "fmt.Scan": true, "fmt.Scanf": true,
	"fmt.Scanln": true, "fmt.Fscan": true, "fmt.Fscanf": true, "fmt.Fscanln": true,
}

const displayPath = "gokernel/kernel/display"

// policy returns, as a format, what has to be done with an argument for a parameter of type any, "" for nothing: compiled code
// sees a value's shape, not its type. What that would get wrong is refused when it happens.
func (f *fn) policy(callee *types.Func) string {
	if callee == nil || callee.Pkg() == nil || callee.Pkg().Path() == "main" {
		return ""
	}
	path := callee.Pkg().Path()
	name := strings.ReplaceAll(callee.FullName(), "%", "%%")
	switch {
	case path == displayPath:
		return f.l.gk("Displayable") + "(%s)"
	case shapeOnly[name]:
		return f.l.gk("Raw") + "(%s)"
	case name == "reflect.DeepEqual", name == "reflect.TypeOf", keeping[path], f.l.engine.libraries[path] != nil && callee.Signature().TypeParams().Len() > 0:
		return ""
	case strings.HasPrefix(path, "gokernel/"):
		return ""
	case path == "log/slog":
		return f.l.gk("Shown") + "(%s)"
	}
	return f.l.gk("Plain") + fmt.Sprintf("(%q, %%s)", name)
}

// checkArg refuses an argument of a marked type that compiled code would take for another one.
func (f *fn) checkArg(callee *types.Func, x ast.Expr) {
	path, t := callee.Pkg().Path(), f.typeOf(x)
	if types.IsInterface(t) || !f.l.marked(t) {
		return
	}
	if what := f.l.hides(t, map[types.Type]bool{}, path == "encoding/xml" || path == "reflect"); what != "" {
		f.refuse(x, "%s with a value of type %s (%s)", callee.FullName(), f.l.goName(t), what)
	}
}

// hides says what of a type compiled code that knows only its shape cannot see, "" if that is all there is.
func (l *lowerer) hides(t types.Type, seen map[types.Type]bool, names bool) string {
	if !l.marked(t) || seen[t] {
		return ""
	}
	seen[t] = true
	if _, ok := types.Unalias(t).(*types.Named); ok && names {
		return "its name"
	}
	if !types.IsInterface(t) {
		for s := range types.NewMethodSet(t).Methods() {
			if s.Obj().Exported() {
				return "its method " + s.Obj().Name()
			}
		}
	}
	switch u := t.Underlying().(type) {
	case *types.Interface, *types.Signature:
		return "its type"
	case *types.Pointer:
		return l.hides(u.Elem(), seen, names)
	case *types.Slice:
		return l.hides(u.Elem(), seen, names)
	case *types.Array:
		return l.hides(u.Elem(), seen, names)
	case *types.Chan:
		return l.hides(u.Elem(), seen, names)
	case *types.Map:
		if what := l.hides(u.Key(), seen, names); what != "" {
			return what
		}
		return l.hides(u.Elem(), seen, names)
	case *types.Struct:
		for f := range u.Fields() {
			if !f.Exported() || f.Embedded() {
				return "the field " + f.Name()
			}
			if what := l.hides(f.Type(), seen, names); what != "" {
				return what
			}
		}
	}
	return ""
}
