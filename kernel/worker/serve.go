package worker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"strconv"
	"sync"
	"syscall"
	"time"

	"gokernel/kernel/goroutine"
)

// Evaluator runs cells in the child. One that also has a method Attach(*Host) is given the way to show things, before
// the first cell. One that has a method Interrupt(*goroutine.Cell) has it called, beside Eval, at once when the cell's ctx is
// done: goroutines that compute keep the others waiting, 10 ms each, also those that would stop them.
type Evaluator interface {
	// Eval runs one cell on behalf of c and returns soon after ctx is done, even if the cell's code goes on. An error
	// that is a *Failure, or that of ctx, is the reader's; any other is ours. Cells come one at a time.
	Eval(ctx context.Context, c *goroutine.Cell, code json.RawMessage) (json.RawMessage, error)
	// Call answers Process.Call. It may be called while a cell runs, and from several goroutines.
	Call(method string, params json.RawMessage) (any, error)
}

// Descriptors of the child's connections.
const (
	controlFD = 3
	eventFD   = 4
	legacyFD  = 5 // if setup says so
)

// server is the child half.
type server struct {
	control, events *conn
	ev              Evaluator
	stdin           *stdin
	legacy          legacy
	lost            chan struct{} // closed when the parent is gone
	limit           chan int64    // takes the limit of memory once, for guard
	begun           chan struct{} // takes one when a cell begins, for guard

	mu      sync.Mutex
	current *evaluation
	free    *outputs
	made    int                 // pairs received since the last collection
	own     int                 // goroutines that are there between cells, none of them the reader's
	seq     int                 // of events that are answered
	acks    map[int]chan<- line // what they wait on
}

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

// Serve is the child half: it runs the cells that the parent sends until the parent closes the connection or is gone,
// or ctx is done. It then ends all processes below this one and returns; goroutines of cells may be left, so the caller
// must let the process end. It returns [ErrNested] in a process that was not started by [Start].
//
// Serve takes the process over: descriptor 0 becomes a pipe, memory is limited, and on Linux the process becomes a
// subreaper. It starts one goroutine that takes notice of orphans that have ended, one that looks whether a cell reads
// stdin, one that looks at the memory of processes below this one, one for each cell that runs, one for each Call, and one while a line of input is asked for or written.
func Serve(ctx context.Context, ev Evaluator) error {
	if os.Getenv(Marker) != strconv.Itoa(os.Getppid()) {
		return fmt.Errorf("serving cells: %w", ErrNested)
	}
	// The runtime has read it, and the processes of the reader's code have no use for it.
	if err := os.Unsetenv("GOTRACEBACK"); err != nil {
		return fmt.Errorf("serving cells: %w", err)
	}
	if err := os.Setenv(Marker, "inside"); err != nil {
		return fmt.Errorf("serving cells: %w", err)
	}
	goroutine.Setup()
	s := &server{ev: ev, lost: make(chan struct{}), limit: make(chan int64, 1), begun: make(chan struct{}, 1), acks: map[int]chan<- line{}}
	var err error
	if s.control, err = newConn(os.NewFile(controlFD, "control")); err != nil {
		return fmt.Errorf("serving cells: %w", err)
	}
	defer s.control.close()
	if s.events, err = newConn(os.NewFile(eventFD, "event")); err != nil {
		return fmt.Errorf("serving cells: %w", err)
	}
	defer s.events.close()
	if s.stdin, err = newStdin(s); err != nil {
		return fmt.Errorf("serving cells: %w", err)
	}
	defer s.stdin.close()
	// Where there are no subreapers a process that called setsid may escape; cells run all the same.
	_ = becomeSubreaper()
	stopReaping := reap()
	defer stopReaping()
	if a, ok := ev.(interface{ Attach(*Host) }); ok {
		a.Attach(&Host{s})
	}
	stop := context.AfterFunc(ctx, s.control.close)
	defer stop()

	go s.guard()

	s.own = runtime.NumGoroutine()
	err = s.serve()
	close(s.lost)
	if end := endTree(); err == nil {
		err = end
	}
	if err != nil && ctx.Err() == nil {
		return fmt.Errorf("serving cells: %w", err)
	}
	return nil
}

// reap takes notice of orphans that have ended, whenever a child has.
func reap() (stop func()) {
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGCHLD)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range c {
			// What os.StartProcess has started is not an orphan, and there is nothing else to do about an error.
			_, _ = reapOrphans()
		}
	}()
	return func() {
		signal.Stop(c)
		close(c)
		<-done
	}
}

// endTree ends all processes below this one, for good.
func endTree() error {
	err := killDescendants()
	// The reader's goroutines may go on starting processes, but not while this is locked; it is never unlocked.
	for end := time.Now().Add(100 * time.Millisecond); !syscall.ForkLock.TryLock(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			break
		}
	}
	return errors.Join(err, killDescendants())
}

// serve handles what the parent sends. It returns nil at the end of the connection.
func (s *server) serve() error {
	for {
		f, fds, err := s.control.recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = s.handle(f, fds)
		}
		if err != nil {
			return err
		}
	}
}

func (s *server) handle(f frame, fds []int) error {
	var files []*os.File
	for i, fd := range fds {
		files = append(files, os.NewFile(uintptr(fd), "/dev/"+streamNames[i%2]))
	}
	switch f.kind {
	case kindSetup:
		var m setup
		if err := f.decode(&m); err != nil {
			return err
		}
		if m.Legacy {
			s.legacy = openLegacy()
		}
		if err := m.apply(); err != nil {
			return err
		}
		select {
		case s.limit <- m.Memory:
		default: // told before
		}
		return s.control.send(kindHello, hello{PID: os.Getpid()}, time.Time{})
	case kindRun:
		var m run
		if err := f.decode(&m); err != nil {
			return err
		}
		return s.run(m, files)
	case kindInterrupt:
		var m interrupt
		if err := f.decode(&m); err != nil {
			return err
		}
		s.interrupt(m.Cell)
	case kindKill:
		go killDescendants()
	case kindCall:
		var m call
		if err := f.decode(&m); err != nil {
			return err
		}
		go s.call(m)
	case kindLine:
		var m line
		if err := f.decode(&m); err != nil {
			return err
		}
		s.answer(m)
	case kindAck:
		var m ack
		if err := f.decode(&m); err != nil {
			return err
		}
		s.answer(line{Seq: m.Seq})
	default:
		return fmt.Errorf("unexpected %s frame from the parent", f.kind)
	}
	return nil
}

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
	if errors.Is(cause, errNoStdin) && m.Failure != nil {
		m.Failure.Kind, m.Failure.Name, m.Failure.Value = NoStdin, "StdinNotAllowed", cause.Error()
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

// call answers one Call.
func (s *server) call(m call) {
	r := reply{ID: m.ID}
	v, err := func() (v any, err error) {
		defer func() {
			if p := recover(); p != nil {
				err = fmt.Errorf("the evaluator panicked: %v\n%s", p, debug.Stack())
			}
		}()
		return s.ev.Call(m.Method, m.Params)
	}()
	if err == nil {
		r.Result, err = json.Marshal(v)
	}
	if err != nil {
		r.Result, r.Error = nil, err.Error()
	}
	if err := s.control.send(kindReply, r, time.Time{}); errors.Is(err, ErrFrameSize) {
		r.Result, r.Error = nil, err.Error()
		// With another error the parent is gone, which serve finds out.
		_ = s.control.send(kindReply, r, time.Time{})
	}
}
