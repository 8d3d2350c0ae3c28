package wire

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/go-zeromq/zmq4"
	"github.com/go-zeromq/zmq4/security/null"

	"gokernel/kernel/jupyter"
)

// retryDial is how long Dial waits before it tries again to reach a kernel that does not listen yet.
const retryDial = 10 * time.Millisecond

// Dial opens a client's side: DEALER on shell, control and stdin, all with one identity so that the kernel finds the
// stdin of who sent it a cell, SUB to everything on iopub, and REQ on heartbeat; see [Conn.Ping].
//
// It tries until the kernel listens or ctx ends. Nothing is reconnected: when the kernel goes, Recv fails with
// [ErrClosed].
func Dial(ctx context.Context, info jupyter.ConnectionInfo) (*Conn, error) {
	if err := checkInfo(info); err != nil {
		return nil, fmt.Errorf("dialing: %w", err)
	}
	codec, err := NewCodec(info.SignatureScheme, info.Key)
	if err != nil {
		return nil, fmt.Errorf("dialing: %w", err)
	}
	c := newConn(info)
	identity := rand.Text()
	held := &budget{bound: clientLimits().held}
	for _, ch := range jupyter.Channels() {
		l, err := dial(ctx, info, ch, identity, codec, held, c.sweep)
		if err != nil {
			c.Close() // the error that matters is the one below
			return nil, fmt.Errorf("dialing %s socket: %w", ch, err)
		}
		c.ends = append(c.ends, l)
		switch ch {
		case jupyter.Heartbeat:
			c.ping = l
		case jupyter.IOPub:
			c.inboxes[ch] = l.inbox
			if err := l.conn.SendMsg(zmq4.NewMsg([]byte{1})); err != nil {
				c.Close()
				return nil, fmt.Errorf("subscribing to iopub: %w", err)
			}
		default:
			c.inboxes[ch], c.outlets[ch] = l.inbox, l
		}
	}
	return c, nil
}

// link is a client's end of one channel. It starts a goroutine that reads and one that writes; stop ends both.
type link struct {
	*peer
	conn  *zmq4.Conn
	codec *Codec
	inbox chan *jupyter.Message // closed by pump
	pongs chan []byte           // heartbeat only
	gone  chan struct{}         // closed when pump ends
	quit  chan struct{}         // closed by stop
	wg    sync.WaitGroup

	sending sync.Mutex // frames of one message stay together
}

// clientKinds are the types of a client's sockets.
var clientKinds = map[jupyter.Channel]zmq4.SocketType{
	jupyter.Shell:     zmq4.Dealer,
	jupyter.Control:   zmq4.Dealer,
	jupyter.Stdin:     zmq4.Dealer,
	jupyter.IOPub:     zmq4.Sub,
	jupyter.Heartbeat: zmq4.Req,
}

func dial(ctx context.Context, info jupyter.ConnectionInfo, ch jupyter.Channel, identity string, codec *Codec, held *budget, sweep *sweeper) (*link, error) {
	raw, err := reach(ctx, info, ch)
	if err != nil {
		return nil, err
	}
	kind := clientKinds[ch]
	if kind != zmq4.Dealer {
		identity = ""
	}
	p := newPeer(raw, ch, kind, clientLimits(), held, slog.New(slog.DiscardHandler), sweep)
	stop := context.AfterFunc(ctx, func() { raw.Close() })
	err = p.handshake(identity)
	if !stop() && err == nil {
		err = ctx.Err()
	}
	if err != nil {
		p.drop(nil)
		return nil, fmt.Errorf("shaking hands: %w", err)
	}
	conn, err := zmq4.Open(p, null.Security(), kind, nil, false, nil)
	if err != nil {
		p.drop(nil)
		return nil, fmt.Errorf("opening connection: %w", err)
	}
	l := &link{
		peer: p, conn: conn, codec: codec, inbox: make(chan *jupyter.Message, inboxSize),
		pongs: make(chan []byte, 1), gone: make(chan struct{}), quit: make(chan struct{}),
	}
	l.wg.Go(p.write)
	l.wg.Go(l.pump)
	return l, nil
}

// reach connects, again and again while nobody listens.
func reach(ctx context.Context, info jupyter.ConnectionInfo, ch jupyter.Channel) (net.Conn, error) {
	network, addr := endpoint(info, info.Port(ch))
	var d net.Dialer
	for {
		raw, err := d.DialContext(ctx, network, addr)
		if err == nil {
			return raw, nil
		}
		select {
		case <-ctx.Done():
			return nil, errors.Join(ctx.Err(), err)
		case <-time.After(retryDial):
		}
	}
}

func (l *link) pump() {
	defer close(l.inbox)
	defer close(l.gone)
	defer l.peer.Close()
	for {
		msg, err := l.conn.RecvMsg()
		if err != nil {
			return
		}
		if l.ch == jupyter.Heartbeat {
			select {
			case l.pongs <- msg.Frames[len(msg.Frames)-1]:
			default: // nobody asked
			}
			continue
		}
		m, err := l.codec.Decode(msg.Frames)
		if err != nil {
			continue // a client has no log; what it waits for does not come
		}
		select {
		case l.inbox <- m:
		case <-l.quit:
			return
		}
	}
}

func (l *link) send(ctx context.Context, m *jupyter.Message) error {
	bare := *m
	bare.Identities = nil
	frames, err := l.codec.Encode(&bare)
	if err != nil {
		return err
	}
	return l.sendFrames(ctx, frames)
}

func (l *link) sendFrames(ctx context.Context, frames [][]byte) error {
	if err := l.out.room(ctx); err != nil {
		return fmt.Errorf("waiting for the kernel on %s: %w", l.ch, err)
	}
	l.sending.Lock()
	defer l.sending.Unlock()
	err := l.conn.SendMsg(zmq4.NewMsgFrom(frames...))
	if errors.Is(err, io.EOF) || errors.Is(err, zmq4.ErrClosedConn) {
		err = ErrClosed
	}
	if err != nil {
		return fmt.Errorf("sending on %s: %w", l.ch, err)
	}
	return nil
}

// Ping sends a heartbeat and returns how long the echo took. Only one Ping may run at a time, and only on a
// client's side.
func (c *Conn) Ping(ctx context.Context) (time.Duration, error) {
	if c.ping == nil {
		return 0, fmt.Errorf("pinging: %w", ErrChannel)
	}
	start := time.Now()
	payload := []byte(rand.Text())
	if err := c.ping.sendFrames(ctx, [][]byte{{}, payload}); err != nil {
		return 0, err
	}
	for {
		select {
		case pong := <-c.ping.pongs:
			if string(pong) == string(payload) {
				return time.Since(start), nil
			}
		case <-c.ping.gone:
			return 0, fmt.Errorf("pinging: %w", ErrClosed)
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
}

func (l *link) stop() {
	close(l.quit)
	l.peer.Close()
}

func (l *link) wait() { l.wg.Wait() }

func (l *link) close() error { return nil }
