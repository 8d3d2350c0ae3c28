package wire

import (
	"context"
	"net"
	"sync"
)

// batch is how many bytes the writer of a queue takes at most at a time, unless one message is larger.
const batch = 1 << 20

// queue holds the messages that wait to be written to one peer. Pushing never blocks; who may wait waits for
// room first. It is safe for concurrent use, with one goroutine that takes.
type queue struct {
	limit int // bytes; room waits while as many are queued

	mu     sync.Mutex
	chunks [][]byte
	size   int  // bytes not yet written, those taken included
	closed bool // nothing is pushed any more; what is there is still taken
	wake   chan struct{}
	roomy  chan struct{} // closed, and replaced, when size falls below limit or the queue closes
}

func newQueue(limit int) *queue {
	return &queue{limit: limit, wake: make(chan struct{}, 1), roomy: make(chan struct{})}
}

// push queues b, which must not be changed afterwards. It returns the bytes that were waiting before; ok is false if the
// queue is closed and b therefore dropped.
func (q *queue) push(b []byte) (before int, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return 0, false
	}
	before = q.size
	q.chunks = append(q.chunks, b)
	q.size += len(b)
	q.signal()
	return before, true
}

// full reports whether a push should wait.
func (q *queue) full() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return !q.closed && q.size >= q.limit
}

// waiting is the number of bytes not yet written.
func (q *queue) waiting() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.size
}

// room waits until the queue is below its limit or closed. It fails only with the error of ctx.
func (q *queue) room(ctx context.Context) error {
	for {
		q.mu.Lock()
		ok, ch := q.closed || q.size < q.limit, q.roomy
		q.mu.Unlock()
		if ok {
			return nil
		}
		select {
		case <-ch:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// take waits for messages and returns some, with whether it had to wait. It returns nil when the queue is closed
// and empty.
func (q *queue) take() (chunks net.Buffers, waited bool) {
	for {
		q.mu.Lock()
		if len(q.chunks) > 0 {
			n, size := 0, 0
			for n < len(q.chunks) && (n == 0 || size+len(q.chunks[n]) <= batch) {
				size += len(q.chunks[n])
				n++
			}
			chunks = make(net.Buffers, n)
			copy(chunks, q.chunks)
			clear(q.chunks[:n])
			if q.chunks = q.chunks[n:]; len(q.chunks) == 0 {
				q.chunks = nil
			}
			q.mu.Unlock()
			return chunks, waited
		}
		closed := q.closed
		q.mu.Unlock()
		if closed {
			return nil, waited
		}
		waited = true
		<-q.wake
	}
}

// wrote takes n written bytes off the size.
func (q *queue) wrote(n int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	was := q.size
	q.size -= n
	if was >= q.limit && q.size < q.limit {
		q.release()
	}
}

// close ends pushing and releases who waits.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.release()
	q.signal()
}

// kill closes the queue and forgets what is in it.
func (q *queue) kill() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed, q.chunks = true, nil
	q.release()
	q.signal()
}

// release and signal are called with mu held.
func (q *queue) release() {
	close(q.roomy)
	q.roomy = make(chan struct{})
}

func (q *queue) signal() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}
