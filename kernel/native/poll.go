package native

import (
	"fmt"
	"go/ast"
	"go/types"
	"strings"

	"gokernel/kernel/goroutine"
)

// poll lets an interrupt reach compiled code. It stands at the head of loops and where functions may call themselves, and
// costs a load from memory: body has put the flag's address into a variable, since in a plugin that takes a load too.
func (w *writer) poll() string {
	w.polls++
	return fmt.Sprintf("if *%[1]sp != 0 { %[1]sstopped() }\n", low)
}

// wake is poll for where a goroutine may have waited: it may have been told to end since.
func (*emitter) wake() string {
	return fmt.Sprintf("if %[1]spoll[%[2]d] != 0 { %[1]sstopped() }\n", low, goroutine.PollLeftover)
}

// wakes is wake behind a statement that may wait for others, else "". Values that are received have a poll of their own.
func (w *writer) wakes(s ast.Stmt) string {
	switch s.(type) {
	case *ast.SendStmt, *ast.ExprStmt, *ast.AssignStmt, *ast.DeclStmt:
	default:
		return ""
	}
	x, ok := s.(*ast.ExprStmt)
	waits := ok && receives(x.X) != nil
	ast.Inspect(s, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.SendStmt:
			waits = true
		case *ast.CallExpr:
			if id := called(n.Fun); id != nil {
				f, ok := w.info.Uses[id].(*types.Func)
				waits = waits || ok && f.Pkg() != nil && (f.Pkg().Path() == "sync" && waiting[f.Name()] || f.FullName() == "time.Sleep" ||
					strings.HasPrefix(f.Pkg().Path(), "gokernel/internal/concurrency"))
			}
		}
		return !waits
	})
	if !waits {
		return ""
	}
	return w.wake()
}

// waiting are the methods of package sync that wait.
var waiting = map[string]bool{"Lock": true, "RLock": true, "Wait": true}

// flag writes the variable that the polls of a function look at, if it has any. Its value comes from memory, for the compiler
// would form a known address anew at each poll, which makes a tight loop slower by a third.
func (w *writer) flag() string {
	if w.polls == 0 {
		return ""
	}
	return fmt.Sprintf("%[1]sp := %[1]sflag\n", low)
}
