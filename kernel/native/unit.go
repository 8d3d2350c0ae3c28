package native

import (
	"fmt"
	"go/types"
	"maps"
	"slices"
	"strings"

	"gokernel/kernel/check"
	"gokernel/kernel/goroutine"
)

// A Unit is what one build compiles: declarations of the notebook, and the statements of a cell that is compiled whole. It
// becomes a plugin. Later units import the package of an earlier one, which they and the worker share.
type Unit struct {
	Path    string   `json:"path"`    // import path of its package
	File    string   `json:"file"`    // the plugin, once it is built
	Vars    []string `json:"vars"`    // emitted names of the variables that it must be given the addresses of
	Storage []string `json:"storage"` // emitted names of the variables that live in it

	source  string          // of its package
	decls   []*check.Decl   // what it declares
	imports map[string]bool // packages of others
	units   []*Unit         // units that it imports, and theirs
	object  string          // the compiled package
	entry   bool            // it has statements to run
}

// Names that the compiler sees and no reader wrote begin with one of these letters: mark is upper-case, for what other units
// see. Functions and variables of the package must not be exported, or the compiler would take them for the plugin's own:
// they begin with low, and so do exported functions of the reader's.
const (
	mark = "Ɣ"
	low  = "ɣ"
)

// ours begins code that no reader wrote, so that stacks can be told without it.
const ours = "//line " + goroutine.OwnFile + ":1:1"

// Names of a unit's symbols, for the evaluator.
const (
	Run   = low + "run"   // the function that runs the statements
	Table = mark + "unit" // of the package: the method that returns all of the below
	table = mark + "G"    // the type whose methods hand the unit's functions to other units
	Main  = "Unit"        // the variable of the plugin that holds the table
	Field = mark + "d_"   // begins methods that return the address of an unexported field
	Meth  = mark + "m_"   // begins unexported methods
	Func  = mark + "f_"   // begins functions among the symbols
	Type  = mark + "t_"   // begins types among the symbols
	Store = low + "v_"    // begins variables among the symbols, which are their addresses
)

// An emitter writes the source of a unit.
type emitter struct {
	unit    *Unit
	engine  *Engine
	scope   *check.Scope
	own     map[string]bool // emitted names of the declarations of the unit
	queue   []*check.Decl   // to be written, constants and generic functions of earlier cells among them
	queued  map[string]bool
	vars    map[string]*check.Decl // variables that the unit refers to, by emitted name
	stored  map[string]*check.Decl // those that live in it
	hooks   map[string]hook
	out     strings.Builder
	symbols []string // entries of the table, as Go
	serial  int
	unused  bool // nothing refers to what is imported
	keying  bool // what is written is the key of a shape, not source

	head    strings.Builder             // before out: names of types of other units
	aliases map[string]bool             // emitted names of the types in head
	shapes  []*shape                    // to be written
	locals  map[types.Object]types.Type // types of functions → the types that define them, if these have names
}

func newEmitter(e *Engine, u *Unit, scope *check.Scope) *emitter {
	return &emitter{
		unit: u, engine: e, scope: scope, own: map[string]bool{}, queued: map[string]bool{},
		vars: map[string]*check.Decl{}, stored: map[string]*check.Decl{}, hooks: map[string]hook{}, aliases: map[string]bool{}, locals: map[types.Object]types.Type{},
	}
}

// add queues a declaration to be written into the unit.
func (e *emitter) add(d *check.Decl) {
	if !e.queued[d.Emit] {
		e.queued[d.Emit] = true
		e.own[d.Emit] = true
		e.queue = append(e.queue, d)
	}
}

// fresh returns a name that nothing else has.
func (e *emitter) fresh() string {
	e.serial++
	return fmt.Sprintf("%s%d", low, e.serial)
}

// importing returns the name by which the unit refers to a package.
func (e *emitter) importing(path string) string {
	if e.keying {
		return path
	}
	e.unit.imports[path] = true
	return alias(path)
}

func alias(path string) string {
	return mark + strings.NewReplacer("/", "_", ".", "_", "-", "_").Replace(path)
}

// from returns the name by which the unit refers to another one.
func (e *emitter) from(u *Unit) string {
	if e.keying {
		return u.Path
	}
	if !slices.Contains(e.unit.units, u) {
		e.unit.units = append(e.unit.units, u)
	}
	return alias(u.Path)
}

