package wire

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"slices"
	"strings"
	"sync"

	"github.com/go-zeromq/zmq4"
	"github.com/go-zeromq/zmq4/security/null"

	"gokernel/kernel/jupyter"
)

// publisher is the kernel's end of iopub: a guard whose peers speak zmq4's connections, but no socket of zmq4's. Its
// PUB socket queues without bound, writes to its subscribers one after the other, tells nobody of subscriptions,
// and leaves a goroutine behind.
//
// It starts one goroutine that accepts and one for each peer, which reads its subscriptions; close ends them.
type publisher struct {
	*guard
	codec   *Codec
	welcome func(topic string) *jupyter.Message
	wg      sync.WaitGroup

	subs sync.Mutex
	all  map[*peer]map[string]struct{} // topics by subscriber
}

func newPublisher(g *guard, codec *Codec, welcome func(string) *jupyter.Message) *publisher {
	p := &publisher{guard: g, codec: codec, welcome: welcome, all: map[*peer]map[string]struct{}{}}
	p.wg.Go(p.serve)
	return p
}

func (p *publisher) serve() {
	for {
		conn, err := p.Accept()
		if err != nil {
			return
		}
		p.wg.Go(func() { p.attend(conn) })
	}
}

// attend reads the subscriptions of one peer until it goes.
func (p *publisher) attend(conn net.Conn) {
	sub := conn.(*peer)
	zc, err := zmq4.Open(conn, null.Security(), zmq4.Pub, nil, true, nil)
	if err != nil {
		sub.drop(err)
		sub.readEnds(err)
		return
	}
	defer func() {
		p.subs.Lock()
		delete(p.all, sub)
		p.subs.Unlock()
		sub.Close()
	}()
	for {
		msg, err := zc.RecvMsg()
		if err != nil {
			return
		}
		if len(msg.Frames) != 1 || len(msg.Frames[0]) == 0 || msg.Frames[0][0] > 1 {
			continue // not a subscription; a SUB may send no other, an XSUB may
		}
		topic := string(msg.Frames[0][1:])
		if msg.Frames[0][0] == 0 {
			p.subs.Lock()
			delete(p.all[sub], topic)
			p.subs.Unlock()
			continue
		}
		if !p.subscribe(sub, topic) {
			sub.drop(fmt.Errorf("%w: more than %d subscriptions", errTooBig, p.lim.topics))
			continue // the next read fails
		}
		p.greet(sub, topic)
	}
}

func (p *publisher) subscribe(sub *peer, topic string) bool {
	p.subs.Lock()
	defer p.subs.Unlock()
	topics := p.all[sub]
	if topics == nil {
		topics = map[string]struct{}{}
		p.all[sub] = topics
	}
	topics[topic] = struct{}{}
	return len(topics) <= p.lim.topics
}

// greet sends a new subscriber, and it alone, its welcome.
func (p *publisher) greet(sub *peer, topic string) {
	if p.welcome == nil {
		return
	}
	m := p.welcome(topic)
	if m == nil {
		return
	}
	frames, err := p.encode(m, topic)
	if err != nil {
		p.log.Error("welcome not sent", "err", err)
		return
	}
	if err := sub.push(appendMessage(frames)); err != nil {
		p.log.Debug("subscriber is gone", "err", err)
	}
}

// encode returns the frames of m under a topic, which stands where other channels have identities.
func (p *publisher) encode(m *jupyter.Message, topic string) ([][]byte, error) {
	published := *m
	published.Identities = [][]byte{[]byte(topic)}
	return p.codec.Encode(&published)
}

// send publishes m with its msg_type as topic. All subscribers share one copy of the bytes. It returns when every
// subscriber's queue has taken it, which is how a slow one slows the cell that floods it; one that makes no
// progress is dropped by its writer, which ends the wait too.
//
// A status does not wait, up to a second bound: were it to, a control request would not be answered while a cell
// floods a slow subscriber.
func (p *publisher) send(ctx context.Context, m *jupyter.Message) error {
	topic := string(m.Header.MsgType)
	frames, err := p.encode(m, topic)
	if err != nil {
		return err
	}
	var message []byte
	var slow []*peer
	for _, sub := range p.subscribers(topic) {
		if message == nil {
			message = appendMessage(frames)
		}
		if sub.out.full() && m.Header.MsgType != jupyter.StatusType {
			slow = append(slow, sub)
			continue
		}
		sub.push(message) // fails if the subscriber is gone, which is no concern of the sender
	}
	for _, sub := range slow {
		if err := sub.out.room(ctx); err != nil {
			return fmt.Errorf("waiting for a slow subscriber: %w", err)
		}
		sub.push(message)
	}
	return nil
}

// subscribers lists the peers that want topic.
func (p *publisher) subscribers(topic string) []*peer {
	p.subs.Lock()
	defer p.subs.Unlock()
	var subs []*peer
	for sub, topics := range p.all {
		wants := func(prefix string) bool { return strings.HasPrefix(topic, prefix) }
		if slices.ContainsFunc(slices.Collect(maps.Keys(topics)), wants) {
			subs = append(subs, sub)
		}
	}
	return subs
}

func (p *publisher) close() error {
	err := p.Close()
	p.wg.Wait()
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}
