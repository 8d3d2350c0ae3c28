package concurrency

import (
	"fmt"
	"runtime"
	"sync"
)

// A Counter counts without a lock. It is wrong on purpose: used by several goroutines at once it loses updates, and the
// race detector says so. Used by one goroutine at a time it counts correctly. The zero value is ready for use.
//
// Between reading and writing it offers the processor to other goroutines. A plain n++ can be interrupted there too, but
// so rarely that on a single core one may wait long to see it.
type Counter struct{ n int }

// Add adds delta in three steps: read, add, write.
func (c *Counter) Add(delta int) {
	n := c.n
	runtime.Gosched()
	n += delta
	c.n = n
}

// Increment adds one.
func (c *Counter) Increment() { c.Add(1) }

// Value returns the count, whatever is left of it.
func (c *Counter) Value() int { return c.n }

// A LockingCounter counts under a lock. The zero value is ready for use. All methods may be called from several
// goroutines; they wait for each other. A LockingCounter must not be copied after its first use.
type LockingCounter struct {
	mu sync.Mutex
	n  int
}

// Add adds delta, which may be negative.
func (c *LockingCounter) Add(delta int) {
	Lock(&c.mu)
	defer c.mu.Unlock()
	c.n += delta
}

// Increment adds one.
func (c *LockingCounter) Increment() { c.Add(1) }

// Value returns the count at some moment during the call. What it returns may be out of date at once, so do not compute a
// new count from it: that is what Add is for.
func (c *LockingCounter) Value() int {
	Lock(&c.mu)
	defer c.mu.Unlock()
	return c.n
}

// String returns the count as text.
func (c *LockingCounter) String() string { return fmt.Sprint(c.Value()) }

// Format prints the count as package fmt would.
func (c *LockingCounter) Format(f fmt.State, verb rune) {
	fmt.Fprintf(f, fmt.FormatString(f, verb), c.Value())
}

// Lock locks mu. If it has to wait for that while a [Trace] goes on, the timeline tells so. Release the lock as usual, by
// mu.Unlock.
func Lock(mu *sync.Mutex) {
	if tracing.Load() == nil {
		mu.Lock()
		return
	}
	if mu.TryLock() {
		return
	}
	defer waiting(mu, LockWait, "")()
	mu.Lock()
}
