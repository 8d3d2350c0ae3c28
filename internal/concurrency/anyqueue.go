package concurrency

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

// ErrClosed is returned by Put of a queue that is closed, and by Get of one that is closed and empty.
var ErrClosed = errors.New("queue is closed")

// An AnyQueue is a queue whose items may be of any type. Programs use [Queue], which knows the type of its items and is
// otherwise the same; this is what it is made of, and it is compiled once for all types, which makes the queues of
// interpreted code fast. The methods of Queue say what those of AnyQueue do.
//
// The zero value is an open queue without items. An AnyQueue must not be copied after its first use.
type AnyQueue struct {
	// Capacity is how many items the queue holds before Put waits; 0 or less: as many as there is memory for. It must
	// not be changed after the first use.
	Capacity int
	// Name is what traces call the queue, "" for a number. It must not be changed after the first use.
	Name string

	mu      sync.Mutex
	items   ring    // guarded by mu, as is what follows
	getters waiters // not empty only while items is empty
	putters waiters // not empty only while items is full
	closed  bool
	taken   int           // items got that are not done
	joined  chan struct{} // closed when all is done; nil if nobody waits for that
}

// Put adds an item; see [Queue.Put].
func (q *AnyQueue) Put(ctx context.Context, item any) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	q.mu.Lock()
	done, err := q.put(item)
	if done {
		q.mu.Unlock()
		return err
	}
	w := q.putters.add(item)
	q.mu.Unlock()
	if err := q.wait(ctx, &q.putters, w); err != nil {
		return err
	}
	return w.err
}

// TryPut adds an item if that is possible at once; see [Queue.TryPut].
func (q *AnyQueue) TryPut(item any) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	done, err := q.put(item)
	return done && err == nil
}

// put adds an item, and reports whether it is decided what becomes of it. It is not if the queue is full.
func (q *AnyQueue) put(item any) (done bool, err error) {
	if q.closed {
		return true, ErrClosed
	}
	if w := q.getters.first(); w != nil {
		q.taken++
		q.getters.finish(w, item, nil)
		return true, nil
	}
	if q.Capacity > 0 && q.items.n >= q.Capacity {
		return false, nil
	}
	q.items.push(item)
	if tracing.Load() != nil {
		q.measured()
	}
	return true, nil
}

// Get takes the oldest item out; see [Queue.Get].
func (q *AnyQueue) Get(ctx context.Context) (any, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	q.mu.Lock()
	if q.items.n > 0 || q.closed {
		item, err := q.get()
		q.mu.Unlock()
		return item, err
	}
	w := q.getters.add(nil)
	q.mu.Unlock()
	if err := q.wait(ctx, &q.getters, w); err != nil {
		return nil, err
	}
	return w.item, w.err
}

// TryGet takes the oldest item out if there is one; see [Queue.TryGet].
func (q *AnyQueue) TryGet() (item any, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	item, err := q.get()
	return item, err == nil
}

// errEmpty tells TryGet that there is nothing yet.
var errEmpty = errors.New("queue is empty")

// get takes the oldest item, and lets the first that waits to put one go on.
func (q *AnyQueue) get() (any, error) {
	switch {
	case q.items.n > 0:
	case q.closed:
		return nil, ErrClosed
	default:
		return nil, errEmpty
	}
	item := q.items.pop()
	q.taken++
	if w := q.putters.first(); w != nil {
		q.items.push(w.item)
		q.putters.finish(w, nil, nil)
	}
	if tracing.Load() != nil {
		q.measured()
	}
	return item, nil
}

// wait waits until w is finished. If ctx is done before, w is taken out of its list.
func (q *AnyQueue) wait(ctx context.Context, list *waiters, w *waiter) error {
	defer waiting(q, Queued, q.Name)()
	if ctx.Done() == nil {
		<-w.ready
		return nil
	}
	select {
	case <-w.ready:
		return nil
	case <-ctx.Done():
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if w.finished {
		return nil // it was decided before we could give up: an item must not get lost
	}
	list.remove(w)
	return ctx.Err()
}

// Each calls f with one item after the other until the queue is closed and empty or f returns false; see [Queue.All].
func (q *AnyQueue) Each(f func(item any) bool) {
	for {
		item, err := q.Get(context.Background())
		if err != nil || !q.treat(item, f) {
			return
		}
	}
}

func (q *AnyQueue) treat(item any, f func(item any) bool) bool {
	defer q.TaskDone()
	return f(item)
}

// Len returns the number of items that are in the queue; see [Queue.Len].
func (q *AnyQueue) Len() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.items.n
}

// Close closes the queue; see [Queue.Close].
func (q *AnyQueue) Close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	for w := q.getters.first(); w != nil; w = q.getters.first() {
		q.getters.finish(w, nil, ErrClosed)
	}
	for w := q.putters.first(); w != nil; w = q.putters.first() {
		q.putters.finish(w, nil, ErrClosed)
	}
}

// String returns length and capacity, and whether the queue is closed.
func (q *AnyQueue) String() string {
	q.mu.Lock()
	defer q.mu.Unlock()
	text := fmt.Sprintf("queue, length %d", q.items.n)
	if q.Capacity > 0 {
		text += fmt.Sprintf(", capacity %d", q.Capacity)
	}
	if q.closed {
		text += ", closed"
	}
	return text
}

// Format prints String for any verb; see [Queue.Format].
func (q *AnyQueue) Format(f fmt.State, verb rune) { formatText(f, verb, q.String()) }

// Closed reports whether the queue has been closed.
func (q *AnyQueue) Closed() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.closed
}

// Drop closes the queue and throws away the items in it; see [Queue.Drop].
func (q *AnyQueue) Drop() int {
	q.Close()
	q.mu.Lock()
	defer q.mu.Unlock()
	n := q.items.n
	q.items = ring{}
	if tracing.Load() != nil {
		q.measured()
	}
	q.tellJoined()
	return n
}

// TaskDone says that an item is done; see [Queue.TaskDone].
func (q *AnyQueue) TaskDone() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.taken == 0 {
		panic("concurrency: TaskDone called more often than Get")
	}
	q.taken--
	q.tellJoined()
}

// done reports whether no item is in the queue or being worked on.
func (q *AnyQueue) done() bool { return q.items.n == 0 && q.taken == 0 }

func (q *AnyQueue) tellJoined() {
	if q.joined != nil && q.done() {
		close(q.joined)
		q.joined = nil
	}
}

// Join waits until all items are done; see [Queue.Join].
func (q *AnyQueue) Join(ctx context.Context) error {
	q.mu.Lock()
	if q.done() {
		q.mu.Unlock()
		return nil
	}
	if q.joined == nil {
		q.joined = make(chan struct{})
	}
	joined := q.joined
	q.mu.Unlock()
	defer waiting(q, Queued, q.Name)()
	select {
	case <-joined:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
