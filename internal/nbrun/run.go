package nbrun

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"gokernel/internal/client"
	"gokernel/internal/nbformat"
	"gokernel/kernel/jupyter"
)

// An Executor runs cells; *client.Client is one.
type Executor interface {
	// Execute returns when the cell has ended and all of its output was handled; an error means no reply.
	Execute(ctx context.Context, req jupyter.ExecuteRequest, h client.Handler) (jupyter.ExecuteReply, error)
	// Interrupt asks the running cell to end.
	Interrupt(ctx context.Context) error
}

// interruptGrace is how long a cell that timed out has to end once it was interrupted.
const interruptGrace = 5 * time.Second

// Options say how Run runs a notebook. The zero value stops at the first error and has no timeout.
type Options struct {
	Timeout     time.Duration // for each cell; 0 is none
	AllowErrors bool          // go on after a cell that failed; tag raises-exception allows it for one cell
	Streams     Streams

	// PassTimeouts goes on after a cell that did not end in time but did when it was interrupted.
	PassTimeouts bool

	// Skip reports whether a code cell is not to be run, beside those tagged skip-execution. nil: none.
	Skip func(*nbformat.Cell) bool
	// Alone reports whether a cell must run while no other does that Gate lets in. nil: none.
	Alone func(*nbformat.Cell) bool
	// Gate is shared by runs at the same time. nil: Alone has no effect.
	Gate *Gate

	// Started, Message, Ended and FailedLate report progress, one at a time and until Run returns; n is the number of
	// the cell, from 1. Each may be nil. Ended gets the error that the cell made, allowed or not, as *CellError,
	// FailedLate that of a goroutine after its cell has ended.
	Started    func(n int, c *nbformat.Cell)
	Message    func(n int, m *jupyter.Message)
	Ended      func(n int, c *nbformat.Cell, took time.Duration, err error)
	FailedLate func(n int, failure *CellError)
}

// A CellError says that the program in a cell failed.
type CellError struct {
	Cell      int    // number of the cell in the notebook, from 1
	ID        string // of the cell
	Line      int    // line in the cell, from 1; 0 if the kernel did not say
	Name      string
	Value     string
	Traceback []string
}

// Error returns one line with cell and line.
func (e *CellError) Error() string {
	at := fmt.Sprintf("cell %d", e.Cell)
	if e.Line > 0 {
		at += fmt.Sprintf(", line %d", e.Line)
	}
	return at + ": " + e.what()
}

// what is the error without its place.
func (e *CellError) what() string {
	value, _, _ := strings.Cut(e.Value, "\n")
	switch {
	case e.Name == "":
		return value
	case value == "":
		return e.Name
	}
	return e.Name + ": " + value
}

// A TimeoutError says that a cell did not end in time.
type TimeoutError struct {
	Cell  int // number of the cell in the notebook, from 1
	ID    string
	After time.Duration
	Ended bool // an interrupt ended it; else it may still be running
}

// Error returns one line.
func (e *TimeoutError) Error() string {
	return fmt.Sprintf("cell %d: %s", e.Cell, e.what())
}

func (e *TimeoutError) what() string { return fmt.Sprintf("not done after %s", e.After) }

// Run runs the code cells of nb in order, as nbclient does, and returns a copy with their outputs; nb is not
// changed. Blank cells and those tagged skip-execution keep what they have. What goroutines print after their
// cell has ended, and how they fail, belongs to their cell. The first error ends the run unless it is allowed: a
// *CellError, a *TimeoutError, or one of the executor, which names the cell too; that of a goroutine does so once the
// cell that runs then has ended. The copy then holds what was done until there.
func Run(ctx context.Context, ex Executor, nb *nbformat.Notebook, opts Options) (*nbformat.Notebook, error) {
	done := nb.Clone()
	col := newCollector(opts.Streams)
	late := &latecomers{col: col, opts: opts}
	defer late.close()
	for i, cell := range done.Cells {
		if !runs(cell) || opts.Skip != nil && opts.Skip(cell) {
			continue
		}
		if err := ctx.Err(); err != nil {
			return done, context.Cause(ctx)
		}
		r := &cellRun{n: i + 1, cell: cell, opts: opts, col: col, late: late}
		if err := r.gated(ctx, ex); err != nil {
			return done, err
		}
		if err := late.failure(); err != nil {
			return done, err
		}
	}
	return done, nil
}

// runs reports whether a cell has something to run.
func runs(c *nbformat.Cell) bool {
	return c.Type == nbformat.Code && strings.TrimSpace(c.Source) != "" && !c.HasTag("skip-execution")
}

// A cellRun is one cell on its way.
type cellRun struct {
	n    int
	cell *nbformat.Cell
	opts Options
	col  *collector
	late *latecomers
}

