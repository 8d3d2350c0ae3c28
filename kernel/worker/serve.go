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

// Serve is the child half: it runs the cells that the parent sends until the parent closes the connection or is gone,
// or ctx is done. It then ends all processes below this one and returns; goroutines of cells may be left, so the caller
// must let the process end. It returns [ErrNested] in a process that was not started by [Start].
//
// Serve takes the process over: descriptor 0 becomes a pipe, memory is limited, and on Linux the process becomes a
// subreaper. It starts one goroutine that takes notice of orphans that have ended, one that looks whether a cell reads
// stdin, one that looks at the memory of processes below this one, one for each cell that runs, one for each Call, and
// one while a line of input is asked for or written.
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
