package check

import (
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"
)

// A Cell is a checked cell: what the lowerer and an engine need to run it.
type Cell struct {
	ID     int
	Name   string // "cell [7]"
	Before *Scope // as it was
	Scope  *Scope // as it will be if the cell succeeds

	Stmts    []ast.Stmt             // the statements, in order; variables declared before all others as a package initialises them
	StmtInfo *types.Info            // types of the statements
	Pkg      *types.Package         // the notebook's package in the check of the statements
	Hoisted  map[types.Object]*Decl // variables declared by the statements at top level: they outlive the cell
	Inits    []*types.Initializer   // instead of variable declarations among Stmts, if the cell is a package's text

	Decls    []*Decl         // types, constants, functions and methods to define, this cell's and earlier ones to define anew
	Funcs    []*ast.FuncDecl // init functions, to run once before the statements
	BodyInfo *types.Info     // types of the functions' bodies
	BodyPkg  *types.Package
	Vars     []*Decl  // variables that need new storage
	Result   ast.Expr // the last expression if it has a value to show, else nil
	Main     bool     // call main after the statements
	Stale    []Stale  // declarations that this cell makes unusable
}

// Check type-checks a cell named name ("cell [7]") with the given number, which must be new, in scope s. The error is
// an ErrorList with all the errors of the cell; s is unchanged.
func Check(s *Scope, id int, name, src string) (*Cell, error) {
	p, err := s.env.parseCell(id, name, src)
	if err != nil {
		return nil, err
	}
	return newChecker(s, p).run()
}

// A checker holds one cell's check. Statements are checked as the body of a function, so that order and shadowing are
// Go's; functions are checked in a second pass in which the variables of those statements are the package's.
type checker struct {
	before  *Scope
	scope   *Scope // being built
	p       *parsedCell
	cell    *Cell
	asVars  bool // variable declarations are a package's: any order, Go's initialisation order
	whole   bool // a program is being checked as a file
	used    bool // the last expression is a call that is no statement: len(s), T(x)
	imports map[string]string
	changed map[string]bool // live names that now mean something else
}

func newChecker(s *Scope, p *parsedCell) *checker {
	return &checker{before: s, p: p, asVars: p.program}
}

func (c *checker) run() (*Cell, error) {
	cell, errs := c.attempt()
	if stmts := c.p.stmts; !c.asVars && c.inInitOrder() {
		if again, errs := c.attempt(); len(errs) == 0 && len(c.p.wrong) == 0 {
			return again, nil
		}
		c.p.stmts = stmts
		cell, errs = c.attempt()
	}
	if len(errs) > 0 && !c.asVars && onlyVars(c.p.stmts) {
		c.asVars = true
		if again, errs := c.attempt(); len(errs) == 0 {
			return again, nil
		}
	}
	if wrong := c.p.wrong; len(wrong) > 0 {
		errs = append(wrong, slices.DeleteFunc(errs, func(e Error) bool { return wrong.onLine(e.Line) })...)
	}
	if len(errs) > 0 {
		c.explain(errs)
		errs.sort()
		return nil, errs
	}
	return cell, nil
}

func onlyVars(stmts []ast.Stmt) bool {
	for _, s := range stmts {
		if _, ok := s.(*ast.DeclStmt); !ok {
			return false
		}
	}
	return len(stmts) > 0
}

// attempt checks the cell, importing packages of the library that it refers to without having imported them.
func (c *checker) attempt() (*Cell, ErrorList) {
	c.imports = maps.Clone(c.before.imports)
	errs := c.addImports()
	if c.p.file != nil {
		errs = append(errs, c.checkProgram()...)
	}
	for {
		cell, more := c.once()
		if len(more) > 0 && (c.autoImport(more) || c.useResult(more)) {
			continue
		}
		if len(errs)+len(more) == 0 {
			more = c.unloadable(cell)
		}
		if c.p.file == nil || len(errs) == 0 {
			errs = append(errs, more...)
		}
		return cell, errs
	}
}

// useResult reports whether the last expression was refused only because nothing uses it, which the cell's result does.
func (c *checker) useResult(errs ErrorList) bool {
	n := len(c.p.stmts)
	if n == 0 || c.used {
		return false
	}
	_, line, col := c.before.env.locate(c.p.stmts[n-1].Pos())
	for _, e := range errs {
		if e.Line == line && e.Column == col && strings.HasSuffix(e.Msg, " is not used") {
			c.used = true
		}
	}
	return c.used
}

// NewInfo returns an empty record of all that the lowerer needs of a check.
func NewInfo() *types.Info {
	return &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{}, Instances: map[*ast.Ident]types.Instance{},
		Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{},
		Implicits: map[ast.Node]types.Object{}, Selections: map[*ast.SelectorExpr]*types.Selection{},
		Scopes: map[ast.Node]*types.Scope{},
	}
}

