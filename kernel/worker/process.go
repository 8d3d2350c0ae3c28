package worker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Marker is the environment variable that tells a worker from a process that a worker's code has started. [Start] and
// [Serve] refuse to work in the latter, so that code which runs the kernel's own binary does not multiply.
const Marker = "GOKERNEL_WORKER"

// ErrNested reports an attempt to start a worker from within one.
var ErrNested = errors.New("a worker cannot be started from within a worker")

// ErrClosed reports the use of a Process after Close.
var ErrClosed = errors.New("worker closed")

// Config says how to start a worker.
type Config struct {
	Command []string      // the child's path and arguments; it must call Serve
	Env     []string      // its environment; nil: ours
	Dir     string        // its working directory; "": ours
	Limits  Limits        // zero fields have defaults
	Logger  *slog.Logger  // nil: nothing is logged
	Stop    time.Duration // how long an interrupted cell may take to end before the worker is killed; 0: 2 s
	Grace   time.Duration // how long Close waits for the worker to end by itself, and again after SIGTERM; 0: 250 ms
}

// Process is a worker. All methods are safe for concurrent use.
//
// Its goroutines, all of which end with the child: one reads the control connection, one the events, two what the
// child prints on its own account, two the output of each pair of pipes, and one waits for the child and clears up.
type Process struct {
	cfg     Config
	cmd     *exec.Cmd
	control *conn
	events  *conn
	base    *pair // descriptors 1 and 2 of the child
	crash   crashLog
	legacy  legacy // nil if there is no memory to share
	oom     int64  // how often this machine had run out of memory when we started

	ready chan struct{} // closed when the child has said hello
	gone  chan struct{} // closed when the child's process has ended
	dead  chan struct{} // closed when that has been cleared up after as well
	death *Death        // set before dead is closed
	busy  chan struct{} // holds a token while a cell runs

	readers sync.WaitGroup
	bufs    sync.Pool // of *[outputChunk]byte

	mu       sync.Mutex
	closing  bool
	cause    string        // why we killed the child ourselves
	running  *running      // nil: no cell runs
	last     Sink          // of the cell that runs or ran last
	sinks    map[int]Sink  // by cell, as long as it can have events
	pairs    map[int]*pair // open ones, by id
	free     *pair         // the next cell's, nil: make one
	slots    map[int]bool  // numbers of the batches in use
	sealed   bool          // no more batches are given: the legacy is about to be closed
	lastPair int
	calls    map[int]chan reply
	lastCall int
}

// Start begins a worker and returns once its process exists; see [Process.Ready]. ctx bounds only the start. The
// caller must Close the Process, also if it has died.
//
// On Linux the calling process becomes a subreaper, see prctl(2): orphans of a worker that was killed come to it, and
// are ended. Processes that it has started by package os/exec are left alone.
func Start(ctx context.Context, cfg Config) (*Process, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("starting a worker: %w", context.Cause(ctx))
	}
	if os.Getenv(Marker) != "" {
		return nil, fmt.Errorf("starting a worker: %w", ErrNested)
	}
	if len(cfg.Command) == 0 {
		return nil, errors.New("starting a worker: no command")
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	if cfg.Stop == 0 {
		cfg.Stop = 2 * time.Second
	}
	if cfg.Grace == 0 {
		cfg.Grace = 250 * time.Millisecond
	}
	limits, err := cfg.Limits.resolve()
	if err != nil {
		return nil, fmt.Errorf("starting a worker: %w", err)
	}
	if err := becomeSubreaper(); err != nil {
		cfg.Logger.Warn("orphans of a killed worker will not be found", "error", err)
	}
	p := &Process{
		cfg:   cfg,
		oom:   outOfMemoryKills(),
		ready: make(chan struct{}),
		gone:  make(chan struct{}),
		dead:  make(chan struct{}),
		busy:  make(chan struct{}, 1),
		sinks: map[int]Sink{},
		pairs: map[int]*pair{},
		slots: map[int]bool{},
		calls: map[int]chan reply{},
		bufs:  sync.Pool{New: func() any { return new([outputChunk]byte) }},
	}
	if err := p.launch(); err != nil {
		return nil, fmt.Errorf("starting a worker: %w", err)
	}
	m := setup{Memory: limits.Memory, Stack: limits.Stack, Legacy: p.legacy != nil}
	if err := p.control.send(kindSetup, m, time.Time{}); err != nil {
		p.cfg.Logger.Debug("the worker ended at once", "error", err) // its death says more
	}
	return p, nil
}

