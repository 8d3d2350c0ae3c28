package worker

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// MaxFrame is the largest body of one frame, in bytes. A value that encodes to more is refused by the sender with
// [ErrFrameSize]; a peer that announces more has its connection ended.
const MaxFrame = 256 << 20

// ErrFrameSize reports a frame larger than [MaxFrame].
var ErrFrameSize = fmt.Errorf("frame larger than %d bytes", MaxFrame)

// A frame is four bytes of body length (big endian), one byte of kind, one byte that counts the descriptors passed
// along with it, and the body, which is JSON.
const (
	frameHeader = 6
	frameFiles  = 4         // at most that many descriptors with one frame
	frameChunk  = 256 << 10 // the body is read in steps, so that an announced length alone costs no memory
)

// frame is one message between the halves.
type frame struct {
	kind  kind
	body  []byte
	files int // how many descriptors came with it
}

// decode fills v from the body.
func (f frame) decode(v any) error {
	if err := json.Unmarshal(f.body, v); err != nil {
		return fmt.Errorf("decoding %s frame: %w", f.kind, err)
	}
	return nil
}

// readFrame reads one frame. io.EOF means that the peer closed between two frames.
func readFrame(r io.Reader) (frame, error) {
	var head [frameHeader]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return frame{}, err
	}
	size := int64(binary.BigEndian.Uint32(head[:4]))
	f := frame{kind: kind(head[4]), files: int(head[5])}
	switch {
	case size > MaxFrame:
		return frame{}, fmt.Errorf("reading %s frame of %d bytes: %w", f.kind, size, ErrFrameSize)
	case f.files > frameFiles:
		return frame{}, fmt.Errorf("reading %s frame: %d descriptors announced, at most %d can come", f.kind, f.files, frameFiles)
	}
	for size > 0 {
		n := min(size, frameChunk)
		at := len(f.body)
		f.body = append(f.body, make([]byte, n)...)
		if _, err := io.ReadFull(r, f.body[at:]); err != nil {
			if errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			return frame{}, fmt.Errorf("reading %s frame: %w", f.kind, err)
		}
		size -= n
	}
	return f, nil
}

// encodeFrame returns the bytes of a frame.
func encodeFrame(k kind, v any, files int) ([]byte, error) {
	body, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("encoding %s frame: %w", k, err)
	}
	if len(body) > MaxFrame {
		return nil, fmt.Errorf("encoding %s frame of %d bytes: %w", k, len(body), ErrFrameSize)
	}
	if files > frameFiles {
		return nil, fmt.Errorf("encoding %s frame: %d descriptors, at most %d can go", k, files, frameFiles)
	}
	b := make([]byte, frameHeader, frameHeader+len(body))
	binary.BigEndian.PutUint32(b, uint32(len(body)))
	b[4], b[5] = byte(k), byte(files)
	return append(b, body...), nil
}

// conn carries frames and descriptors over one end of a unix socket pair. One goroutine may call recv; send is safe
// for concurrent use.
type conn struct {
	unix *net.UnixConn
	in   *bufio.Reader
	fds  []int // received, not yet claimed by a frame; only touched by recv

	// While set, recv looks every glance whether something has come. Among goroutines that compute it would else be told
	// late, and be put at the end of the queue for a processor then; those that wait for a time come first.
	urgent atomic.Bool

	write sync.Mutex // held while a frame is written
}

// newConn takes over f, which must be a connected unix stream socket. f is closed.
func newConn(f *os.File) (*conn, error) {
	defer f.Close()
	nc, err := net.FileConn(f)
	if err != nil {
		return nil, fmt.Errorf("using descriptor %s: %w", f.Name(), err)
	}
	uc, ok := nc.(*net.UnixConn)
	if !ok {
		nc.Close()
		return nil, fmt.Errorf("using descriptor %s: a %T, not a unix socket", f.Name(), nc)
	}
	c := &conn{unix: uc}
	c.in = bufio.NewReaderSize((*socketReader)(c), 32<<10)
	return c, nil
}