// hook returns the variable that holds a function of the worker's.
func (e *emitter) hook(key, typ string) string {
	name := low + "h_" + strings.NewReplacer("/", "_", ".", "_", "-", "_").Replace(key)
	e.hooks[name] = hook{key, typ}
	return name
}

// finish writes the queue, the table, and puts the source together.
func (e *emitter) finish() {
	e.drain()
	for _, d := range e.vars {
		e.typ(d.Type)
	}
	for _, d := range e.stored {
		e.typ(d.Type)
	}
	e.drain() // the shapes that they have
	var table strings.Builder
	e.tail(&table)
	var b strings.Builder
	b.WriteString("package main\n\n")
	e.importing("reflect") // for the table
	for _, path := range slices.Sorted(maps.Keys(e.unit.imports)) {
		name := alias(path)
		if e.unused && path != "reflect" {
			name = "_"
		}
		fmt.Fprintf(&b, "import %s %q\n", name, path)
	}
	for _, u := range e.unit.units {
		fmt.Fprintf(&b, "import %s %q\n", alias(u.Path), u.Path)
	}
	b.WriteString("\n")
	b.WriteString(e.head.String())
	b.WriteString(e.out.String())
	b.WriteString(table.String())
	e.unit.source = b.String()
}

// drain writes what is queued.
func (e *emitter) drain() {
	for len(e.queue)+len(e.shapes) > 0 {
		if len(e.queue) > 0 {
			d := e.queue[0]
			e.queue = e.queue[1:]
			e.decl(d)
			e.unit.decls = append(e.unit.decls, d)
			continue
		}
		s := e.shapes[0]
		e.shapes = e.shapes[1:]
		e.writeShape(s)
	}
}

// tail writes what the worker needs to join the unit to the notebook.
func (e *emitter) tail(b *strings.Builder) {
	const m = mark
	b.WriteString(ours + "\n")
	fmt.Fprintf(b, "var %spoll [2]uint32\n", low)
	fmt.Fprintf(b, "var %[1]sflag = &%[1]spoll[%[2]d]\n", low, goroutine.PollStopping)
	fmt.Fprintf(b, "var %sstopped func()\n", low)
	fmt.Fprintf(b, "type %s struct{}\n", table)
	fmt.Fprintf(b, "func %sptr[T any](v T) *T { return &v }\n", low)
	e.receiving(b)
	for _, name := range slices.Sorted(maps.Keys(e.hooks)) {
		fmt.Fprintf(b, "var %s %s\n", name, e.hooks[name].typ)
	}
	var vars []string
	for _, emit := range slices.Sorted(maps.Keys(e.vars)) {
		if e.stored[emit] == nil {
			fmt.Fprintf(b, "var %sp_%s *%s\n", low, emit, e.typ(e.vars[emit].Type))
			vars = append(vars, fmt.Sprintf("%q: &%sp_%s", emit, low, emit))
			e.unit.Vars = append(e.unit.Vars, emit)
		}
	}
	for _, emit := range slices.Sorted(maps.Keys(e.stored)) {
		fmt.Fprintf(b, "var %s%s %s\n", Store, emit, e.typ(e.stored[emit].Type))
		e.symbols = append(e.symbols, fmt.Sprintf("%q: %sreflect.ValueOf(&%s%s)", Store+emit, m, Store, emit))
		e.unit.Storage = append(e.unit.Storage, emit)
	}
	fmt.Fprintf(b, "func (%s) %s() map[string]any {\nreturn map[string]any{\n", table, Table)
	fmt.Fprintf(b, "\"symbols\": map[string]%sreflect.Value{\n%s,\n},\n", m, strings.Join(append(e.symbols, `"": `+m+"reflect.Value{}"), ",\n"))
	b.WriteString("\"hooks\": map[string]any{\n")
	fmt.Fprintf(b, "%q: &%sstopped,\n", "stopped", low)
	for _, name := range slices.Sorted(maps.Keys(e.hooks)) {
		fmt.Fprintf(b, "%q: &%s,\n", e.hooks[name].key, name)
	}
	b.WriteString("},\n\"vars\": map[string]any{\n")
	for _, v := range vars {
		b.WriteString(v + ",\n")
	}
	fmt.Fprintf(b, "},\n\"poll\": &%spoll,\n}\n}\n", low)
}

// main returns the source of the plugin's main package.
func (u *Unit) main() string {
	return fmt.Sprintf("package main\n\nimport u %q\n\nvar %s = u.%s{}.%s()\n\nfunc main() {}\n", u.Path, Main, table, Table)
}
