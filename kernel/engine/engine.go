// Package engine decides, cell by cell, what of a notebook is compiled and what is interpreted, and makes of a checked cell
// the program that the worker runs.
//
// With a Go toolchain, declarations are compiled and statements are interpreted; a cell whose statements the interpreter
// could not run rightly is compiled whole. Without one everything is interpreted. The rule and its reasons are in
// docs/engines.md.
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
	Auto   Mode = "auto"   // declarations are compiled, statements interpreted if they can be
	Native Mode = "native" // all is compiled
	Interp Mode = "interp" // all is interpreted
)

// An Engine prepares the cells of one notebook for one worker. It is not safe for concurrent use.
type Engine struct {
	mode   Mode
	lower  *lower.Engine
	native *native.Engine // nil: there is nothing to compile with
}

// New returns an engine for a worker that has run nothing yet. n is what compiles, nil if nothing can be compiled.
func New(mode Mode, n *native.Engine) *Engine {
	e := &Engine{mode: mode, lower: lower.NewEngine(), native: n}
	if n != nil {
		e.lower.Use(n)
	}
	return e
}

// A Prepared cell is ready to run.
type Prepared struct {
	Program *lower.Program
	Orphans []string // variables of the notebook whose types are gone

	plan *native.Plan
}

// Prepare compiles what is to be compiled of a cell and lowers the rest. The error is an *lower.Unsupported if the cell
// must be refused. Commit or Undo must follow.
func (e *Engine) Prepare(ctx context.Context, c *check.Cell) (*Prepared, error) {
	if e.native == nil || e.mode == Interp {
		p, err := e.lower.Lower(c)
		if err != nil {
			return nil, err
		}
		return e.finish(p, nil), nil
	}
	if e.mode == Auto {
		p, err := e.split(ctx, c)
		var refused *lower.Unsupported
		if err == nil || !errors.As(err, &refused) {
			return p, err
		}
	}
	return e.whole(ctx, c)
}

// split compiles the declarations and lowers the statements.
func (e *Engine) split(ctx context.Context, c *check.Cell) (*Prepared, error) {
	plan, err := e.native.Declarations(c)
	if err != nil {
		return nil, err
	}
	p, err := e.lower.Lower(c)
	if err == nil && plan != nil {
		err = e.native.Build(ctx, plan.Unit)
	}
	if err != nil {
		if plan != nil {
			e.native.Undo(plan)
		}
		return nil, err
	}
	return e.finish(p, plan), nil
}

// whole compiles a cell, statements and all.
func (e *Engine) whole(ctx context.Context, c *check.Cell) (*Prepared, error) {
	plan, err := e.native.Whole(c)
	if err != nil {
		return nil, err
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

func (e *Engine) finish(p *lower.Program, plan *native.Plan) *Prepared {
	prepared := &Prepared{Program: p, plan: plan}
	if plan != nil {
		prepared.Orphans = plan.Orphans
	}
	if e.native != nil {
		for _, u := range e.native.Units() {
			p.Units = append(p.Units, lower.Unit{Path: u.Path, File: u.File, Vars: u.Vars, Storage: u.Storage})
		}
	}
	return prepared
}

// Commit notes that the worker has taken in the program, even if it then failed.
func (e *Engine) Commit(p *Prepared) { e.lower.Commit(p.Program) }

// Undo forgets a cell that the worker has not taken in.
func (e *Engine) Undo(p *Prepared) {
	if p.plan != nil {
		e.native.Undo(p.plan)
	}
}