// socketPair returns two connected sockets, both close-on-exec.
func socketPair(name string) (parent, child *os.File, err error) {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	fds, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	if err != nil {
		return nil, nil, fmt.Errorf("making the %s socket: %w", name, err)
	}
	syscall.CloseOnExec(fds[0])
	syscall.CloseOnExec(fds[1])
	return os.NewFile(uintptr(fds[0]), name), os.NewFile(uintptr(fds[1]), name), nil
}

// glance is how long recv sleeps at most while the connection is urgent.
const glance = 5 * time.Millisecond

// socketReader reads bytes and sets aside the descriptors that come along.
type socketReader conn

func (r *socketReader) Read(p []byte) (int, error) {
	var oob [256]byte
	// The net package marks what it receives close-on-exec.
	var n, oobn int
	err := os.ErrDeadlineExceeded
	for errors.Is(err, os.ErrDeadlineExceeded) {
		var until time.Time
		if r.urgent.Load() {
			until = time.Now().Add(glance)
		}
		if err := r.unix.SetReadDeadline(until); err != nil {
			return 0, err
		}
		n, oobn, _, _, err = r.unix.ReadMsgUnix(p, oob[:])
	}
	if oobn > 0 {
		r.fds = append(r.fds, parseRights(oob[:oobn])...)
	}
	if errors.Is(err, syscall.EBADF) || errors.Is(err, syscall.ENOTSOCK) {
		select {} // the reader's code has closed the descriptor, which its parent has seen and ends this process for
	}
	if errors.Is(err, syscall.ECONNRESET) || err == nil && n == 0 && len(p) > 0 {
		err = io.EOF // reset: the peer is gone and has not read everything
	}
	return max(n, 0), err
}

func parseRights(oob []byte) (fds []int) {
	msgs, err := syscall.ParseSocketControlMessage(oob)
	if err != nil {
		return nil // no descriptors then: the frame that counts on them fails
	}
	for _, m := range msgs {
		if got, err := syscall.ParseUnixRights(&m); err == nil {
			fds = append(fds, got...)
		}
	}
	return fds
}

// recv returns the next frame and the descriptors it brought, which the caller must close.
func (c *conn) recv() (frame, []int, error) {
	f, err := readFrame(c.in)
	if err != nil {
		return frame{}, nil, err
	}
	if f.files > len(c.fds) {
		return frame{}, nil, fmt.Errorf("reading %s frame: %d descriptors announced, %d came", f.kind, f.files, len(c.fds))
	}
	fds := c.fds[:f.files:f.files]
	c.fds = c.fds[f.files:]
	return f, fds, nil
}

// send writes one frame. It blocks while the peer does not read, at most until the deadline; the zero deadline means
// for ever. After an error in the middle of a frame the connection is of no more use, so it is closed.
func (c *conn) send(k kind, v any, deadline time.Time, files ...*os.File) error {
	b, err := encodeFrame(k, v, len(files))
	if err != nil {
		return err
	}
	c.write.Lock()
	defer c.write.Unlock()
	if err := c.unix.SetWriteDeadline(deadline); err != nil {
		return fmt.Errorf("sending %s frame: %w", k, err)
	}
	if len(files) > 0 {
		fds := make([]int, len(files))
		for i, f := range files {
			fds[i] = int(f.Fd())
		}
		n, _, err := c.unix.WriteMsgUnix(b, syscall.UnixRights(fds...), nil)
		if err != nil {
			c.unix.Close()
			return fmt.Errorf("sending %s frame: %w", k, err)
		}
		b = b[n:]
	}
	if len(b) > 0 {
		if _, err := c.unix.Write(b); err != nil {
			c.unix.Close()
			return fmt.Errorf("sending %s frame: %w", k, err)
		}
	}
	return nil
}

// close ends the connection in both directions and lets go of descriptors nobody claimed.
func (c *conn) close() { c.unix.Close() }
