package native

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// body writes the body of a function in braces. With entry it polls before the first statement that may lead back to the
// function.
func (w *writer) body(b *ast.BlockStmt, entry bool) string {
	outer := w.polls
	w.polls = 0
	var text strings.Builder
	for _, s := range b.List {
		if entry && w.calls(s) {
			text.WriteString(w.poll())
			entry = false
		}
		text.WriteString(w.stmt(s) + w.wakes(s))
	}
	head := w.flag()
	w.polls = outer
	return "{\n" + head + text.String() + "}"
}

func (w *writer) block(b *ast.BlockStmt) string { return "{\n" + w.stmts(b.List) + "}" }

func (w *writer) stmts(list []ast.Stmt) string {
	var b strings.Builder
	for _, s := range list {
		b.WriteString(w.stmt(s) + w.wakes(s))
	}
	return b.String()
}

// stmt writes a statement on lines of its own.
func (w *writer) stmt(s ast.Stmt) string {
	top := w.top
	labelled := w.labelled
	w.top, w.labelled = false, false
	defer func() { w.top = top }()
	at := w.callback(s) + w.directive(s.Pos())
	switch s := s.(type) {
	case *ast.EmptyStmt:
		return ""
	case *ast.BlockStmt:
		return at + w.block(s) + "\n"
	case *ast.LabeledStmt:
		w.labelled = true
		return s.Label.Name + ":\n" + w.stmt(s.Stmt)
	case *ast.DeclStmt:
		return at + w.declStmt(s, top)
	case *ast.IfStmt:
		return at + w.ifStmt(s) + "\n"
	case *ast.ForStmt:
		return w.forLoop(at, s, labelled)
	case *ast.RangeStmt:
		return w.rangeLoop(at, s, labelled)
	case *ast.SwitchStmt:
		head := "switch "
		if s.Init != nil {
			head += w.simple(s.Init) + "; "
		}
		if s.Tag != nil {
			head += w.expr(s.Tag)
		}
		return at + head + " {\n" + w.cases(s.Body) + "}\n"
	case *ast.TypeSwitchStmt:
		head := "switch "
		if s.Init != nil {
			head += w.simple(s.Init) + "; "
		}
		return at + head + w.simple(s.Assign) + " {\n" + w.cases(s.Body) + "}\n"
	case *ast.SelectStmt:
		if len(s.Body.List) == 0 {
			return at + "for { " + w.hook("Forever", "func()") + "(); " + w.wake() + "}\n"
		}
		return at + "select {\n" + w.cases(s.Body) + "}\n"
	case *ast.GoStmt:
		return at + w.goStmt(s)
	case *ast.DeferStmt:
		if id, ok := ast.Unparen(s.Call.Fun).(*ast.Ident); ok && id.Name == "recover" && w.info.Types[s.Call.Fun].IsBuiltin() {
			return at + "defer recover()\n" // which must not be called now, and by no other function
		}
		return at + "defer " + w.expr(s.Call) + "\n"
	case *ast.ReturnStmt:
		return at + "return " + w.exprs(s.Results) + "\n"
	case *ast.BranchStmt:
		text := s.Tok.String()
		switch {
		case s.Label != nil:
			text += " " + s.Label.Name
		case s.Tok == token.BREAK && w.leave != "":
			text += " " + w.leave
		}
		if s.Tok == token.GOTO {
			return w.poll() + at + text + "\n"
		}
		return at + text + "\n"
	case *ast.AssignStmt:
		return at + w.assign(s, top)
	case *ast.ExprStmt:
		if top && w.cell != nil && s.X == w.cell.Result {
			return at + w.hook("result", "func(...any)") + "(" + w.expr(s.X) + ")\n"
		}
	}
	return at + w.simple(s) + "\n"
}

// simple writes a simple statement without its end.
func (w *writer) simple(s ast.Stmt) string {
	switch s := s.(type) {
	case nil:
		return ""
	case *ast.ExprStmt:
		if r := receives(s.X); r != nil {
			return w.receive(r)
		}
		return w.expr(s.X)
	case *ast.SendStmt:
		return w.expr(s.Chan) + " <- " + w.expr(s.Value)
	case *ast.IncDecStmt:
		return w.expr(s.X) + s.Tok.String()
	case *ast.AssignStmt:
		lhs := make([]string, len(s.Lhs))
		for i, x := range s.Lhs {
			lhs[i] = w.lhs(x)
		}
		return strings.Join(lhs, ", ") + " " + s.Tok.String() + " " + w.exprs(s.Rhs)
	case *ast.EmptyStmt:
		return ""
	}
	panic(&unsupported{fmt.Sprintf("a statement (%T)", s)})
}