// gated runs the cell when the gate lets it.
func (r *cellRun) gated(ctx context.Context, ex Executor) error {
	if g := r.opts.Gate; g != nil {
		leave, err := g.enter(ctx, r.opts.Alone != nil && r.opts.Alone(r.cell))
		if err != nil {
			return err
		}
		defer leave()
	}
	if r.opts.Started != nil {
		r.late.excluded(func() { r.opts.Started(r.n, r.cell) })
	}
	began := time.Now()
	failure, err := r.execute(ctx, ex)
	if r.opts.Ended != nil {
		reported := err
		if reported == nil && failure != nil {
			reported = failure
		}
		r.late.excluded(func() { r.opts.Ended(r.n, r.cell, time.Since(began), reported) })
	}
	var timeout *TimeoutError
	if errors.As(err, &timeout) && timeout.Ended && r.opts.PassTimeouts {
		return nil
	}
	if err != nil {
		return err
	}
	if failure != nil && !r.allowed() {
		return failure
	}
	return nil
}

func (r *cellRun) allowed() bool {
	return r.opts.AllowErrors || mayFail(r.cell)
}

// execute runs the cell. failure is what the reader's program did wrong, err why there is no result.
func (r *cellRun) execute(ctx context.Context, ex Executor) (failure *CellError, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var expired atomic.Bool
	if r.opts.Timeout > 0 {
		stop := r.watch(ctx, ex, &expired, cancel)
		defer stop()
	}
	r.late.excluded(func() { r.col.begin(r.cell) })
	r.cell.ExecutionCount = nil
	var bad error
	stopOnError := !r.allowed()
	reply, err := ex.Execute(ctx, jupyter.ExecuteRequest{Code: r.cell.Source, StopOnError: &stopOnError}, client.Handler{
		Message: func(m *jupyter.Message) {
			r.late.excluded(func() {
				if err := r.message(m); err != nil && bad == nil {
					bad = err
				}
			})
		},
		Late: func(m *jupyter.Message) { r.late.message(r, m) },
	})
	r.late.excluded(func() { r.col.end(r.cell) })
	if expired.Load() {
		return nil, &TimeoutError{Cell: r.n, ID: r.cell.ID, After: r.opts.Timeout, Ended: err == nil}
	}
	if err = errors.Join(err, bad); err != nil {
		return nil, fmt.Errorf("cell %d: %w", r.n, err)
	}
	if reply.ExecutionCount > 0 {
		r.cell.ExecutionCount = &reply.ExecutionCount
	}
	if reply.Status == jupyter.StatusOK {
		return nil, nil
	}
	failure = &CellError{Cell: r.n, ID: r.cell.ID, Name: reply.EName, Value: reply.EValue, Traceback: reply.Traceback}
	if reply.Status == jupyter.StatusAborted {
		failure.Value = "aborted, because a cell before it failed"
	}
	failure.Line = errorLine(reply.EValue, reply.Traceback)
	return failure, nil
}

// message takes one iopub message of the cell.
func (r *cellRun) message(m *jupyter.Message) error {
	err := r.col.message(r.cell, m)
	if r.opts.Message != nil {
		r.opts.Message(r.n, m)
	}
	return err
}

// watch interrupts the cell when its time is up, and gives it up if that does not help. The function that it
// returns ends the watch and waits for its goroutine.
func (r *cellRun) watch(ctx context.Context, ex Executor, expired *atomic.Bool, giveUp context.CancelCauseFunc) (stop func()) {
	done, gone := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(gone)
		t := time.NewTimer(r.opts.Timeout)
		defer t.Stop()
		select {
		case <-t.C:
		case <-done:
			return
		}
		expired.Store(true)
		ask, cancel := context.WithTimeout(ctx, interruptGrace)
		defer cancel()
		// If asking fails, giving up is all that is left.
		if err := ex.Interrupt(ask); err == nil {
			t.Reset(interruptGrace)
			select {
			case <-t.C:
			case <-done:
				return
			}
		}
		giveUp(errors.New("the cell does not end"))
	}()
	return func() {
		close(done)
		<-gone
	}
}

// linePattern forms: "cell [3]:7:2" of gokernel, "Cell In[3], line 7" of ipykernel.
const lineExpr = `(?i)\bcell (?:in ?)?\[\d+\](?::|,? line )(\d+)`

const ansiExpr = "\x1b\\[[0-9;]*[A-Za-z]"

// errorLine finds the line of the cell in an error's texts, 0 if they have none.
func errorLine(value string, traceback []string) int {
	ansi, line := regexp.MustCompile(ansiExpr), regexp.MustCompile(lineExpr)
	for _, s := range append([]string{value}, traceback...) {
		if m := line.FindStringSubmatch(ansi.ReplaceAllString(s, "")); m != nil {
			n, err := strconv.Atoi(m[1])
			if err == nil {
				return n
			}
		}
	}
	return 0
}
