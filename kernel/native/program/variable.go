package program

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"

	"gokernel/kernel/check"
)

// A variable is one of the notebook that begins as the statement that declared it says.
type variable struct {
	init  *check.Initializer
	names []string // those of init.Names that are meant, "_" for the others
}

// takeVariable takes in a variable of the notebook and what its initialiser needs.
func (a *assembly) takeVariable(d *check.Decl) error {
	if a.taken[d] {
		return nil
	}
	a.taken[d] = true
	in, ok := a.scope.Initializer(d)
	if !ok {
		return notRepeated(d, "what declared it is not known any more")
	}
	i := slices.IndexFunc(in.Names, func(id *ast.Ident) bool { return id.Name == d.Name })
	v := &variable{init: in}
	if len(in.Values) == 1 && len(in.Names) > 1 { // x, y := f()
		for _, other := range a.vars {
			if len(other.names) == len(in.Names) && a.samePlace(other.init, in) {
				other.names[i] = d.Name
				return nil
			}
		}
		v.names = slices.Repeat([]string{"_"}, len(in.Names))
		v.names[i] = d.Name
	} else { // its own name and value
		v.names = []string{d.Name}
		v.init = &check.Initializer{Names: in.Names[i : i+1], Type: in.Type}
		if len(in.Values) > 0 {
			v.init.Values = in.Values[i : i+1]
		}
	}
	var needs []ast.Node
	if v.init.Type != nil {
		needs = append(needs, v.init.Type)
	}
	for _, x := range v.init.Values {
		if what := a.unrepeatable(x); what != "" && !a.own(d) {
			return notRepeated(d, what)
		}
		needs = append(needs, x)
	}
	for _, n := range needs {
		for _, name := range a.names(n) {
			other := a.scope.Lookup(name)
			later := other != nil && other.Kind == check.Var && other.Cell > d.Cell && other.Version > d.Version
			if (name == d.Name || later) && !a.own(d) {
				return notRepeated(d, "it was made from an earlier "+name)
			}
			if err := a.need(name); err != nil {
				return err
			}
		}
	}
	a.vars = append(a.vars, v)
	return nil
}

// samePlace reports whether two initialisers are one; each was parsed by itself.
func (a *assembly) samePlace(x, y *check.Initializer) bool {
	cell1, start1, _, ok1 := a.scope.Span(x.Names[0])
	cell2, start2, _, ok2 := a.scope.Span(y.Names[0])
	return ok1 && ok2 && cell1 == cell2 && start1 == start2
}

// notRepeated is the error for a variable that a program cannot begin with.
func notRepeated(d *check.Decl, why string) error {
	return &Error{Message: "the variable " + d.Name + " of " + d.Where + " cannot be part of a program of its own: " + why + "; declare it in this cell"}
}

// importPaths returns the notebook's imports, by name.
func (a *assembly) importPaths() map[string]string {
	paths := map[string]string{}
	for _, i := range a.scope.Imports() {
		paths[i.Name] = i.Path
	}
	return paths
}

// names returns the names of the notebook in an expression, and notes the imports. Without types it may find too many:
// names that stand for something else inside a function literal.
func (a *assembly) names(n ast.Node) []string {
	imports := a.importPaths()
	var names []string
	var visit func(n ast.Node) bool
	visit = func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			if id, ok := n.X.(*ast.Ident); ok && imports[id.Name] != "" && a.scope.Lookup(id.Name) == nil {
				a.imports[id.Name] = imports[id.Name]
				return false
			}
			ast.Inspect(n.X, visit)
			return false
		case *ast.KeyValueExpr:
			id, ok := n.Key.(*ast.Ident) // a field, or a constant as the key of a map
			if !ok || a.isConst(id.Name) {
				ast.Inspect(n.Key, visit)
			}
			ast.Inspect(n.Value, visit)
			return false
		case *ast.Ident:
			if a.scope.Lookup(n.Name) != nil {
				names = append(names, n.Name)
			}
		}
		return true
	}
	ast.Inspect(n, visit)
	return names
}

func (a *assembly) isConst(name string) bool {
	d := a.scope.Lookup(name)
	return d != nil && d.Kind == check.Const
}

// effects are the functions that may give something else the second time, or do what must not be done twice, by package; nil
// stands for all of a package. What only reads files is not among them.
var effects = map[string][]string{
	"database/sql": nil, "net": nil, "net/rpc": nil, "net/smtp": nil, "os/signal": nil, "plugin": nil, "syscall": nil,
	"io":       {"Copy", "CopyBuffer", "CopyN", "ReadAll", "ReadAtLeast", "ReadFull", "WriteString"},
	"net/http": {"Get", "Head", "Post", "PostForm", "ListenAndServe", "ListenAndServeTLS", "Serve", "ServeTLS"},
	"os": {"Chdir", "Chmod", "Chown", "Chtimes", "Create", "CreateTemp", "Lchown", "Link", "Mkdir", "MkdirAll", "MkdirTemp", "OpenFile", "Remove",
		"RemoveAll", "Rename", "Setenv", "StartProcess", "Symlink", "Truncate", "Unsetenv", "WriteFile"},
}

// chained are the packages of whose values methods may have such effects: exec.Command("date").Output().
var chained = []string{"database/sql", "net", "net/http", "os", "os/exec"}

// unrepeatable says why an initialiser cannot be carried out again, "" if it can.
func (a *assembly) unrepeatable(x ast.Expr) string {
	imports := a.importPaths()
	why := ""
	ast.Inspect(x, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.UnaryExpr:
			if n.Op == token.ARROW {
				why = "it was received from a channel"
			}
		case *ast.CallExpr:
			why = a.effect(n, imports)
		}
		return why == ""
	})
	return why
}

// effect says what is unrepeatable about a call itself, "" if nothing is.
func (a *assembly) effect(call *ast.CallExpr, imports map[string]string) string {
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	root, direct := sel.X, true // what the call is of, or in the end is made from
	for {
		inner, ok := ast.Unparen(root).(*ast.CallExpr)
		if !ok {
			break
		}
		f, ok := ast.Unparen(inner.Fun).(*ast.SelectorExpr)
		if !ok {
			return ""
		}
		root, direct = f.X, false
	}
	id, ok := root.(*ast.Ident)
	if !ok {
		return ""
	}
	said := "it is what " + id.Name + "." + sel.Sel.Name + " returned"
	if !direct {
		said = "it is what " + sel.Sel.Name + " of a value of " + id.Name + " returned"
	}
	d, path := a.scope.Lookup(id.Name), imports[id.Name]
	switch functions, known := effects[path]; {
	case d != nil:
		if d.Kind == check.Var {
			return said
		}
	case path == "fmt" && strings.Contains(sel.Sel.Name, "can"):
		return said
	case !direct && slices.Contains(chained, path):
		return said
	case known && (functions == nil || slices.Contains(functions, sel.Sel.Name)):
		return said
	}
	return ""
}