// lhs writes what is assigned or defined: names that are defined here stay as they are.
func (w *writer) lhs(x ast.Expr) string {
	if id, ok := x.(*ast.Ident); ok && (id.Name == "_" || w.info.Defs[id] != nil && w.resolve(w.info.Defs[id]) == nil) {
		return id.Name
	}
	return w.expr(x)
}

func (w *writer) ifStmt(s *ast.IfStmt) string {
	text := "if "
	if s.Init != nil {
		text += w.simple(s.Init) + "; "
	}
	text += w.expr(s.Cond) + " " + w.block(s.Body)
	switch e := s.Else.(type) {
	case nil:
	case *ast.IfStmt:
		text += " else " + w.ifStmt(e)
	case *ast.BlockStmt:
		text += " else " + w.block(e)
	}
	return text
}

func (w *writer) cases(b *ast.BlockStmt) string {
	outer := w.leave
	w.leave = ""
	defer func() { w.leave = outer }()
	var out strings.Builder
	for _, c := range b.List {
		out.WriteString(w.directive(c.Pos()))
		switch c := c.(type) {
		case *ast.CaseClause:
			if c.List == nil {
				out.WriteString("default:\n")
			} else {
				out.WriteString("case " + w.exprs(c.List) + ":\n")
			}
			out.WriteString(w.stmts(c.Body))
		case *ast.CommClause:
			if c.Comm == nil {
				out.WriteString("default:\n")
			} else {
				out.WriteString(w.comm(c.Comm))
			}
			out.WriteString(w.stmts(c.Body))
		}
	}
	return out.String()
}

// declStmt writes a declaration among statements. At the top of a cell its variables are the notebook's.
func (w *writer) declStmt(s *ast.DeclStmt, top bool) string {
	g := s.Decl.(*ast.GenDecl)
	var b strings.Builder
	switch g.Tok {
	case token.CONST:
		return w.constants(nil, g)
	case token.TYPE:
		for _, spec := range g.Specs {
			t := spec.(*ast.TypeSpec)
			eq := " "
			if t.Assign.IsValid() {
				eq = " = "
			}
			fmt.Fprintf(&b, "type %s%s%s%s\n", t.Name.Name, w.typeParams(t.TypeParams), eq, w.defining(t))
		}
		return b.String()
	}
	for _, spec := range g.Specs {
		v := spec.(*ast.ValueSpec)
		if top && w.cell != nil {
			b.WriteString(w.topVars(v))
			continue
		}
		names := make([]string, len(v.Names))
		for i, id := range v.Names {
			names[i] = id.Name
		}
		b.WriteString("var " + strings.Join(names, ", "))
		if v.Type != nil {
			b.WriteString(" " + w.typeExpr(v.Type))
		}
		if len(v.Values) > 0 {
			b.WriteString(" = " + w.exprs(v.Values))
		}
		b.WriteString("\n")
	}
	return b.String()
}

// topVars writes a variable declaration of the notebook: assignments to variables that exist.
func (w *writer) topVars(v *ast.ValueSpec) string {
	var names []string
	lhs := make([]string, len(v.Names))
	for i, id := range v.Names {
		lhs[i] = w.lhs(id)
		names = append(names, id.Name)
	}
	text := ""
	switch {
	case len(v.Values) > 0 && v.Type != nil && len(v.Values) == len(lhs):
		typ := w.typeExpr(v.Type) // blank variables too must be of it
		for i, x := range v.Values {
			temp := w.fresh()
			text += fmt.Sprintf("var %s %s = %s\n", temp, typ, w.expr(x))
			text += fmt.Sprintf("%s = %s\n", lhs[i], temp)
		}
	case len(v.Values) > 0:
		text = strings.Join(lhs, ", ") + " = " + w.exprs(v.Values) + "\n"
	default:
		for _, l := range lhs {
			if l != "_" {
				text += fmt.Sprintf("%s = *new(%s)\n", l, w.typeExpr(v.Type))
			}
		}
	}
	return text + w.step(names)
}

