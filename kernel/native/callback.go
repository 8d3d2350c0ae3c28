package native

import (
	"fmt"
	"go/ast"
	"go/types"
	"strings"
)

// callbacks lists the functions to which a reader hands a function that a goroutine of the library calls.
var callbacks = map[string]bool{
	"time.AfterFunc": true, "context.AfterFunc": true, "net/http.HandleFunc": true, "net/http.Handle": true,
}

// callback writes a note of where a simple statement hands over a callback, for reports of its panics, "" if it does not.
func (w *writer) callback(s ast.Stmt) string {
	switch s.(type) {
	case *ast.ExprStmt, *ast.AssignStmt, *ast.DeclStmt, *ast.ReturnStmt:
	default:
		return ""
	}
	note := ""
	ast.Inspect(s, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.CallExpr:
			id := called(n.Fun)
			if id == nil || note != "" {
				break
			}
			if f, ok := w.info.Uses[id].(*types.Func); ok && callbacks[f.FullName()] {
				cell, line, col := w.scope.Origin(n.Pos())
				note = fmt.Sprintf("%s(%d, %d, \"go\")\n", w.hook("At", "func(int, int, string)"), packPosition(cell, line), col)
			}
		}
		return note == ""
	})
	return note
}

// handler is the type of functions that net/http calls for requests, and recovers the panics of.
const handler = "func(net/http.ResponseWriter, *net/http.Request)"

// args writes the arguments of a call or conversion. A function that net/http is to call goes through the worker, which
// hears of its panics.
func (w *writer) args(x *ast.CallExpr) string {
	parts := make([]string, len(x.Args))
	var params *types.Tuple
	if sig, ok := w.info.TypeOf(x.Fun).Underlying().(*types.Signature); ok && !w.info.Types[x.Fun].IsBuiltin() {
		params = sig.Params()
	}
	for i, a := range x.Args {
		parts[i] = w.expr(a)
		var t types.Type
		switch {
		case w.info.Types[x.Fun].IsType():
			if n, ok := w.info.TypeOf(x.Fun).(*types.Named); ok && n.String() == "net/http.HandlerFunc" {
				t = n.Underlying()
			}
		case params != nil && i < params.Len():
			t = params.At(i).Type()
		}
		if sig, ok := t.(*types.Signature); ok && isHandler(sig) {
			parts[i] = w.hook("HTTPHandlerFunc", "func("+w.typ(sig)+") "+w.importing("net/http")+".HandlerFunc") + "(" + parts[i] + ")"
		}
	}
	return strings.Join(parts, ", ")
}

func isHandler(sig *types.Signature) bool {
	if sig.Params().Len() != 2 || sig.Results().Len() != 0 {
		return false
	}
	bare := types.NewSignatureType(nil, nil, nil, types.NewTuple(types.NewVar(0, nil, "", sig.Params().At(0).Type()), types.NewVar(0, nil, "", sig.Params().At(1).Type())), nil, false)
	return types.TypeString(bare, nil) == handler
}
