// Package exercise is what the check cells of the lessons' exercises are written with. It is preloaded in every notebook.
//
// [Check] runs a check under a deadline. What the reader wrote may panic, block for ever or leave goroutines behind;
// the check says which, in the reader's language, and the notebook goes on.
package exercise

import (
	"errors"
	"fmt"
	"runtime"
	"sync"
	"time"

	"gokernel/internal/concurrency"
)

// Deadline is how long a check may take as a whole.
const Deadline = 30 * time.Second

// longEnough is how long Stress goes on. What two goroutines do to each other by chance happens in much less time, even if
// the machine has other things to do.
const longEnough = 500 * time.Millisecond

// settle is how long goroutines that are about to end may take to do so.
const settle = 2 * time.Second

// ErrNotYet is matched by the error that Check panics with when the exercise is not solved.
var ErrNotYet = errors.New("not yet")

// A notYet says what is still wrong. Its text begins with "not yet: ", or the same in the reader's language.
type notYet struct{ said string }

func (e *notYet) Error() string        { return e.said }
func (e *notYet) Is(target error) bool { return target == ErrNotYet }

// A T is what a check reports to. Its methods may be called from any goroutine.
type T struct {
	mu   sync.Mutex // guards said
	said string
}

// NotYet notes what is wrong, as [fmt.Sprintf] formats it. Only the first note counts. It does not end the check.
func (t *T) NotYet(format string, args ...any) {
	t.note(fmt.Sprintf(translated(prefix), fmt.Sprintf(translated(format), args...)))
}

func (t *T) note(said string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.said == "" {
		t.said = said
	}
}

// Failed reports whether something was wrong so far.
func (t *T) Failed() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.said != ""
}

// Within calls f and reports whether it returned within d. If not, that is noted, and f is left behind on its goroutine.
// what names it in the reader's words, such as "Close". If f panics, so does Within.
func (t *T) Within(d time.Duration, what string, f func()) bool {
	if t.finish(d, f) {
		return true
	}
	t.NotYet("%s has not returned after %v; does it wait for something that never comes?", translated(what), d)
	return false
}

// finish reports whether f returned within d.
func (t *T) finish(d time.Duration, f func()) bool {
	done := make(chan *concurrency.PanicError, 1)
	go func() {
		var p *concurrency.PanicError
		defer func() { done <- p }() // also if f ends the goroutine
		p = concurrency.Try(f)
	}()
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case p := <-done:
		if p != nil {
			panic(p)
		}
		return true
	case <-timer.C:
		return false
	}
}

// Stress calls f(0), f(1), … f(n-1) again and again, each on a goroutine of its own, until half a second has passed or
// something was noted, and returns how often each was called. If one of them panics, so does Stress, once all have stopped.
func (t *T) Stress(n int, f func(i int)) (calls []int) {
	calls = make([]int, n)
	panics := make([]*concurrency.PanicError, n)
	end := time.Now().Add(longEnough)
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			<-start
			panics[i] = concurrency.Try(func() {
				for time.Now().Before(end) && !t.Failed() {
					for range 100 {
						f(i)
						calls[i]++
					}
				}
			})
		})
	}
	close(start)
	wg.Wait()
	for _, p := range panics {
		if p != nil {
			panic(p)
		}
	}
	return calls
}

// NoLeak calls f and notes it if goroutines that it started are still there some time after it has returned.
func (t *T) NoLeak(f func()) {
	before := runtime.NumGoroutine()
	f()
	deadline := time.Now().Add(settle)
	for wait := time.Millisecond; ; wait = min(2*wait, 100*time.Millisecond) {
		left := runtime.NumGoroutine() - before
		if left <= 0 {
			return
		}
		if time.Now().After(deadline) {
			t.NotYet("%d goroutines are still there; who tells them to stop?", left)
			return
		}
		time.Sleep(wait)
	}
}

// Check calls f and returns "ok" if f noted nothing wrong. Otherwise it panics with an error that matches ErrNotYet
// and says what is wrong, and so it does if f has not returned at the Deadline. If f panics, Check panics with the
// [concurrency.PanicError], which says where.
func Check(f func(t *T)) string {
	t := &T{}
	if !t.finish(Deadline, func() { f(t) }) {
		t.NotYet("the check has not ended after %v; does a goroutine wait for something that never comes?", Deadline)
	}
	if t.Failed() {
		panic(&notYet{t.said})
	}
	return "ok"
}
