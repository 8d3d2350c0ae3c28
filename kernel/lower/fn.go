package lower

import (
	"fmt"
	"go/ast"
	"go/types"
	"strings"

	"gokernel/kernel/check"
)

// A fn is the lowering of one function, or of one function literal, which becomes a function of its own.
type fn struct {
	l    *lowerer
	info *types.Info
	pkg  *types.Package
	env  env
	caps *captureSet
	lit  ast.Node // the literal or range-over-func statement; nil for a declared function
	up   *fn      // the function around a literal
	name string   // what the reader calls it
	top  bool     // the cell's statements: variables at top level are the notebook's

	buf      strings.Builder
	here     string // line directive of the statement being written
	names    map[types.Object]string
	head     []formal         // what a function literal around the whole body must be handed
	sig      *types.Signature // substituted; nil for the cell's statements
	results  []string         // the results' variables, if results are returned through them
	boxRes   bool             // those live behind pointers
	defers   string           // the variable that holds the deferred calls, "" if there are none
	yields   *rangeFunc       // set in the body of a range-over-func statement
	labels   map[string]string
	deferred int        // what the last thunk calls
	binding  bool       // the call being written is made later
	called   *ast.Ident // the function that a call names, while the call is being written
	logic    int        // operations && and || whose operands are being written
	inner    int        // loops, switches and selects around the statement that a plain break would leave
	loops    int        // loops around it that a plain continue would continue
	nlits    *int
}

// A formal is a parameter of a maker.
type formal struct{ name, typ string }

func (l *lowerer) newFunc(info *types.Info, pkg *types.Package, v env, name string) *fn {
	return &fn{l: l, info: info, pkg: pkg, env: v, name: name, names: map[types.Object]string{}, labels: map[string]string{}, nlits: new(int)}
}

// isGlobal reports whether obj is a variable of the notebook rather than of a function.
func (f *fn) isGlobal(obj types.Object) bool {
	if _, ok := f.l.cell.Hoisted[obj]; ok {
		return true
	}
	return obj.Pkg() == nil || obj.Parent() == obj.Pkg().Scope()
}

// line writes lines of lowered code, each with its position.
func (f *fn) line(format string, args ...any) {
	for _, text := range strings.Split(fmt.Sprintf(format, args...), "\n") {
		f.buf.WriteString(f.here)
		f.buf.WriteString(text)
		f.buf.WriteByte('\n')
	}
}

// at makes the lines that follow lead back to the position of n.
func (f *fn) at(n ast.Node) {
	if !f.foreign() {
		f.here = f.l.directive(n)
	}
}

// foreign reports whether f is of a library: its positions are in no cell.
func (f *fn) foreign() bool { return f.pkg.Path() != "main" }

// directive returns a line directive that leads back to the position of n.
func (l *lowerer) directive(n ast.Node) string {
	cell, line, col := l.scope.Position(n.Pos())
	if cell == "" {
		return ""
	}
	return fmt.Sprintf("//line %s:%d:%d\n", cell, line, col)
}

// temp returns a new local name.
func (f *fn) temp() string { return fmt.Sprintf("t%d", f.l.fresh()) }

// local returns the name of a local variable, making one up at the first call. Names are unique in the session.
func (f *fn) local(obj types.Object) string {
	for g := f; g != nil; g = g.up {
		if name, ok := g.names[obj]; ok {
			return name
		}
	}
	name := fmt.Sprintf("l%d_%s", f.l.fresh(), obj.Name())
	f.names[obj] = name
	return name
}

func (f *fn) boxed(obj types.Object) bool { return f.caps.boxed[obj] }

// variable returns the expression for a variable's value.
func (f *fn) variable(obj types.Object) string {
	if name, ok := f.global(obj); ok {
		return name
	}
	if obj.Parent() == obj.Pkg().Scope() {
		return f.l.libraryVar(f.l.engine.library(obj.Pkg().Path()), obj)
	}
	if f.boxed(obj) {
		return "(*" + f.local(obj) + ")"
	}
	return f.local(obj)
}

// global returns the name of a variable or function of the notebook.
func (f *fn) global(obj types.Object) (string, bool) {
	if d := f.l.declared(f, obj); d != nil {
		if name, ok := f.l.native(d); ok {
			return name, true
		}
		return d.Emit, true
	}
	return "", false
}

// declared returns the declaration of a variable or function of the notebook, nil for all else.
func (l *lowerer) declared(f *fn, obj types.Object) *check.Decl {
	if d, ok := l.cell.Hoisted[obj]; ok {
		return d
	}
	if obj.Pkg() == nil || obj.Parent() != obj.Pkg().Scope() || obj.Pkg().Path() != "main" {
		return nil
	}
	if _, ok := obj.(*types.Var); ok && f.info == l.cell.StmtInfo {
		// Statements that do not mean this cell's variable of that name mean the one before.
		if d := l.cell.Before.Lookup(obj.Name()); d != nil && d.Kind == check.Var {
			return d
		}
	}
	return l.scope.Lookup(obj.Name())
}

// declare writes the declaration of a local variable with the given initial value, "" for zero.
func (f *fn) declare(obj types.Object, value string) {
	if f.boxed(obj) || value == "" {
		f.declareAs(obj, value)
		return
	}
	f.line("var %[1]s %[2]s\n%[1]s = %[3]s", f.local(obj), f.l.typ(f.env, obj.Type()), value)
}

// declareAs is declare for a value that has the variable's type, not only one that can be assigned to it.
func (f *fn) declareAs(obj types.Object, value string) {
	t, name := f.l.typ(f.env, obj.Type()), f.local(obj)
	switch {
	case f.boxed(obj):
		f.line("%s := new(%s)", name, t)
		if value != "" {
			f.line("*%s = %s", name, value)
		}
	case value == "":
		f.line("var %s %s", name, t)
	default:
		f.line("%s := %s", name, value)
	}
}
