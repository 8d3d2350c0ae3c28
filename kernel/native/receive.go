package native

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// What waits on a channel when it is told to end is woken by goroutine.Release, with a zero value that nobody must see. So
// a poll stands between each receive and what becomes of the value.

// receives returns the receive operation that x is, nil if it is something else.
func receives(x ast.Expr) *ast.UnaryExpr {
	if r, ok := ast.Unparen(x).(*ast.UnaryExpr); ok && r.Op == token.ARROW {
		return r
	}
	return nil
}

// receive writes the operation without a poll.
func (w *writer) receive(x *ast.UnaryExpr) string { return "<-" + w.expr(x.X) }

// got writes the operation with one.
func (w *writer) got(x *ast.UnaryExpr) string {
	if pair, ok := w.info.TypeOf(x).(*types.Tuple); ok {
		if !plainBool(pair.At(1).Type()) {
			return w.receive(x)
		}
		return low + "got2(" + w.expr(x.X) + ")"
	}
	return low + "got(" + w.receive(x) + ")"
}

// plainBool reports whether what a poll yields as bool can be assigned to t.
func plainBool(t types.Type) bool {
	b, ok := types.Unalias(t).(*types.Basic)
	return ok && b.Info()&types.IsBoolean != 0
}

// comm writes a case of a select statement, up to its body.
func (w *writer) comm(s ast.Stmt) string {
	a, ok := s.(*ast.AssignStmt)
	if !ok {
		return "case " + w.simple(s) + ":\n" + w.wake()
	}
	lhs := make([]string, len(a.Lhs))
	for i, x := range a.Lhs {
		lhs[i] = w.lhs(x)
	}
	to, tok, set := strings.Join(lhs, ", "), a.Tok, ""
	if tok == token.ASSIGN && (len(lhs) == 1 || lhs[1] == "_" || plainBool(w.info.TypeOf(a.Lhs[1]))) {
		for i := range lhs {
			lhs[i] = w.fresh()
		}
		received := strings.Join(lhs, ", ")
		to, tok, set = received, token.DEFINE, w.directive(s.Pos())+to+" = "+received+"\n"
	}
	return "case " + to + " " + tok.String() + " " + w.receive(receives(a.Rhs[0])) + ":\n" + w.wake() + set
}

// makesChan reports whether a call makes a channel.
func (w *writer) makesChan(x *ast.CallExpr) bool {
	if !w.isBuiltin(x, "make") {
		return false
	}
	_, ok := w.info.TypeOf(x).Underlying().(*types.Chan)
	return ok
}

// made writes the expression of a channel that is made, and noted.
func (w *writer) made(text string) string {
	w.hook("Made", "func(any)")
	return low + "made(" + text + ")"
}

// receiving writes the functions that the above call.
func (e *emitter) receiving(b *strings.Builder) {
	poll := strings.TrimSuffix(e.wake(), "\n")
	b.WriteString("func " + low + "got[T any](v T) T { " + poll + "; return v }\n")
	b.WriteString("func " + low + "got2[T any](c <-chan T) (T, bool) { v, ok := <-c; " + poll + "; return v, ok }\n")
	if made, ok := e.hooks[low+"h_Made"]; ok {
		b.WriteString("func " + low + "made[C any](c C) C { " + e.hook(made.key, made.typ) + "(c); return c }\n")
	}
}
