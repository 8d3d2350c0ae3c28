package wire

import (
	"bufio"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/go-zeromq/zmq4"

	"gokernel/kernel/jupyter"
)

// peer is one guarded connection. zmq4 reads from it only frames that are wholly there and within the limits;
// commands (PING, and SUBSCRIBE of ZMTP 3.1) are answered or translated on the way. What zmq4 writes is queued a
// message at a time and never blocks, for zmq4 holds the lock of the whole socket while it writes; who wants to be
// slowed down by a slow peer waits on out.room before.
//
// Read may be called by one goroutine, Write by another; Close and drop by any. All errors of Read are io.EOF,
// the one error after which zmq4 forgets a connection; why it ended is logged here, once.
type peer struct {
	net.Conn
	ch    jupyter.Channel
	own   zmq4.SocketType
	lim   limits
	held  *budget
	log   *slog.Logger
	sweep *sweeper

	ready     // the peer's; set by handshake
	out       *queue
	closing   atomic.Bool // by us
	ended     sync.Once
	onReadEnd func() // nil, or called when Read fails first
	readEnd   sync.Once

	deadline sync.Mutex // orders SetWriteDeadline of Close and the writer

	read struct { // used by the goroutine that calls Read, and before it by handshake
		br       *bufio.Reader
		head     []byte // of what Read returns next
		body     []byte // after head
		replayed bool   // body ends the replayed handshake
		bytes    int64  // of the message so far
		frames   int
		held     int64 // bytes taken from the budget
		more     bool  // the message goes on
	}
	greeted atomic.Bool // the replayed handshake is over; from here writes are real
	known   atomic.Bool // zmq4 reads messages of this peer, so it can also send to it

	partial []byte // of the message that zmq4 is writing
	scanned int    // frames of partial up to here are complete
}

func newPeer(raw net.Conn, ch jupyter.Channel, own zmq4.SocketType, lim limits, held *budget, log *slog.Logger, sweep *sweeper) *peer {
	p := &peer{Conn: raw, ch: ch, own: own, lim: lim, held: held, log: log, sweep: sweep, out: newQueue(lim.queue)}
	p.read.br = bufio.NewReaderSize(raw, 4<<10)
	return p
}

// handshake exchanges greetings and READYs, all within its deadline, and leaves the peer such that zmq4.Open will
// find a handshake to read. It works for both sides, as the NULL mechanism has no client and server.
//
// libzmq sends the rest of its greeting only when it has seen a part of ours, so ours goes first; so does our
// READY, or two guards would wait for each other.
func (p *peer) handshake(identity string) error {
	if err := p.SetDeadline(time.Now().Add(p.lim.handshake)); err != nil {
		return fmt.Errorf("setting the deadline of a handshake: %w", err)
	}
	if _, err := p.Conn.Write(greeting()); err != nil {
		return fmt.Errorf("sending the greeting: %w", err)
	}
	var theirs [greetingLen]byte
	if _, err := io.ReadFull(p.read.br, theirs[:1]); err != nil {
		return fmt.Errorf("no greeting: %w", err)
	}
	if theirs[0] != 0xff {
		return fmt.Errorf("%w: first byte %#x", errProtocol, theirs[0])
	}
	if _, err := io.ReadFull(p.read.br, theirs[1:]); err != nil {
		return fmt.Errorf("half a greeting: %w", err)
	}
	if err := checkGreeting(theirs[:]); err != nil {
		return err
	}
	if _, err := p.Conn.Write(ready{kind: p.own, identity: identity}.frame()); err != nil {
		return fmt.Errorf("sending READY: %w", err)
	}
	flags, size, err := p.frameHeader()
	if err != nil {
		return fmt.Errorf("no READY: %w", err)
	}
	if flags&^flagLong != flagCommand || size > maxCommand {
		return fmt.Errorf("%w: frame with flags %#x and %d bytes instead of READY", errProtocol, flags, size)
	}
	body := make([]byte, size)
	if _, err := io.ReadFull(p.read.br, body); err != nil {
		return fmt.Errorf("half a READY: %w", err)
	}
	if p.ready, err = parseReady(body); err != nil {
		return err
	}
	if !p.own.IsCompatible(p.kind) {
		return fmt.Errorf("%w: a %q cannot talk to the %s of %s", errProtocol, p.kind, p.own, p.ch)
	}
	if p.identity == "" || p.own == zmq4.Rep { // nobody addresses a heartbeat by name
		p.identity = "\x00" + rand.Text() // a ROUTER needs one to answer
	}
	p.read.head, p.read.body, p.read.replayed = greeting(), p.ready.frame(), true
	if err := p.SetDeadline(time.Time{}); err != nil {
		return fmt.Errorf("ending the deadline of a handshake: %w", err)
	}
	return nil
}

