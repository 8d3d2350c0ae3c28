// Package lower is the front end's second half: it rewrites a checked cell into Go that yaegi executes as a compiler
// would have it.
//
// yaegi shares variables between iterations and closures, binds operands of go and defer late and knows no generics;
// so the lowered program has none of these. Every variable has a name of its own; those that closures capture live
// behind pointers; a function literal becomes a call of a top-level maker that gets these pointers as arguments; go,
// defer and recover become calls of the runtime package "gk"; generic code is written out once per instance; methods
// are plain functions, with real methods only for dynamic dispatch. Line directives lead positions back to the cell.
package lower

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
	"gokernel/kernel/check/std"
)

// A Program is a lowered cell.
type Program struct {
	Cell    string            `json:"cell"`    // "cell [7]"
	Imports map[string]string `json:"imports"` // alias → path of the packages that Source refers to
	Source  string            `json:"source"`  // a file of package main, to define
	Entry   string            `json:"entry"`   // the function of Source to call, "" if there is nothing to run
	Funcs   map[string]string `json:"funcs"`   // functions of Source → what the reader calls them
	Units   []Unit            `json:"units,omitempty"`
	Prelude string            `json:"prelude,omitempty"` // a file of types, to define before Source
	Types   []Type            `json:"types,omitempty"`   // that interfaces may hold
	Steps   []string          `json:"-"`                 // Steps[i] lists the variables, comma separated, that gk.Step(i+1) completes
	Defined []string          `json:"-"`                 // what later cells need not define again: see Engine.Commit
}

// A Unit is compiled code that has to be loaded before Source is defined.
type Unit struct {
	Path    string   `json:"path"`    // under which Source and later units import it
	File    string   `json:"file"`    // the plugin
	Vars    []string `json:"vars"`    // variables of the notebook whose addresses it wants
	Storage []string `json:"storage"` // variables of the notebook that live in it
}

// An Unsupported error says what the interpreter cannot run rightly, and where: the cell is refused.
type Unsupported struct {
	What         string
	Advice       string // what would help, "" if nothing is known
	Cell         string
	Line, Column int
}

// Error returns "cell [7]:1:2: … is not supported".
func (u *Unsupported) Error() string {
	return fmt.Sprintf("%s:%d:%d: %s", u.Cell, u.Line, u.Column, u.What)
}

// An Engine lowers the cells of one notebook and remembers what the interpreter has defined already. It is not safe for
// concurrent use.
type Engine struct {
	// Compiling says that what is refused will be compiled, and variables of generic types be shared with compiled code:
	// cells that name such types of packages are refused too.
	Compiling bool
	// Choosing says that a cell which is refused will be compiled instead: refused is then also what the interpreter can run
	// but makes with other types than compiled code would.
	Choosing bool

	defined   map[string]bool
	types     map[string]int      // identity of a type → its number
	libraries map[string]*library // by path, nil for those without source
	importer  types.Importer      // for the libraries
	compiled  Compiled            // nil: nothing is
}

// NewEngine returns the lowerer for a fresh interpreter.
func NewEngine() *Engine {
	return &Engine{defined: map[string]bool{}, types: map[string]int{}, libraries: map[string]*library{}, importer: std.NewImporter(token.NewFileSet())}
}

// Commit notes that the interpreter has taken in p's Source.
func (e *Engine) Commit(p *Program) {
	for _, d := range p.Defined {
		e.defined[d] = true
	}
}

// Lower rewrites c. The error is an *Unsupported if the cell must be refused.
func (e *Engine) Lower(c *check.Cell) (*Program, error) { return e.lower(c, (*lowerer).program) }

func (e *Engine) lower(c *check.Cell, write func(*lowerer)) (p *Program, err error) {
	l := &lowerer{
		cell: c, engine: e, scope: c.Scope, done: map[string]bool{}, described: map[string]bool{}, dispatchers: map[string]*dispatcher{},
		prog: &Program{Cell: c.Name, Imports: map[string]string{gkAlias: "gk"}, Funcs: map[string]string{}},
	}
	defer func() {
		if r := recover(); r != nil {
			u, ok := r.(*Unsupported)
			if !ok {
				panic(r)
			}
			p, err = nil, u
		}
	}()
	write(l)
	return l.prog, nil
}

const gkAlias = "p_gk" // under which lowered code knows the runtime package

// A lowerer holds the lowering of one cell.
type lowerer struct {
	cell      *check.Cell
	engine    *Engine
	scope     *check.Scope
	prog      *Program
	out       strings.Builder // finished top-level declarations
	typeDecls strings.Builder // and types
	queue     []func()        // instances to write out
	done      map[string]bool // what this cell defines
	serial    int

	boxed         []types.Type           // that interfaces may hold
	structs       []*circle              // struct types that this cell defines
	described     map[string]bool        // their identities
	register      []string               // statements that make their methods known
	dispatchers   map[string]*dispatcher // by name and signature
	dispatchOrder []*dispatcher
}

// fresh returns a number that no other name of the session has.
func (l *lowerer) fresh() int {
	l.serial++
	return l.cell.ID*100000 + l.serial
}

// first reports whether the interpreter lacks key and notes that this cell defines it.
func (l *lowerer) first(key string) bool {
	if l.engine.defined[key] || l.done[key] {
		return false
	}
	l.done[key] = true
	return true
}

