package concurrency

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
)

// A Group is a number of goroutines that work on one thing. The first of them that fails stops the others through the
// group's context, and its error is what [Group.Wait] returns. A Group is made by [NewGroup]. All methods may be
// called by any goroutine, but no goroutine may be added once Wait has returned.
//
// The goroutines are those given to Go, and those that [Source], [Stage] and [Sink] start.
type Group struct {
	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup

	mu       sync.Mutex
	err      error // the first one; guarded by mu, as is what follows
	panicked *PanicError
}

// NewGroup returns a group without goroutines, whose context is done when ctx is, when a goroutine of the group fails,
// after [Group.Stop], and after Wait.
func NewGroup(ctx context.Context) *Group {
	g := &Group{}
	g.ctx, g.cancel = context.WithCancel(ctx)
	return g
}

// Context returns the context that the group's goroutines are called with.
func (g *Group) Context() context.Context { return g.ctx }

// Go calls f on a goroutine of its own. If f returns an error or panics, the group is stopped.
func (g *Group) Go(f func(ctx context.Context) error) { g.start(f, func(bool) {}) }

// start calls f on a goroutine of its own, and after it end, when it is known to the group whether f failed.
func (g *Group) start(f func(ctx context.Context) error, end func(failed bool)) {
	g.wg.Go(func() {
		failed := true // if f ends its goroutine
		defer func() { end(failed) }()
		var err error
		p := Try(func() { err = f(g.ctx) })
		if p == nil && err == nil {
			failed = false
			return
		}
		g.mu.Lock()
		if g.err == nil && g.panicked == nil {
			g.err, g.panicked = err, p
		}
		g.mu.Unlock()
		g.cancel()
	})
}

// Stop asks all goroutines to end, through their context. It does not wait for them.
func (g *Group) Stop() { g.cancel() }

// Wait waits until all goroutines have ended. It returns the first error of one of them, nil if there was none. If
// one panicked before, Wait panics with its [PanicError], so that the panic is the caller's to recover. That the
// group was stopped is no error as such, though its goroutines may return one because of it.
func (g *Group) Wait() error {
	g.wg.Wait()
	g.cancel()
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.panicked != nil {
		panic(g.panicked)
	}
	return g.err
}

// String says whether one of the goroutines has failed so far.
func (g *Group) String() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case g.panicked != nil:
		return fmt.Sprintf("group: panic: %v", g.panicked.Value)
	case g.err != nil:
		return fmt.Sprintf("group: %v", g.err)
	}
	return "group without an error"
}

// Format prints String for any verb, and nothing else of the group, which its goroutines use.
func (g *Group) Format(f fmt.State, verb rune) { formatText(f, verb, g.String()) }

// Serve starts so many goroutines that get items from a queue and call work with each, until the queue is closed and empty.
// When the last of them has ended, done is called, unless it is nil. If one fails the queue is dropped, so that nobody
// who puts items into it waits for ever. It is what [Stage] and [Sink] are made of.
func (g *Group) Serve(width int, q *AnyQueue, work func(ctx context.Context, item any) error, done func()) {
	width = max(1, width)
	var left atomic.Int64
	left.Store(int64(width))
	for range width {
		g.start(func(ctx context.Context) error { return serve(ctx, q, work) }, func(failed bool) {
			if failed {
				q.Drop()
			}
			if left.Add(-1) == 0 && done != nil {
				done()
			}
		})
	}
}

func serve(ctx context.Context, q *AnyQueue, work func(ctx context.Context, item any) error) error {
	for {
		item, err := q.Get(ctx)
		if err == ErrClosed {
			return nil
		}
		if err != nil {
			return err
		}
		var failed error
		q.treat(item, func(item any) bool {
			failed = work(ctx, item)
			return true
		})
		if failed != nil {
			return failed
		}
	}
}
