package worker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	"gokernel/kernel/goroutine"
)

// stdin feeds descriptor 0 of the child, a pipe, one line at a time and only when somebody waits for one. That cannot
// be seen from the pipe, so while a cell runs stdin looks, now and then, whether a goroutine is inside os.Stdin.Read and
// the pipe is empty. A process that was given os.Stdin gets end of file: then, and when a reader shall see the end, the
// pipe is replaced by a new one and the old one closed.
//
// Lines are for the cell that runs. A goroutine of an earlier one that reads gets end of file.
type stdin struct {
	s    *server
	lock *atomic.Uint64 // of os.Stdin's descriptor, see fdLock
	fd   unsafe.Pointer // the *poll.FD of os.Stdin

	timer  *time.Timer   // of the next look
	closed chan struct{} // ends watch

	mu      sync.Mutex
	w       *os.File // our end
	e       *evaluation
	ctx     context.Context // of the cell that runs
	cancel  context.CancelFunc
	looks   int  // since the cell began or got a line
	waiting bool // the last look found somebody
	asked   bool // a line has been asked for, or is being written
	used    bool // the cell has been given something
}

// Bits of internal/poll's fdMutex, the same since Go 1.5.
const (
	fdClosed  = 1 << 0
	fdReading = 1 << 1
)

// fdLock finds the *poll.FD of f and its word in which internal/poll notes that a goroutine is inside Read. The path there
// is not part of any API, so it is looked up by name and type.
func fdLock(f *os.File) (lock *atomic.Uint64, fd unsafe.Pointer, err error) {
	v := reflect.ValueOf(f).Elem().FieldByName("file")
	if v.Kind() != reflect.Pointer {
		return nil, nil, errors.New("os.File has no file")
	}
	t, at := v.Type().Elem(), v.UnsafePointer()
	for _, name := range []string{"pfd", "fdmu", "state"} {
		if t.Kind() != reflect.Struct {
			return nil, nil, fmt.Errorf("os.File has no %s", name)
		}
		field, ok := t.FieldByName(name)
		if !ok {
			return nil, nil, fmt.Errorf("os.File has no %s", name)
		}
		t, at = field.Type, unsafe.Add(at, field.Offset)
		if name == "pfd" {
			fd = at
		}
	}
	if t.Kind() != reflect.Uint64 {
		return nil, nil, fmt.Errorf("os.File is locked by a %s", t)
	}
	return (*atomic.Uint64)(at), fd, nil
}

func newStdin(s *server) (*stdin, error) {
	lock, fd, err := fdLock(os.Stdin)
	if err != nil {
		return nil, fmt.Errorf("watching os.Stdin: %w", err)
	}
	in := &stdin{s: s, lock: lock, fd: fd, timer: time.NewTimer(time.Hour), closed: make(chan struct{})}
	in.timer.Stop()
	if err := in.replace(false); err != nil {
		return nil, err
	}
	go in.watch()
	return in, nil
}

// watch looks when it is time. It has a goroutine, and not those of time.AfterFunc, so that this is known to be ours.
func (in *stdin) watch() {
	for {
		select {
		case <-in.timer.C:
			in.look()
		case <-in.closed:
			return
		}
	}
}

// close ends watch. It is called once.
func (in *stdin) close() { close(in.closed) }

// replace gives descriptor 0 a new pipe. Whoever reads the old one gets what is in it and then end of file; with keep
// what is in it goes into the new one instead. Called with in.mu held.
func (in *stdin) replace(keep bool) error {
	if in.lock.Load()&fdClosed != 0 {
		return nil // the reader's program has closed os.Stdin, and 0 may be another file by now
	}
	r, w, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("making a pipe for stdin: %w", err)
	}
	defer r.Close()
	if keep && in.w != nil {
		raw, err := w.SyscallConn() // Fd would make it blocking
		var moved error
		if err == nil {
			err = raw.Control(func(fd uintptr) { moved = move(0, int(fd)) })
		}
		if err = errors.Join(err, moved); err != nil {
			w.Close()
			return fmt.Errorf("moving what stdin holds: %w", err)
		}
	}
	// Fd puts the pipe into blocking mode, as every program expects of its stdin.
	if err := duplicate(int(r.Fd()), 0); err != nil {
		w.Close()
		return fmt.Errorf("making a pipe stdin: %w", err)
	}
	if in.w != nil {
		in.w.Close()
	}
	in.w = w
	return nil
}

