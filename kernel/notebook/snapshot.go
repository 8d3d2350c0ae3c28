package notebook

import (
	"context"
	"encoding/json"
	"go/ast"
	"go/token"
	"go/types"
	"time"

	"gokernel/kernel/check"
)

// snapshotWait bounds how long the worker may take for a snapshot; it bounds time and size by itself.
const snapshotWait = 2 * time.Second

// A snapshot is what the worker wrote down of the variables, to be given to another one.
type snapshot struct {
	data    json.RawMessage // for callRestore; nil: there is none
	names   map[string]bool // lowered names of the variables in it
	pending chan struct{}   // closed when the snapshot being taken is there; nil: none is
}

// taken is what the worker answers to callSnapshot.
type taken struct {
	Names []string        `json:"names"` // whose values are in Data; null: none could be taken now, keep the last ones
	Data  json.RawMessage `json:"data"`
}

// settle waits for the snapshot that is being taken. The worker must not run a cell before.
func (s *snapshot) settle() {
	if s.pending != nil {
		<-s.pending
		s.pending = nil
	}
}

// forget drops the snapshot.
func (s *snapshot) forget() { s.data, s.names = nil, nil }

// has reports whether the snapshot has the value of a variable.
func (s *snapshot) has(d *check.Decl) bool { return s.names[d.Emit] }

// save takes a snapshot in the background if cell may have changed a variable.
func (n *Notebook) save(cell *check.Cell) {
	if !changes(cell) {
		return
	}
	var names []string
	for _, d := range n.scope.Live() {
		if d.Kind == check.Var {
			names = append(names, d.Emit)
		}
	}
	if len(names) == 0 {
		n.saved.forget()
		return
	}
	pending := make(chan struct{})
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.ctx.Err() != nil {
		return
	}
	n.saved.pending = pending
	n.inBackground(func() {
		defer close(pending)
		ctx, cancel := context.WithTimeout(n.ctx, snapshotWait)
		defer cancel()
		e, err := n.workers.current(ctx)
		if err != nil {
			return // there is nothing to take a snapshot of
		}
		var t taken
		if err := e.proc.Call(ctx, callSnapshot, names, &t); err != nil {
			n.log.Debug("taking a snapshot of the variables", "error", err)
			return
		}
		if t.Names == nil {
			return
		}
		n.saved.data, n.saved.names = t.Data, map[string]bool{}
		for _, name := range t.Names {
			n.saved.names[name] = true
		}
	})
}

// changes reports whether a cell that has run may have changed a variable: whether it assigns, sends, receives, starts or
// calls anything but what is known to leave variables alone.
func changes(cell *check.Cell) bool {
	if len(cell.Vars)+len(cell.Inits)+len(cell.Funcs)+len(cell.Stale) > 0 || cell.Main {
		return true
	}
	found := false
	for _, s := range cell.Stmts {
		ast.Inspect(s, func(node ast.Node) bool {
			switch x := node.(type) {
			case *ast.AssignStmt:
				for _, l := range x.Lhs {
					if id, ok := l.(*ast.Ident); !ok || id.Name != "_" {
						found = true
					}
				}
			case *ast.IncDecStmt, *ast.SendStmt, *ast.GoStmt, *ast.DeferStmt:
				found = true
			case *ast.RangeStmt:
				found = found || x.Tok == token.ASSIGN
			case *ast.UnaryExpr:
				found = found || x.Op == token.ARROW || x.Op == token.AND
			case *ast.CallExpr:
				found = found || !harmless(cell.StmtInfo, x)
			case *ast.FuncLit:
				return false // if it is called, that is a call
			}
			return !found
		})
	}
	return found
}

// harmless reports whether a call changes no variable: a conversion, some builtins, and printing.
func harmless(info *types.Info, call *ast.CallExpr) bool {
	if tv, ok := info.Types[call.Fun]; ok && tv.IsType() {
		return true
	}
	var name *ast.Ident
	switch f := ast.Unparen(call.Fun).(type) {
	case *ast.Ident:
		name = f
	case *ast.SelectorExpr:
		name = f.Sel
	default:
		return false
	}
	switch obj := info.Uses[name].(type) {
	case *types.Builtin:
		switch obj.Name() {
		case "len", "cap", "min", "max", "print", "println", "real", "imag", "complex", "make", "new", "append":
			return true
		}
	case *types.Func:
		if obj.Pkg() == nil || obj.Signature().Recv() != nil {
			return false
		}
		switch obj.Pkg().Path() {
		case "fmt":
			switch obj.Name() {
			case "Print", "Printf", "Println", "Sprint", "Sprintf", "Sprintln", "Errorf":
				return true
			}
		case "strings", "strconv", "math", "math/bits", "unicode", "unicode/utf8", "errors":
			return true
		}
	}
	return false
}
