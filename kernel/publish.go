package kernel

import (
	"context"
	"log/slog"
	"sync"

	"gokernel/kernel/jupyter"
)

// iopubRoom is how many bytes of content may wait for iopub before those who
// print have to wait. A single message may be larger.
const iopubRoom = 1 << 20

// publisher sends everything that goes to iopub, in the order in which it
// was put. Putting never blocks, so that a control request is answered at once
// however slow the subscribers are; who prints calls waitRoom first.
type publisher struct {
	send func(context.Context, *jupyter.Message) error
	log  *slog.Logger
	wake chan struct{} // one slot: the queue is not empty

	mu     sync.Mutex
	queue  []published
	bytes  int
	room   chan struct{} // not nil while the queue is full; closed when it no longer is
	closed bool          // run has ended: everything put is dropped

	failing bool // only run: the last send failed, and that was logged
}

// published is a message, or a mark in the queue if msg is nil.
type published struct {
	msg     *jupyter.Message
	reached chan<- struct{} // closed when all before the mark is sent
}

func newPublisher(send func(context.Context, *jupyter.Message) error, log *slog.Logger) *publisher {
	return &publisher{send: send, log: log, wake: make(chan struct{}, 1)}
}

// run sends what is put until ctx is done.
func (p *publisher) run(ctx context.Context) {
	defer p.close()
	for {
		p.mu.Lock()
		queue := p.queue
		p.queue = nil
		p.mu.Unlock()
		if len(queue) == 0 {
			select {
			case <-p.wake:
				continue
			case <-ctx.Done():
				return
			}
		}
		for i, item := range queue {
			if item.msg == nil {
				close(item.reached)
				continue
			}
			p.deliver(ctx, item.msg)
			queue[i].msg = nil // a large one may go now
		}
	}
}

func (p *publisher) deliver(ctx context.Context, m *jupyter.Message) {
	err := p.send(ctx, m)
	if err != nil && !p.failing && ctx.Err() == nil {
		p.log.Warn("cannot publish on iopub", "msg_type", m.Header.MsgType, "err", err)
	}
	p.failing = err != nil
	p.mu.Lock()
	defer p.mu.Unlock()
	p.bytes -= len(m.Content)
	if p.room != nil && p.bytes < iopubRoom {
		close(p.room)
		p.room = nil
	}
}

// put appends a message.
func (p *publisher) put(m *jupyter.Message) { p.enqueue(published{msg: m}) }

// flush waits until all that was put so far is sent, or run has ended.
func (p *publisher) flush() {
	reached := make(chan struct{})
	p.enqueue(published{reached: reached})
	<-reached
}

func (p *publisher) enqueue(item published) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		if item.reached != nil {
			close(item.reached)
		}
		return
	}
	p.queue = append(p.queue, item)
	if item.msg != nil {
		p.bytes += len(item.msg.Content)
	}
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// full reports whether who prints has to wait.
func (p *publisher) full() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.bytes >= iopubRoom && !p.closed
}

// waitRoom blocks while the queue is full.
func (p *publisher) waitRoom() {
	for {
		p.mu.Lock()
		if p.bytes < iopubRoom || p.closed {
			p.mu.Unlock()
			return
		}
		if p.room == nil {
			p.room = make(chan struct{})
		}
		room := p.room
		p.mu.Unlock()
		<-room
	}
}

// close lets everybody go who waits.
func (p *publisher) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	for _, item := range p.queue {
		if item.reached != nil {
			close(item.reached)
		}
	}
	p.queue = nil
	if p.room != nil {
		close(p.room)
		p.room = nil
	}
}
