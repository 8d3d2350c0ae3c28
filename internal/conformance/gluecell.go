package main

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"

	"gokernel/kernel/check"
)

// A gluer makes a program of cells: each becomes a function, in which variables of the notebook are variables of the
// package under names that tell their versions. A function that is declared again is written out again, with its callers.
type gluer struct {
	scope   *check.Scope // before the cell in work
	cell    *check.Cell
	decls   strings.Builder // of the package
	main    strings.Builder
	named   map[string]string // packages that types of variables need: path → name
	emitted map[string]string // types, constants and methods by name, as they were when written out
	err     error
}

// prelude is what glued programs need besides the cells: results are shown and panics reported as the kernel does.
const prelude = `
func show(values ...any) {
	if data, ok := display.Results(values...); ok {
		fmt.Println(data.Data[display.MIMETypeText])
	}
}

func run(f func()) {
	defer func() {
		switch v := recover().(type) {
		case nil:
		case error:
			fmt.Println("panic: " + v.Error())
		case string:
			fmt.Println("panic: " + v)
		case fmt.Stringer:
			fmt.Println("panic: " + v.String())
		default:
			fmt.Printf("panic: %T(%v)\n", v, v)
		}
	}()
	f()
}
`

// gluedProgram returns a program that prints what the cells show.
func gluedProgram(cells []string) (string, error) {
	g := &gluer{scope: check.NewScope(check.StdLibrary()), emitted: map[string]string{}, named: map[string]string{}}
	for i, src := range cells {
		cell, err := check.Check(g.scope, i+1, fmt.Sprintf("cell [%d]", i+1), src)
		if err != nil {
			fmt.Fprintf(&g.main, "\tfmt.Println(%q)\n", err)
			continue
		}
		g.cell = cell
		g.add()
		if g.err != nil {
			return "", g.err
		}
		g.scope = cell.Scope
	}
	body := g.decls.String() + "\nfunc main() {\n" + g.main.String() + "}\n" + prelude
	var b strings.Builder
	b.WriteString("package main\n\nimport (\n\t\"fmt\"\n\t\"gokernel/kernel/display\"\n")
	for _, im := range g.scope.Imports() {
		if strings.Contains(body, im.Name+".") && im.Path != "gokernel/kernel/display" {
			g.named[im.Path] = im.Name
		}
	}
	delete(g.named, "fmt")
	for _, path := range slices.Sorted(maps.Keys(g.named)) {
		fmt.Fprintf(&b, "\t%s %q\n", g.named[path], path)
	}
	b.WriteString(")\n")
	return b.String() + body, nil
}

// add writes out one cell.
func (g *gluer) add() {
	c := g.cell
	for _, v := range c.Vars {
		fmt.Fprintf(&g.decls, "var %s %s\n", v.Emit, types.TypeString(v.Type, g.qualifier))
	}
	for _, d := range c.Decls {
		g.declaration(d)
	}
	var inits []string
	for i, f := range c.Funcs {
		name := fmt.Sprintf("init_%d_%d", c.ID, i)
		fmt.Fprintf(&g.decls, "func %s%s\n", name, g.text(f.Name.End(), f.End(), f, c.BodyInfo, c.BodyPkg, false))
		inits = append(inits, name)
	}
	fmt.Fprintf(&g.decls, "func cell_%d() {\n", c.ID)
	for _, in := range c.Inits {
		var left []string
		for _, v := range in.Lhs {
			left = append(left, g.hoisted(v, v.Name()))
		}
		fmt.Fprintf(&g.decls, "\t%s = %s\n", strings.Join(left, ", "), g.node(in.Rhs))
	}
	for _, name := range inits {
		fmt.Fprintf(&g.decls, "\t%s()\n", name)
	}
	for i, s := range c.Stmts {
		if c.Result != nil && i == len(c.Stmts)-1 {
			fmt.Fprintf(&g.decls, "\tshow(%s)\n", g.node(c.Result))
			break
		}
		g.statement(s)
	}
	if c.Main {
		fmt.Fprintf(&g.decls, "\t%s()\n", c.Scope.Lookup("main").Emit)
	}
	g.decls.WriteString("}\n\n")
	fmt.Fprintf(&g.main, "\trun(cell_%d)\n", c.ID)
}

func (g *gluer) qualifier(p *types.Package) string {
	if p == g.cell.Pkg || p == g.cell.BodyPkg || p.Path() == "main" {
		return ""
	}
	g.named[p.Path()] = p.Name()
	return p.Name()
}

