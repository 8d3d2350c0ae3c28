package program

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strconv"
	"strings"

	"gokernel/kernel/check"
)

// Kind says what becomes of a cell's statements.
type Kind int

// The kinds of programs.
const (
	Main    Kind = iota // the body of func main, or the cell has a func main
	Wrapped             // the same in a function named Body, for a func main of the caller's
	Tests               // they run before the tests
	Loop                // the body of a benchmark named Statement
)

// Names that Assemble gives.
const (
	Body      = "gk_m" // as long as main, so that columns stay
	Statement = "BenchmarkCell"
)

// An Error is something that keeps a cell from being a program of its own.
type Error struct {
	Cell         string
	Line, Column int // 0: the cell as a whole
	Message      string
}

// Error returns the message, with the position if there is one.
func (e *Error) Error() string {
	if e.Line == 0 {
		return e.Message
	}
	return fmt.Sprintf("%s:%d:%d: %s", e.Cell, e.Line, e.Column, e.Message)
}

// A Program is a file of package main. It has a func main if its kind is Main.
type Program struct {
	Source  []byte
	Imports []string // import paths, sorted
	Cgo     bool     // it imports "C": only `go build` can compile it

	// Test functions of the cell, or of the notebook if the cell has none and the kind is Tests.
	Tests, Benchmarks, Fuzzes []string
	Examples                  []Example
	TestMain                  bool // there is a func TestMain
}

// An Example is a function whose output is compared.
type Example struct {
	Name      string
	Output    string
	Unordered bool
	Compared  bool // there is an output comment; without one it is compiled only
}

// An assembly is a program in the making.
type assembly struct {
	cell    *check.Cell
	scope   *check.Scope
	kind    Kind
	hoisted map[string]*check.Decl // variables that the cell's statements declare
	shared  map[string]bool        // those of them that functions use: they are the package's
	before  []string               // those of shared that begin with the value of the notebook's variable of that name

	imports map[string]string // name in the file → path
	taken   map[*check.Decl]bool
	vars    []*variable // with initialisers: of earlier cells, or of a cell that is a package's text
	out     strings.Builder

	starts  bool           // tell where WaitGroup.Go is called
	helpers []token.Pos    // the calls, in the order of their functions
	calls   map[int][]edit // by cell
}

// Assemble makes a program of a checked cell. The error is an *Error if the cell cannot be one.
func Assemble(c *check.Cell, kind Kind) (*Program, error) { return assemble(c, kind, false) }

// AssembleWithStarts is Assemble for programs whose stacks are to tell where WaitGroup.Go was called, see StartPrefix.
func AssembleWithStarts(c *check.Cell, kind Kind) (*Program, error) { return assemble(c, kind, true) }

func assemble(c *check.Cell, kind Kind, starts bool) (*Program, error) {
	a := &assembly{
		cell: c, scope: c.Scope, kind: kind, starts: starts,
		imports: map[string]string{}, taken: map[*check.Decl]bool{}, hoisted: map[string]*check.Decl{}, shared: map[string]bool{},
	}
	for _, d := range c.Hoisted {
		if d != nil {
			a.hoisted[d.Name] = d
		}
	}
	if err := a.collect(); err != nil {
		return nil, err
	}
	if err := a.write(); err != nil {
		return nil, err
	}
	return a.program()
}

// own reports whether the cell declares d.
func (a *assembly) own(d *check.Decl) bool { return d.Cell == a.cell.ID }

// collect finds all declarations that the program needs.
func (a *assembly) collect() error {
	for _, d := range a.scope.Live() {
		if a.own(d) && (d.Kind != check.Var || a.packageText()) {
			if err := a.take(d); err != nil {
				return err
			}
		}
	}
	for _, f := range a.cell.Funcs {
		a.importsOf(f, a.cell.BodyInfo)
		if err := a.needAll(check.Uses(f, a.cell.BodyInfo, a.cell.BodyPkg)); err != nil {
			return err
		}
	}
	if a.kind == Tests && !a.hasTests() {
		for _, d := range a.scope.Live() {
			if d.Kind == check.Func && IsTest(d.Name) {
				if err := a.take(d); err != nil {
					return err
				}
			}
		}
	}
	var old []string
	for _, s := range a.cell.Stmts {
		for _, name := range check.Uses(s, a.cell.StmtInfo, a.cell.Pkg) {
			if a.hoisted[name] != nil {
				old = append(old, name)
			} else if err := a.need(name); err != nil {
				return err
			}
		}
	}
	a.shareTogether()
	for _, name := range old {
		if err := a.begins(name); err != nil {
			return err
		}
	}
	return nil
}

// shareTogether makes variables shared that are declared in one statement with one that is.
func (a *assembly) shareTogether() {
	var groups [][]string
	for _, s := range a.cell.Stmts {
		groups = append(groups, declaredBy(s)...)
	}
	for grown := true; grown; {
		grown = false
		for _, names := range groups {
			if !slices.ContainsFunc(names, func(name string) bool { return a.shared[name] }) {
				continue
			}
			for _, name := range names {
				grown = grown || !a.shared[name]
				a.shared[name] = true
			}
		}
	}
}

