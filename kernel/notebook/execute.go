package notebook

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"gokernel/kernel"
	"gokernel/kernel/check"
	"gokernel/kernel/engine"
	"gokernel/kernel/jupyter"
	"gokernel/kernel/lower"
	"gokernel/kernel/magic"
	"gokernel/kernel/worker"
)

// Execute runs one cell: its commands in order, then its Go.
func (n *Notebook) Execute(ctx context.Context, c kernel.Cell, out kernel.Output) (kernel.Result, error) {
	ctx, end := n.begin(ctx)
	defer end()
	defer n.workers.warm()
	name := unnumbered
	if c.StoreHistory {
		name = cellName(c.Number)
	}
	n.texts.keep(name, c.Code)
	if err := n.noticeDeath(ctx, out); err != nil {
		return kernel.Result{}, err
	}
	p := piece{name: name, raw: c.Code, allowStdin: c.AllowStdin, out: sink{out, n}}
	calls, code, err := n.parse(c.Code)
	if err == nil && slices.ContainsFunc(calls, isNative) {
		p.mode = engine.Native
		calls, code, err = n.asNative(ctx, calls)
	}
	if err != nil {
		return kernel.Result{}, n.misused(name, err)
	}
	p.code = code
	calls = slices.DeleteFunc(calls, func(call magic.Call) bool {
		time := call.Name == "%time" && call.Args == ""
		p.timed = p.timed || time
		return time
	})
	before, behind := around(calls, code)
	if err := n.commandsOf(ctx, before, p); err != nil {
		return kernel.Result{}, err
	}
	if strings.TrimSpace(code) == "" {
		return kernel.Result{}, nil
	}
	if err := n.prelude(ctx, code); err != nil {
		return kernel.Result{}, err
	}
	r, err := n.execute(ctx, p)
	if err == nil {
		err = n.commandsOf(ctx, behind, p)
	}
	return r, err
}

// parse parts the commands of a cell from its Go.
func (n *Notebook) parse(cell string) (calls []magic.Call, code string, err error) {
	calls, code, err = magic.Parser{Known: n.known}.Parse(cell)
	if err == nil {
		err = n.table.Check(calls)
	}
	return calls, code, err
}

// around parts the calls of a cell into those that are done before its code and those that stand behind all of it. Code is
// not torn apart: what stands in its middle comes before it.
func around(calls []magic.Call, code string) (before, behind []magic.Call) {
	end := len(strings.TrimRight(code, " \t\r\n"))
	i := slices.IndexFunc(calls, func(c magic.Call) bool { return c.Start >= end })
	if i < 0 || end == 0 {
		return calls, nil
	}
	return calls[:i], calls[i:]
}

// commandsOf does calls in their order, up to the first that fails.
func (n *Notebook) commandsOf(ctx context.Context, calls []magic.Call, p piece) error {
	for _, call := range calls {
		if err := n.command(ctx, call, p); err != nil {
			return err
		}
	}
	return nil
}

// unnumbered is the name of cells that are not counted: they have the number of another one.
const unnumbered = "unnumbered cell"

// known reports whether a name is declared in the notebook.
func (n *Notebook) known(name string) bool { return n.scope.Lookup(name) != nil }

// A piece is Go code to run.
type piece struct {
	name       string // "cell [7]"
	code       string
	raw        string      // the cell as it was written, with its commands
	mode       engine.Mode // that runs it; "" stands for the notebook's
	allowStdin bool
	timed      bool // say how long it ran
	out        worker.Sink
	replay     bool // define what is live again, for a new worker
}

// A reply is what the evaluator makes of a lowered program.
type reply struct {
	Data     jupyter.MIMEBundle `json:"data"`
	Metadata map[string]any     `json:"metadata"`
	Took     time.Duration      `json:"took"`
}

