package native

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"gokernel/kernel/check"
)

// A hook is a function of the worker's that a unit calls through a variable: its key among the worker's functions, and its
// type.
type hook struct{ key, typ string }

// A writer writes declarations or statements that one check has typed.
type writer struct {
	*emitter
	info     *types.Info
	pkg      *types.Package
	cell     *check.Cell // of statements; nil in functions
	results  *types.Tuple
	line     int // the line of a cell that the text being written is on, 0 if unknown
	file     string
	top      bool // the statement being written is one of the cell's own
	steps    *[]string
	polls    int    // that the function being written has
	labelled bool   // the statement being written has a label
	leave    string // the label of the loop that a break without one leaves, "" if that is the innermost
}

// resolve returns the declaration of the notebook that obj stands for, nil if it is something else.
func (w *writer) resolve(obj types.Object) *check.Decl {
	if obj == nil {
		return nil
	}
	if w.cell != nil {
		if d := w.cell.Hoisted[obj]; d != nil {
			return d
		}
	}
	if obj.Pkg() == nil || obj.Pkg().Path() != "main" || obj.Parent() != obj.Pkg().Scope() {
		return nil
	}
	if _, ok := obj.(*types.Var); ok && w.cell != nil && w.info == w.cell.StmtInfo {
		if d := w.cell.Before.Lookup(obj.Name()); d != nil && d.Kind == check.Var {
			return d
		}
	}
	return w.scope.Lookup(obj.Name())
}

// decl writes a type, function, method or group of constants.
func (e *emitter) decl(d *check.Decl) {
	w := &writer{emitter: e, info: d.Info, pkg: d.Pkg}
	switch node := d.Node.(type) {
	case *ast.FuncDecl:
		w.function(d, node)
	case *ast.GenDecl:
		if d.Kind == check.Const {
			e.out.WriteString(w.constants(d, node))
			return
		}
		for _, spec := range node.Specs {
			w.typeSpec(d, spec.(*ast.TypeSpec))
		}
	}
}

// constants writes a group of constants, names that are no longer live as blank ones.
func (w *writer) constants(d *check.Decl, node *ast.GenDecl) string {
	var b strings.Builder
	b.WriteString("const (\n")
	for _, spec := range node.Specs {
		v := spec.(*ast.ValueSpec)
		names := make([]string, len(v.Names))
		for i, id := range v.Names {
			names[i] = id.Name
			if d != nil {
				names[i] = unitName(id.Name)
				if w.scope.Lookup(id.Name) != d {
					names[i] = "_"
				}
			}
		}
		b.WriteString(strings.Join(names, ", "))
		if v.Type != nil {
			b.WriteString(" " + w.typeExpr(v.Type))
		}
		if len(v.Values) > 0 {
			b.WriteString(" = " + w.exprs(v.Values))
		}
		b.WriteString("\n")
	}
	b.WriteString(")\n")
	return b.String()
}

// typeSpec writes a type, and methods that hand out its unexported fields to other units and to the interpreter.
func (w *writer) typeSpec(d *check.Decl, s *ast.TypeSpec) {
	eq := " "
	if s.Assign.IsValid() {
		eq = " = "
	}
	name, params := unitName(s.Name.Name), w.typeParams(s.TypeParams)
	at, text := w.directive(s.Pos()), w.defining(s)
	fmt.Fprintf(&w.out, "%stype %s%s%s%s\n", at, name, params, eq, text)
	if name == "_" {
		return
	}
	named, args := w.typeArgs(s.TypeParams)
	if !ast.IsExported(s.Name.Name) {
		fmt.Fprintf(&w.out, "type %s%s%s = %s%s\n", Type, s.Name.Name, named, name, args)
	}
	if args == "" {
		if !s.Assign.IsValid() && !constraint(w.info.Defs[s.Name].Type()) {
			w.symbols = append(w.symbols, fmt.Sprintf("%q: %sreflect.ValueOf((*%s)(nil))", symbolOf(s.Name.Name), mark, name))
		}
	}
	if s.Assign.IsValid() {
		return
	}
	st, ok := ast.Unparen(s.Type).(*ast.StructType)
	if !ok {
		w.doors(name, args, s.Type)
		return
	}
	for _, f := range st.Fields.List {
		typ := ""
		if len(f.Names) == 0 {
			typ = w.embedded(f.Type)
		} else {
			typ = w.typeExpr(f.Type)
		}
		for _, field := range fieldNames(f) {
			if field != "_" && !ast.IsExported(field) {
				fmt.Fprintf(&w.out, "func (r *%s%s) %s%s() *%s {\n"+ours+"\nreturn &r.%s }\n", name, args, Field, field, paren(typ), field)
			}
		}
	}
}