// The first look comes when a cell has run for lookFirst: most cells end before. Later ones come ever more seldom.
const (
	lookFirst = 2 * time.Millisecond
	lookLast  = 10 * time.Millisecond

	lookAround = 16 // every so many looks all threads are looked at, which costs more
)

func (in *stdin) begin(e *evaluation) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.lock.Load()&fdReading != 0 {
		in.closeReader() // it began between the cells: this one's lines are not for it
	}
	in.e, in.looks, in.waiting, in.asked, in.used = e, 0, false, false, false
	in.ctx, in.cancel = context.WithCancel(context.Background())
	in.timer.Reset(lookFirst)
}

// end stops asking. What the cell has left unread is dropped, so that the next one begins with a question, and a
// goroutine that still reads gets end of file, now or when the next cell begins.
func (in *stdin) end() {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.timer.Stop()
	in.cancel()
	in.e = nil
	if in.used || in.lock.Load()&fdReading != 0 {
		in.closeReader()
	}
}

// closeReader gives end of file to whoever reads. Called with in.mu held.
func (in *stdin) closeReader() {
	// Without another pipe the reader waits, as it did.
	_ = in.replace(false)
	in.asked, in.waiting = false, false
}

func (in *stdin) look() {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.e == nil {
		return
	}
	defer func() { in.timer.Reset(min(lookFirst+time.Duration(in.looks)*lookFirst/8, lookLast)) }()
	in.looks++
	if len(holders(0, 0)) > 0 {
		_ = in.replace(true) // the process waits then, and an interrupt ends it
	}
	reading := in.lock.Load()&fdReading != 0
	if !reading && in.looks%lookAround == 1 {
		blocks, known := readBlocks(0) // by syscall.Read
		reading = known && blocks
	}
	if in.asked || !reading {
		in.waiting = false
		return
	}
	if n, err := buffered(0); err != nil || n > 0 {
		in.waiting = false
		return
	}
	// Somebody is inside Read, but may be about to leave it with the last of the data: look twice.
	if !in.waiting {
		in.waiting = true
		in.looks = 0
		return
	}
	if blocks, known := readBlocks(0); known && !blocks {
		return
	}
	if in.leftBehind() {
		in.closeReader()
		return
	}
	in.asked, in.used = true, true
	if !in.e.allowStdin {
		in.refuse(errNoStdin)
		return
	}
	go in.request(in.e, in.ctx)
}

// leftBehind reports whether who reads is a goroutine of an earlier cell, as far as can be told. Where a line is longer
// than the buffer of the reader that it is for, a goroutine that waits for its turn may still get the rest of it.
func (in *stdin) leftBehind() bool {
	for _, g := range goroutine.Inside("internal/poll.(*FD).Read", in.fd) {
		if g.State != "semacquire" { // that one waits for the other to be done
			return g.CellID != 0 && g.CellID != in.e.cell.ID
		}
	}
	return false
}

// refuse ends the cell because there is no line for it. Called with in.mu held.
func (in *stdin) refuse(cause error) {
	in.e.cancel(cause)
	in.closeReader()
}

// request asks for a line and writes it.
func (in *stdin) request(e *evaluation, ctx context.Context) {
	text, err := in.s.ask(ctx, e.cell.ID, "", false)
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.e != e {
		return
	}
	// IPython's front ends send a lone control-D where the user asks for end of file.
	switch {
	case errors.Is(err, io.EOF) || text == "\x04":
		in.closeReader()
		return
	case err != nil:
		in.refuse(fmt.Errorf("%w (%w)", errNoStdin, err))
		return
	}
	rest := append([]byte(text), '\n')
	for len(rest) > 0 && in.e == e {
		w := in.w
		in.mu.Unlock()
		n, err := w.Write(rest) // blocks until the reader has read most of a long line
		in.mu.Lock()
		rest = rest[n:]
		if err != nil && w == in.w {
			break // nobody can read: os.Stdin is closed
		}
	}
	if in.e == e {
		in.asked, in.looks = false, 0
	}
}
