package native

import (
	"context"
	"fmt"
	"go/ast"
	"maps"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"

	"gokernel/kernel/check"
	"gokernel/kernel/check/std"
	"gokernel/kernel/goroutine"
	"gokernel/kernel/interp/stdlib"
	"gokernel/kernel/native/toolchain"
)

// Modules is what Engine.Modules is; version is that of the toolchain which must have compiled them.
type Modules func(ctx context.Context, version string, imports []string, flags toolchain.Flags) (toolchain.Packages, error)

// An Engine knows which declarations of a notebook are compiled, and where they live. It is not safe for concurrent use, but
// Build is.
type Engine struct {
	Tried bool // the toolchain is known to work: see Try
	// Modules returns the compiled packages for imports of which some are of the notebook's modules, indirect ones
	// included; see toolchain.Packages. Nil: there are no modules.
	Modules Modules

	tools   *toolchain.Toolchain
	flags   toolchain.Flags
	dir     string           // where units are built
	where   map[string]*Unit // by emitted name: declarations, and variables that live in units
	units   []*Unit          // those that are part of the notebook, in order
	shapes  map[string]*shape
	serial  int
	hooks   map[string]bool   // "fmt.Println": the worker has a function of its own for it
	methods map[string]string // "(*time.Timer).Reset" → the worker's function for it

	preloads map[string]*preload // packages of ours that have been compiled
}

// NewEngine returns the engine of an empty notebook. Units are built in a new directory below dir, which Close removes;
// "" stands for the system's directory for temporary files.
func NewEngine(tools *toolchain.Toolchain, flags toolchain.Flags, dir string) (*Engine, error) {
	if err := tools.NeedCgoAtStart("a plugin"); err != nil {
		return nil, err
	}
	dir, err := toolchain.TempDir(dir, "gokernel-native-")
	if err != nil {
		return nil, err
	}
	flags.Dynlink = true
	e := &Engine{tools: tools, flags: flags, dir: dir, where: map[string]*Unit{}, shapes: map[string]*shape{}, preloads: map[string]*preload{}, hooks: map[string]bool{}, methods: map[string]string{}}
	for _, path := range []string{"context", "flag", "fmt", "log", "net/http", "os", "os/signal", "runtime", "syscall", "time"} {
		for _, name := range stdlib.Hooked(path) {
			e.hooks[path+"."+name] = true
		}
	}
	for _, m := range stdlib.Methods() {
		e.methods["("+m.Type+")."+m.Name] = m.Func
	}
	return e, nil
}

// Close removes what has been built. Plugins that are loaded stay usable.
func (e *Engine) Close() error { return os.RemoveAll(e.dir) }

func (e *Engine) hooked(path, name string) bool { return e.hooks[path+"."+name] }

func (e *Engine) method(full string) string { return e.methods[full] }

func packPosition(cell, line int) int { return goroutine.Pos(cell, line) }

// Where returns the import path of the unit that holds a declaration, and its symbol there.
func (e *Engine) Where(d *check.Decl) (path, symbol string, ok bool) {
	u := e.where[d.Emit]
	if u == nil {
		return "", "", false
	}
	switch d.Kind {
	case check.Func:
		return u.Path, Func + d.Name, d.Node.(*ast.FuncDecl).Type.TypeParams == nil
	case check.Type:
		return u.Path, symbolOf(d.Name), true
	case check.Var:
		return u.Path, Store + d.Emit, true
	}
	return u.Path, "", false
}

// FieldMethod returns the method that hands out the address of an unexported field of a compiled type.
func (e *Engine) FieldMethod(name string) string { return Field + name }

// MethodName returns the name under which a method of the notebook is compiled.
func (e *Engine) MethodName(name string) string {
	if ast.IsExported(name) {
		return name
	}
	return Meth + name
}

// Compiled reports whether d is part of a unit.
func (e *Engine) Compiled(d *check.Decl) bool { return e.where[d.Emit] != nil }

// Units returns the units of the notebook, in the order in which they must be loaded.
func (e *Engine) Units() []*Unit { return e.units }

// A Plan is a unit to be built, and what it changes.
type Plan struct {
	Unit  *Unit
	Steps []string // Steps[i] lists the variables, comma separated, that step i+1 completes

	before map[string]*Unit
	shapes map[string]*shape
	count  int
}

// Plan plans a unit of what c declares and of its statements. From then on the engine takes the declarations to be in that
// unit; Undo takes it back. An error says what cannot be compiled.
func (e *Engine) Plan(c *check.Cell) (p *Plan, err error) {
	e.prune(c.Before)
	decls, moved := e.closure(c)
	e.serial++
	u := &Unit{Path: fmt.Sprintf("%su%d", goroutine.UnitPath, e.serial), imports: map[string]bool{}}
	p = &Plan{Unit: u, before: maps.Clone(e.where), shapes: maps.Clone(e.shapes), count: len(e.units)}
	defer func() {
		if r := recover(); r != nil {
			e.Undo(p)
			p = nil
			if un, ok := r.(*unsupported); ok {
				err = un
			} else {
				err = fmt.Errorf("compiling: internal error: %v\n%s", r, debug.Stack())
			}
		}
	}()
	em := newEmitter(e, u, c.Scope)
	for _, d := range decls {
		if d.Kind == check.Type && e.where[d.Emit] == nil && !slices.Contains(c.Decls, d) {
			panic(interpreted(d))
		}
		delete(e.where, d.Emit)
		em.add(d)
	}
	for _, v := range slices.Concat(c.Vars, moved) {
		em.stored[v.Emit] = v
	}
	em.statements(c, p)
	em.finish()
	for _, d := range u.decls {
		e.where[d.Emit] = u
	}
	for emit := range em.stored {
		e.where[emit] = u
	}
	e.units = append(e.units, u)
	return p, nil
}

