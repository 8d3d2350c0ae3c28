package wire

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/go-zeromq/zmq4"

	"gokernel/kernel/jupyter"
)

// inboxSize is how many verified messages wait for Recv before reading stops. What is not verified never waits
// there, so that a peer without the key can neither fill it nor be held behind it.
const inboxSize = 4096

// stdinPatience is how long a request for input waits for a client's stdin channel to be connected.
const stdinPatience = 2 * time.Second

// router is the kernel's end of shell, control or stdin: a ROUTER socket of zmq4's behind a guard. It starts one
// goroutine that receives, which close ends.
type router struct {
	*guard
	sock  zmq4.Socket
	codec *Codec
	inbox chan *jupyter.Message // closed by pump
	wg    sync.WaitGroup
}

func newRouter(g *guard, codec *Codec) (*router, error) {
	sock, err := listenGuarded(g, zmq4.NewRouter)
	if err != nil {
		return nil, err
	}
	r := &router{guard: g, sock: sock, codec: codec, inbox: make(chan *jupyter.Message, inboxSize)}
	r.wg.Go(r.pump)
	return r, nil
}

// pump verifies what comes in. It goes on after stop, so that no reader of zmq4's is left behind in a send to
// a channel that nobody reads, and ends when the socket is closed.
func (r *router) pump() {
	defer close(r.inbox)
	for {
		msg, err := r.sock.Recv()
		if errors.Is(err, context.Canceled) {
			return // only the socket's own close does that, and no reader is left by then
		}
		if err != nil {
			select {
			case <-r.closed:
				return
			default:
				r.log.Warn("receiving failed", "channel", r.ch.String(), "err", err)
				continue
			}
		}
		m, err := r.codec.Decode(msg.Frames)
		if err != nil {
			r.log.Warn("message dropped", "channel", r.ch.String(), "err", err)
			r.sweep.ask()
			continue
		}
		select {
		case r.inbox <- m:
		case <-r.stopped:
		}
	}
}

// send routes m to the peer that its first identity names. It waits while that peer has too much unread; a peer
// that is not there, or goes meanwhile, loses the message, as with any ROUTER.
func (r *router) send(ctx context.Context, m *jupyter.Message) error {
	if len(m.Identities) == 0 {
		return fmt.Errorf("sending %s: %w: no identity to route it by", m.Header.MsgType, ErrFrames)
	}
	peers := r.await(ctx, m.Identities[0])
	if len(peers) == 0 {
		r.log.Debug("no peer to send to", "channel", r.ch.String(), "msg_type", string(m.Header.MsgType))
		return nil
	}
	frames, err := r.codec.Encode(m)
	if err != nil {
		return err
	}
	for _, p := range peers {
		if err := p.out.room(ctx); err != nil {
			return fmt.Errorf("waiting for a slow client on %s: %w", r.ch, err)
		}
	}
	err = r.sock.Send(zmq4.NewMsgFrom(frames...))
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, zmq4.ErrClosedConn) {
		return fmt.Errorf("sending %s on %s: %w", m.Header.MsgType, r.ch, err)
	}
	return nil
}

// await returns the peers with an identity that zmq4 can send to. A client connects its channels at once, but they are
// ready one after the other: what a cell asks on stdin waits a moment for that channel.
func (r *router) await(ctx context.Context, identity []byte) []*peer {
	ready := func() []*peer {
		return slices.DeleteFunc(r.find(identity), func(p *peer) bool { return !p.known.Load() })
	}
	peers := ready()
	if len(peers) > 0 || r.ch != jupyter.Stdin {
		return peers
	}
	patience, stop := context.WithTimeout(ctx, stdinPatience)
	defer stop()
	again := time.NewTicker(time.Millisecond)
	defer again.Stop()
	for len(peers) == 0 {
		select {
		case <-patience.Done():
			return nil
		case <-r.stopped:
			return nil
		case <-again.C:
			peers = ready()
		}
	}
	return peers
}

func (r *router) close() error {
	err := r.sock.Close()
	r.wg.Wait()
	return err
}
