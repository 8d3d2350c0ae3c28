package item54

//lint:file-ignore U1000 cells are functions that nobody calls here

import (
	"fmt"
	"strings"
	"sync"

	"gokernel/internal/concurrency"
)

/*lesson:markdown mutex
## A counter with a lock

A *mutex* (for mutual exclusion) can be locked by one goroutine at a time. Another one that calls `Lock` waits until the first one
has called `Unlock`. If every use of the counter happens between the two, the three steps of one goroutine can no longer fall
between those of another.
*/

//lesson:declare locking-counter listing=54.4

// A LockingCounter counts visitors, at all gates at once.
type LockingCounter struct {
	mu    sync.Mutex // guards count
	count int
}

// Increment counts one more.
func (c *LockingCounter) Increment() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.count++
}

// Value returns the number of visitors so far.
func (c *LockingCounter) Value() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.count
}

/*lesson:markdown mutex-form
Three habits are in these few lines:

- `defer` stands right below `Lock`. However the method ends, early return and panic included, the lock is released.
- The mutex stands right above what it guards, and says so.
- `Value` takes the lock too. Reading while another goroutine writes is a data race as well.

The same gates, the same visitors. This takes longer than before, for each of half a million visitors now costs a
lock and a deferred call.
*/

//lesson:run count-locking listing=54.5
func countLocking() {
	var counter LockingCounter
	openGates(counter.Increment)
	fmt.Printf("Counter should be %d, got %d\n", gates*visitors, counter.Value())
	// Output:
	// Counter should be 500000, got 500000
}

/*lesson:markdown replay-locked-why
And the replay? Before it reads, each gate now takes a lock. The turns are those that lost a visitor before, with more of
them for B, who insists. As long as A holds the lock, B can do nothing with its turns but wait.
*/

//lesson:run replay-locked listing=54.5
func replayLocked() {
	shared.count = 0
	var mu sync.Mutex
	lockedGate := func(a *concurrency.Actor) {
		a.Lock(&mu)
		defer mu.Unlock()
		gate(a)
	}

	var il concurrency.Interleaver
	il.Go("A", lockedGate)
	il.Go("B", lockedGate)
	if err := il.Run(strings.Fields("A A B B B A A B B B B")...); err != nil {
		fmt.Println(err)
	}
	fmt.Println("two visitors, and the counter says", shared.count)
	// Output:
	// A reads 0
	// A adds one, which makes 1
	// A writes 1
	// B reads 1
	// B adds one, which makes 2
	// B writes 2
	// two visitors, and the counter says 2
}

/*lesson:code replay-locked-table listing=54.5 draws
il.Table()
*/

// Result pattern:
// turn  A      B
//    1  lock
//    2  read
//    3         lock (waits)
//    4         lock (waits)
//    5         lock (waits)
//    6  add
//    7  write
//    8         lock
//    9         read
//   10         add
//   11         write

/*lesson:markdown preloaded-locking
A counter with a lock is needed so often that the preloaded package has one. It is compiled in any
case, even where what you define in a cell is interpreted.
*/

//lesson:run count-preloaded listing=54.4
func countPreloaded() {
	var counter concurrency.LockingCounter
	openGates(counter.Increment)
	fmt.Printf("Counter should be %d, got %d\n", gates*visitors, counter.Value())
	// Output:
	// Counter should be 500000, got 500000
}