// launch starts the child and our goroutines.
func (p *Process) launch() (err error) {
	var ours, theirs []*os.File
	defer func() {
		for _, f := range theirs {
			f.Close()
		}
		if err != nil {
			for _, f := range ours {
				f.Close()
			}
			p.legacy.close()
		}
	}()
	for _, name := range []string{"control", "event"} {
		o, t, err := socketPair(name)
		if err != nil {
			return err
		}
		ours, theirs = append(ours, o), append(theirs, t)
	}
	base, prints, err := newPair(0, &p.bufs)
	if err != nil {
		return err
	}
	p.base = base
	ours, theirs = append(ours, base.pipe[:]...), append(theirs, prints...)

	// Without it a Death says less.
	if mem, l, err := newLegacy(); err != nil {
		p.cfg.Logger.Warn("a worker's death will not tell its place", "error", err)
	} else {
		p.legacy, theirs = l, append(theirs, mem)
	}

	cmd := exec.Command(p.cfg.Command[0], p.cfg.Command[1:]...)
	cmd.Dir = p.cfg.Dir
	cmd.Env = childEnv(p.cfg.Env)
	cmd.Stdout, cmd.Stderr = prints[0], prints[1]
	cmd.ExtraFiles = append(slices.Clone(theirs[:2]), theirs[4:]...)
	// A group of its own: a SIGINT meant for the kernel must not end the worker.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if p.control, err = newConn(ours[0]); err != nil {
		return err
	}
	if p.events, err = newConn(ours[1]); err != nil {
		p.control.close()
		return err
	}
	if err := cmd.Start(); err != nil {
		p.control.close()
		p.events.close()
		return err
	}
	p.cmd = cmd
	p.cfg.Logger.Info("a worker has started", "pid", p.PID())
	p.base.out.sink = baseSink{p}
	go p.base.read()
	p.readers.Go(p.readControl)
	p.readers.Go(p.readEvents)
	go p.supervise()
	return nil
}

// childEnv adds our marker to env.
func childEnv(env []string) []string {
	if env == nil {
		env = os.Environ()
	}
	kept := make([]string, 0, len(env)+2)
	for _, v := range env {
		if !strings.HasPrefix(v, Marker+"=") && !strings.HasPrefix(v, "GOTRACEBACK=") {
			kept = append(kept, v)
		}
	}
	return append(kept, Marker+"="+strconv.Itoa(os.Getpid()), "GOTRACEBACK=single")
}

// Ready is closed when the worker can take cells. It stays open if the worker dies before that; see [Process.Dead].
func (p *Process) Ready() <-chan struct{} { return p.ready }

// Dead is closed when the worker's process is gone and all its descendants with it.
func (p *Process) Dead() <-chan struct{} { return p.dead }

// Death says how the worker died. It is nil until Dead is closed, and stays nil after Close of a living worker.
func (p *Process) Death() *Death {
	select {
	case <-p.dead:
		return p.death
	default:
		return nil
	}
}

// PID is the process id of the worker.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Call asks the Evaluator something, also while a cell runs. It stores the answer in result, unless that is nil.
// The error is that of the Evaluator's method in words, a *Death, ErrClosed, or ctx's.
func (p *Process) Call(ctx context.Context, method string, params, result any) error {
	raw, err := json.Marshal(params)
	if err != nil {
		return fmt.Errorf("calling %s: %w", method, err)
	}
	if ctx.Err() != nil {
		return fmt.Errorf("calling %s: %w", method, context.Cause(ctx)) // select might take an answer that is as quick
	}
	answer := make(chan reply, 1)
	p.mu.Lock()
	p.lastCall++
	id := p.lastCall
	p.calls[id] = answer
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		delete(p.calls, id)
		p.mu.Unlock()
	}()
	select {
	case <-p.ready:
	case <-p.dead:
		return p.ended()
	case <-ctx.Done():
		return fmt.Errorf("calling %s: %w", method, context.Cause(ctx))
	}
	deadline, _ := ctx.Deadline()
	if err := p.control.send(kindCall, call{ID: id, Method: method, Params: raw}, deadline); err != nil {
		if errors.Is(err, ErrFrameSize) {
			return fmt.Errorf("calling %s: %w", method, err)
		}
		<-p.dead // the connection is of no more use, so supervise ends the child
		return p.ended()
	}
	select {
	case r := <-answer:
		switch {
		case r.Error != "":
			return fmt.Errorf("calling %s: %s", method, r.Error)
		case result == nil || len(r.Result) == 0:
			return nil
		}
		if err := json.Unmarshal(r.Result, result); err != nil {
			return fmt.Errorf("calling %s: decoding the answer: %w", method, err)
		}
		return nil
	case <-p.dead:
		return p.ended()
	case <-ctx.Done():
		return fmt.Errorf("calling %s: %w", method, context.Cause(ctx))
	}
}

// ended is the error for whoever needed the worker. Only after dead is closed.
func (p *Process) ended() error {
	if p.death == nil {
		return ErrClosed
	}
	return p.death
}

// readControl handles what the child answers.
func (p *Process) readControl() {
	defer p.lostConnection()
	for {
		f, _, err := p.control.recv()
		if err != nil {
			return // the end of the child, or soon to be
		}
		switch f.kind {
		case kindHello:
			select {
			case <-p.ready:
			default:
				close(p.ready)
			}
		case kindReply:
			var r reply
			if err := f.decode(&r); err != nil {
				p.cfg.Logger.Error("worker", "error", err)
				return
			}
			p.mu.Lock()
			answer := p.calls[r.ID]
			delete(p.calls, r.ID)
			p.mu.Unlock()
			if answer != nil {
				answer <- r
			}
		default:
			p.cfg.Logger.Error("worker", "error", fmt.Errorf("unexpected %s frame on the control connection", f.kind))
			return
		}
	}
}
