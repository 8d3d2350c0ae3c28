package interp

import (
	"sync"
	"time"

	"gokernel/kernel/goroutine"
)

// release lets go what waits on channels in compiled code once the reader's code has been told to stop.
type release struct {
	mu   sync.Mutex
	over chan struct{} // closed when the last one has come to its end; nil if there was none since resume
}

// start begins one, after those under way. A process of the reader's own stops serving, too.
func (r *release) start(own bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	before, over := r.over, make(chan struct{})
	r.over = over
	go func() {
		defer close(over)
		if before != nil {
			<-before
		}
		// Interpreted code has to be gone, or it would be given what is for compiled code.
		rest()
		if own {
			goroutine.Hangup()
		}
		// What was deferred may wait as well. Code that is not the reader's, and takes what it is given, must not keep us here.
		for n := 0; n < releases && goroutine.Release(); n++ {
			rest()
		}
	}()
}

// releases is how often a goroutine that ends is let go.
const releases = 10

// ended returns what is closed when all is released.
func (r *release) ended() <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.over == nil {
		r.over = make(chan struct{})
		close(r.over)
	}
	return r.over
}

// restWait bounds how long to wait for code to come to rest, which takes microseconds, unless compiled code computes.
const restWait = time.Second

// rest waits until code that has been told to stop is at rest.
func rest() {
	for began := time.Now(); !goroutine.Calm() && time.Since(began) < restWait; {
		time.Sleep(time.Millisecond)
	}
}

// stop ends all of the reader's code that runs.
func (ev *Evaluator) stop() {
	goroutine.Abandon()
	ev.units.interrupt()
	ev.m.stop()
	ev.release.start(ev.host != nil)
}

// settled waits a little for what has been told to stop.
func (ev *Evaluator) settled() {
	timer := time.NewTimer(settle)
	defer timer.Stop()
	select {
	case <-ev.release.ended():
	case <-timer.C:
	}
}

// resume lets code run again that cells start from now on.
func (ev *Evaluator) resume() {
	<-ev.release.ended()
	ev.m.resume()
	ev.units.resume()
}
