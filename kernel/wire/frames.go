package wire

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/go-zeromq/zmq4"
)

// errTooBig is matched by the errors of a peer that sends more than the limits allow.
var errTooBig = errors.New("too big")

// large is the size in bytes from which garbage is worth returning to the system at once; see [sweeper].
const large = 4 << 20

// Read returns the bytes of the next frame. It blocks until the frame is there as a whole. It fails with io.EOF
// however the connection ended.
func (p *peer) Read(b []byte) (int, error) {
	r := &p.read
	if len(r.head) == 0 && len(r.body) == 0 {
		if p.greeted.Load() {
			p.known.Store(true)
		}
		err := net.ErrClosed
		if !p.closing.Load() {
			err = p.nextFrame()
		}
		if err != nil {
			p.readEnds(err)
			return 0, io.EOF
		}
	}
	if len(r.head) > 0 {
		n := copy(b, r.head)
		r.head = r.head[n:]
		if len(r.head) == 0 && len(r.body) == 0 {
			p.delivered()
		}
		return n, nil
	}
	n := copy(b, r.body)
	r.body = r.body[n:]
	if len(r.body) == 0 {
		r.body = nil
		p.delivered()
	}
	return n, nil
}

// delivered is called when a frame has been read to its end.
func (p *peer) delivered() {
	if p.read.replayed {
		p.read.replayed = false
		p.greeted.Store(true)
		return
	}
	if !p.read.more {
		p.giveBack()
	}
}

// giveBack ends the accounting of a message.
func (p *peer) giveBack() {
	r := &p.read
	p.held.give(r.held)
	if r.bytes > large {
		p.sweep.ask()
	}
	r.held, r.bytes, r.frames = 0, 0, 0
}

// readEnds says why nothing more is read. An end between two messages is how a peer leaves.
func (p *peer) readEnds(err error) {
	r := &p.read
	inside := r.more || r.bytes > 0
	r.head, r.body = nil, nil
	p.giveBack()
	if p.closing.Load() || !inside && errors.Is(err, io.EOF) {
		p.Close()
	} else {
		p.drop(err)
	}
	p.readEnd.Do(func() {
		if p.onReadEnd != nil {
			p.onReadEnd()
		}
	})
}

// nextFrame reads the next frame of a message into head and body, serving the commands before it.
func (p *peer) nextFrame() error {
	r := &p.read
	for {
		flags, size, err := p.frameHeader()
		if err != nil {
			return err
		}
		if flags&flagCommand != 0 {
			topic, err := p.command(size)
			if err != nil {
				return err
			}
			if topic == nil {
				continue
			}
			frame := appendFrame(nil, 0, topic)
			r.head, r.more = frame, false
			return nil
		}
		r.more = flags&flagMore != 0
		r.frames++
		if size > uint64(p.lim.message) || r.bytes+int64(size) > p.lim.message {
			return fmt.Errorf("%w: a frame announces %d bytes after %d; a message may have %d", errTooBig, size, r.bytes, p.lim.message)
		}
		if r.frames > p.lim.frames {
			return fmt.Errorf("%w: a message of more than %d frames", errTooBig, p.lim.frames)
		}
		r.bytes += int64(size)
		body, err := p.frameBody(int(size))
		if err != nil {
			return err
		}
		head := []byte{flags & flagMore, byte(size)}
		if size > 255 {
			head = binary.BigEndian.AppendUint64([]byte{flags&flagMore | flagLong}, size)
		}
		r.head, r.body = head, body
		return nil
	}
}

// frameHeader reads flags and size of a frame. Before the first frame of a message it waits for ever.
func (p *peer) frameHeader() (flags byte, size uint64, err error) {
	r := &p.read
	if r.more {
		if err := p.ensure(1); err != nil {
			return 0, 0, err
		}
	}
	if flags, err = r.br.ReadByte(); err != nil {
		return 0, 0, err
	}
	if flags&^(flagMore|flagLong|flagCommand) != 0 || flags&flagCommand != 0 && flags&flagMore != 0 {
		return 0, 0, fmt.Errorf("%w: frame flags %#x", errProtocol, flags)
	}
	n := 1
	if flags&flagLong != 0 {
		n = 8
	}
	if err := p.ensure(n); err != nil {
		return 0, 0, noEOF(err)
	}
	var buf [8]byte
	if _, err := io.ReadFull(r.br, buf[8-n:]); err != nil {
		return 0, 0, noEOF(err)
	}
	return flags, binary.BigEndian.Uint64(buf[:]), nil
}