// defining writes the type that a declaration of a type gives a name: a struct type that has one is nobody else's.
func (w *writer) defining(s *ast.TypeSpec) string {
	if st, ok := ast.Unparen(s.Type).(*ast.StructType); ok && !s.Assign.IsValid() {
		return w.structType(st)
	}
	if obj := w.info.Defs[s.Name]; obj != nil && obj.Pkg() != nil && obj.Parent() != obj.Pkg().Scope() {
		w.locals[obj] = w.info.TypeOf(s.Type)
	}
	return w.typeExpr(s.Type)
}

// constraint reports whether t is an interface that only type parameters may have.
func constraint(t types.Type) bool {
	i, ok := t.Underlying().(*types.Interface)
	return ok && !i.IsMethodSet()
}

// symbolOf returns the name of a type among the symbols of its unit.
func symbolOf(name string) string {
	if ast.IsExported(name) {
		return name
	}
	return Type + name
}

func paren(typ string) string {
	if strings.HasPrefix(typ, "func") || strings.HasPrefix(typ, "<-") || strings.HasPrefix(typ, "chan") {
		return "(" + typ + ")"
	}
	return typ
}

// fieldNames returns the names of a struct field, those of embedded ones too.
func fieldNames(f *ast.Field) []string {
	if len(f.Names) == 0 {
		t := f.Type
		for {
			switch x := t.(type) {
			case *ast.StarExpr:
				t = x.X
			case *ast.ParenExpr:
				t = x.X
			case *ast.IndexExpr:
				t = x.X
			case *ast.IndexListExpr:
				t = x.X
			case *ast.SelectorExpr:
				return []string{x.Sel.Name}
			case *ast.Ident:
				return []string{x.Name}
			default:
				return nil
			}
		}
	}
	names := make([]string, len(f.Names))
	for i, id := range f.Names {
		names[i] = id.Name
	}
	return names
}

// funcName returns the name of a function in its unit: main and init mean something to the compiler, and so do exported ones.
func funcName(name string) string {
	if name == "main" || name == "init" || ast.IsExported(name) {
		return low + name
	}
	return unitName(name)
}

// unitName returns the name of a type or constant in its unit. What the language has declared must keep its meaning there, for
// what we write around the reader's code.
func unitName(name string) string {
	if types.Universe.Lookup(name) != nil {
		return low + name
	}
	return name
}

// methodName returns the name under which a method is compiled: unexported ones must be visible to other units.
func methodName(m types.Object) string {
	if m.Exported() || m.Pkg() == nil || m.Pkg().Path() != "main" {
		return m.Name()
	}
	return Meth + m.Name()
}

