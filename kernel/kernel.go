// Package kernel is the Jupyter kernel proper, for any language: it reads
// requests from a Transport, has an Interpreter do what they ask, and alone
// sends replies, numbers cells, pairs busy with idle, keeps history and comms,
// and decides how printed text is cut into messages.
//
// Section names in comments are those of "Messaging in Jupyter", protocol 5.5.
package kernel

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"

	"gokernel/kernel/jupyter"
)

// Transport moves messages: a *wire.Conn, or an in-memory pair in tests.
// Recv and Send may be called for different channels at the same time, but
// for one channel Recv and Send are each called by one goroutine at a time.
// Both return when ctx is done, Recv also when the connection is closed.
// Recv returns well-formed messages only; what it cannot decode it drops.
type Transport interface {
	Recv(context.Context, jupyter.Channel) (*jupyter.Message, error)
	Send(context.Context, jupyter.Channel, *jupyter.Message) error
}

const (
	// queuedRequests and queuedBytes bound what waits on shell behind a
	// running cell; clients that send more have to wait.
	queuedRequests = 4096
	queuedBytes    = 64 << 20
	// shutdownWait bounds how long Run waits at its end for a cell that
	// does not stop, and for clients that do not take what was published.
	shutdownWait = 2 * time.Second
)

// errShutdown is why Run's context is done after a shutdown_request.
var errShutdown = errors.New("shutdown requested")

// Config says what a Kernel is made of.
type Config struct {
	// Session makes the kernel's messages.
	Session jupyter.Session
	// Interpreter runs the cells. It must be set. Run closes it.
	Interpreter Interpreter
	// History keeps cells over sessions; who opened it closes it after Run.
	// Nil means that none are kept, and history requests find nothing.
	History *History
	// AbortWait delays the reply of a failed cell that stops those behind
	// it, so that cells on their way are counted among them. Zero means no
	// delay, as in ipykernel: only what has arrived is aborted.
	AbortWait time.Duration
	// Logger gets what no client can be told. Nil means it is dropped.
	Logger *slog.Logger
}

// Kernel answers the requests of Jupyter clients. Make one with New.
//
// Run starts these goroutines and waits for them:
//
//   - publish iopub: sends everything that goes to iopub. Blocks on its queue
//     and in Transport.Send. Run ends it last, by its context.
//   - read shell: receives shell requests. Blocks in Transport.Recv, and on
//     the queue to the next one while that is full. Ends with Run's context.
//   - answer shell: answers them one after the other; cells run on it. Blocks
//     on the queue, in the Interpreter, in Transport.Send and on iopub's
//     queue. Ends with Run's context; an Execute that does not return then is
//     left behind after shutdownWait.
//   - control: receives and answers control requests. Blocks in
//     Transport.Recv and Send, and on nothing a cell can hold. Ends with
//     Run's context.
//   - stdin: receives answers to input_requests. Blocks in Transport.Recv.
//     Ends with Run's context.
//
// Timers call cellOutput.tick on goroutines of their own, which never block. A
// History has one goroutine, started by OpenHistory and ended by Close.
//
// Run's context is done when its caller's is, after a shutdown_request, and
// when a Recv fails.
type Kernel struct {
	transport Transport
	session   jupyter.Session
	interp    Interpreter
	history   *History
	abortWait time.Duration
	log       *slog.Logger

	handlers map[jupyter.Channel]map[jupyter.MsgType]handler
	iopub    *publisher
	waiting  waiting
	comms    *Comms
	stdin    stdin

	queue    chan *request
	weight   *semaphore.Weighted // bytes in queue
	received atomic.Uint64       // shell requests so far

	started  atomic.Bool
	stopping chan struct{} // closed when Run's context is done

	// Only the goroutine that answers shell requests:
	count       int    // cells stored
	abortBefore uint64 // execute_requests up to this one are aborted

	mu       sync.Mutex
	farewell *farewell // nil until a shutdown_request
}

// farewell is the shutdown_reply that Run broadcasts at its end.
type farewell struct {
	parent *jupyter.Message
	reply  jupyter.ShutdownReply
}

// New returns a kernel that is ready to Run.
func New(t Transport, cfg Config) *Kernel {
	k := &Kernel{
		transport: t,
		session:   cfg.Session,
		interp:    cfg.Interpreter,
		history:   cfg.History,
		abortWait: cfg.AbortWait,
		log:       cfg.Logger,
		queue:     make(chan *request, queuedRequests),
		weight:    semaphore.NewWeighted(queuedBytes),
		stopping:  make(chan struct{}),
	}
	if k.log == nil {
		k.log = slog.New(slog.DiscardHandler)
	}
	k.stdin.turn = make(chan struct{}, 1)
	k.comms = newComms(k)
	k.handlers = k.table()
	k.iopub = newPublisher(func(ctx context.Context, m *jupyter.Message) error {
		return t.Send(ctx, jupyter.IOPub, m)
	}, k.log)
	if u, ok := cfg.Interpreter.(CommUser); ok {
		u.UseComms(k.comms)
	}
	return k
}

