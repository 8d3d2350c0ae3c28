package concurrency

// A ring is a first-in, first-out buffer that grows as needed. The zero value is empty.
type ring struct {
	buf  []any // its length is a power of two
	head int   // index of the oldest item
	n    int
}

// keep is how large an empty buffer may be to be kept.
const keep = 1024

func (r *ring) push(item any) {
	if r.n == len(r.buf) {
		buf := make([]any, max(8, 2*len(r.buf)))
		n := copy(buf, r.buf[r.head:])
		copy(buf[n:], r.buf[:r.head])
		r.buf, r.head = buf, 0
	}
	r.buf[(r.head+r.n)&(len(r.buf)-1)] = item
	r.n++
}

func (r *ring) pop() any {
	item := r.buf[r.head]
	r.buf[r.head] = nil // let go of it
	r.head = (r.head + 1) & (len(r.buf) - 1)
	if r.n--; r.n == 0 && len(r.buf) > keep {
		r.buf, r.head = nil, 0
	}
	return item
}

// A waiter is a goroutine that waits to put or to get.
type waiter struct {
	next, prev *waiter
	ready      chan struct{} // closed when finished

	// These are written, under the lock of the queue, before ready is closed.
	item     any // to be put, or got
	err      error
	finished bool
}

// waiters are served in the order in which they came. The zero value is empty.
type waiters struct{ head, tail *waiter }

func (l *waiters) add(item any) *waiter {
	w := &waiter{ready: make(chan struct{}), item: item, prev: l.tail}
	if l.tail == nil {
		l.head = w
	} else {
		l.tail.next = w
	}
	l.tail = w
	return w
}

func (l *waiters) first() *waiter { return l.head }

func (l *waiters) remove(w *waiter) {
	if w.prev == nil {
		l.head = w.next
	} else {
		w.prev.next = w.next
	}
	if w.next == nil {
		l.tail = w.prev
	} else {
		w.next.prev = w.prev
	}
	w.next, w.prev = nil, nil
}

// finish takes w out of the list and lets it go on.
func (l *waiters) finish(w *waiter, item any, err error) {
	l.remove(w)
	w.item, w.err, w.finished = item, err, true
	close(w.ready)
}
