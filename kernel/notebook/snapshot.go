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
const snapshotWait = 5 * time.Second

// A snapshot is what the worker wrote down of the variables, to be given to another one.
type snapshot struct {
	data    json.RawMessage   // for callRestore; nil: there is none
	names   map[string]bool   // lowered names of the variables in it
	skipped map[string]string // lowered names of those that are not → why
	pending chan struct{}     // closed when the snapshot being taken is there; nil: none is
}

// selection says which variables a snapshot shall have, by their lowered names, or with what they are to be restored.
type selection struct {
	Names []string        `json:"names"`
	Data  json.RawMessage `json:"data,omitempty"`
}

// taken is what the worker answers to callSnapshot.
type taken struct {
	Data    json.RawMessage   `json:"data"`
	Saved   []string          `json:"saved"`
	Skipped map[string]string `json:"skipped"` // lowered name → why
	Busy    bool              `json:"busy"`    // goroutines may change variables: nothing was saved
}

// restored is what the worker answers to callRestore.
type restored struct {
	Restored []string          `json:"restored"`
	Failed   map[string]string `json:"failed"` // lowered name → why
}

// settle waits for the snapshot that is being taken. The worker must not run a cell before.
func (s *snapshot) settle() {
	if s.pending != nil {
		<-s.pending
		s.pending = nil
	}
}

// forget drops the snapshot.
func (s *snapshot) forget() { s.data, s.names, s.skipped = nil, nil, nil }

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
		if err := e.proc.Call(ctx, callSnapshot, selection{Names: names}, &t); err != nil {
			n.log.Debug("taking a snapshot of the variables", "error", err)
			return
		}
		if t.Busy {
			return // the last one is better than none
		}
		n.saved.data, n.saved.names, n.saved.skipped = t.Data, map[string]bool{}, t.Skipped
		for _, name := range t.Saved {
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