// Run answers requests until one asks for shutdown, and then returns nil.
// Otherwise it returns why it ended: ctx's cause, or what the transport
// reported. It closes the interpreter. It may be called once.
func (k *Kernel) Run(ctx context.Context) error {
	if !k.started.CompareAndSwap(false, true) {
		return errors.New("the kernel has been run already")
	}
	// What is left to say goes out after ctx is done.
	sendCtx, stopSending := context.WithCancel(context.WithoutCancel(ctx))
	defer stopSending()
	published := make(chan struct{})
	go func() {
		defer close(published)
		k.iopub.run(sendCtx)
	}()
	k.publish(nil, jupyter.Status{ExecutionState: jupyter.Starting})

	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var readers errgroup.Group
	start := func(read func() error) {
		readers.Go(func() error {
			err := read()
			stop(err)
			return err
		})
	}
	start(func() error { return k.readShell(ctx) })
	start(func() error { return k.readControl(ctx, sendCtx) })
	start(func() error { return k.readStdin(ctx) })
	answered := make(chan struct{})
	go func() {
		defer close(answered)
		stop(k.answerShell(ctx, sendCtx))
		k.abortRest(ctx, sendCtx)
	}()

	<-ctx.Done()
	close(k.stopping)
	closeErr := k.closeInterpreter()
	limit := time.AfterFunc(shutdownWait, stopSending)
	defer limit.Stop()
	_ = readers.Wait() // the first error is the cause of ctx
	select {
	case <-answered:
	case <-sendCtx.Done():
		k.log.Error("the cell that runs does not stop; it is left behind")
	}
	if f := k.said(); f != nil {
		k.publish(f.parent, f.reply)
	}
	k.iopub.flush()
	stopSending()
	<-published
	err := context.Cause(ctx)
	if errors.Is(err, errShutdown) {
		err = nil
	}
	if closeErr != nil {
		err = errors.Join(err, fmt.Errorf("closing the interpreter: %w", closeErr))
	}
	return err
}

func (k *Kernel) closeInterpreter() (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = k.panicked(p)
		}
	}()
	return k.interp.Close()
}

// readShell puts shell requests into the queue in the order they come.
func (k *Kernel) readShell(ctx context.Context) error {
	for {
		m, err := k.transport.Recv(ctx, jupyter.Shell)
		if err != nil {
			return k.recvFailed(ctx, err)
		}
		req := &request{channel: jupyter.Shell, msg: m, seq: k.received.Add(1)}
		req.weight = min(weigh(m), queuedBytes)
		if err := k.weight.Acquire(ctx, req.weight); err != nil {
			return context.Cause(ctx)
		}
		select {
		case k.queue <- req:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// answerShell answers what readShell queued, until ctx is done or a request
// asked for shutdown.
func (k *Kernel) answerShell(ctx, sendCtx context.Context) error {
	for {
		select {
		case req := <-k.queue:
			k.serve(ctx, sendCtx, req)
			k.weight.Release(req.weight)
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		if k.said() != nil {
			return errShutdown
		}
	}
}

// abortRest answers what is still queued when ctx is done: cells are aborted,
// other requests refused.
func (k *Kernel) abortRest(ctx, sendCtx context.Context) {
	k.abortBefore = k.received.Load()
	for {
		select {
		case req := <-k.queue:
			k.serve(ctx, sendCtx, req)
		default:
			return
		}
	}
}

// readControl answers control requests while cells run.
func (k *Kernel) readControl(ctx, sendCtx context.Context) error {
	for {
		m, err := k.transport.Recv(ctx, jupyter.Control)
		if err != nil {
			return k.recvFailed(ctx, err)
		}
		k.serve(ctx, sendCtx, &request{channel: jupyter.Control, msg: m})
		if k.said() != nil {
			return errShutdown
		}
	}
}

func (k *Kernel) recvFailed(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return fmt.Errorf("kernel stopped: %w", err) // the transport says which channel
}

// publish puts c into iopub's queue, with parent as its parent. What JSON
// cannot express, as a MIME bundle may hold, it replaces by a line on stderr.
func (k *Kernel) publish(parent *jupyter.Message, c jupyter.Content) {
	m, err := k.session.New(parent, c)
	if err != nil {
		c = jupyter.Stream{Name: jupyter.Stderr, Text: fmt.Sprintf("cannot be shown: %v\n", err)}
		if m, err = k.session.New(parent, c); err != nil {
			k.log.Error("cannot publish", "err", err)
			return
		}
	}
	k.post(m)
}

// post puts m into iopub's queue under the topic of its type.
func (k *Kernel) post(m *jupyter.Message) {
	m.Identities = [][]byte{[]byte("kernel." + k.session.ID + "." + string(m.Header.MsgType))}
	k.iopub.put(m)
}

func weigh(m *jupyter.Message) int64 {
	n := int64(len(m.Content))
	for _, b := range m.Buffers {
		n += int64(len(b))
	}
	return n
}
