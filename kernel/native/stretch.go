package native

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"strings"
)

// A round of a little loop takes less time than a poll. Such a loop is written as two: the inner one makes up to stretch rounds,
// which take some 10 ms, and the poll stands in the outer one.
const stretch = 1 << 22

// Bounds of the step and of the end of a loop that is written as two, so that its counter cannot run over.
const (
	maxStep = 1 << 40
	maxEnd  = 1 << 62
)

// forLoop writes a for statement with three clauses, or fewer. A labelled one is written as it stands.
func (w *writer) forLoop(at string, s *ast.ForStmt, labelled bool) string {
	init := w.simple(s.Init)
	plain := func() string {
		head := "for ; " + w.expr(s.Cond) + "; " + w.simple(s.Post) + " {\n"
		return head + w.poll() + w.stmts(s.Body.List) + "}\n"
	}
	if !labelled {
		if c, ok := w.countsUp(s); ok {
			return at + "{ " + init + "; if " + c.safe() + " {\n" + w.directive(s.Pos()) + w.stretches(s, c) +
				"} else {\n" + w.directive(s.Pos()) + plain() + "}\n}\n"
		}
	}
	head := "for "
	if s.Init != nil || s.Post != nil {
		head += init + "; "
		if s.Cond != nil {
			head += w.expr(s.Cond)
		}
		head += "; " + w.simple(s.Post)
	} else if s.Cond != nil {
		head += w.expr(s.Cond)
	}
	return at + head + " {\n" + w.poll() + w.stmts(s.Body.List) + "}\n"
}

// stretches writes a counting loop as two.
func (w *writer) stretches(s *ast.ForStmt, c counting) string {
	loop, end := w.fresh(), w.fresh()
	op := s.Cond.(*ast.BinaryExpr).Op
	head := "for " + w.expr(s.Cond) + " {\n" +
		fmt.Sprintf("%[1]s := %[2]s; if %[3]s-%[2]s > %[4]s { %[1]s += %[4]s } else { %[1]s = %[3]s }\n", end, c.at, c.end, c.stretch) +
		fmt.Sprintf("for ; %s %s %s; %s {\n", c.at, op, end, w.simple(s.Post))
	w.leave = loop
	body := w.stmts(s.Body.List)
	w.leave = ""
	if strings.Contains(body, "break "+loop+"\n") {
		head = loop + ": " + head
	}
	return head + body + "}\n" + w.poll() + "}\n"
}

// rangeLoop writes a range statement.
func (w *writer) rangeLoop(at string, s *ast.RangeStmt, labelled bool) string {
	_, isChan := w.info.TypeOf(s.X).Underlying().(*types.Chan)
	loop := func(poll func() string) string {
		head, set := "for ", ""
		if s.Key != nil {
			key, tok := w.lhs(s.Key), s.Tok
			if isChan && tok == token.ASSIGN {
				received := w.fresh()
				key, tok, set = received, token.DEFINE, w.directive(s.Pos())+key+" = "+received+"\n"
			}
			head += key
			if s.Value != nil {
				head += ", " + w.lhs(s.Value)
			}
			head += " " + tok.String() + " "
		}
		head += "range " + w.expr(s.X) + " {\n"
		return head + poll() + set + w.stmts(s.Body.List) + "}\n"
	}
	if !labelled {
		if short := w.countable(s); short != "" {
			short := at + "if " + short + " {\n" + w.directive(s.Pos()) + loop(none) + "} else {\n"
			return short + w.directive(s.Pos()) + loop(w.poll) + "}\n"
		}
	}
	if isChan {
		return at + loop(w.wake)
	}
	return at + loop(w.poll)
}

// none is the poll of a loop that needs none.
func none() string { return "" }

// countable returns what is true before a range statement if it is little and ends within one stretch, "" if that cannot be told.
func (w *writer) countable(s *ast.RangeStmt) string {
	x, ok := ast.Unparen(s.X).(*ast.Ident)
	if !ok || !w.little(s.Body) {
		return ""
	}
	if w.counter(x) {
		return fmt.Sprintf("%s <= %d", w.expr(x), stretch)
	}
	switch t := w.info.TypeOf(x).Underlying().(type) {
	case *types.Slice:
		return fmt.Sprintf("len(%s) <= %d", w.expr(x), stretch)
	case *types.Basic:
		if t.Kind() == types.String {
			return fmt.Sprintf("len(%s) <= %d", w.expr(x), stretch)
		}
	}
	return ""
}

// counting is a loop "for …; at < end; at += step", in expressions of the code that is written.
type counting struct{ at, end, step, stretch string }

// safe returns what is true before the loop if its counter does not run over.
func (c counting) safe() string {
	if c.step != "" {
		return fmt.Sprintf("0 <= %s && 1 <= %[2]s && %[2]s <= %[3]d && %[4]s <= %[5]d", c.at, c.step, maxStep, c.end, maxEnd)
	}
	return fmt.Sprintf("0 <= %s && %s <= %d", c.at, c.end, maxEnd)
}