func (l *lowerer) program() {
	l.refuseShared()
	for _, v := range l.cell.Vars {
		if l.isCompiled(v) {
			continue
		}
		fmt.Fprintf(&l.out, "var %s %s\n", v.Emit, l.typ(nil, v.Type))
		l.first(v.Emit)
	}
	for _, d := range l.cell.Decls {
		if !l.isCompiled(d) {
			l.decl(d)
		}
	}
	l.renew()
	run := l.entry()
	l.finish()
	l.enter(run)
	l.prog.Defined = slices.Sorted(maps.Keys(l.done))
	if settled := l.settle(); l.typeDecls.Len() > 0 {
		l.prog.Prelude = "package main\n" + settled + l.typeDecls.String()
	}
	l.prog.Source = "package main\n" + l.out.String()
}

// decl defines a type, function or method. Generic ones wait for their instances; constants are folded into their uses.
func (l *lowerer) decl(d *check.Decl) {
	switch d.Kind {
	case check.Func:
		fn := d.Node.(*ast.FuncDecl)
		if fn.Type.TypeParams == nil {
			l.function(l.cell.BodyInfo, l.cell.BodyPkg, fn, nil, d.Emit, d.Name)
		}
	case check.Method:
		l.method(d)
	case check.Type:
		if obj, ok := l.cell.BodyPkg.Scope().Lookup(d.Name).(*types.TypeName); ok {
			if named, ok := obj.Type().(*types.Named); ok && named.TypeParams().Len() == 0 {
				l.typ(nil, named)
			}
		}
	}
}

// renew describes the types again whose methods this cell may have changed.
func (l *lowerer) renew() {
	if !slices.ContainsFunc(l.cell.Decls, func(d *check.Decl) bool { return d.Kind == check.Method }) {
		return
	}
	scope := l.cell.BodyPkg.Scope()
	for _, name := range scope.Names() {
		obj, ok := scope.Lookup(name).(*types.TypeName)
		if !ok {
			continue
		}
		if named, ok := obj.Type().(*types.Named); ok && named.TypeParams().Len() == 0 {
			for _, t := range []types.Type{named, types.NewPointer(named)} {
				if l.engine.types[l.identity(t)] != 0 {
					l.describe(t)
				}
			}
		}
	}
}

// finish writes what has turned out to be needed: instances of generic code, methods of types in interfaces.
func (l *lowerer) finish() {
	boxed, dispatched := 0, 0
	for {
		switch {
		case len(l.queue) > 0:
			next := l.queue[0]
			l.queue = l.queue[1:]
			next()
		case boxed < len(l.boxed):
			l.adapt(l.boxed[boxed])
			boxed++
		case dispatched < len(l.dispatchOrder):
			l.writeDispatcher(l.dispatchOrder[dispatched])
			dispatched++
		default:
			return
		}
	}
}

// entry returns the statements that run the cell.
func (l *lowerer) entry() string {
	c := l.cell
	if len(c.Stmts)+len(c.Inits)+len(c.Funcs) == 0 && c.Result == nil && !c.Main {
		return ""
	}
	f := l.newFunc(c.StmtInfo, c.Pkg, nil, c.Name)
	f.top = true
	body := &ast.BlockStmt{List: c.Stmts}
	all := &ast.BlockStmt{}
	for _, in := range c.Inits {
		all.List = append(all.List, &ast.ExprStmt{X: in.Rhs})
	}
	all.List = append(all.List, c.Stmts...)
	f.analyse(nil, all)
	for _, in := range c.Inits {
		f.initialize(in)
	}
	for _, fn := range c.Funcs {
		name := fmt.Sprintf("init_%d", l.fresh())
		l.function(c.BodyInfo, c.BodyPkg, fn, nil, name, "init")
		f.line("%s", name+"()")
	}
	run := f.funcBody(nil, &ast.FuncType{}, body)
	if d := l.scope.Lookup("main"); c.Main && d != nil {
		run += d.Emit + "()\n"
	}
	return run
}

// enter writes the function that runs the cell, after what makes methods known.
func (l *lowerer) enter(run string) {
	if run == "" && len(l.register) == 0 {
		return
	}
	l.prog.Entry = fmt.Sprintf("cell_%d", l.fresh())
	l.prog.Funcs[l.prog.Entry] = l.cell.Name
	l.write("//line gokernel:1:1\nfunc %s() {\n%s\n%s}\n", l.prog.Entry, strings.Join(l.register, "\n"), run)
}

// importing returns the alias under which lowered code refers to the package at path.
func (l *lowerer) importing(path string) string {
	l.refuseModule(path)
	alias := "p_" + strings.NewReplacer("/", "_", ".", "_", "-", "_").Replace(path)
	l.prog.Imports[alias] = path
	return alias
}

// gk notes that the runtime package is used and returns the qualified name.
func (l *lowerer) gk(name string) string { return gkAlias + "." + name }

func (f *fn) refuse(n ast.Node, format string, args ...any) {
	cell, line, col := f.l.scope.Position(n.Pos())
	panic(&Unsupported{What: fmt.Sprintf(format, args...) + " is not supported by the interpreter", Cell: cell, Line: line, Column: col})
}

// unsupported returns the error that refuses the cell for what is declared at pos.
func (l *lowerer) unsupported(pos token.Pos, what string) *Unsupported {
	cell, line, col := l.scope.Position(pos)
	return &Unsupported{What: what + " is not supported by the interpreter", Cell: cell, Line: line, Column: col}
}

func quote(s string) string { return strconv.Quote(s) }
