package worker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"sync"
	"time"

	"gokernel/kernel/goroutine"
)

// outputs is the child's end of a pair. Nothing but cells and the reader's own variables refer to one that is not free,
// so that the garbage collector closes it once nothing can write to it: a variable may hold os.Stdout for ever.
type outputs struct {
	id             int
	stdout, stderr *os.File
	printer        *goroutine.Printer // to stdout
}

// evaluation is the cell that runs, as the child sees it.
type evaluation struct {
	cell       *goroutine.Cell
	allowStdin bool
	cancel     context.CancelCauseFunc
	killing    sync.WaitGroup // of the goroutine that ends child processes
}

var (
	errInterrupted = errors.New("interrupted")
	errNoStdin     = errors.New("the front end cannot be asked for input: this cell was run without stdin")
)

// run starts a cell.
func (s *server) run(m run, files []*os.File) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := s.free
	switch {
	case s.current != nil:
		return fmt.Errorf("running %s: %s is not at its end", m.Name, s.current.cell.Name)
	case len(files) == 2:
		out = &outputs{id: m.Pair, stdout: files[0], stderr: files[1], printer: goroutine.NewPrinter(files[0], s.legacy.batch(m.Batch))}
		s.made++
	case out == nil || out.id != m.Pair:
		return fmt.Errorf("running %s: no output pipes %d", m.Name, m.Pair)
	}
	s.free = nil
	ctx, cancel := context.WithCancelCause(context.Background())
	e := &evaluation{
		cell:       &goroutine.Cell{ID: m.Cell, Name: m.Name, Stdout: out.stdout, Stderr: out.stderr, Settle: settle, Printer: out.printer},
		allowStdin: m.AllowStdin,
		cancel:     cancel,
	}
	s.current = e
	select {
	case s.begun <- struct{}{}:
	default: // it has not seen to the one before
	}
	s.control.urgent.Store(true)
	s.stdin.begin(e)
	go s.evaluate(ctx, e, m.Code, out)
	return nil
}

// evaluate runs a cell to its end and says so.
func (s *server) evaluate(ctx context.Context, e *evaluation, code json.RawMessage, out *outputs) {
	result, err := s.guarded(ctx, e.cell, code)
	cause := context.Cause(ctx)
	e.cancel(nil)
	s.stdin.end()
	m := end{Cell: e.cell.ID, Result: result}
	var failure *Failure
	isFailure := errors.As(err, &failure)
	switch {
	case errors.Is(cause, errInterrupted) && (err == nil || isFailure && failure.Kind == string(goroutine.KindPanic)):
		// The end of its processes, which came with the interrupt, can make a cell end as if by itself.
		m.Result, m.Failure = nil, &Failure{Kind: Interrupted, Name: "Interrupted", Value: "the cell was interrupted"}
	case err == nil:
	case isFailure:
		m.Failure = failure
	case cause != nil && (errors.Is(err, context.Canceled) || errors.Is(err, cause)):
		m.Failure = &Failure{Kind: Interrupted, Name: "Interrupted", Value: "the cell was interrupted"}
	default:
		m.Error = err.Error()
	}
	switch {
	case m.Failure == nil:
	case errors.Is(cause, errNoStdin):
		m.Failure.Kind, m.Failure.Name, m.Failure.Value = NoStdin, "StdinNotAllowed", cause.Error()
	case m.Failure.Kind == Interrupted:
		m.Failure.Frames = nil // where it has read, which may be long ago
	}

	s.control.urgent.Store(false)
	s.mu.Lock()
	s.current = nil
	s.mu.Unlock()
	e.killing.Wait()
	goroutine.Flush()
	m.Free = !s.goroutinesLeft(e.cell) && out.unused()
	collect := false
	s.mu.Lock()
	if m.Free {
		s.free = out
	} else if s.made >= pairsKept {
		s.made, collect = 0, true
	}
	s.mu.Unlock()
	if err := s.events.send(kindEnd, m, time.Time{}); errors.Is(err, ErrFrameSize) {
		m.Result, m.Error = nil, "its result is too large: "+err.Error()
		// With another error the parent is gone, which serve finds out.
		_ = s.events.send(kindEnd, m, time.Time{})
	}
	if collect {
		runtime.GC() // closes the pipes that nothing refers to
	}
}

// pairsKept is how many pairs may wait for the garbage collector to close them.
const pairsKept = 128

// guarded turns a panic of the evaluator into an error of ours.
func (s *server) guarded(ctx context.Context, c *goroutine.Cell, code json.RawMessage) (result json.RawMessage, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("the evaluator panicked: %v\n%s", v, debug.Stack())
		}
	}()
	return s.ev.Eval(ctx, c, code)
}

// goroutinesLeft reports whether a goroutine of the cell may be left. Only evaluate calls it.
func (s *server) goroutinesLeft(c *goroutine.Cell) bool {
	// Mostly the number tells, and spares a dump of all stacks. What ends just now is given a chance to.
	for range 3 {
		n := runtime.NumGoroutine() - 1 // without this one
		if n <= s.own {
			s.own = n // less by those that have served their purpose since
			return false
		}
		if n > tooMany {
			return true
		}
		runtime.Gosched()
	}
	return c.Live() > 0
}

// tooMany is how many goroutines it takes for nobody to look whose they are: that stops the world for 25 µs each, after
// every cell, and what it spares is a pair of pipes.
const tooMany = 1000

// unused reports whether the pipes are open, and in no other process.
func (o *outputs) unused() bool {
	const closed = ^uintptr(0)
	return o.stdout.Fd() != closed && o.stderr.Fd() != closed &&
		(!hasChildren() || len(holders(o.stdout.Fd(), -1)) == 0 && len(holders(o.stderr.Fd(), -1)) == 0)
}

// interrupt ends the cell that runs and all processes that the reader's code has started.
func (s *server) interrupt(cell int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.current
	if e == nil || e.cell.ID != cell {
		return // it has just ended
	}
	e.cancel(errInterrupted)
	if ev, ok := s.ev.(interface{ Interrupt(*goroutine.Cell) }); ok {
		ev.Interrupt(e.cell)
	}
	e.killing.Go(func() {
		killAll(e.cell)
	})
}
