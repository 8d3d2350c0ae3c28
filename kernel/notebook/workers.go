package notebook

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"

	"gokernel/kernel/engine"
	"gokernel/kernel/worker"
)

// Process is a worker: a *worker.Process, or a fake in tests.
type Process interface {
	Run(ctx context.Context, cell worker.Cell, out worker.Sink) (json.RawMessage, error)
	Call(ctx context.Context, method string, params, result any) error
	KillChildren() error
	Ready() <-chan struct{}
	Dead() <-chan struct{}
	Death() *worker.Death
	Close() error
}

// What a worker's evaluator answers to Process.Call.
const (
	callGoroutines = "goroutines" // nothing → []worker.GoroutineInfo
	callStop       = "stop"       // nothing → stopped; between cells only
	callSteps      = "steps"      // nothing → int, the steps that the last cell has completed
	callVars       = "vars"       // selection → values; between cells only
	callSnapshot   = "snapshot"   // selection → taken; between cells only
	callRestore    = "restore"    // selection → restored; between cells only
)

// An instance is a worker and what has been defined in it.
type instance struct {
	proc  Process
	cells *engine.Engine
}

// A start is a worker that starts.
type start struct {
	done chan struct{} // closed when the fields below are set
	proc Process
	err  error
}

// workers holds the worker that runs cells and a spare one, kept warm behind it.
type workers struct {
	ctx   context.Context
	begin func(context.Context) (Process, error)
	log   *slog.Logger

	compiler *engine.Compiler // nil: all is interpreted

	mu      sync.Mutex
	live    *start
	running *instance // of live, nil until somebody has asked for it
	spare   *start
	closed  bool
	starts  sync.WaitGroup
}

// newWorkers starts the first worker and does not wait for it.
func newWorkers(ctx context.Context, begin func(context.Context) (Process, error), compiler *engine.Compiler, log *slog.Logger) *workers {
	w := &workers{ctx: ctx, begin: begin, compiler: compiler, log: log}
	w.live = w.start()
	return w
}

// start begins a worker in the background. Called with w.mu held, or before anybody else knows w.
func (w *workers) start() *start {
	s := &start{done: make(chan struct{})}
	w.starts.Go(func() {
		defer close(s.done)
		s.proc, s.err = w.begin(w.ctx)
	})
	return s
}

// current returns the engine that runs cells, once its worker has started.
func (w *workers) current(ctx context.Context) (*instance, error) {
	w.mu.Lock()
	if w.closed {
		w.mu.Unlock()
		return nil, errClosed
	}
	live := w.live
	w.mu.Unlock()
	select {
	case <-live.done:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.live != live {
		return nil, errors.New("the worker was replaced meanwhile")
	}
	if live.err != nil {
		w.live = w.start() // the next cell has another try
		return nil, fmt.Errorf("no worker to run cells: %w", live.err)
	}
	if w.running == nil {
		w.running = &instance{proc: live.proc, cells: engine.New(w.compiler)}
	}
	return w.running, nil
}

// warm sees to it that there is a spare worker.
func (w *workers) warm() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.spare == nil && !w.closed {
		w.spare = w.start()
	}
}

// replace puts the spare worker, or else a new one, in the place of the live one, which is closed.
func (w *workers) replace() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return
	}
	old := w.live
	w.live, w.running, w.spare = w.usable(), nil, nil
	w.starts.Go(func() {
		if err := end(old); err != nil {
			w.log.Warn("ending a worker", "error", err)
		}
	})
}

// usable returns the spare worker if it lives, else a new one. Called with w.mu held.
func (w *workers) usable() *start {
	if w.spare == nil {
		return w.start()
	}
	select {
	case <-w.spare.done:
	default:
		return w.spare // on its way
	}
	if w.spare.err == nil {
		select {
		case <-w.spare.proc.Dead():
		default:
			return w.spare
		}
	}
	lost := w.spare
	w.starts.Go(func() {
		_ = end(lost) // it is of no use, and has been replaced
	})
	return w.start()
}

// end waits for a worker to have started and closes it.
func end(s *start) error {
	<-s.done
	if s.err != nil {
		return nil // there is nothing to end; who asked for the worker was told
	}
	return s.proc.Close()
}

// close ends all workers.
func (w *workers) close() error {
	w.mu.Lock()
	all := []*start{w.live, w.spare}
	closed := w.closed
	w.closed = true
	w.mu.Unlock()
	if closed {
		return nil
	}
	var ending sync.WaitGroup
	errs := make([]error, len(all))
	for i, s := range all {
		if s != nil {
			ending.Go(func() { errs[i] = end(s) })
		}
	}
	ending.Wait()
	w.starts.Wait()
	return errors.Join(errs...)
}