// once runs the passes with the imports known so far.
func (c *checker) once() (*Cell, ErrorList) {
	c.scope = c.before.clone()
	c.scope.version++
	c.scope.imports = maps.Clone(c.imports)
	c.cell = &Cell{ID: c.p.src.id, Name: c.p.src.name, Before: c.before, Scope: c.scope, Hoisted: map[types.Object]*Decl{}}
	c.changed = map[string]bool{}
	own := c.declare()
	twice := c.redeclared(own)

	stmts, result := c.statements()
	errs := append(twice, c.checkStatements(stmts)...)
	if len(errs) > 0 {
		errs = append(errs, c.bodiesDespite(own, errs)...)
		return nil, errs
	}
	c.cell.Result = c.shown(result)
	if errs := c.hoist(); len(errs) > 0 {
		return nil, errs
	}
	if errs := c.checkBodies(own); len(errs) > 0 {
		return nil, errs
	}
	c.cell.Main = c.runsMain(own)
	return c.cell, nil
}

// bodiesDespite reports errors in functions although the statements have some too: a reader wants to see all.
func (c *checker) bodiesDespite(own []*Decl, known ErrorList) ErrorList {
	untyped := map[string]bool{} // what cannot be said of these has been said of their initialisers
	for v := range c.cell.Hoisted {
		if v.Type() == types.Typ[types.Invalid] {
			untyped["undefined: "+v.Name()] = true
			c.scope.drop(v.Name())
			delete(c.cell.Hoisted, v)
		}
	}
	if len(own) == 0 || len(c.hoist()) > 0 {
		return nil
	}
	var more ErrorList
	for _, e := range c.checkBodies(own) {
		dup := untyped[e.Msg]
		for _, k := range known {
			dup = dup || k.Line == e.Line && k.Msg == e.Msg
		}
		if !dup {
			more = append(more, e)
		}
	}
	return more
}

// hoistedIdents lists what the statements declare at top level, by syntax alone.
func (c *checker) hoistedIdents() []*ast.Ident {
	var ids []*ast.Ident
	for _, s := range c.p.stmts {
		switch s := s.(type) {
		case *ast.DeclStmt:
			ids = append(ids, declaredBy(s.Decl.(*ast.GenDecl))...)
		case *ast.AssignStmt:
			if s.Tok == token.DEFINE {
				for _, l := range s.Lhs {
					if id, ok := l.(*ast.Ident); ok {
						ids = append(ids, id)
					}
				}
			}
		}
	}
	return ids
}

// hoistedNames lists the names of hoistedIdents.
func (c *checker) hoistedNames() []string {
	var names []string
	for _, id := range c.hoistedIdents() {
		names = append(names, id.Name)
	}
	return names
}

// statements returns the cell's statements as the checker shall see them, and the last expression. An expression that
// stands alone at the end is the cell's result and no error.
func (c *checker) statements() (stmts []ast.Stmt, result ast.Expr) {
	stmts = c.p.stmts
	if len(stmts) == 0 {
		return stmts, nil
	}
	last, ok := stmts[len(stmts)-1].(*ast.ExprStmt)
	if !ok {
		return stmts, nil
	}
	switch ast.Unparen(last.X).(type) {
	case *ast.CallExpr, *ast.UnaryExpr:
		if c.used {
			break
		}
		if u, ok := ast.Unparen(last.X).(*ast.UnaryExpr); !ok || u.Op == token.ARROW {
			return stmts, last.X
		}
	}
	used := &ast.AssignStmt{Lhs: []ast.Expr{&ast.Ident{Name: "_", NamePos: last.Pos()}}, TokPos: last.Pos(), Tok: token.ASSIGN, Rhs: []ast.Expr{last.X}}
	return append(stmts[:len(stmts)-1:len(stmts)-1], used), last.X
}

// shown returns x if its value is worth showing: not that of a call without results, nor what printing returns.
func (c *checker) shown(x ast.Expr) ast.Expr {
	if x == nil {
		return nil
	}
	tv := c.cell.StmtInfo.Types[x]
	if tup, ok := tv.Type.(*types.Tuple); tv.IsVoid() || ok && tup.Len() == 0 {
		return nil
	}
	if call, ok := ast.Unparen(x).(*ast.CallExpr); ok {
		if sel, ok := call.Fun.(*ast.SelectorExpr); ok {
			if f, ok := c.cell.StmtInfo.Uses[sel.Sel].(*types.Func); ok && f.Pkg() != nil && f.Pkg().Path() == "fmt" &&
				(strings.HasPrefix(f.Name(), "Print") || strings.HasPrefix(f.Name(), "Fprint")) {
				return nil
			}
		}
	}
	return x
}

// runsMain reports whether the cell is a whole program: it declares main and has a package clause or no statements.
func (c *checker) runsMain(own []*Decl) bool {
	for _, d := range own {
		if d.Name == "main" && d.Kind == Func && (c.p.program || len(c.p.stmts) == 0) {
			return true
		}
	}
	return false
}
