package wire

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/go-zeromq/zmq4"

	"gokernel/kernel/jupyter"
)

// guard is the listener that stands between the network and zmq4. zmq4 v0.17.0 shakes hands inside its accept
// loop, so that one silent connection holds up all later ones; it allocates what a frame announces; it panics on a
// READY that it did not expect. So the guard shakes hands itself, one goroutine a connection, and hands over
// only peers that have passed; what zmq4 then reads of the handshake is a replay in the guard's own words, and
// what it writes of it is swallowed. See [peer] for what happens after the handshake.
//
// It starts: the accept loop, which ends by stop; one goroutine for each handshake, which ends by its deadline
// or stop; one writer for each peer, which ends with it. wait waits for all of them.
type guard struct {
	ch    jupyter.Channel
	lis   net.Listener
	kind  zmq4.SocketType // ours
	lim   limits
	held  *budget
	log   *slog.Logger
	sweep *sweeper

	ready   chan *peer    // from the handshakes to Accept
	stopped chan struct{} // closed by stop: no new peers
	closed  chan struct{} // closed by Close: Accept fails from now on
	wg      sync.WaitGroup
	readers sync.WaitGroup // peers handed over whose Read has not yet failed

	mu       sync.Mutex
	stopping bool
	pending  []net.Conn // in the handshake, oldest first
	peers    map[*peer]struct{}
	closing  sync.Once
}

// newGuard takes over lis and starts accepting.
func newGuard(ch jupyter.Channel, kind zmq4.SocketType, lis net.Listener, lim limits, held *budget, log *slog.Logger, sweep *sweeper) *guard {
	g := &guard{
		ch: ch, lis: lis, kind: kind, lim: lim, held: held, log: log, sweep: sweep,
		ready: make(chan *peer), stopped: make(chan struct{}), closed: make(chan struct{}),
		peers: map[*peer]struct{}{},
	}
	g.wg.Go(g.accept)
	return g
}

// retryAccept is how long the guard waits after a failed accept, which most often means that descriptors ran out.
const retryAccept = 20 * time.Millisecond

func (g *guard) accept() {
	failing := false
	for {
		raw, err := g.lis.Accept()
		if err == nil {
			failing = false
			g.wg.Go(func() { g.admit(raw) })
			continue
		}
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if !failing { // one line for a whole series
			g.log.Warn("accepting a connection failed", "channel", g.ch.String(), "err", err)
			failing = true
		}
		select {
		case <-g.stopped:
			return
		case <-time.After(retryAccept):
		}
	}
}

// admit shakes hands with a new connection and hands it over, or drops it.
func (g *guard) admit(raw net.Conn) {
	if !g.enter(raw) {
		raw.Close() // nothing was said yet
		return
	}
	p := newPeer(raw, g.ch, g.kind, g.lim, g.held, g.log, g.sweep)
	err := p.handshake("")
	if err == nil {
		err = g.promote(p)
	} else {
		g.leave(raw)
	}
	if err != nil {
		select {
		case <-g.stopped:
			err = nil // the end was ours
		default:
		}
		p.drop(err)
		return
	}
	select {
	case g.ready <- p:
	case <-g.stopped:
		p.Close()
	}
}

// enter counts raw among the pending connections, the oldest of which gives way if there are too many.
func (g *guard) enter(raw net.Conn) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.stopping {
		return false
	}
	if len(g.pending) >= g.lim.pending {
		g.pending[0].Close() // its handshake fails by this and logs it
		g.pending = slices.Delete(g.pending, 0, 1)
	}
	g.pending = append(g.pending, raw)
	return true
}

func (g *guard) leave(raw net.Conn) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.forget(raw)
}

// forget is called with mu held. A connection that gave way is no longer there.
func (g *guard) forget(raw net.Conn) {
	if i := slices.Index(g.pending, raw); i >= 0 {
		g.pending = slices.Delete(g.pending, i, i+1)
	}
}

// promote makes a pending connection a peer and starts its writer.
func (g *guard) promote(p *peer) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.forget(p.Conn)
	if g.stopping {
		return net.ErrClosed
	}
	if len(g.peers) >= g.lim.peers {
		return fmt.Errorf("there are %d connections already", len(g.peers))
	}
	g.peers[p] = struct{}{}
	g.wg.Go(func() {
		p.write()
		g.mu.Lock()
		defer g.mu.Unlock()
		delete(g.peers, p)
	})
	return nil
}

// Accept returns the next peer that has shaken hands. After stop it blocks until Close, because zmq4 calls it
// in a loop that only its own Close ends.
func (g *guard) Accept() (net.Conn, error) {
	for {
		select {
		case p := <-g.ready:
			if g.handOver(p) {
				return p, nil
			}
			p.Close()
		case <-g.closed:
			return nil, net.ErrClosed
		}
	}
}

func (g *guard) handOver(p *peer) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.stopping {
		return false
	}
	g.readers.Add(1)
	p.onReadEnd = g.readers.Done
	return true
}

// Addr returns the address that clients connect to.
func (g *guard) Addr() net.Addr { return g.lis.Addr() }

// Close stops the guard and makes Accept fail. zmq4 calls it when its socket closes.
func (g *guard) Close() error {
	g.stop()
	g.closing.Do(func() { close(g.closed) })
	return nil
}

// stop takes no more connections and begins to close those there are: what is queued for them is still written.
func (g *guard) stop() {
	g.mu.Lock()
	if g.stopping {
		g.mu.Unlock()
		return
	}
	g.stopping = true
	close(g.stopped)
	if err := g.lis.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
		g.log.Warn("closing a listener failed", "channel", g.ch.String(), "err", err)
	}
	for _, raw := range g.pending {
		raw.Close() // its handshake fails by this
	}
	peers := g.list()
	g.mu.Unlock()
	for _, p := range peers {
		p.Close()
	}
}

// wait returns when, after stop, every peer is closed and nobody reads any more.
func (g *guard) wait() {
	g.wg.Wait()
	g.readers.Wait()
}

// list is called with mu held.
func (g *guard) list() []*peer {
	peers := make([]*peer, 0, len(g.peers))
	for p := range g.peers {
		peers = append(peers, p)
	}
	return peers
}

// find returns the peers with an identity. There is one, unless a client reconnects before its old connection is
// known to be gone, or two chose the same identity; then zmq4 sends to all of them.
func (g *guard) find(identity []byte) []*peer {
	g.mu.Lock()
	defer g.mu.Unlock()
	var found []*peer
	for p := range g.peers {
		if p.identity == string(identity) {
			found = append(found, p)
		}
	}
	return found
}
