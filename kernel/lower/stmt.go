package lower

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

func (f *fn) stmts(list []ast.Stmt) {
	for _, s := range list {
		f.stmt(s, "")
	}
}

// block writes the statements in a block of their own.
func (f *fn) block(list []ast.Stmt) {
	f.line("{")
	f.stmts(list)
	f.line("}")
}

// stmt writes one statement; label is the label in front of it, as lowered.
func (f *fn) stmt(s ast.Stmt, label string) {
	if s == nil {
		return
	}
	f.at(s)
	switch s := s.(type) {
	case *ast.ForStmt, *ast.RangeStmt, *ast.LabeledStmt, *ast.BlockStmt, *ast.SelectStmt, *ast.DeferStmt:
	default:
		f.waits(s)
	}
	switch s := s.(type) {
	case *ast.AssignStmt:
		f.assign(s)
	case *ast.BlockStmt:
		f.block(s.List)
	case *ast.BranchStmt:
		f.branch(s)
	case *ast.DeclStmt:
		f.declStmt(s)
	case *ast.DeferStmt:
		if id, ok := ast.Unparen(s.Call.Fun).(*ast.Ident); ok && id.Name == "recover" && f.info.Types[s.Call.Fun].IsBuiltin() && f.lit != nil {
			f.refuse(s, "defer recover() in a function literal")
		}
		thunk := f.thunk(s.Call)
		f.line("%s.%s(%s)", f.deferring().defers, []string{"", "DeferFunc", "DeferCall", "DeferMethod", "DeferValue"}[f.deferred], thunk)
	case *ast.EmptyStmt:
	case *ast.ExprStmt:
		f.exprStmt(s)
	case *ast.ForStmt:
		f.forStmt(s, label)
	case *ast.GoStmt:
		f.goStmt(s)
	case *ast.IfStmt:
		f.ifStmt(s)
	case *ast.IncDecStmt:
		f.line("%s%s", f.expr(s.X), s.Tok)
	case *ast.LabeledStmt:
		f.labeled(s)
	case *ast.RangeStmt:
		f.rangeStmt(s, label)
	case *ast.ReturnStmt:
		f.returnStmt(s)
	case *ast.SelectStmt:
		f.selectStmt(s, label)
	case *ast.SendStmt:
		ch := f.expr(s.Chan)
		if t := f.typeOf(s.Chan); !token.IsIdentifier(ch) || t != t.Underlying() {
			ch = f.value(s.Chan, t.Underlying()) // yaegi does not send to what is of a compiled type: a variable of a unit, a field
		}
		f.line("%s <- %s", ch, f.converted(s.Value, chanElem(f.typeOf(s.Chan))))
	case *ast.SwitchStmt:
		f.switchStmt(s, label)
	case *ast.TypeSwitchStmt:
		f.typeSwitch(s, label)
	default:
		f.refuse(s, "this statement (%T)", s)
	}
}

func chanElem(t types.Type) types.Type {
	if c, ok := t.Underlying().(*types.Chan); ok {
		return c.Elem()
	}
	return nil
}

// deferring returns the function that a defer statement in f defers to.
func (f *fn) deferring() *fn {
	for f.yields != nil {
		f = f.up
	}
	return f
}

func (f *fn) ifStmt(s *ast.IfStmt) {
	if s.Init != nil {
		f.line("{")
		defer f.line("}")
		f.stmt(s.Init, "")
		f.waits(s.Cond)
	}
	f.line("if %s {", f.bare(s.Cond))
	f.stmts(s.Body.List)
	if s.Else != nil {
		f.line("} else {")
		if b, ok := s.Else.(*ast.BlockStmt); ok {
			f.stmts(b.List)
		} else {
			f.stmt(s.Else, "")
		}
	}
	f.line("}")
}

// exprStmt writes an expression statement; that which ends the cell shows its value.
func (f *fn) exprStmt(s *ast.ExprStmt) {
	if f.top && f.up == nil && s.X == f.l.cell.Result {
		f.result(s.X)
		return
	}
	x := f.expr(s.X)
	if call, ok := ast.Unparen(s.X).(*ast.CallExpr); !ok || f.info.Types[call.Fun].IsType() {
		x = "_ = " + x
	}
	f.line("%s", x)
}

