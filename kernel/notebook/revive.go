package notebook

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"gokernel/kernel"
	"gokernel/kernel/check"
	"gokernel/kernel/jupyter"
	"gokernel/kernel/worker"
)

// reviveWait bounds how long a new worker may take to be taught what the old one knew.
const reviveWait = 20 * time.Second

// noticeDeath replaces a worker that has died since the last cell, and says so on stderr.
func (n *Notebook) noticeDeath(ctx context.Context, out kernel.Output) error {
	e, err := n.workers.current(ctx)
	if err != nil {
		return n.uncompiled(err)
	}
	select {
	case <-e.proc.Dead():
	default:
		return nil
	}
	death := e.proc.Death()
	if death == nil {
		death = &worker.Death{Cause: "it ended"}
	}
	report := n.revive(ctx, death)
	var failure *kernel.CellError
	if !errors.As(report, &failure) {
		return report
	}
	for _, line := range failure.Traceback {
		out.Stream(jupyter.Stderr, line+"\n")
	}
	return nil
}

// revive puts a new worker in the place of one that has died, and returns the error that tells the reader so, and what
// came back.
func (n *Notebook) revive(ctx context.Context, death *worker.Death) error {
	if n.ctx.Err() != nil {
		return errClosed
	}
	n.log.Warn("a worker has died", "cause", death.Cause, "exit", death.Exit, "cell", death.Cell)
	e := n.obituary(death)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), reviveWait)
	defer cancel()
	stop := context.AfterFunc(n.ctx, cancel)
	defer stop()
	n.saved.settle()
	n.workers.replace()
	report, err := n.relive(ctx)
	if err != nil {
		n.log.Error("bringing the notebook back", "error", err)
		n.workers.replace() // what was defined half-way must not stay
		n.scope, n.place = n.empty, &surroundings{}
		n.saved.forget()
		report = []string{"Nothing came back: run the cells again from the top. (" + err.Error() + ")"}
	}
	e.Traceback = append(e.Traceback, report...)
	return e
}

// obituary says what a worker has died of.
func (n *Notebook) obituary(d *worker.Death) *kernel.CellError {
	e := &kernel.CellError{Name: "fatal error", Value: d.Cause}
	if strings.HasPrefix(d.Cause, "exit status ") {
		// os.Exit of a cell ends the cell only. A compiled package has another.
		e.Name, e.Value = d.Cause, "a package has ended the process"
	}
	e.Traceback = []string{red + bold + e.Name + plain + ": " + e.Value}
	lines := n.calls(d.Frames)
	for _, g := range d.Goroutines {
		if len(lines) == 0 {
			lines = n.calls(g.Frames)
		}
	}
	if len(lines) == 0 && d.Cell != "" {
		lines = n.suspects(d)
	}
	e.Traceback = append(e.Traceback, lines...)
	if len(d.Goroutines) > 0 {
		if g := d.Goroutines[0]; n.texts.known(firstOf(g.Started.File, g.Cell)) {
			e.Traceback = append(e.Traceback, n.started(g, nil)...)
		}
	}
	if d.Cell != "" {
		e.Value += " in " + d.Cell
	}
	return e
}

// relive teaches the live worker, a new one, what the notebook has declared, and gives it the variables of the last
// snapshot. It says what came back and what did not.
func (n *Notebook) relive(ctx context.Context) (report []string, err error) {
	e, err := n.workers.current(ctx)
	if err != nil {
		return nil, err
	}
	if n.place.Dir != "" || n.place.Env != nil {
		if err := e.proc.Call(ctx, callSurround, n.place, nil); err != nil {
			report = append(report, "The working directory and the environment are not what they were: "+err.Error())
			n.place = &surroundings{}
		}
	}
	const reason = "it was lost when the worker ended"
	var missing []string
	for _, d := range n.scope.Live() {
		if d.Kind == check.Var && !n.saved.has(d) {
			missing = append(missing, d.Name)
		}
	}
	scope, gone := n.scope.Lost(reason, missing...)
	cell, err := check.Replay(scope, n.next(), "the declarations")
	if err != nil {
		return nil, err
	}
	if len(cell.Decls)+len(cell.Vars) > 0 {
		if _, _, err := n.run(ctx, cell, piece{name: cell.Name, out: silence{}, replay: true}); err != nil {
			return nil, fmt.Errorf("defining the declarations again: %w", err)
		}
	}
	restored, err := n.restore(ctx, e, scope)
	if err != nil {
		report = append(report, "The variables did not come back: "+err.Error())
	}
	missing = nil
	var back []*check.Decl
	for _, d := range scope.Live() {
		switch {
		case d.Kind != check.Var:
		case slices.Contains(restored, d.Emit):
			back = append(back, d)
		default:
			missing = append(missing, d.Name)
		}
	}
	var more []check.Stale
	n.scope, more = scope.Lost(reason, missing...)
	return append(report, account(back, append(gone, more...))...), nil
}

// restore gives the worker the variables of the last snapshot and returns the lowered names of those that have their
// values again.
func (n *Notebook) restore(ctx context.Context, e *instance, scope *check.Scope) ([]string, error) {
	if n.saved.data == nil {
		return nil, nil
	}
	s := selection{Data: n.saved.data}
	for _, d := range scope.Live() {
		if d.Kind == check.Var {
			s.Names = append(s.Names, d.Emit)
		}
	}
	if s.Names == nil {
		return nil, nil
	}
	var r restored
	err := e.proc.Call(ctx, callRestore, s, &r)
	for name, reason := range r.Failed {
		n.log.Warn("restoring a variable", "name", name, "reason", reason)
	}
	return r.Restored, err
}

// account says in a few lines what came back, by cells, and what did not.
func account(back []*check.Decl, gone []check.Stale) []string {
	var lines []string
	var cells []string
	byCell := map[string][]string{}
	for _, d := range back {
		if byCell[d.Where] == nil {
			cells = append(cells, d.Where)
		}
		byCell[d.Where] = append(byCell[d.Where], d.Name)
	}
	for _, c := range cells {
		slices.Sort(byCell[c])
		lines = append(lines, "came back from "+c+": "+strings.Join(byCell[c], ", "))
	}
	cells, byCell = nil, map[string][]string{}
	for _, st := range gone {
		if byCell[st.Where] == nil {
			cells = append(cells, st.Where)
		}
		byCell[st.Where] = append(byCell[st.Where], st.Name)
	}
	for _, c := range cells {
		slices.Sort(byCell[c])
		lines = append(lines, "lost from "+c+": "+strings.Join(byCell[c], ", ")+" (run "+c+" again)")
	}
	return append([]string{"A new worker runs; types and functions are defined as before."}, lines...)
}