// prune forgets the units of which scope uses nothing any more, and removes what was built for them. A worker that has
// loaded them can go on to use them.
func (e *Engine) prune(scope *check.Scope) {
	used := map[*Unit]bool{}
	for _, d := range scope.Live() {
		if u := e.where[d.Emit]; u != nil && !used[u] {
			used[u] = true
			for _, dep := range u.deps(nil) {
				used[dep] = true
			}
		}
	}
	kept := make([]*Unit, 0, len(e.units))
	for _, u := range e.units {
		switch {
		case used[u]:
			kept = append(kept, u)
		case u.object != "":
			_ = os.RemoveAll(filepath.Dir(u.object)) // Close tries again
		}
	}
	e.units = kept
	maps.DeleteFunc(e.shapes, func(_ string, s *shape) bool { return !used[s.unit] })
}

// Undo forgets a plan, the last one made.
func (e *Engine) Undo(p *Plan) {
	e.where, e.shapes, e.units = p.before, p.shapes, e.units[:p.count]
}

// closure returns what has to be compiled for c: what it declares; types that get other methods by it; and what uses a type
// that is compiled anew, which makes it another type, or a variable of such a type. These variables move to the new unit.
func (e *Engine) closure(c *check.Cell) (decls, moved []*check.Decl) {
	in := map[string]bool{} // by name
	add := func(d *check.Decl) bool {
		if d == nil || in[d.Name] || d.Kind == check.Const || d.Info == nil && d.Kind != check.Var {
			return false
		}
		in[d.Name] = true
		if d.Kind == check.Var {
			moved = append(moved, d)
		} else {
			decls = append(decls, d)
		}
		return true
	}
	for _, d := range c.Decls {
		add(d)
	}
	// renewed reports whether what name stands for is another thing than before.
	renewed := func(name string) bool {
		d := c.Scope.Lookup(name)
		return d != nil && in[name] && (d.Kind == check.Var || d.Kind == check.Type && e.where[d.Emit] != nil)
	}
	for grown := len(decls) > 0; grown; {
		grown = false
		for _, d := range slices.Clone(decls) {
			if d.Kind == check.Method {
				recv, _, _ := strings.Cut(d.Name, ".")
				grown = add(c.Scope.Lookup(recv)) || grown
			}
		}
		for _, d := range c.Scope.Live() {
			recv, _, isMethod := strings.Cut(d.Name, ".")
			isNew := d.Kind == check.Var && slices.Contains(c.Vars, d)
			if !isNew && (isMethod && in[recv] || slices.ContainsFunc(d.Uses(), renewed)) {
				grown = add(d) || grown
			}
		}
	}
	return decls, moved
}

// statements writes the function that runs the cell.
func (e *emitter) statements(c *check.Cell, p *Plan) {
	w := &writer{emitter: e, info: c.StmtInfo, pkg: c.Pkg, cell: c, steps: &p.Steps}
	var b strings.Builder
	for i, fn := range c.Funcs {
		f := &writer{emitter: e, info: c.BodyInfo, pkg: c.BodyPkg}
		name := fmt.Sprintf("%sinit%d", low, i)
		fmt.Fprintf(&b, "%sfunc %s() %s\n", f.directive(fn.Pos()), name, f.body(fn.Body, true))
	}
	var run strings.Builder
	for _, in := range c.Inits {
		run.WriteString(w.initializer(in))
	}
	for i := range c.Funcs {
		fmt.Fprintf(&run, "%sinit%d()\n", low, i)
	}
	for _, s := range c.Stmts {
		w.top = true
		run.WriteString(w.stmt(s))
	}
	if d := c.Scope.Lookup("main"); c.Main && d != nil {
		run.WriteString(w.funcRef(d) + "()\n")
	}
	fmt.Fprintf(&b, "func %s() {\n%s%s}\n", Run, w.flag(), run.String())
	e.out.WriteString(b.String())
	e.symbols = append(e.symbols, fmt.Sprintf("%q: %sreflect.ValueOf(%s)", Run, mark, Run))
	e.unit.entry = true
}

// Forget makes the engine that of an empty notebook again.
func (e *Engine) Forget() {
	clear(e.where)
	clear(e.shapes)
	e.units = nil
}

// Try compiles a unit that imports all that a worker shares with units, and calls load with the plugin's file, which is
// to say whether a worker can load it. It also compiles what all units need if that has not been done yet: the first time
// on a machine it takes a quarter of a minute.
func (e *Engine) Try(ctx context.Context, load func(file string) error) error {
	e.serial++
	u := &Unit{Path: fmt.Sprintf("%su%d", goroutine.UnitPath, e.serial), imports: map[string]bool{"fmt": true}}
	em := newEmitter(e, u, nil)
	em.unused = true
	for _, path := range std.Packages() {
		if std.Preloaded(path) {
			u.imports[path] = true
		}
	}
	em.finish()
	if err := e.Build(ctx, u); err != nil {
		return err
	}
	if err := load(u.File); err != nil {
		return err
	}
	e.Tried = true
	e.remember(ctx)
	return nil
}

// Build compiles and links a unit, once those that it imports are built. It may run beside other calls.
func (e *Engine) Build(ctx context.Context, u *Unit) error { return e.build(ctx, u) }
