package lower

import (
	"fmt"
	"go/ast"
	"go/types"
	"strings"

	"gokernel/kernel/check"
)

// Compiled tells which declarations of the notebook are compiled code, which lowered code uses as it uses the standard
// library. *native.Engine implements it.
type Compiled interface {
	// Where returns the import path and the symbol of a type, function or variable; ok is false if it is interpreted.
	Where(d *check.Decl) (path, symbol string, ok bool)
	// Compiled reports whether d is compiled, if only where compiled code uses it, as generic functions are.
	Compiled(d *check.Decl) bool
	// FieldMethod returns the method that hands out the address of an unexported field of a compiled struct type.
	FieldMethod(field string) string
	// MethodName returns the name of a method of the notebook in compiled code.
	MethodName(method string) string
}

// Use makes the lowerer refer to compiled declarations.
func (e *Engine) Use(c Compiled) { e.compiled = c }

// LowerCall returns the program that runs a compiled cell: it calls the function symbol of the package at path.
func (e *Engine) LowerCall(c *check.Cell, path, symbol string) (*Program, error) {
	bare := *c
	bare.Decls, bare.Stmts, bare.Inits, bare.Funcs, bare.Result, bare.Main = nil, nil, nil, nil, nil, false
	return e.lower(&bare, func(l *lowerer) {
		l.program()
		l.prog.Entry = fmt.Sprintf("cell_%d", l.fresh())
		l.prog.Funcs[l.prog.Entry] = c.Name
		l.prog.Source += fmt.Sprintf("func %s() {\n%s.%s()\n}\n", l.prog.Entry, l.importing(path), symbol)
	})
}

// native returns the qualified name of a compiled declaration.
func (l *lowerer) native(d *check.Decl) (name string, ok bool) {
	if l.engine.compiled == nil || d == nil {
		return "", false
	}
	path, symbol, ok := l.engine.compiled.Where(d)
	if !ok {
		return "", false
	}
	if d.Kind == check.Var { // the symbol is its address
		return "(*" + l.importing(path) + "." + symbol + ")", true
	}
	return l.importing(path) + "." + symbol, true
}

// isCompiled reports whether d is compiled, generic functions included.
func (l *lowerer) isCompiled(d *check.Decl) bool {
	return l.engine.compiled != nil && d != nil && l.engine.compiled.Compiled(d)
}

// compiledType returns the declaration of a type of the notebook that is compiled, nil for all others.
func (l *lowerer) compiledType(t types.Type) *check.Decl {
	if l.engine.compiled == nil {
		return nil
	}
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	n, ok := types.Unalias(t).(*types.Named)
	if !ok || n.Obj().Pkg() == nil || n.Obj().Pkg().Path() != "main" || n.Obj().Parent() != n.Obj().Pkg().Scope() {
		return nil
	}
	if d := l.scope.Lookup(n.Obj().Name()); d != nil && d.Kind == check.Type && l.isCompiled(d) {
		return d
	}
	return nil
}

// methodName returns the name under which a method is called dynamically.
func (l *lowerer) methodName(m *types.Func) string {
	if l.engine.compiled == nil || m.Exported() || m.Pkg() == nil || m.Pkg().Path() != "main" {
		return m.Name()
	}
	return l.engine.compiled.MethodName(m.Name())
}

// field returns the field f of operand, a struct of type t or a pointer to one. addr is the address of operand, "" if
// it has none.
func (l *lowerer) field(operand string, t types.Type, f *types.Var, name string) string {
	if f.Exported() || l.compiledType(t) == nil {
		return operand + "." + name
	}
	if name != f.Name() {
		panic(&Unsupported{What: "a blank field is not supported by the interpreter", Cell: l.cell.Name, Line: 1, Column: 1})
	}
	return "(*" + operand + "." + l.engine.compiled.FieldMethod(name) + "())"
}

// address returns the address of an operand. Of what a call's result points to, as field returns it, the interpreter cannot
// take the address; but that is the result.
func address(operand string) string {
	call, ok := strings.CutPrefix(operand, "(*")
	if !ok || !strings.HasSuffix(call, "())") {
		return "&" + operand
	}
	if closing(operand) < len(operand)-1 {
		return "&" + operand // the first parenthesis ends in the middle
	}
	return strings.TrimSuffix(call, ")")
}

// hasHidden reports whether a literal of t names fields that only compiled code may set.
func (l *lowerer) hasHidden(t types.Type) bool {
	st, ok := t.Underlying().(*types.Struct)
	if !ok || l.compiledType(t) == nil {
		return false
	}
	for f := range st.Fields() {
		if !f.Exported() {
			return true
		}
	}
	return false
}

// filled returns a literal of a compiled struct type as a call of a function that sets its fields.
func (f *fn) filled(x *ast.CompositeLit, t types.Type, st *types.Struct, amp string) string {
	name := fmt.Sprintf("lit_%d", f.l.fresh())
	typ := f.l.typ(nil, t)
	var formals, actuals []string
	var body strings.Builder
	for i, e := range x.Elts {
		field := st.Field(min(i, st.NumFields()-1))
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			e = kv.Value
			for g := range st.Fields() {
				if g.Name() == kv.Key.(*ast.Ident).Name {
					field = g
				}
			}
		}
		param := fmt.Sprintf("p%d", i)
		formals = append(formals, param+" "+f.l.typ(f.env, field.Type()))
		actuals = append(actuals, f.element(e, field.Type()))
		fmt.Fprintf(&body, "%s = %s\n", f.l.field("v", types.NewPointer(t), field, field.Name()), param)
	}
	ret, result := "*v", typ
	if amp != "" {
		ret, result = "v", "*"+typ
	}
	f.l.prog.Funcs[name] = f.name
	f.l.write("func %s(%s) %s {\nv := new(%s)\n%sreturn %s\n}\n", name, strings.Join(formals, ", "), result, typ, body.String(), ret)
	return name + "(" + strings.Join(actuals, ", ") + ")"
}
