// Package engine decides, cell by cell, what of a notebook is compiled and what is interpreted, and makes of a checked cell
// the program that the worker runs.
//
// With a Go toolchain, a cell that declares types or functions is compiled, statements and all; a cell of statements is
// interpreted, at once, unless the interpreter could not run it rightly: then it is compiled too. Without a toolchain
// everything is interpreted. The rule and its reasons are in docs/engines.md.
package engine

import (
	"context"
	"errors"
	"fmt"

	"gokernel/kernel/check"
	"gokernel/kernel/lower"
	"gokernel/kernel/native"
)

// A Mode says which engine runs what.
type Mode string

// The modes.
const (
	Auto   Mode = "auto"   // compiled is what declares something and what the interpreter cannot run rightly
	Native Mode = "native" // all is compiled
	Interp Mode = "interp" // all is interpreted
)

// An Engine prepares the cells of one notebook for one worker. It is not safe for concurrent use.
type Engine struct {
	lower    *lower.Engine
	compiler *Compiler      // nil: there is nothing to compile with
	native   *native.Engine // nil until it is known and needed
}

// New returns an engine for a worker that has run nothing yet. c is what compiles, nil if all is to be interpreted.
func New(c *Compiler) *Engine {
	e := &Engine{lower: lower.NewEngine(), compiler: c}
	e.lower.Compiling = c != nil
	return e
}

// A Prepared cell is ready to run.
type Prepared struct {
	Program *lower.Program
	// Instead is why the program is interpreted although the mode would have it compiled: there is no toolchain that will
	// do. Nil otherwise.
	Instead error
	plan    *native.Plan
}

// Prepare compiles a cell or lowers it. The error is an *lower.Unsupported if the cell must be refused. Commit or Undo must
// follow. In mode Auto, what cannot be compiled is interpreted if it can be.
func (e *Engine) Prepare(ctx context.Context, mode Mode, c *check.Cell) (*Prepared, error) {
	if e.compiler == nil || mode == Interp {
		return e.interpret(c)
	}
	var refused *lower.Unsupported
	if mode == Auto && !declares(c) {
		e.lower.Choosing = true
		p, err := e.interpret(c)
		e.lower.Choosing = false
		if err == nil || !errors.As(err, &refused) {
			return p, err
		}
	}
	n, err := e.compiler.Wait(ctx)
	switch {
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case err != nil && mode == Native:
		return nil, err
	case err != nil:
		e.lower.Compiling = false
		p, lowerErr := e.interpret(c)
		if p != nil {
			p.Instead = err
		}
		return p, lowerErr
	}
	e.use(n)
	p, err := e.compile(ctx, c)
	if err != nil && mode == Auto && ctx.Err() == nil {
		if p, lowerErr := e.interpret(c); lowerErr == nil {
			return p, nil
		}
	}
	return p, err
}

// Replay prepares the declarations of a whole notebook for a worker that knows nothing yet.
func (e *Engine) Replay(c *check.Cell) (*Prepared, error) { return e.interpret(c) }

func (e *Engine) use(n *native.Engine) {
	if e.native == nil && n != nil {
		e.native = n
		e.lower.Use(n)
	}
}

// declares reports whether a cell declares, or changes, what is to be compiled.
func declares(c *check.Cell) bool {
	for _, d := range c.Decls {
		if d.Kind != check.Const {
			return true
		}
	}
	return len(c.Funcs) > 0
}

// interpret lowers a cell, which may use what is compiled.
func (e *Engine) interpret(c *check.Cell) (*Prepared, error) {
	if e.compiler != nil {
		e.use(e.compiler.ready())
	}
	p, err := e.lower.Lower(c)
	if err != nil {
		return nil, err
	}
	return e.finish(p, nil), nil
}

// compile compiles a cell, statements and all. What cannot be compiled is interpreted if it can be.
func (e *Engine) compile(ctx context.Context, c *check.Cell) (*Prepared, error) {
	plan, err := e.native.Plan(c)
	if err != nil {
		p, lowerErr := e.interpret(c)
		var refused *lower.Unsupported
		if errors.As(lowerErr, &refused) {
			refused.Advice = err.Error()
		}
		return p, lowerErr
	}
	p, err := e.lower.LowerCall(c, plan.Unit.Path, native.Run)
	if err == nil {
		err = e.native.Build(ctx, plan.Unit)
	}
	if err != nil {
		e.native.Undo(plan)
		return nil, fmt.Errorf("compiling %s: %w", c.Name, err)
	}
	p.Steps = plan.Steps
	return e.finish(p, plan), nil
}

// finish lists what the worker has to load.
func (e *Engine) finish(p *lower.Program, plan *native.Plan) *Prepared {
	if e.native != nil {
		for _, u := range e.native.Units() {
			p.Units = append(p.Units, lower.Unit{Path: u.Path, File: u.File, Vars: u.Vars, Storage: u.Storage})
		}
	}
	return &Prepared{Program: p, plan: plan}
}

// Compilable reports whether a cell that was not compiled could be.
func (e *Engine) Compilable(p *Prepared) bool {
	return p.plan == nil && e.compiler != nil && e.compiler.ready() != nil
}

// Commit notes that the worker has taken in the program, even if it then failed.
func (e *Engine) Commit(p *Prepared) { e.lower.Commit(p.Program) }

// Undo forgets a cell that the worker has not taken in, or has not survived.
func (e *Engine) Undo(p *Prepared) {
	if p.plan != nil {
		e.native.Undo(p.plan)
	}
}
