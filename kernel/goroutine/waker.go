package goroutine

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
	"weak"
)

// wakers knows what may wake a goroutine of the reader's other than another goroutine: the timers that the replaced
// functions of the standard library started, and what [Hold] announced. Timers and tickers that nobody can receive from
// any more are dropped when the collector has found them.
type wakers struct {
	held     atomic.Int64 // by Hold
	sleeping atomic.Int64 // goroutines in TimeSleep

	mu       sync.Mutex
	timers   map[weak.Pointer[time.Timer]]time.Time // when each fires
	tickers  map[weak.Pointer[time.Ticker]]struct{}
	contexts map[*deadline]struct{}
	sweepAt  int // sweep when there are so many entries
}

// A deadline is a context that ends by itself.
type deadline struct {
	ctx context.Context
	at  time.Time
}

// late is for how long after its time a timer still counts, for the goroutine that it woke may not have run yet.
const late = 250 * time.Millisecond

// A prospect says whether a goroutine may be woken by something other than another goroutine.
type prospect int

const (
	hopeless prospect = iota
	unlikely          // only timers, which may be ones that nobody can receive from
	hopeful
)

// pending says what the wakers promise.
func (w *wakers) pending() prospect {
	if w.held.Load() > 0 || w.sleeping.Load() > 0 || process.signals.any() {
		return hopeful
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sweep()
	switch {
	case len(w.contexts) > 0:
		return hopeful
	case len(w.timers)+len(w.tickers) > 0:
		return unlikely
	}
	return hopeless
}

// sweep drops what can no longer wake anybody.
func (w *wakers) sweep() {
	past := time.Now().Add(-late)
	for t, at := range w.timers {
		if at.Before(past) || t.Value() == nil {
			delete(w.timers, t)
		}
	}
	for t := range w.tickers {
		if t.Value() == nil {
			delete(w.tickers, t)
		}
	}
	for d := range w.contexts {
		// A cancelled context has woken those who waited for it.
		if d.at.Before(past) || d.ctx.Err() != nil {
			delete(w.contexts, d)
		}
	}
	w.sweepAt = 2*(len(w.timers)+len(w.tickers)+len(w.contexts)) + 64
}

// grown sweeps if that is due: a loop may start a timer with each turn.
func (w *wakers) grown() {
	if len(w.timers)+len(w.tickers)+len(w.contexts) >= max(w.sweepAt, 64) {
		w.sweep()
	}
}

// start notes that t fires after d.
func (w *wakers) start(t *time.Timer, d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.timers == nil {
		w.timers = make(map[weak.Pointer[time.Timer]]time.Time)
	}
	w.timers[weak.Make(t)] = time.Now().Add(d)
	w.grown()
}

func (w *wakers) stop(t *time.Timer) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.timers, weak.Make(t))
}

func (w *wakers) startTicker(t *time.Ticker) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.tickers == nil {
		w.tickers = make(map[weak.Pointer[time.Ticker]]struct{})
	}
	w.tickers[weak.Make(t)] = struct{}{}
	w.grown()
}

func (w *wakers) stopTicker(t *time.Ticker) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.tickers, weak.Make(t))
}

// watch notes a context with a deadline, and returns cancel extended to forget it.
func (w *wakers) watch(ctx context.Context, cancel context.CancelFunc) context.CancelFunc {
	at, ok := ctx.Deadline()
	if !ok || ctx.Err() != nil {
		return cancel
	}
	d := &deadline{ctx, at}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.contexts == nil {
		w.contexts = make(map[*deadline]struct{})
	}
	w.contexts[d] = struct{}{}
	w.grown()
	return func() {
		cancel()
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.contexts, d)
	}
}
