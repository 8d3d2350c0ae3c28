package lower

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// blocking lists the methods that wait for another goroutine, the functions that do not return but end the cell, and those
// that may end it, under the names that the runtime package knows.
var blocking = map[string]string{
	"(*sync.WaitGroup).Wait": "sync.WaitGroup.Wait", "(*sync.Mutex).Lock": "sync.Mutex.Lock",
	"(*sync.RWMutex).Lock": "sync.RWMutex.Lock", "(*sync.RWMutex).RLock": "sync.RWMutex.RLock",
	"(*sync.Cond).Wait": "sync.Cond.Wait", "(sync.Locker).Lock": "sync.Mutex.Lock", "(*sync.Once).Do": "sync.Once.Do",
	"time.Sleep": "time.Sleep",

	"fmt.Scan": read, "fmt.Scanf": read, "fmt.Scanln": read,

	"os.Exit": exit, "runtime.Goexit": exit, "log.Fatal": exit, "log.Fatalf": exit, "log.Fatalln": exit,
	"(*log.Logger).Fatal": exit, "(*log.Logger).Fatalf": exit, "(*log.Logger).Fatalln": exit,
}

// read is what the runtime package calls a function that reads the standard input, which may not be allowed.
const read = "read"

// exit is what the runtime package calls an end without a panic, whose line nothing else tells.
const exit = "exit"

// wait notes, for reports of deadlocks, that the goroutine is about to block at n.
func (f *fn) wait(n ast.Node, op string) {
	line, col := f.where(n)
	f.line("%s(%d, %d, %q)", f.l.gk("At"), line, col, op)
}

// waits notes the first operation that may block among the expressions of a statement's head.
func (f *fn) waits(n ast.Node) {
	switch s := n.(type) {
	case *ast.IfStmt:
		if s.Init == nil {
			f.waits(s.Cond)
		}
		return
	case *ast.SwitchStmt, *ast.TypeSwitchStmt, *ast.GoStmt, *ast.ReturnStmt:
		if r, ok := n.(*ast.ReturnStmt); ok {
			for _, x := range r.Results {
				f.waits(x)
			}
		}
		return
	}
	if at, op := f.firstWait(n); at != nil {
		f.wait(at, op)
	}
}

func (f *fn) blocks(x ast.Node) bool {
	if x == nil || x == ast.Expr(nil) {
		return false
	}
	at, _ := f.firstWait(x)
	return at != nil
}

func (f *fn) firstWait(n ast.Node) (at ast.Node, op string) {
	if e, ok := n.(ast.Expr); ok && e == nil {
		return nil, ""
	}
	ast.Inspect(n, func(n ast.Node) bool {
		if at != nil {
			return false
		}
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.UnaryExpr:
			if n.Op == token.ARROW {
				at, op = n, "chan receive"
			}
		case *ast.SendStmt:
			at, op = n, "chan send"
		case *ast.CallExpr:
			if fn := f.callee(n); fn != nil {
				switch {
				case blocking[fn.FullName()] != "":
					at, op = n, blocking[fn.FullName()]
				case fn.Pkg() != nil && strings.HasPrefix(fn.Pkg().Path(), "gokernel/internal/concurrency"):
					at, op = n, fn.Name()
				case fn.FullName() == "time.AfterFunc" || fn.FullName() == "context.AfterFunc" || fn.FullName() == "net/http.HandleFunc" || fn.FullName() == "net/http.Handle":
					at, op = n, "go"
				}
			}
		}
		return true
	})
	return at, op
}

// callee returns the declared function or method that a call names.
func (f *fn) callee(x *ast.CallExpr) *types.Func {
	if id := instantiated(unindexed(ast.Unparen(x.Fun))); id != nil {
		fn, _ := f.info.Uses[id].(*types.Func)
		return fn
	}
	return nil
}
