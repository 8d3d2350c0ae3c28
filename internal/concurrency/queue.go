package concurrency

import (
	"context"
	"fmt"
	"iter"
)

// A Queue hands items from goroutines that put them to goroutines that get them, in the order in which they were put. The
// zero value is an open queue without items and without a bound; [NewQueue] makes one that holds a number of items. A
// Queue must not be copied after its first use.
//
// All methods may be called by any goroutine at any time. Goroutines that wait are served in the order in which they
// came. What happens before an item is put happens before it is got.
//
// Beside what a channel can do, a queue has a length without a bound if that is wanted, tells when the last item is done
// with ([Queue.Join]), and may be closed more than once and from either side. A Put and a Get together cost less than three
// times what a send and a receive of a buffered channel do.
type Queue[T any] struct{ items AnyQueue }

// NewQueue returns an open queue that holds so many items before Put waits. If capacity is 0 there is no such bound.
func NewQueue[T any](capacity int) *Queue[T] {
	return &Queue[T]{items: AnyQueue{Capacity: max(0, capacity)}}
}

// Named sets what traces call the queue, and returns it. It must be called before anything else.
func (q *Queue[T]) Named(name string) *Queue[T] {
	q.items.Name = name
	return q
}

// Put adds an item at the end. While the queue is full it waits: until there is room, until the queue is closed, which makes
// it return [ErrClosed], or until ctx is done, which makes it return ctx.Err(). If it returns an error, the item
// has not been added.
func (q *Queue[T]) Put(ctx context.Context, item T) error { return q.items.Put(ctx, item) }

// TryPut adds an item at the end if that is possible without waiting, and reports whether it was. It is not when the queue is
// full or closed.
func (q *Queue[T]) TryPut(item T) bool { return q.items.TryPut(item) }

// Get takes the oldest item out. While the queue is empty it waits: until an item is put, until the queue is closed, which
// makes it return [ErrClosed], or until ctx is done, which makes it return ctx.Err(). Items that are still in a
// closed queue are got first.
func (q *Queue[T]) Get(ctx context.Context) (T, error) {
	got, err := q.items.Get(ctx)
	item, _ := got.(T) // an item that is a nil interface is not of type T
	return item, err
}

// TryGet takes the oldest item out if there is one, and reports whether there was.
func (q *Queue[T]) TryGet() (item T, ok bool) {
	got, ok := q.items.TryGet()
	item, _ = got.(T)
	return item, ok
}

// All returns an iterator over what Get returns, up to the end of a queue that is closed. Each item counts as done
// when the loop asks for the next one, or is left. Several goroutines may iterate over one queue: each item goes to one of
// them.
func (q *Queue[T]) All() iter.Seq[T] {
	return func(yield func(T) bool) {
		q.items.Each(func(got any) bool {
			item, _ := got.(T)
			return yield(item)
		})
	}
}

// Len returns how many items are in the queue, those that are got but not done not among them. With other goroutines at
// work it may be out of date at once.
func (q *Queue[T]) Len() int { return q.items.Len() }

// Cap returns how many items the queue can hold, 0 if there is no bound.
func (q *Queue[T]) Cap() int { return q.items.Capacity }

// String returns length and capacity, and whether the queue is closed.
func (q *Queue[T]) String() string { return q.items.String() }

// Format prints String for any verb, and nothing else of the queue, which other goroutines may use.
func (q *Queue[T]) Format(f fmt.State, verb rune) { q.items.Format(f, verb) }

// Close says that nothing more will be put: every Put returns [ErrClosed] from then on, and Get does when the queue is empty.
// Goroutines that wait in one of them go on. To close a queue again does nothing.
func (q *Queue[T]) Close() { q.items.Close() }

// Closed reports whether the queue has been closed. There may still be items in it.
func (q *Queue[T]) Closed() bool { return q.items.Closed() }

// Drop closes the queue and throws away the items in it, which count as done. It returns how many there were.
func (q *Queue[T]) Drop() int { return q.items.Drop() }

// TaskDone says that an item that was got is done with. [Queue.All] does so by itself. TaskDone panics if it is called more
// often than items were got.
func (q *Queue[T]) TaskDone() { q.items.TaskDone() }

// Join waits until every item that has been put is done, or until ctx is done, which makes it return ctx.Err(). It does not
// matter whether the queue is closed.
func (q *Queue[T]) Join(ctx context.Context) error { return q.items.Join(ctx) }
