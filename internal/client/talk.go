package client

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"gokernel/kernel/jupyter"
	"gokernel/kernel/wire"
)

const (
	dialRetry      = 10 * time.Millisecond  // between attempts to reach a kernel that starts
	subscribeRetry = 200 * time.Millisecond // until kernel_info is asked again because iopub is silent
	inboxSize      = 256                    // messages of one request that wait for its handler
)

// conn is what a talk needs of *wire.Conn.
type conn interface {
	Recv(ctx context.Context, ch jupyter.Channel) (*jupyter.Message, error)
	Send(ctx context.Context, ch jupyter.Channel, m *jupyter.Message) error
	Close() error
}

// A talk is one connection and the requests under way on it. Its goroutines, one for each channel that
// brings messages and one that watches the kernel's process, end with close.
type talk struct {
	conn      conn
	session   jupyter.Session
	check     *conversation
	proc      *process // may be nil
	unclaimed func(*jupyter.Message)

	ctx    context.Context // done when the talk is over; its cause says why
	cancel context.CancelCauseFunc
	wg     sync.WaitGroup

	mu         sync.Mutex
	pending    map[string]*pending // by msg_id of the request
	ended      map[string]*pending // those whose late messages somebody wants
	subscribed chan struct{}       // closed by the first message on iopub
	once       sync.Once
}

// A pending request gets its messages through channels that only the receivers write to.
type pending struct {
	reply chan *jupyter.Message // capacity 1
	inbox chan *jupyter.Message // iopub messages, then input requests, in the order of each channel
	done  chan struct{}         // closed by the waiter, who takes nothing any more
	all   bool                  // wants iopub messages at all

	mu   sync.Mutex             // one message after the other
	late func(*jupyter.Message) // set when done is closed; nil: nobody wants what comes late
}

// greet connects to a kernel that may still be starting and waits until it answers and is heard on iopub.
func greet(ctx context.Context, info jupyter.ConnectionInfo, p *process, unclaimed func(*jupyter.Message)) (*talk, jupyter.KernelInfoReply, error) {
	none := jupyter.KernelInfoReply{}
	c, err := dial(ctx, info, p)
	if err != nil {
		return nil, none, err
	}
	t := newTalk(c, p, unclaimed)
	reply, err := t.handshake(ctx)
	if err != nil {
		t.close()
		return nil, none, err
	}
	return t, reply, nil
}

// dial tries until the kernel listens, has died, or ctx is done.
func dial(ctx context.Context, info jupyter.ConnectionInfo, p *process) (conn, error) {
	dialing, cancel := context.WithCancel(ctx)
	defer cancel()
	var dead <-chan struct{}
	if p != nil {
		dead = p.dead
		stop := make(chan struct{})
		defer close(stop)
		go func() { // ends with stop, at the latest
			select {
			case <-dead:
				cancel()
			case <-stop:
			}
		}()
	}
	for {
		c, err := wire.Dial(dialing, info)
		if err == nil {
			return c, nil
		}
		select {
		case <-dead:
			return nil, p.death()
		case <-ctx.Done():
			return nil, fmt.Errorf("%w: %w", context.Cause(ctx), err)
		case <-time.After(dialRetry):
		}
	}
}

func newTalk(c conn, p *process, unclaimed func(*jupyter.Message)) *talk {
	t := &talk{
		conn: c, session: jupyter.NewSession("gokernel"), proc: p, unclaimed: unclaimed,
		pending: map[string]*pending{}, ended: map[string]*pending{}, subscribed: make(chan struct{}),
	}
	t.check = newConversation(t.session.ID)
	t.ctx, t.cancel = context.WithCancelCause(context.Background())
	for _, ch := range []jupyter.Channel{jupyter.Shell, jupyter.Control, jupyter.IOPub, jupyter.Stdin} {
		t.wg.Go(func() { t.receive(ch) })
	}
	if p != nil {
		t.wg.Go(func() {
			select {
			case <-p.dead:
				t.cancel(p.death())
			case <-t.ctx.Done():
			}
		})
	}
	return t
}

// handshake asks kernel_info until a message on iopub shows that the subscription stands: what the kernel
// publishes before is lost (spec, "The kernel info request", and JEP 65).
func (t *talk) handshake(ctx context.Context) (jupyter.KernelInfoReply, error) {
	for {
		reply, err := call[jupyter.KernelInfoReply](ctx, t, jupyter.Shell, jupyter.KernelInfoRequest{})
		if err != nil {
			return reply, err
		}
		select {
		case <-t.subscribed:
			t.check.listen()
			return reply, nil
		case <-ctx.Done():
			return reply, fmt.Errorf("nothing heard on iopub: %w", context.Cause(ctx))
		case <-t.ctx.Done():
			return reply, context.Cause(t.ctx)
		case <-time.After(subscribeRetry):
		}
	}
}