// declaration writes out a function, or a type, constant or method that is declared for the first time.
func (g *gluer) declaration(d *check.Decl) {
	text := g.text(d.Node.Pos(), d.Node.End(), d.Node, d.Info, d.Pkg, false)
	if d.Kind == check.Func {
		f := d.Node.(*ast.FuncDecl)
		fmt.Fprintf(&g.decls, "func %s%s\n", d.Emit, g.text(f.Name.End(), f.End(), f, d.Info, d.Pkg, false))
		return
	}
	for _, name := range d.Names {
		if before, again := g.emitted[name]; again {
			if before != text {
				g.err = fmt.Errorf("%w: %s is declared again", errNotGlued, name)
			}
			return
		}
		g.emitted[name] = text
	}
	if gd, ok := d.Node.(*ast.GenDecl); ok && d.Kind == check.Type {
		spec := gd.Specs[0]
		text = "type " + g.text(spec.Pos(), spec.End(), spec, d.Info, d.Pkg, false)
	}
	g.decls.WriteString(text + "\n")
}

// statement writes out a statement: what it declares at the top of the cell is assigned.
func (g *gluer) statement(s ast.Stmt) {
	switch s := s.(type) {
	case *ast.AssignStmt:
		if s.Tok != token.DEFINE {
			break
		}
		g.assign(s.Lhs, s.Rhs, "")
		return
	case *ast.DeclStmt:
		for _, spec := range s.Decl.(*ast.GenDecl).Specs {
			v := spec.(*ast.ValueSpec) // types and constants are among the declarations
			left := make([]ast.Expr, len(v.Names))
			for i, id := range v.Names {
				left[i] = id
			}
			typ := ""
			if v.Type != nil {
				typ = g.node(v.Type)
			}
			if len(v.Values) > 0 {
				g.assign(left, v.Values, typ)
				continue
			}
			for _, id := range v.Names {
				if id.Name != "_" {
					fmt.Fprintf(&g.decls, "\t%s = *new(%s)\n", g.node(id), typ)
				}
			}
		}
		return
	}
	fmt.Fprintf(&g.decls, "\t%s\n", g.node(s))
}

func (g *gluer) assign(left, right []ast.Expr, typ string) {
	var l, r []string
	for _, x := range left {
		l = append(l, g.node(x))
	}
	for _, x := range right {
		text := g.node(x)
		if typ != "" && len(right) == len(left) {
			text = "(" + typ + ")(" + text + ")"
		}
		r = append(r, text)
	}
	fmt.Fprintf(&g.decls, "\t%s = %s\n", strings.Join(l, ", "), strings.Join(r, ", "))
}

// node returns the text of a part of the cell's statements.
func (g *gluer) node(n ast.Node) string {
	return g.text(n.Pos(), n.End(), n, g.cell.StmtInfo, g.cell.Pkg, true)
}

// text returns the source between two positions in n with the names of functions and variables of the notebook replaced.
func (g *gluer) text(from, to token.Pos, n ast.Node, info *types.Info, pkg *types.Package, stmt bool) string {
	id, start, end, ok := g.cell.Scope.Range(from, to)
	_, text, found := g.cell.Scope.CellText(id)
	if !ok || !found {
		g.err = fmt.Errorf("no source for %T", n)
		return ""
	}
	type edit struct {
		at, end int
		name    string
	}
	var edits []edit
	ast.Inspect(n, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok || id.Pos() < from || id.Pos() >= to {
			return true
		}
		obj := cmp.Or(info.Uses[id], info.Defs[id])
		if name := g.rename(obj, id.Name, pkg, stmt); name != id.Name {
			_, at, stop, _ := g.cell.Scope.Range(id.Pos(), id.End())
			edits = append(edits, edit{at, stop, name})
		}
		return true
	})
	slices.SortFunc(edits, func(a, b edit) int { return cmp.Compare(a.at, b.at) })
	var b strings.Builder
	for _, e := range edits {
		b.WriteString(text[start:e.at] + e.name)
		start = e.end
	}
	b.WriteString(text[start:end])
	return b.String()
}

// rename returns the name of the program for an object of the notebook.
func (g *gluer) rename(obj types.Object, name string, pkg *types.Package, stmt bool) string {
	if obj == nil {
		return name
	}
	if _, top := g.cell.Hoisted[obj]; top && stmt {
		return g.hoisted(obj, name)
	}
	if pkg == nil || obj.Parent() != pkg.Scope() {
		return name
	}
	scope := g.cell.Scope
	switch obj.(type) {
	case *types.Var:
		if stmt && len(g.cell.Inits) == 0 {
			scope = g.cell.Before // what the cell declares itself is among Hoisted
		}
	case *types.Func:
	default:
		return name
	}
	if d := scope.Lookup(name); d != nil {
		return d.Emit
	}
	return name
}

func (g *gluer) hoisted(obj types.Object, name string) string {
	if d := g.cell.Hoisted[obj]; d != nil {
		return d.Emit
	}
	for h, d := range maps.All(g.cell.Hoisted) {
		if h.Name() == name && d != nil {
			return d.Emit
		}
	}
	return name
}