// function writes a function or method.
func (w *writer) function(d *check.Decl, fn *ast.FuncDecl) {
	if fn.Body == nil {
		panic(&unsupported{"a function without a body"})
	}
	if fn.Name.Name == "_" {
		return
	}
	name := funcName(fn.Name.Name)
	recv := ""
	if fn.Recv != nil {
		name = methodName(w.info.Defs[fn.Name])
		recv = "(" + w.fields(fn.Recv, ", ") + ") "
	}
	w.results = w.info.Defs[fn.Name].(*types.Func).Signature().Results()
	params := w.typeParams(fn.Type.TypeParams)
	at := pragmas(fn.Doc) + w.directive(fn.Pos())
	head := w.signature(fn.Type)
	body := w.body(fn.Body, true)
	fmt.Fprintf(&w.out, "%sfunc %s%s%s%s %s\n", at, recv, name, params, head, body)
	if recv == "" && fn.Type.TypeParams == nil && d != nil {
		w.symbols = append(w.symbols, fmt.Sprintf("%q: %sreflect.ValueOf(%s)", Func+fn.Name.Name, mark, name))
		types, names := w.passing(fn.Type)
		ret := ""
		if fn.Type.Results != nil && len(fn.Type.Results.List) > 0 {
			ret = "return "
		}
		fmt.Fprintf(&w.out, "func (%s) %s%s(%s) %s {\n"+ours+"\n%s%s(%s) }\n", table, Func, fn.Name.Name, types, w.resultList(fn.Type.Results), ret, name, names)
	}
}

// pragmas returns what a doc comment says to the compiler.
func pragmas(doc *ast.CommentGroup) string {
	var b strings.Builder
	if doc != nil {
		for _, c := range doc.List {
			if strings.HasPrefix(c.Text, "//go:") && !strings.HasPrefix(c.Text, "//go:linkname") && !strings.HasPrefix(c.Text, "//go:embed") {
				b.WriteString(c.Text + "\n")
			}
		}
	}
	return b.String()
}

// passing returns the parameters of a function and the arguments that pass them on.
func (w *writer) passing(t *ast.FuncType) (params, args string) {
	var a, b []string
	for _, f := range t.Params.List {
		typ := w.typeExpr(f.Type)
		for range max(len(f.Names), 1) {
			name := fmt.Sprintf("a%d", len(a))
			a = append(a, name+" "+typ)
			if _, ok := f.Type.(*ast.Ellipsis); ok {
				name += "..."
			}
			b = append(b, name)
		}
	}
	return strings.Join(a, ", "), strings.Join(b, ", ")
}

// calls reports whether a node calls something of the notebook, a value or a method of an unknown type: that may lead back
// to the function in which it stands.
func (w *writer) calls(n ast.Node) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || found {
			return !found
		}
		if tv := w.info.Types[call.Fun]; tv.IsType() || tv.IsBuiltin() {
			return true
		}
		if id := called(call.Fun); id != nil {
			if f, ok := w.info.Uses[id].(*types.Func); ok && f.Pkg() != nil && f.Pkg().Path() != "main" {
				return true
			}
		}
		found = true
		return false
	})
	return found
}

// called returns the identifier of what a call calls.
func called(x ast.Expr) *ast.Ident {
	switch x := ast.Unparen(x).(type) {
	case *ast.Ident:
		return x
	case *ast.SelectorExpr:
		return x.Sel
	case *ast.IndexExpr:
		return called(x.X)
	case *ast.IndexListExpr:
		return called(x.X)
	}
	return nil
}

// directive returns a line that leads the text after it back to pos.
func (w *writer) directive(pos token.Pos) string {
	cell, line, col := w.scope.Position(pos)
	if cell == "" {
		return ""
	}
	w.file, w.line = cell, line
	return fmt.Sprintf("//line %s:%d:%d\n", cell, line, col)
}

// inline returns a directive for the middle of a line, "" if pos is on the line being written.
func (w *writer) inline(pos token.Pos) string {
	cell, line, col := w.scope.Position(pos)
	if cell == "" || cell == w.file && line == w.line {
		return ""
	}
	w.file, w.line = cell, line
	return fmt.Sprintf("/*line %s:%d:%d*/", cell, line, col)
}

// interpreted says that a type cannot be used: the values that there are of it are the interpreter's.
func interpreted(d *check.Decl) *unsupported {
	return &unsupported{fmt.Sprintf("the type %s was interpreted: until %s is run again, what uses it", d.Name, d.Where)}
}

// unsupported says why something cannot be compiled.
type unsupported struct{ what string }

func (u *unsupported) Error() string { return u.what + " cannot be compiled" }