// receive hands the messages of one channel on until the talk is over.
func (t *talk) receive(ch jupyter.Channel) {
	for {
		m, err := t.conn.Recv(t.ctx, ch)
		switch {
		case t.ctx.Err() != nil:
			return
		case errors.Is(err, wire.ErrFrames) || errors.Is(err, wire.ErrSignature) || errors.Is(err, wire.ErrReplayed):
			t.check.note(nil, "%s: %v", ch, err)
			continue
		case err != nil:
			// If the process has died, that is the better reason; its watcher gets a moment to say so.
			if t.proc != nil {
				select {
				case <-t.proc.dead:
					t.cancel(t.proc.death())
					return
				case <-time.After(termGrace):
				case <-t.ctx.Done():
				}
			}
			t.cancel(fmt.Errorf("receiving on %s: %w", ch, err))
			return
		}
		if ch == jupyter.IOPub {
			t.once.Do(func() { close(t.subscribed) })
		}
		t.check.received(ch, m)
		t.route(ch, m)
	}
}

// route gives a message to the request that caused it.
func (t *talk) route(ch jupyter.Channel, m *jupyter.Message) {
	var p, ended *pending
	if m.ParentHeader != nil {
		t.mu.Lock()
		p, ended = t.pending[m.ParentHeader.MsgID], t.ended[m.ParentHeader.MsgID]
		t.mu.Unlock()
	}
	if ch == jupyter.Shell || ch == jupyter.Control {
		if p != nil {
			select {
			case p.reply <- m:
			default: // a second reply: the check has noted it
			}
		}
		return
	}
	if ended != nil && ch == jupyter.IOPub {
		ended.handLate(m)
		return
	}
	if p == nil || !p.all {
		if ch == jupyter.IOPub && t.unclaimed != nil {
			t.unclaimed(m)
		}
		return
	}
	select {
	case p.inbox <- m: // a slow handler slows the kernel down, by the sockets' own means
		select {
		case <-p.done: // perhaps nobody has taken it
			p.handLate(nil)
		default:
		}
	case <-p.done:
		p.handLate(m)
	case <-t.ctx.Done():
	}
}

// handLate hands on what is left in the inbox of a request that is done, and then m, if there is one.
func (p *pending) handLate(m *jupyter.Message) {
	p.mu.Lock()
	defer p.mu.Unlock()
	hand := func(m *jupyter.Message) {
		if p.late != nil && m.Header.MsgType != jupyter.InputRequestType {
			p.late(m)
		}
	}
	for len(p.inbox) > 0 { // nobody else takes from it any more
		hand(<-p.inbox)
	}
	if m != nil {
		hand(m)
	}
}

// send sends a request. The caller must forget it when it waits no more.
func (t *talk) send(ctx context.Context, ch jupyter.Channel, c jupyter.Content, all bool) (*jupyter.Message, *pending, error) {
	m, err := t.session.New(nil, c)
	if err != nil {
		return nil, nil, err
	}
	p := &pending{reply: make(chan *jupyter.Message, 1), done: make(chan struct{}), all: all}
	if all {
		p.inbox = make(chan *jupyter.Message, inboxSize)
	}
	t.mu.Lock()
	t.pending[m.Header.MsgID] = p
	t.mu.Unlock()
	t.check.sent(ch, m)
	if err := t.conn.Send(ctx, ch, m); err != nil {
		t.forget(m, p, nil)
		if t.ctx.Err() != nil {
			err = context.Cause(t.ctx)
		}
		return nil, nil, fmt.Errorf("sending %s: %w", m.Header.MsgType, err)
	}
	return m, p, nil
}

// forget ends the wait for what a request brings. late gets what comes all the same; nil: nobody does.
func (t *talk) forget(m *jupyter.Message, p *pending, late func(*jupyter.Message)) {
	p.late = late
	t.mu.Lock()
	delete(t.pending, m.Header.MsgID)
	if late != nil {
		t.ended[m.Header.MsgID] = p
	}
	t.mu.Unlock()
	close(p.done)
	p.handLate(nil)
}

// close ends the talk and waits for its goroutines.
func (t *talk) close() {
	if death := new(Death); !errors.As(context.Cause(t.ctx), &death) { // the dead owe no answer
		t.check.finish()
	}
	t.cancel(ErrClosed)
	_ = t.conn.Close() // what was to be sent has been answered or is given up
	t.wg.Wait()
}
