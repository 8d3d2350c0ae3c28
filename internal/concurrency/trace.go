package concurrency

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// tracing is the recorder of the [Trace] that is going on, nil if there is none. It is a variable of the package because who waits
// in a queue cannot know who is watching; it is read where somebody is about to wait or a queue changes its length.
var tracing atomic.Pointer[recorder]

// A recorder notes what happens during a trace.
type recorder struct {
	begin time.Time

	mu      sync.Mutex
	names   map[any]string // of queues, locks and children, by their address; guarded by mu, as is what follows
	numbers map[string]int // how many of each kind have got a name
	waits   []wait
	lengths map[string][]length
	labels  map[int]string // of goroutines
	seen    sightings
	dropped bool // more happened than is kept
}

// A wait is the time that a goroutine spent in one call.
type wait struct {
	goroutine  int
	what       string // "queue 1", "lock 2", "child sleep"
	kind       State
	start, end time.Duration
}

// A length is what a queue held from some moment on.
type length struct {
	at    time.Duration
	items int
}

// mostEvents bounds what a recorder keeps of each kind.
const mostEvents = 100_000

// name returns the name of a thing, "queue 2" for the second queue without a name of its own.
func (r *recorder) name(thing any, kind, own string) string {
	name, known := r.names[thing]
	if !known {
		if name = own; name == "" {
			r.numbers[kind]++
			name = fmt.Sprint(kind, " ", r.numbers[kind])
		}
		r.names[thing] = name
	}
	return name
}

// waiting notes that the calling goroutine is about to wait for a thing, until the function it returns is called. What it
// returns must be called by the same goroutine.
func waiting(thing any, kind State, own string) (done func()) {
	r := tracing.Load()
	if r == nil {
		return func() {}
	}
	w := wait{goroutine: goroutineID(), kind: kind, start: time.Since(r.begin)}
	r.mu.Lock()
	w.what = r.name(thing, kind.thing(), own)
	r.mu.Unlock()
	return func() {
		w.end = time.Since(r.begin)
		r.mu.Lock()
		defer r.mu.Unlock()
		if len(r.waits) == mostEvents {
			r.dropped = true
			return
		}
		r.waits = append(r.waits, w)
	}
}

// measured notes how many items a queue holds. The queue's lock is held by the caller, so that lengths are in order.
func (q *AnyQueue) measured() {
	r := tracing.Load()
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	name := r.name(q, Queued.thing(), q.Name)
	if list := r.lengths[name]; len(list) < mostEvents {
		r.lengths[name] = append(list, length{time.Since(r.begin), q.items.n})
	} else {
		r.dropped = true
	}
}

// Label gives the calling goroutine a name in the trace that is going on. Without a trace it does nothing.
func Label(name string) {
	if r := tracing.Load(); r != nil {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.labels[goroutineID()] = name
	}
}

// Trace calls f and returns what its goroutines did meanwhile: the one that calls f, those it starts, and those
// they start. The timeline tells when each ran, slept or was blocked, and if it waited in this package, for what: which
// queue, which lock, which child. If f panics, so does Trace. Only one Trace can go on at a time; another one waits for it.
//
// What goroutines do is looked at once a millisecond, or less often if that would take more than a tenth of the time; waits in this package and
// the lengths of queues are noted as they happen. Goroutines that are still there when f returns are seen up to then.
func Trace(f func()) *Timeline {
	r := &recorder{
		names: map[any]string{}, numbers: map[string]int{}, lengths: map[string][]length{}, labels: map[int]string{},
	}
	r.seen.root = goroutineID()
	r.labels[r.seen.root] = "main"
	for r.begin = time.Now(); !tracing.CompareAndSwap(nil, r); r.begin = time.Now() {
		if other := tracing.Load(); other != nil && other.seen.root == r.seen.root {
			panic("concurrency: Trace within Trace")
		}
		time.Sleep(time.Millisecond)
	}
	defer tracing.CompareAndSwap(r, nil) // if f panics or ends the goroutine
	r.seen.look(0, 0)

	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		r.watch(stop)
	}()
	end := func() {
		close(stop)
		<-stopped
	}
	returned := false
	defer func() {
		if !returned {
			end()
		}
	}()
	f()
	returned = true
	end()
	tracing.CompareAndSwap(r, nil)
	return r.timeline(time.Since(r.begin))
}

// watch looks at the goroutines until stop is closed.
func (r *recorder) watch(stop <-chan struct{}) {
	const shortest = time.Millisecond
	self := goroutineID()
	timer := time.NewTimer(shortest)
	defer timer.Stop()
	for {
		select {
		case <-stop:
			return
		case <-timer.C:
		}
		start := time.Now()
		r.seen.look(start.Sub(r.begin), self)
		timer.Reset(max(shortest, 9*time.Since(start)))
	}
}
