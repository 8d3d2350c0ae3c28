package exercise

import (
	"bytes"
	"runtime"
	"slices"
	"time"

	"gokernel/internal/concurrency"
)

// restless is how long a call may go on without waiting or returning before it counts as one that waits by asking again and again.
const restless = time.Second

// settled is in how many looks, one after the other, a call must wait: what it needs within the runtime it gets sooner.
const settled = 3

// waitStates are the states, in the runtime's words, of a goroutine that only another one can wake.
var waitStates = []string{
	"chan receive", "chan send", "select", "semacquire", "sync.Mutex.Lock", "sync.RWMutex.Lock", "sync.RWMutex.RLock",
	"sync.Cond.Wait", "sync.WaitGroup.Wait",
}

// A Call is a function that a check has started on a goroutine of its own, to see whether it waits. So a check brings about
// what else would happen by chance: that one goroutine is in the midst of something when another one comes.
type Call struct {
	header []byte // of its goroutine in a dump: "goroutine 7 ["
	done   chan struct{}
	panic  *concurrency.PanicError // set before done is closed
}

// Start calls f on a goroutine of its own.
func (t *T) Start(f func()) *Call {
	c := &Call{done: make(chan struct{})}
	begun := make(chan struct{})
	go func() {
		defer close(c.done) // also if f ends the goroutine
		buf := make([]byte, 64)
		buf = buf[:runtime.Stack(buf, false)]
		c.header = buf[:bytes.IndexByte(buf, '[')+1]
		close(begun)
		c.panic = concurrency.Try(f)
	}()
	<-begun
	return c
}

// Waits returns once the call can go no further and reports whether it waits: for a lock, a channel, or whatever else another goroutine
// must do first. It is false if the call has returned. However busy the machine is, it makes no difference.
func (c *Call) Waits() bool {
	begin := time.Now()
	for seen := 0; seen < settled; {
		if c.returned() {
			return false
		}
		if c.blocked() {
			seen++
		} else if seen = 0; time.Since(begin) > restless {
			return true
		}
		runtime.Gosched()
		time.Sleep(100 * time.Microsecond)
	}
	return true
}

// Wait returns when the call has. If the call panicked, so does Wait.
func (c *Call) Wait() {
	<-c.done
	if c.panic != nil {
		panic(c.panic)
	}
}

func (c *Call) returned() bool {
	select {
	case <-c.done:
		return true
	default:
		return false
	}
}

// blocked reports whether the goroutine is in one of the waitStates.
func (c *Call) blocked() bool {
	buf := make([]byte, 1<<16)
	n := runtime.Stack(buf, true)
	for n == len(buf) && n < 1<<24 {
		buf = make([]byte, 2*n)
		n = runtime.Stack(buf, true)
	}
	for dump := range bytes.SplitSeq(buf[:n], []byte("\n\n")) {
		if state, ours := bytes.CutPrefix(dump, c.header); ours {
			for _, end := range []string{"]", ",", " labels:", " ("} { // [chan receive (nil chan), 2 minutes labels:{"a": "b"}]
				state, _, _ = bytes.Cut(state, []byte(end))
			}
			return slices.Contains(waitStates, string(state))
		}
	}
	return false
}
