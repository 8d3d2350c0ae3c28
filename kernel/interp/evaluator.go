package interp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	yaegi "github.com/traefik/yaegi/interp"

	"gokernel/kernel/display"
	"gokernel/kernel/goroutine"
	"gokernel/kernel/interp/dynamic"
	"gokernel/kernel/interp/stdlib"
	"gokernel/kernel/worker"
)

// An Evaluator runs lowered cells; it is what worker.Serve asks for. Eval is called for one cell at a time, Call at any
// time.
type Evaluator struct {
	m        *machine
	host     *worker.Host
	loaded   map[string]bool // import paths that yaegi has
	imported map[string]bool // aliases
	units    units
	release  release
	types    *dynamic.Registry
	displays postponed

	busy       sync.Mutex  // held by Eval, and by calls that no cell may disturb
	evaluating atomic.Bool // Eval holds it

	mu    sync.Mutex
	funcs map[string]string // emitted names of functions → what the reader calls them
	cell  *running          // nil between cells
	steps int               // that the last cell has completed
}

// running is the cell that runs.
type running struct {
	cell   *goroutine.Cell
	steps  int
	result []any
	has    bool

	halting sync.Mutex
	before  *crowd // what else ran when all was stopped; nil before that
}

// settle is how long Eval waits for an ended cell to come to rest before it leaves it behind.
const settle = 20 * time.Millisecond

// New returns an evaluator with an empty notebook.
func New() (*Evaluator, error) {
	m, err := newMachine()
	if err != nil {
		return nil, err
	}
	ev := &Evaluator{m: m, types: dynamic.NewRegistry(), loaded: map[string]bool{}, imported: map[string]bool{}, funcs: map[string]string{}}
	m.fast = ev.natives()
	return ev, nil
}

// Attach gives the evaluator the way to the front end. worker.Serve calls it, before the first cell.
func (ev *Evaluator) Attach(h *worker.Host) {
	ev.host = h
	display.SetEmitter(emitter{h, &ev.displays})
	stdlib.Isolate("gokernel")
}

// Eval runs the cell whose [Program] is code and returns a [Reply] in JSON. The error is a *worker.Failure if the reader's
// program failed; of kind "internal" if it is the interpreter that did. When Eval returns early, on account of ctx or
// because a goroutine failed, all interpreted code has been told to stop.
func (ev *Evaluator) Eval(ctx context.Context, c *goroutine.Cell, code json.RawMessage) (json.RawMessage, error) {
	ev.busy.Lock()
	defer ev.busy.Unlock()
	ev.evaluating.Store(true)
	defer ev.evaluating.Store(false)
	var p Program
	if err := json.Unmarshal(code, &p); err != nil {
		return nil, fmt.Errorf("reading the program of %s: %w", c.Name, err)
	}
	if err := ev.units.load(ev, p.Units); err != nil {
		return nil, internal(p.Cell, err)
	}
	prog, err := ev.define(&p)
	if err != nil {
		return nil, err
	}
	if err := ev.units.join(ev); err != nil {
		return nil, internal(p.Cell, err)
	}
	ev.resume()
	r := &running{cell: c}
	ev.mu.Lock()
	ev.cell = r
	ev.mu.Unlock()
	defer func() {
		ev.mu.Lock()
		ev.cell, ev.steps = nil, r.steps
		ev.mu.Unlock()
	}()
	c.OnPanic = func(p *goroutine.Panic) { ev.late(c, p) }
	var reply Reply
	begun := time.Now()
	failure := ev.run(ctx, r, func() { ev.execute(prog, r, &reply) })
	ev.displays.flush()
	if err := ev.units.moved(ev); err != nil {
		return nil, internal(p.Cell, err)
	}
	if failure != nil {
		return nil, failure
	}
	reply.Took = time.Since(begun)
	if p.Entry != "" {
		ev.m.trim(p.Entry)
	} else {
		ev.m.trim()
	}
	ev.mu.Lock()
	reply.Steps = r.steps
	ev.mu.Unlock()
	out, err := json.Marshal(reply)
	if err != nil {
		return nil, fmt.Errorf("encoding the result of %s: %w", c.Name, err)
	}
	return out, nil
}

// define loads what p imports and compiles it.
func (ev *Evaluator) define(p *Program) (*yaegi.Program, error) {
	if err := ev.imports(p.Imports); err != nil {
		return nil, internal(p.Cell, err)
	}
	ev.mu.Lock()
	for emitted, name := range p.Funcs {
		ev.funcs[emitted] = name
	}
	ev.mu.Unlock()
	ev.types.Define(p.Types)
	if p.Prelude != "" {
		if _, err := ev.m.compile(p.Prelude); err != nil {
			return nil, internal(p.Cell, err)
		}
	}
	source := p.Source
	if p.Entry != "" {
		source += "\n//line " + sourceName + ":1:1\nfunc init() { " + p.Entry + "() }\n"
	}
	prog, err := ev.m.compile(source)
	if err != nil {
		return nil, internal(p.Cell, err)
	}
	return prog, nil
}