// assign writes definitions and assignments. Those at the top of a cell define variables of the notebook.
func (w *writer) assign(s *ast.AssignStmt, top bool) string {
	if !top || w.cell == nil {
		return w.simple(s) + "\n"
	}
	if len(s.Lhs) == 1 && len(s.Rhs) == 1 && s.Rhs[0] == w.cell.Result {
		if id, ok := s.Lhs[0].(*ast.Ident); ok && id.Name == "_" && id.Pos() == s.Rhs[0].Pos() {
			return w.hook("result", "func(...any)") + "(" + w.expr(s.Rhs[0]) + ")\n"
		}
	}
	if s.Tok != token.DEFINE {
		return w.simple(s) + "\n"
	}
	lhs := make([]string, len(s.Lhs))
	var names []string
	for i, x := range s.Lhs {
		lhs[i] = w.lhs(x)
		if id, ok := x.(*ast.Ident); ok && w.info.Defs[id] != nil && id.Name != "_" {
			names = append(names, id.Name)
		}
	}
	return strings.Join(lhs, ", ") + " = " + w.exprs(s.Rhs) + "\n" + w.step(names)
}

// step notes that variables of the notebook have their values.
func (w *writer) step(names []string) string {
	if len(names) == 0 || w.steps == nil {
		return ""
	}
	*w.steps = append(*w.steps, strings.Join(names, ","))
	return fmt.Sprintf("%s(%d)\n", w.hook("step", "func(int)"), len(*w.steps))
}

// goStmt starts the goroutine through the worker, which reports its panics. The operands get their values now.
func (w *writer) goStmt(s *ast.GoStmt) string {
	id, line, col := w.scope.Origin(s.Pos())
	start := fmt.Sprintf("%s(%d, %d, ", w.hook("Go", "func(int, int, func())"), packPosition(id, line), col)
	call := s.Call
	if lit, ok := ast.Unparen(call.Fun).(*ast.FuncLit); ok && len(call.Args) == 0 {
		if sig, ok := w.info.TypeOf(lit).(*types.Signature); ok && sig.Results().Len() == 0 {
			return start + w.expr(lit) + ")\n"
		}
	}
	var b strings.Builder
	b.WriteString("{\n")
	temp := func(x ast.Expr) string {
		tv := w.info.Types[x]
		if tv.Value != nil || tv.IsNil() || tv.IsType() {
			return w.expr(x)
		}
		name := w.fresh()
		b.WriteString(name + " := " + w.expr(x) + "\n")
		return name
	}
	fun := ""
	var args []string
	if w.info.Types[call.Fun].IsBuiltin() {
		fun = w.expr(call.Fun)
	} else if id := called(call.Fun); id != nil && isDeclared(w.info.Uses[id]) {
		fun = w.callee(call)
	} else {
		fun = temp(call.Fun)
	}
	if len(call.Args) == 1 {
		if t, ok := w.info.TypeOf(call.Args[0]).(*types.Tuple); ok {
			for range t.Len() {
				args = append(args, w.fresh())
			}
			b.WriteString(strings.Join(args, ", ") + " := " + w.expr(call.Args[0]) + "\n")
		}
	}
	if args == nil {
		for _, a := range call.Args {
			args = append(args, temp(a))
		}
	}
	text := fun + "(" + strings.Join(args, ", ")
	if call.Ellipsis.IsValid() {
		text += "..."
	}
	text += ")"
	if w.info.Types[call.Fun].IsBuiltin() && w.info.Types[call].IsValue() {
		text = "_ = " + text
	}
	at := ours + "\n"
	if w.info.Types[call.Fun].IsBuiltin() {
		at = w.directive(s.Pos()) // it may panic
	}
	b.WriteString(start + "func() {\n" + at + text + "\n})\n}\n")
	return b.String()
}

// isDeclared reports whether obj is a function, whose value cannot change.
func isDeclared(obj types.Object) bool {
	f, ok := obj.(*types.Func)
	return ok && f.Signature().Recv() == nil
}

// initializer writes the initialisation of package variables.
func (w *writer) initializer(in *types.Initializer) string {
	at := w.directive(in.Rhs.Pos())
	lhs := make([]string, len(in.Lhs))
	for i, v := range in.Lhs {
		lhs[i] = "_"
		if d := w.resolve(v); d != nil && v.Name() != "_" {
			lhs[i] = w.variable(d)
		}
	}
	if len(lhs) == 1 && lhs[0] == "_" {
		return at + "var _ " + w.typ(in.Lhs[0].Type()) + " = " + w.expr(in.Rhs) + "\n"
	}
	return at + strings.Join(lhs, ", ") + " = " + w.expr(in.Rhs) + "\n"
}