// execute runs Go and commits what it declares. The error is a *kernel.CellError if the reader's program failed.
func (n *Notebook) execute(ctx context.Context, p piece) (kernel.Result, error) {
	cell, err := check.Check(n.renewing(p), n.next(), p.name, p.code)
	if err != nil {
		return kernel.Result{}, n.uncompiled(err)
	}
	r, program, err := n.run(ctx, cell, p)
	var failure *worker.Failure
	var death *worker.Death
	switch {
	case err == nil:
		n.scope = cell.Scope
		n.warnStale(cell, p.out)
		n.save(cell)
		if p.timed {
			sayTime(r.Took, p)
		}
		return kernel.Result{Data: r.Data, Metadata: r.Metadata}, nil
	case errors.As(err, &failure):
		if failure.Kind != kindCompile {
			n.scope = n.reached(ctx, cell, program)
			n.save(cell)
		}
		return kernel.Result{}, n.failed(failure)
	case errors.As(err, &death):
		return kernel.Result{}, n.revive(ctx, death)
	}
	return kernel.Result{}, n.uncompiled(err)
}

// kindCompile is the kind of a failure of the interpreter to take in a program, which it has not run then.
const kindCompile = "internal"

// run prepares a checked cell and runs it in the worker.
func (n *Notebook) run(ctx context.Context, cell *check.Cell, p piece) (reply, *lower.Program, error) {
	w, err := n.workers.current(ctx)
	if err != nil {
		return reply{}, nil, err
	}
	prepared, raw, err := n.attempt(ctx, w, cmp.Or(p.mode, n.mode), cell, p)
	if prepared == nil {
		return reply{}, nil, err
	}
	var failure *worker.Failure
	if errors.As(err, &failure) && failure.Kind == kindCompile && w.cells.Compilable(prepared) {
		// The interpreter could not take it in, and nothing has run yet.
		if prepared, raw, err = n.attempt(ctx, w, engine.Native, cell, p); prepared == nil {
			return reply{}, nil, err
		}
	}
	program := prepared.Program
	if err != nil {
		return reply{}, program, err
	}
	var r reply
	if err := json.Unmarshal(raw, &r); err != nil {
		return reply{}, program, fmt.Errorf("decoding the result of %s: %w", p.name, err)
	}
	return r, program, nil
}

// attempt prepares a cell and runs it. What was prepared is nil if the cell did not come that far.
func (n *Notebook) attempt(ctx context.Context, w *instance, mode engine.Mode, cell *check.Cell, p piece) (prepared *engine.Prepared, raw json.RawMessage, err error) {
	if p.replay {
		prepared, err = w.cells.Replay(cell)
	} else {
		prepared, err = w.cells.Prepare(ctx, mode, cell)
	}
	if err != nil {
		return nil, nil, err
	}
	n.sayInterpreted(prepared.Instead, p.out)
	payload, err := json.Marshal(prepared.Program)
	if err != nil {
		return nil, nil, fmt.Errorf("encoding the program of %s: %w", p.name, err)
	}
	n.saved.settle()
	raw, err = w.proc.Run(ctx, worker.Cell{ID: cell.ID, Name: p.name, Code: payload, AllowStdin: p.allowStdin}, p.out)
	var failure *worker.Failure
	if err == nil || errors.As(err, &failure) && failure.Kind != kindCompile {
		w.cells.Commit(prepared)
	} else {
		w.cells.Undo(prepared)
	}
	return prepared, raw, err
}

// stepsWait bounds how long the question how far a cell got may take.
const stepsWait = time.Second

// reached returns the scope after a cell that failed half-way: the variables that it did not get to are as before.
func (n *Notebook) reached(ctx context.Context, cell *check.Cell, program *lower.Program) *check.Scope {
	if len(program.Steps) == 0 {
		return cell.Scope
	}
	steps := 0
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stepsWait)
	defer cancel()
	if e, err := n.workers.current(ctx); err != nil {
		n.log.Warn("asking how far a cell got", "error", err)
	} else if err := e.proc.Call(ctx, callSteps, nil, &steps); err != nil {
		n.log.Warn("asking how far a cell got", "error", err)
	}
	steps = min(max(steps, 0), len(program.Steps))
	var missing []string
	for _, names := range program.Steps[steps:] {
		for name := range strings.SplitSeq(names, ",") {
			if name = strings.TrimSpace(name); name != "" {
				missing = append(missing, name)
			}
		}
	}
	return cell.Undo(missing...)
}

// warnStale tells which declarations of earlier cells no longer fit what a cell has declared.
func (n *Notebook) warnStale(cell *check.Cell, out worker.Sink) {
	for _, s := range cell.Stale {
		out.Stream(jupyter.Stderr, fmt.Sprintf("%s of %s can no longer be used: %s; run %s again\n", s.Name, s.Where, s.Reason, s.Where))
	}
}