// internal reports that the interpreter refused what the checker has passed.
func internal(cell string, err error) *worker.Failure {
	return &worker.Failure{
		Kind: "internal", Name: "InterpreterError",
		Value: "the interpreter cannot run " + cell + ": " + err.Error(),
		Notes: []string{"The code is valid Go: this is a fault of the kernel, not of yours."},
	}
}

// imports makes packages known under their aliases.
func (ev *Evaluator) imports(aliases map[string]string) error {
	var names []string
	for alias := range aliases {
		if !ev.imported[alias] {
			names = append(names, alias)
		}
	}
	slices.Sort(names)
	for _, alias := range names {
		path := aliases[alias]
		if err := ev.load(path); err != nil {
			return err
		}
		if _, err := ev.m.compile(fmt.Sprintf("package main\nimport %s %q\n", alias, importPath(path))); err != nil {
			return fmt.Errorf("importing %s: %w", path, err)
		}
		stdlib.Imported(path)
		ev.imported[alias] = true
	}
	return nil
}

// importPath returns the path under which yaegi knows a package. It takes "x/x" for "x".
func importPath(path string) string { return path }

// load gives yaegi the symbols of a package and of those that it requires.
func (ev *Evaluator) load(path string) error {
	if ev.loaded[path] {
		return nil
	}
	ev.loaded[path] = true
	symbols, name := map[string]reflect.Value(nil), ""
	if path == runtimePath {
		symbols, name = ev.runtime(), runtimePath
	} else if u := ev.units.at(path); u != nil {
		symbols, name = u.symbols, "main"
	} else {
		var ok bool
		if symbols, ok = stdlib.Load(path); !ok {
			return fmt.Errorf("there is no package %s", path)
		}
		name = stdlib.Name(path)
	}
	for name, f := range ev.knowing(path) {
		symbols[name] = reflect.ValueOf(f)
	}
	adapters(symbols)
	for _, required := range stdlib.Requires(path) {
		if err := ev.load(required); err != nil {
			return err
		}
	}
	return ev.m.Use(yaegi.Exports{path + "//" + name: symbols})
}

// execute runs a compiled program on a goroutine of the cell.
func (ev *Evaluator) execute(prog *yaegi.Program, r *running, reply *Reply) {
	_, err := ev.m.Execute(prog)
	var p yaegi.Panic
	switch {
	case errors.As(err, &p):
		goroutine.Raise(p.Value, p.Stack)
	case err != nil:
		panic(err)
	}
	ev.render(r, reply)
}

// run calls f as the cell's main goroutine and says how it ended, nil if it returned.
func (ev *Evaluator) run(ctx context.Context, r *running, f func()) error {
	ended := make(chan struct{})
	p := r.cell.Run(ctx, func() {
		defer close(ended)
		f()
	})
	if p == nil {
		return nil
	}
	failure := ev.failure(p)
	over := false
	select {
	case <-ended:
		over = true
	default:
	}
	switch {
	case p.Kind == goroutine.KindExit && p.Goroutine.Main: // parked for good
	case !over || p.Kind == goroutine.KindInterrupted:
		failure.Notes = append(failure.Notes, ev.halt(r).notes()...)
		timer := time.NewTimer(settle)
		defer timer.Stop()
		select {
		case <-ended:
		case <-timer.C:
		}
	}
	return failure
}

// halt stops all reader's code on account of a cell that ends early, and returns what else ended with it.
func (ev *Evaluator) halt(r *running) crowd {
	r.halting.Lock()
	defer r.halting.Unlock()
	if r.before == nil {
		before := others(r.cell)
		r.before = &before
	}
	ev.stop()
	return *r.before
}

// Interrupt stops all reader's code at once if c runs. Its Eval, whose ctx is done, sees to the rest.
func (ev *Evaluator) Interrupt(c *goroutine.Cell) {
	ev.mu.Lock()
	r := ev.cell
	ev.mu.Unlock()
	if r != nil && r.cell == c {
		ev.halt(r)
	}
}

// late reports a goroutine that failed after its cell had ended.
func (ev *Evaluator) late(c *goroutine.Cell, p *goroutine.Panic) {
	if ev.host == nil {
		return
	}
	// An error means that the kernel is gone, and nobody is there to be told.
	_ = ev.host.Failure(c, ev.failure(p))
}
