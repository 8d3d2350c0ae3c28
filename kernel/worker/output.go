package worker

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"syscall"
	"time"

	"gokernel/kernel/goroutine"
)

// outputChunk is how much of a pipe is read at once, in bytes: what a pipe holds.
const outputChunk = 64 << 10

// outlet is where the output of a pair of pipes goes at the moment.
type outlet struct {
	cell int
	sink interface{ Stream(name, text string) }
}

// pair is the parent's end of one pair of output pipes. Two goroutines read it, one for each pipe, until end of file,
// that is until every process has closed the other end. They and drain take turns: what is read is handed over before
// anything more is read from either pipe, which keeps the order in which a writer alternates between the two as
// long as it waits for one pipe to be empty before it writes to the other.
type pair struct {
	id   int
	done chan struct{} // closed after both pipes have ended

	mu   sync.Mutex // held from reading to handing over
	out  outlet
	pipe [2]*os.File // stdout, stderr
	raw  [2]syscall.RawConn
	bufs *sync.Pool // of *[outputChunk]byte, shared by all pairs: idle ones hold no memory

	slot  int             // number of batch; 0: none
	batch goroutine.Batch // what the child may still hold of stdout
	total uint64          // bytes read from stdout
}

var streamNames = [2]string{"stdout", "stderr"}

// newPair makes two pipes and returns our end and the two ends for the child, which the caller must close.
func newPair(id int, bufs *sync.Pool) (*pair, []*os.File, error) {
	p := &pair{id: id, done: make(chan struct{}), bufs: bufs}
	var theirs []*os.File
	fail := func(err error) (*pair, []*os.File, error) {
		for _, f := range append(theirs, p.pipe[:]...) {
			f.Close() // nil files say so themselves
		}
		return nil, nil, fmt.Errorf("making output pipes: %w", err)
	}
	for i := range p.pipe {
		r, w, err := os.Pipe()
		if err != nil {
			return fail(err)
		}
		p.pipe[i], theirs = r, append(theirs, w)
		if p.raw[i], err = r.SyscallConn(); err != nil {
			return fail(err)
		}
	}
	return p, theirs, nil
}

// read hands over the output of both pipes until they end, and what a child that has died could not write any more.
func (p *pair) read() {
	defer close(p.done)
	var both sync.WaitGroup
	for i := range p.pipe {
		both.Go(func() { p.readOne(i) })
	}
	both.Wait()
	for _, f := range p.pipe {
		f.Close()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if rest := p.batch.Rest(p.total); len(rest) > 0 {
		p.out.sink.Stream(streamNames[0], string(rest))
	}
}

func (p *pair) readOne(i int) {
	for {
		ended := false
		err := p.raw[i].Read(func(fd uintptr) bool {
			n, again := p.take(i, int(fd))
			ended = n == 0 && !again
			return !again
		})
		if err != nil || ended {
			return
		}
	}
}

// take reads once from pipe i, without waiting, and hands over what it got. It returns the number of bytes, and
// whether there were none only for the moment.
func (p *pair) take(i, fd int) (n int, again bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.takeLocked(i, fd)
}

func (p *pair) takeLocked(i, fd int) (n int, again bool) {
	buf := p.bufs.Get().(*[outputChunk]byte)
	n, err := ignoringEINTR(func() (int, error) { return syscall.Read(fd, buf[:]) })
	text := string(buf[:max(n, 0)])
	p.bufs.Put(buf)
	if n > 0 {
		if i == 0 {
			p.total += uint64(n)
		}
		p.out.sink.Stream(streamNames[i], text)
		return n, false
	}
	return 0, errors.Is(err, syscall.EAGAIN)
}

// drain hands over everything that is in the pipes now. What a writer adds meanwhile may stay for later.
func (p *pair) drain() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := range p.pipe {
		// The error says that the pipe has ended and is closed: then it is empty.
		_ = p.raw[i].Control(func(fd uintptr) {
			left, err := buffered(int(fd))
			for err == nil && left > 0 {
				n, _ := p.takeLocked(i, int(fd))
				if n == 0 {
					return
				}
				left -= n
			}
		})
	}
}

// assign sends the output from now on somewhere else and returns where it went.
func (p *pair) assign(o outlet) (old outlet) {
	p.mu.Lock()
	defer p.mu.Unlock()
	old, p.out = p.out, o
	return old
}

// ended reports whether both pipes have reached end of file.
func (p *pair) ended() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// finish waits for the end of both pipes, but not beyond the deadline for a process that cannot be ended; what is in
// the pipes is handed over all the same.
func (p *pair) finish(deadline time.Time) {
	for _, f := range p.pipe {
		_ = f.SetReadDeadline(deadline) // fails on a closed file, whose reader has returned
	}
	p.drain()
	<-p.done
}

func ignoringEINTR(f func() (int, error)) (int, error) {
	for {
		n, err := f()
		if !errors.Is(err, syscall.EINTR) {
			return n, err
		}
	}
}
