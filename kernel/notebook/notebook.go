package notebook

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"sync"
	"time"

	"gokernel/kernel/check"
	"gokernel/kernel/engine"
	"gokernel/kernel/magic"
	"gokernel/kernel/native/program"
	"gokernel/kernel/native/report"
	"gokernel/kernel/worker"
)

// Config says what a Notebook is made of.
type Config struct {
	// Command is the path and the arguments of a worker; it must serve an evaluator that Evaluator made.
	Command []string
	// Limits bound what a worker may use. The zero value stands for the defaults.
	Limits worker.Limits
	// Mode says what is compiled. "" stands for engine.Interp: no toolchain is looked for.
	Mode engine.Mode
	// Version is the kernel's own, for kernel_info.
	Version string
	// Logger gets what no reader can be told. Nil means it is dropped.
	Logger *slog.Logger
	// Start starts a worker. Nil: worker.Start with the fields above. It is for tests.
	Start func(context.Context) (Process, error)
}

// A Notebook is a kernel.Interpreter. Its methods may be called as that interface says. Make one with New.
//
// Its goroutines, all of which end with Close: one for each worker that starts, which waits for it to be ready, one while
// a snapshot is taken, and one while what earlier cells left is ended after an Interrupt.
type Notebook struct {
	log     *slog.Logger
	version string
	workers *workers
	table   magic.Table

	compiler *engine.Compiler // nil: all is interpreted

	ctx        context.Context // of what runs in the background
	stop       context.CancelCauseFunc
	background sync.WaitGroup

	// Only the goroutine that runs cells:
	empty  *check.Scope // as it is in a new notebook
	scope  *check.Scope
	serial int // of the last piece of code that was checked or run
	place  *surroundings
	saved  snapshot
	mode   engine.Mode
	told   bool // that there is a toolchain, but one that will not do

	measurements map[string][]*report.Result // of %%bench, by cell and by the name that the reader gave

	texts    texts
	programs programs
	library  *library

	mu         sync.Mutex
	running    context.CancelCauseFunc // nil: no cell runs
	interrupts int                     // since the last cell began
	cleared    chan struct{}           // closed when what the last clear is for has been done; nil: there was none
}

// errInterrupted is why the context of a cell is done after Interrupt.
var errInterrupted = errors.New("interrupted")

// errClosed is why the context of a cell is done after Close.
var errClosed = errors.New("the notebook is closed")

// New returns an empty notebook. It does not wait for its worker, which starts in the background; a worker that cannot be
// started is an error of the first cell. ctx bounds the life of the notebook, which must be closed all the same.
func New(ctx context.Context, cfg Config) *Notebook {
	n := &Notebook{log: cfg.Logger, version: cfg.Version, measurements: map[string][]*report.Result{}}
	if n.log == nil {
		n.log = slog.New(slog.DiscardHandler)
	}
	n.ctx, n.stop = context.WithCancelCause(ctx)
	n.place = &surroundings{}
	n.table = n.commands()
	start := cfg.Start
	if start == nil {
		start = func(ctx context.Context) (Process, error) {
			return worker.Start(ctx, worker.Config{Command: cfg.Command, Limits: cfg.Limits, Logger: n.log})
		}
	}
	n.mode = engine.Interp
	if cfg.Mode != "" && cfg.Mode != engine.Interp {
		n.mode, n.compiler = cfg.Mode, engine.Open(n.ctx, "", engine.LoadIn(n.ctx, append(slices.Clone(cfg.Command), "--load")...), n.modulePackages)
	}
	base := engine.Library(n.ctx, check.StdLibrary(), n.compiler)
	n.library = newLibrary(n.ctx, base, func() string { return program.Workspace(n.environ(), n.dir()) }, n.dir, n.tools)
	n.empty = check.NewScope(n.library)
	n.scope = n.empty
	n.workers = newWorkers(n.ctx, start, n.compiler, n.log)
	return n
}

// Close ends the workers with everything that they have started. A cell that runs ends with an error.
func (n *Notebook) Close() error {
	n.mu.Lock()
	n.stop(errClosed)
	n.mu.Unlock()
	err := n.workers.close()
	n.background.Wait()
	err = errors.Join(err, n.programs.close())
	if n.compiler != nil {
		err = errors.Join(err, n.compiler.Close())
	}
	return err
}

// begin makes a cell the running one. end must be called when it has ended.
func (n *Notebook) begin(ctx context.Context) (cell context.Context, end func()) {
	cell, cancel := context.WithCancelCause(ctx)
	release := context.AfterFunc(n.ctx, func() { cancel(errClosed) })
	n.mu.Lock()
	n.running, n.interrupts = cancel, 0
	cleared := n.cleared
	n.mu.Unlock()
	if cleared != nil {
		<-cleared // ending goroutines is for times when no cell runs
	}
	return cell, func() {
		n.mu.Lock()
		n.running = nil
		if n.interrupts > 1 {
			n.clear()
		}
		n.mu.Unlock()
		release()
		cancel(nil)
	}
}

// stopWait bounds how long ending the goroutines of earlier cells may take.
const stopWait = 2 * time.Second

// Interrupt ends the cell that runs. A second interrupt before the next cell, or one more while none runs, ends the
// goroutines that earlier cells have left and the processes that they have started.
func (n *Notebook) Interrupt() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.interrupts++
	if n.running != nil {
		n.running(errInterrupted)
	}
	if n.running == nil && n.interrupts > 1 {
		n.clear()
	}
}

// clear ends what earlier cells have left behind, on behalf of an interrupt, in the background. Called with n.mu held.
func (n *Notebook) clear() {
	if n.ctx.Err() != nil {
		return // the worker ends, with all that it has
	}
	before, done := n.cleared, make(chan struct{})
	n.cleared = done
	n.inBackground(func() {
		defer close(done)
		if before != nil {
			<-before
		}
		ctx, cancel := context.WithTimeout(n.ctx, stopWait)
		defer cancel()
		if _, err := n.stopGoroutines(ctx); err != nil && n.ctx.Err() == nil {
			n.log.Warn("ending goroutines after an interrupt", "error", err)
		}
	})
}

// inBackground runs f on a goroutine that Close waits for, unless the notebook is closed. Called with n.mu held.
func (n *Notebook) inBackground(f func()) {
	if n.ctx.Err() == nil {
		n.background.Go(f)
	}
}

// stopped is what the worker answers to callStop.
type stopped struct {
	Ended int                    `json:"ended"`
	Left  []worker.GoroutineInfo `json:"left"` // they end when they return from where they wait
}

// stopGoroutines ends the goroutines and the processes that earlier cells have left behind.
func (n *Notebook) stopGoroutines(ctx context.Context) (stopped, error) {
	var s stopped
	e, err := n.workers.current(ctx)
	if err != nil {
		return s, err
	}
	err = e.proc.Call(ctx, callStop, nil, &s)
	return s, errors.Join(err, e.proc.KillChildren())
}

// next returns a number that no other piece of code of this notebook has.
func (n *Notebook) next() int {
	n.serial++
	return n.serial
}

// dir returns the directory in which the reader's code runs, "" if that is this process's.
func (n *Notebook) dir() string { return n.place.Dir }

// environ returns the environment of the reader's code.
func (n *Notebook) environ() []string {
	if n.place.Env != nil {
		return n.place.Env
	}
	return os.Environ()
}

// cellName is how positions and messages name a cell.
func cellName(number int) string { return fmt.Sprintf("cell [%d]", number) }