// Write queues what zmq4 writes as soon as it makes up a whole message. It never blocks.
func (p *peer) Write(b []byte) (int, error) {
	if !p.greeted.Load() {
		return len(b), nil // zmq4's part of the handshake, which has long been held
	}
	p.partial = append(p.partial, b...)
	for {
		flags, head, size := scanHeader(p.partial[p.scanned:])
		if head == 0 || uint64(len(p.partial)-p.scanned-head) < size {
			return len(b), nil
		}
		p.scanned += head + int(size)
		if flags&flagMore == 0 {
			message := p.partial[:p.scanned:p.scanned]
			p.partial, p.scanned = append([]byte(nil), p.partial[p.scanned:]...), 0
			if err := p.push(message); err != nil {
				return 0, err
			}
			if len(p.partial) == 0 {
				p.partial = nil
			}
		}
	}
}

// push queues a whole message. A peer that lets pile up much more than Send waits for is dropped.
func (p *peer) push(message []byte) error {
	before, ok := p.out.push(message)
	if !ok {
		return io.EOF
	}
	if before > 4*p.lim.queue {
		p.drop(fmt.Errorf("it left %d bytes unread", before))
		return io.EOF
	}
	return nil
}

// write is the writer's goroutine. It ends when the peer is closed and what was queued is written, or when the
// peer took too little of it in time, and then hangs up.
func (p *peer) write() {
	start, written := time.Now(), 0 // of the window in which progress is measured
	for {
		chunks, waited := p.out.take()
		if chunks == nil {
			break
		}
		if waited || time.Since(start) > p.lim.progress {
			start, written = time.Now(), 0
		}
		size := 0
		for len(chunks) > 0 {
			p.setWriteDeadline(start.Add(p.lim.progress))
			n, err := chunks.WriteTo(p.Conn)
			p.out.wrote(int(n))
			written, size = written+int(n), size+int(n)
			if err == nil {
				break
			}
			if timedOut(err) && !p.closing.Load() && written >= p.lim.minProgress {
				start, written = time.Now(), 0
				continue
			}
			if timedOut(err) && p.closing.Load() {
				err = fmt.Errorf("closing cut off what it had not read")
			} else if timedOut(err) {
				err = fmt.Errorf("it took %d bytes in %v while more waited", written, p.lim.progress)
			}
			p.drop(err)
			return
		}
		if size > large {
			p.sweep.ask()
		}
	}
	p.hangUp()
}

// setWriteDeadline sets the writer's deadline, unless the peer is closing and has one already.
func (p *peer) setWriteDeadline(t time.Time) {
	p.deadline.Lock()
	defer p.deadline.Unlock()
	if !p.closing.Load() {
		p.Conn.SetWriteDeadline(t) // fails only on a closed connection, as the write then does
	}
}

// farewell is how long the peer gets to read the rest and close after we have written all.
const farewell = 100 * time.Millisecond

// hangUp closes the connection such that the peer gets what was written: were bytes of it still unread here,
// closing at once would make the system reset the connection and throw away what is under way.
func (p *peer) hangUp() {
	if half, ok := p.Conn.(interface{ CloseWrite() error }); ok && p.closing.Load() {
		if half.CloseWrite() == nil {
			p.Conn.SetReadDeadline(time.Now().Add(farewell))
			io.Copy(io.Discard, p.Conn) // ends by the peer or the deadline; either is fine
		}
	}
	p.drop(nil)
}

// Close makes Read fail at once and lets the writer write what is queued, for at most linger.
func (p *peer) Close() error {
	p.deadline.Lock()
	defer p.deadline.Unlock()
	if p.closing.Swap(true) {
		return nil
	}
	now := time.Now()
	p.Conn.SetReadDeadline(now) // these fail only if the connection is closed already
	p.Conn.SetWriteDeadline(now.Add(p.lim.linger))
	p.out.close()
	return nil
}

// drop closes the connection at once and forgets what is queued. The first reason given is logged, if it is not
// nil: as a warning, unless it is the peer that has gone.
func (p *peer) drop(why error) {
	p.ended.Do(func() {
		if why != nil {
			about := []any{"channel", p.ch.String(), "peer", p.RemoteAddr().String(), "err", why}
			if departed(why) {
				p.log.Debug("peer is gone", about...)
			} else {
				p.log.Warn("peer dropped", about...)
			}
			p.sweep.ask()
		}
		p.out.kill()
		p.Conn.Close() // nothing is left to lose
	})
}

// departed reports whether err is the other side having closed the connection, in the middle of a message or with
// something unread as well.
func departed(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}

// timedOut reports whether err is a passed deadline.
func timedOut(err error) bool {
	var ne net.Error
	return errors.As(err, &ne) && ne.Timeout()
}