// declaredBy returns the names that a statement declares, those together that one assignment sets.
func declaredBy(s ast.Stmt) [][]string {
	var groups [][]string
	switch s := s.(type) {
	case *ast.AssignStmt:
		if s.Tok != token.DEFINE {
			return nil
		}
		var names []string
		for _, l := range s.Lhs {
			if id, ok := l.(*ast.Ident); ok && id.Name != "_" {
				names = append(names, id.Name)
			}
		}
		groups = append(groups, names)
	case *ast.DeclStmt:
		for _, spec := range s.Decl.(*ast.GenDecl).Specs {
			v, ok := spec.(*ast.ValueSpec)
			if !ok {
				continue
			}
			var names []string
			for _, id := range v.Names {
				if id.Name != "_" {
					names = append(names, id.Name)
				}
			}
			groups = append(groups, names)
		}
	}
	return groups
}

// packageText reports whether the cell's variable declarations are a package's rather than statements.
func (a *assembly) packageText() bool { return a.cell.Stmts == nil && len(a.hoisted) > 0 }

// hasTests reports whether the cell itself declares test functions.
func (a *assembly) hasTests() bool {
	for d := range a.taken {
		if d.Kind == check.Func && a.own(d) && IsTest(d.Name) {
			return true
		}
	}
	return false
}

// begins notes that the statements use the notebook's variable of a name that they declare anew.
func (a *assembly) begins(name string) error {
	now, old := a.hoisted[name], a.cell.Before.Lookup(name)
	if old != nil && old.Kind == check.Var && !a.shared[name] {
		return a.takeVariable(old) // the new one is the function's
	}
	if old == nil || old.Kind != check.Var || !sameType(old.Type, now.Type) {
		return &Error{Message: fmt.Sprintf("%s is declared anew here and its old meaning used too: give it another name", name)}
	}
	if slices.Contains(a.before, name) {
		return nil
	}
	a.before = append(a.before, name)
	return a.takeVariable(old)
}

// sameType compares types from two checks.
func sameType(a, b types.Type) bool {
	return types.TypeString(a, (*types.Package).Path) == types.TypeString(b, (*types.Package).Path)
}

func (a *assembly) needAll(names []string) error {
	for _, name := range names {
		if err := a.need(name); err != nil {
			return err
		}
	}
	return nil
}

// need takes in what a name of the notebook stands for.
func (a *assembly) need(name string) error {
	if a.hoisted[name] != nil && !a.packageText() {
		a.shared[name] = true
		return nil
	}
	if d := a.scope.Lookup(name); d != nil {
		return a.take(d)
	}
	return nil // a method of an embedded interface, or of a type that is taken as a whole
}

// take takes in a declaration and what it needs.
func (a *assembly) take(d *check.Decl) error {
	if a.taken[d] {
		return nil
	}
	if d.Kind == check.Var {
		return a.takeVariable(d)
	}
	if d.Name == "main" && (a.kind == Loop || a.kind == Tests || !a.cell.Main) {
		return nil // func main is the statements
	}
	a.taken[d] = true
	info := d.Info
	if info == nil || a.own(d) {
		info = a.cell.BodyInfo
	}
	a.importsOf(d.Node, info)
	if d.Kind == check.Type {
		for _, m := range a.scope.Live() {
			if m.Kind == check.Method && slices.Contains(d.Names, receiver(m)) {
				if err := a.take(m); err != nil {
					return err
				}
			}
		}
	}
	if d.Kind == check.Method {
		if err := a.need(receiver(d)); err != nil {
			return err
		}
	}
	return a.needAll(d.Uses())
}

// receiver returns the name of a method's type.
func receiver(d *check.Decl) string {
	name, _, _ := strings.Cut(d.Name, ".")
	return name
}

// importsOf notes the packages that a node refers to.
func (a *assembly) importsOf(n ast.Node, info *types.Info) {
	ast.Inspect(n, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			if p, ok := info.Uses[id].(*types.PkgName); ok {
				a.imports[id.Name] = p.Imported().Path()
			}
		}
		return true
	})
}

// program finishes the file.
func (a *assembly) program() (*Program, error) {
	var head strings.Builder
	head.WriteString("package main\n\n")
	p := &Program{}
	for _, name := range slices.Sorted(maps.Keys(a.imports)) {
		path := a.imports[name]
		fmt.Fprintf(&head, "import %s %s\n", name, strconv.Quote(path))
		p.Imports = append(p.Imports, path)
		p.Cgo = p.Cgo || path == "C"
	}
	slices.Sort(p.Imports)
	p.Imports = slices.Compact(p.Imports)
	p.Source = []byte(head.String() + a.out.String())
	if a.kind == Tests || a.kind == Loop {
		if err := a.tests(p); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// errorAt returns an *Error at a position.
func (a *assembly) errorAt(pos token.Pos, format string, args ...any) error {
	cell, line, col := a.scope.Position(pos)
	return &Error{Cell: cell, Line: line, Column: col, Message: fmt.Sprintf(format, args...)}
}
