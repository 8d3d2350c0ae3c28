package nbrun

import (
	"fmt"
	"slices"
	"sync"

	"gokernel/internal/nbformat"
	"gokernel/kernel/jupyter"
)

// latecomers takes what comes of cells that have ended, which another goroutine than Run's brings.
type latecomers struct {
	col  *collector
	opts Options

	mu     sync.Mutex // also over col and the functions of opts
	cells  []*nbformat.Cell
	err    error // the first that is not allowed
	closed bool
}

// excluded calls f while nothing else happens.
func (l *latecomers) excluded(f func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	f()
}

// message takes one late message of a cell.
func (l *latecomers) message(r *cellRun, m *jupyter.Message) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return
	}
	if !slices.Contains(l.cells, r.cell) {
		l.cells = append(l.cells, r.cell)
	}
	err := r.message(m)
	if err != nil {
		err = fmt.Errorf("cell %d: %w", r.n, err)
	} else if m.Header.MsgType == jupyter.ErrorType {
		last := r.cell.Outputs[len(r.cell.Outputs)-1]
		failure := &CellError{Cell: r.n, ID: r.cell.ID, Name: last.EName, Value: last.EValue, Traceback: last.Traceback}
		failure.Line = errorLine(failure.Value, failure.Traceback)
		if l.opts.FailedLate != nil {
			l.opts.FailedLate(r.n, failure)
		}
		if !r.allowed() {
			err = failure
		}
	}
	if l.err == nil {
		l.err = err
	}
}

// failure returns the first error that came late and is not allowed.
func (l *latecomers) failure() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.err
}

// close finishes the cells. What comes from now on is nobody's.
func (l *latecomers) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	for _, c := range l.cells {
		l.col.end(c)
	}
}