// frameBody reads size bytes, which are within the limits. Memory grows with what has arrived, not with what was
// announced.
func (p *peer) frameBody(size int) ([]byte, error) {
	r := &p.read
	if size <= exempt {
		body := make([]byte, size)
		return body, p.fill(body)
	}
	body := make([]byte, exempt)
	for filled := 0; ; {
		if err := p.fill(body[filled:]); err != nil {
			return nil, err
		}
		filled = len(body)
		if filled == size {
			return body, nil
		}
		next := min(size, 2*filled)
		if !p.held.take(int64(next - filled)) {
			return nil, fmt.Errorf("%w: incomplete messages hold %d bytes already", errTooBig, p.held.bound)
		}
		r.held += int64(next - filled)
		grown := make([]byte, next)
		copy(grown, body)
		body = grown
	}
}

// fill reads len(b) bytes, of which some must arrive within each progress interval.
func (p *peer) fill(b []byte) error {
	for len(b) > 0 {
		if err := p.ensure(len(b)); err != nil {
			return err
		}
		n, err := p.read.br.Read(b)
		if err != nil {
			return noEOF(err)
		}
		b = b[n:]
	}
	return p.relax()
}

// ensure sets a deadline for the next read, unless n bytes are there already.
func (p *peer) ensure(n int) error {
	if p.read.br.Buffered() >= n || p.kind == "" {
		return nil // during the handshake there is one deadline for all of it
	}
	return p.setReadDeadline(time.Now().Add(p.lim.progress))
}

// relax ends the deadline of ensure.
func (p *peer) relax() error {
	if p.kind == "" {
		return nil
	}
	return p.setReadDeadline(time.Time{})
}

func (p *peer) setReadDeadline(t time.Time) error {
	p.deadline.Lock()
	defer p.deadline.Unlock()
	if p.closing.Load() {
		return net.ErrClosed
	}
	return p.Conn.SetReadDeadline(t)
}

// command reads and serves a command of size bytes. It returns a subscription as ZMTP 3.0 writes it, else nil.
func (p *peer) command(size uint64) (topic []byte, err error) {
	if size > maxCommand {
		return nil, fmt.Errorf("%w: a command of %d bytes", errTooBig, size)
	}
	body := make([]byte, size)
	if err := p.fill(body); err != nil {
		return nil, err
	}
	name, data, err := parseCommand(body)
	if err != nil {
		return nil, err
	}
	switch name {
	case zmq4.CmdPing: // two bytes of time to live, then a context to return
		if p.out.waiting() > exempt {
			return nil, nil // what waits shows as well that we live, and PONGs must not pile up behind it
		}
		pong := append([]byte{byte(len(zmq4.CmdPong))}, zmq4.CmdPong...)
		return nil, p.push(appendFrame(nil, flagCommand, append(pong, data[min(2, len(data)):]...)))
	case zmq4.CmdSubscribe:
		return append([]byte{1}, data...), nil
	case "CANCEL":
		return append([]byte{0}, data...), nil
	case zmq4.CmdError:
		return nil, fmt.Errorf("%w: it says ERROR %.64q", errProtocol, data)
	}
	return nil, nil // of a later protocol; none needs an answer
}

// scanHeader reads a frame header from the start of b. head is its length, 0 if b breaks off in it.
func scanHeader(b []byte) (flags byte, head int, size uint64) {
	switch {
	case len(b) >= 2 && b[0]&flagLong == 0:
		return b[0], 2, uint64(b[1])
	case len(b) >= 9:
		return b[0], 9, binary.BigEndian.Uint64(b[1:])
	}
	return 0, 0, 0
}

// noEOF turns an end inside a frame into an error that is none of a peer that leaves.
func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
