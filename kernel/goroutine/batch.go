package goroutine

import (
	"os"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"
)

// A Batch is memory in which a worker gathers what a cell prints in quick succession, shared with the process that reads
// the cell's pipe: what the worker had no time to write to the pipe when it died is still there. It is BatchSize bytes,
// at first zero, and begins at a multiple of eight.
//
// It begins with two numbers: how many bytes have been written to the pipe, and how many follow that have not. Whoever
// knows how many bytes came out of the pipe knows which of the latter did, at whatever instruction the worker was killed.
type Batch []byte

const (
	batchHead = 64 // bytes

	// BatchSize is the size of a Batch in bytes.
	BatchSize = 16 << 10
)

func (b Batch) sent() *atomic.Uint64 { return (*atomic.Uint64)(unsafe.Pointer(&b[0])) }
func (b Batch) held() *atomic.Uint64 { return (*atomic.Uint64)(unsafe.Pointer(&b[8])) }

// Rest returns what was printed beyond the given number of bytes that the pipe has delivered in all. It is for when nobody
// writes to b any more.
func (b Batch) Rest(delivered uint64) []byte {
	if len(b) < BatchSize {
		return nil
	}
	text := b[batchHead:BatchSize]
	text = text[:min(b.held().Load(), uint64(len(text)))]
	written := delivered - min(b.sent().Load(), delivered)
	return text[min(written, uint64(len(text))):]
}

// A Printer writes what cells print to a pipe: at once, but from the batchFrom-th time on that one print follows the other
// within a moment it gathers them in a Batch, to save a system call for each line. The batch is written when it is full,
// batchDelay after it was begun, and by [Flush].
//
// While there is something in the batch a goroutine of the worker's waits to write it.
type Printer struct {
	file  *os.File
	batch Batch // nil: everything is written at once

	mu     sync.Mutex
	direct bool      // others write to the file as well
	burst  int       // prints in quick succession
	last   time.Time // when the last print that was not gathered ended
	due    bool      // a goroutine is going to write the batch
}

const (
	batchFrom  = 32
	batchDelay = 2 * time.Millisecond
	batchQuiet = time.Millisecond // between prints ends their succession
)

// NewPrinter returns a printer to a pipe with a batch that only it uses, which may be nil.
func NewPrinter(file *os.File, b Batch) *Printer {
	if len(b) < BatchSize {
		b = nil
	}
	return &Printer{file: file, batch: b}
}

// Write writes text, now or soon, in the order of the calls.
func (p *Printer) Write(text []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.batch == nil || p.direct {
		return p.file.Write(text)
	}
	if p.burst < batchFrom || len(text) > (BatchSize-batchHead)/2 {
		if err := p.flush(); err != nil {
			return 0, err
		}
		if time.Since(p.last) > batchQuiet {
			p.burst = 0
		}
		p.burst++
		n, err := p.file.Write(text)
		p.batch.sent().Add(uint64(n))
		p.last = time.Now()
		return n, err
	}
	held := int(p.batch.held().Load())
	if batchHead+held+len(text) > BatchSize {
		if err := p.flush(); err != nil {
			return 0, err
		}
		held = 0
	}
	copy(p.batch[batchHead+held:BatchSize], text)
	p.batch.held().Store(uint64(held + len(text)))
	if !p.due {
		p.due = true
		process.printing.add(p)
		process.work(p.flushLater)
	}
	return len(text), nil
}

// flush writes the batch. Called with p.mu held.
func (p *Printer) flush() error {
	if p.batch == nil {
		return nil
	}
	held := p.batch.held().Load()
	if held == 0 {
		return nil
	}
	n, err := p.file.Write(p.batch[batchHead : batchHead+held])
	// In this order: a reader of the batch of a process that dies in between finds nothing held.
	p.batch.held().Store(0)
	p.batch.sent().Add(uint64(n))
	return err
}

// Flush writes what was gathered.
func (p *Printer) Flush() {
	p.mu.Lock()
	defer p.mu.Unlock()
	// Who printed was told that it went well; that nobody reads the pipe any more is of no interest.
	_ = p.flush()
}

// flushLater writes the batch again and again until the succession of prints has come to an end.
func (p *Printer) flushLater() {
	for gathered := true; gathered; {
		time.Sleep(batchDelay)
		p.mu.Lock()
		if gathered = p.batch.held().Load() > 0; gathered {
			// Who prints meanwhile waits for this goroutine, which is none of the reader's: that is no deadlock.
			release := Hold()
			_ = p.flush() // as in Flush
			release()
		} else {
			p.due, p.burst = false, 0
			process.printing.remove(p)
		}
		p.mu.Unlock()
	}
}

// open returns the file, for others to write to it. From now on there are no more batches.
func (p *Printer) open() *os.File {
	p.mu.Lock()
	defer p.mu.Unlock()
	_ = p.flush() // as in Flush
	p.direct = true
	return p.file
}

// printing are the printers whose batches may hold something.
type printing struct {
	mu  sync.Mutex
	all map[*Printer]struct{}
}

func (s *printing) add(p *Printer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all == nil {
		s.all = make(map[*Printer]struct{})
	}
	s.all[p] = struct{}{}
}

func (s *printing) remove(p *Printer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.all, p)
}

func (s *printing) list() []*Printer {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []*Printer
	for p := range s.all {
		all = append(all, p)
	}
	return all
}

// Flush writes what cells have printed and what was gathered, all of it, to their pipes.
func Flush() {
	for _, p := range process.printing.list() {
		p.Flush()
	}
}