// countsUp says how a for statement with a little body counts, if it does.
func (w *writer) countsUp(s *ast.ForStmt) (c counting, ok bool) {
	cond, ok := s.Cond.(*ast.BinaryExpr)
	if !ok || cond.Op != token.LSS && cond.Op != token.LEQ {
		return c, false
	}
	i, ok := cond.X.(*ast.Ident)
	if !ok || !w.counter(i) || !w.little(s.Body) || w.assigns(s.Body, i) {
		return c, false
	}
	fixed := func(x ast.Expr) bool { // during the loop
		id, ok := x.(*ast.Ident)
		return ok && w.info.Uses[id] != w.info.Uses[i] && !w.assigns(s.Body, id)
	}
	if call, ok := cond.Y.(*ast.CallExpr); ok && w.isBuiltin(call, "len") {
		if !fixed(call.Args[0]) {
			return c, false
		}
	} else if w.info.Types[cond.Y].Value == nil && !fixed(cond.Y) {
		return c, false
	}
	step := int64(1)
	c.at, c.end = w.expr(i), w.expr(cond.Y)
	switch post := s.Post.(type) {
	case *ast.IncDecStmt:
		if post.Tok != token.INC || !w.same(post.X, i) {
			return c, false
		}
	case *ast.AssignStmt:
		if post.Tok != token.ADD_ASSIGN || !w.same(post.Lhs[0], i) {
			return c, false
		}
		if v := w.info.Types[post.Rhs[0]].Value; v == nil {
			if !fixed(post.Rhs[0]) {
				return c, false
			}
			c.step = w.expr(post.Rhs[0])
			c.stretch = fmt.Sprintf("%s*%d", c.step, stretch)
			return c, true
		} else if step, ok = constant.Int64Val(constant.ToInt(v)); !ok || step < 1 || step > maxStep {
			return c, false
		}
	default:
		return c, false
	}
	c.stretch = fmt.Sprint(step * stretch)
	return c, true
}

// counter reports whether id is a variable of an integer type of 64 bits, as int is where plugins are.
func (w *writer) counter(id *ast.Ident) bool {
	obj := w.info.Uses[id]
	if _, ok := obj.(*types.Var); !ok {
		return false
	}
	b, ok := obj.Type().Underlying().(*types.Basic)
	return ok && (b.Kind() == types.Int || b.Kind() == types.Int64 || b.Kind() == types.Uint || b.Kind() == types.Uint64)
}

// same reports whether x is the variable that id is.
func (w *writer) same(x ast.Expr, id *ast.Ident) bool {
	other, ok := x.(*ast.Ident)
	return ok && w.info.Uses[other] == w.info.Uses[id]
}

// assigns reports whether a statement of a little body assigns to the variable id.
func (w *writer) assigns(body *ast.BlockStmt, id *ast.Ident) bool {
	found := false
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for _, x := range n.Lhs {
				found = found || w.same(ast.Unparen(x), id)
			}
		case *ast.IncDecStmt:
			found = found || w.same(ast.Unparen(n.X), id)
		}
		return !found
	})
	return found
}

// little reports whether a body takes little time, whatever it works on, and assigns to variables by their names only.
func (w *writer) little(body *ast.BlockStmt) bool {
	ok := true
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case nil:
		case *ast.BlockStmt, *ast.IfStmt, *ast.SwitchStmt, *ast.CaseClause, *ast.EmptyStmt, *ast.ExprStmt, *ast.ParenExpr, *ast.SelectorExpr,
			*ast.Ident, *ast.BasicLit, *ast.SliceExpr:
		case *ast.BranchStmt:
			ok = ok && n.Tok != token.GOTO
		case *ast.AssignStmt:
			for _, x := range n.Lhs {
				ok = ok && !w.points(x)
			}
			for _, x := range n.Rhs {
				ok = ok && w.small(x) && (n.Tok == token.ASSIGN || n.Tok == token.DEFINE || !w.text(x))
			}
		case *ast.IncDecStmt:
			ok = ok && !w.points(n.X)
		case *ast.UnaryExpr:
			ok = ok && n.Op != token.AND && n.Op != token.ARROW
		case *ast.BinaryExpr:
			ok = ok && w.small(n.X) && !w.text(n.X)
		case *ast.StarExpr:
		case *ast.IndexExpr:
			_, isMap := w.info.TypeOf(n.X).Underlying().(*types.Map)
			ok = ok && !isMap
		case *ast.CallExpr:
			if w.info.Types[n.Fun].IsType() {
				ok = ok && w.small(n) && !w.text(n) && !w.text(n.Args[0])
				break
			}
			ok = ok && w.isBuiltin(n, "len", "cap", "min", "max", "append") && !n.Ellipsis.IsValid()
			for _, a := range n.Args {
				ok = ok && w.small(a)
			}
		default:
			ok = false
		}
		return ok
	})
	return ok
}

// points reports whether an assignment to x goes through a pointer, which may be one to any variable.
func (w *writer) points(x ast.Expr) bool {
	_, ok := ast.Unparen(x).(*ast.StarExpr)
	return ok
}

// small reports whether a value can be copied in next to no time.
func (w *writer) small(x ast.Expr) bool {
	switch w.info.TypeOf(x).Underlying().(type) {
	case *types.Basic, *types.Pointer, *types.Slice, *types.Chan, *types.Signature:
		return true
	}
	return false
}

// text reports whether x is a string, which may take long to compare, to convert and to add to.
func (w *writer) text(x ast.Expr) bool {
	b, ok := w.info.TypeOf(x).Underlying().(*types.Basic)
	return ok && b.Info()&types.IsString != 0
}

// isBuiltin reports whether call calls one of the named builtin functions.
func (w *writer) isBuiltin(call *ast.CallExpr, names ...string) bool {
	id, ok := ast.Unparen(call.Fun).(*ast.Ident)
	if !ok || !w.info.Types[call.Fun].IsBuiltin() {
		return false
	}
	for _, name := range names {
		if id.Name == name {
			return true
		}
	}
	return false
}