func (f *fn) result(x ast.Expr) {
	if tup, ok := f.typeOf(x).(*types.Tuple); ok {
		temps := f.temps(tup.Len())
		f.line("%s := %s", strings.Join(temps, ", "), f.expr(x))
		values := make([]string, len(temps))
		for i, t := range temps {
			values[i] = t
			if !f.l.lone(tup.At(i).Type()) {
				values[i] = f.l.convert(t, tup.At(i).Type(), empty)
			}
		}
		f.line("%s(%s)", f.l.gk("Result"), strings.Join(values, ", "))
		return
	}
	f.line("%s(%s)", f.l.gk("Result"), f.looked(x, empty))
}

func (f *fn) declStmt(s *ast.DeclStmt) {
	g := s.Decl.(*ast.GenDecl)
	if g.Tok != token.VAR {
		return // types are written where they are used, constants folded
	}
	for _, spec := range g.Specs {
		v := spec.(*ast.ValueSpec)
		lhs := make([]ast.Expr, len(v.Names))
		for i, id := range v.Names {
			lhs[i] = id
		}
		if len(v.Values) > 0 {
			f.define(lhs, v.Values)
			continue
		}
		for _, id := range v.Names {
			obj := f.info.Defs[id]
			if obj == nil || id.Name == "_" {
				continue
			}
			if name, ok := f.global(obj); ok {
				zero := f.temp()
				f.line("var %s %s", zero, f.l.typ(f.env, obj.Type()))
				f.set(name, zero)
			} else {
				f.declare(obj, "")
			}
		}
		f.step(lhs)
	}
}

func (f *fn) goStmt(s *ast.GoStmt) {
	line, col := f.where(s)
	f.line("%s(%d, %d, %s)", f.l.gk("Go"), line, col, f.thunk(s.Call))
}

// returnStmt stores the results where they travel through variables, and leaves the function.
func (f *fn) returnStmt(s *ast.ReturnStmt) {
	to := f.deferring()
	if len(to.results) == 0 {
		if to.sig == nil || len(s.Results) == 0 {
			f.leave()
			return
		}
		parts := make([]string, len(s.Results))
		if len(s.Results) == 1 && to.sig.Results().Len() > 1 {
			parts = f.returned(s.Results[0], to.sig.Results())
		} else {
			for i, x := range s.Results {
				parts[i] = f.stored(x, to.sig.Results().At(i).Type())
				if call, ok := ast.Unparen(x).(*ast.CallExpr); ok && i > 0 && f.info.Types[call.Fun].IsBuiltin() {
					parts[i] = paren(parts[i]) // else the interpreter takes its value for the first result
				}
			}
		}
		f.line("return %s", strings.Join(parts, ", "))
		return
	}
	switch {
	case len(s.Results) == 0:
	case len(s.Results) == 1 && len(to.results) > 1:
		f.spread(to.results, f.returned(s.Results[0], to.sig.Results()))
	case len(s.Results) == 1:
		f.set(to.results[0], f.converted(s.Results[0], to.sig.Results().At(0).Type()))
	default:
		temps := f.temps(len(s.Results))
		for i, x := range s.Results {
			t := to.sig.Results().At(i).Type()
			f.line("var %[1]s %[2]s\n%[1]s = %[3]s", temps[i], f.l.typ(nil, t), f.converted(x, t))
		}
		f.spread(to.results, temps)
	}
	f.leave()
}

// returned is multi for values that become results.
func (f *fn) returned(x ast.Expr, results *types.Tuple) []string {
	values := f.multi(x, results.Len())
	for i := range values {
		values[i] = f.l.convert(values[i], f.partType(x, i), results.At(i).Type())
	}
	return values
}

// leave writes the return from the function that f's statements belong to, through the loops over functions between.
func (f *fn) leave() {
	if f.yields != nil {
		f.yields.returns = true
		f.line("*%s = %d\nreturn false", f.yields.state, exitReturn)
		return
	}
	if f.defers != "" || len(f.results) == 0 {
		f.line("return")
		return
	}
	f.line("return %s", strings.Join(f.results, ", "))
}

func (f *fn) labeled(s *ast.LabeledStmt) {
	name := f.labelName(s.Label.Name)
	switch s.Stmt.(type) {
	case *ast.ForStmt, *ast.RangeStmt, *ast.SwitchStmt, *ast.TypeSwitchStmt, *ast.SelectStmt:
		f.stmt(s.Stmt, name)
	default:
		f.line("%s:", name)
		f.stmt(s.Stmt, "")
	}
}

// labelName returns the lowered name of a label of f.
func (f *fn) labelName(readers string) string {
	name, ok := f.labels[readers]
	if !ok {
		name = fmt.Sprintf("L%d_%s", f.l.fresh(), readers)
		f.labels[readers] = name
	}
	return name
}
