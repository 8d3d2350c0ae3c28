// Package item54 is the lesson on locks. Its functions are cells: they are called by the program that the tests of package
// lessons put together, and run one by one in the notebook.
//
//lesson:notebook 54-locks
package item54

//lint:file-ignore U1000 cells are functions that nobody calls here

import (
	"fmt"
	"sync"

	"gokernel/internal/concurrency"
)

/*lesson:markdown title
# Item 54: locks against data races

**You will learn**

- why two goroutines that add one to the same variable can together add one only;
- how a mutex prevents it, and how to write one so that it is never left locked;
- what Go offers besides: the race detector, atomic values, and a map that refuses to be misused;
- why a program without a single data race can still be wrong.

Run the cells from top to bottom with Shift+Enter. Change them and run them again: nothing you do here can break the notebook.
*/

/*lesson:markdown question
## The question

In some languages a global lock lets only one thread run at a time, and it is tempting to conclude that shared
data needs no lock of its own. That is wrong even there, for a thread can be interrupted between any two of its steps.
In Go it is wrong twice over: goroutines are interrupted too, and on several cores they truly run at the same moment.

So what happens to a variable that several goroutines change?
*/

/*lesson:markdown gates
## A counter without a lock

A stadium has five gates. Each has a sensor that counts the people who pass, and all gates share one counter.
*/

//lesson:declare counter listing=54.1

// A Counter counts visitors.
type Counter struct {
	count int
}

// Increment counts one more.
func (c *Counter) Increment() {
	c.count++
}

/*lesson:markdown gates-run
Each gate is a goroutine, and a hundred thousand people pass through it. `wg.Go` starts a function on a goroutine of its own, and
`wg.Wait` waits until all of them have returned.
*/

//lesson:declare gates-func listing=54.1

const (
	gates    = 5
	visitors = 100_000 // at each gate
)

// openGates lets all gates count at once and returns when the last visitor is in.
func openGates(count func()) {
	var wg sync.WaitGroup
	for range gates {
		wg.Go(func() {
			for range visitors {
				count()
			}
		})
	}
	wg.Wait()
}

//lesson:run count-racing listing=54.1 racy
func countRacing() {
	var counter Counter
	openGates(counter.Increment)
	fmt.Printf("Counter should be %d, got %d\n", gates*visitors, counter.count)
	// Output pattern:
	// Counter should be 500000, got {int 1..500000}
	// Recorded:
	// Counter should be 500000, got 495824
}

/*lesson:markdown lost
Run that cell a few times. The result differs from run to run. Often people are missing; nothing failed and nothing was reported, the number
is simply wrong. But sometimes it is right: compiled and on two cores, about one run in four lost nobody when we tried, and on a single core
you may never see a loss. That is worse, for a test that passes proves nothing here.
*/

/*lesson:markdown steps-why
## Where the visitors went

`c.count++` looks like one action. It is three: read the variable, add one to what was read, write the sum back. Here they are
one at a time:
*/

//lesson:run steps listing=54.2
func threeSteps() {
	c := Counter{count: 7}

	value := c.count // 1. read
	fmt.Println("read: ", value)
	value = value + 1 // 2. add
	fmt.Println("add:  ", value)
	c.count = value // 3. write
	fmt.Println("write:", c.count)
	// Output:
	// read:  7
	// add:   8
	// write: 8
}

/*lesson:markdown steps-cpu
On some processors the compiler turns `c.count++` into a single instruction. That changes nothing: the core still reads,
adds and writes, and another core can read in between.
*/

/*lesson:markdown replay-why
Suppose gate A has just read the counter when gate B is given the processor. B does all of its three steps. Then A goes on, with the
value that it read before, and writes over what B has written. To wait for this to happen by chance would be tedious, so we
*replay* it: an `Interleaver` runs goroutines one step at a time, in an order that we choose. `a.Step` waits until it is that
actor's turn.
*/

//lesson:declare shared listing=54.3

var shared Counter

// gate counts one visitor, step by step.
func gate(a *concurrency.Actor) {
	a.Step("read")
	value := shared.count
	fmt.Printf("%s reads %d\n", a.Name(), value)

	a.Step("add")
	value = value + 1
	fmt.Printf("%s adds one, which makes %d\n", a.Name(), value)

	a.Step("write")
	shared.count = value
	fmt.Printf("%s writes %d\n", a.Name(), value)
}

//lesson:run replay listing=54.3
func replay() {
	shared.count = 0
	var il concurrency.Interleaver
	il.Go("A", gate)
	il.Go("B", gate)
	if err := il.Run("A", "B", "B", "B", "A", "A"); err != nil {
		fmt.Println(err)
	}
	fmt.Println("two visitors, and the counter says", shared.count)
	// Output:
	// A reads 0
	// B reads 0
	// B adds one, which makes 1
	// B writes 1
	// A adds one, which makes 1
	// A writes 1
	// two visitors, and the counter says 1
}

/*lesson:markdown replay-table-why
The interleaver has written down who did what. As a table, with a row for each turn:
*/

/*lesson:code replay-table listing=54.3 draws
il.Table()
*/

// Result pattern:
// turn  A      B
//    1  read
//    2         read
//    3         add
//    4         write
//    5  add
//    6  write

/*lesson:markdown replay-after
B's visitor is lost. Change the order of turns and run the cell again: which orders are harmless? Only those in which one gate has
written before the other one reads.

The preloaded package also has a counter without a lock, `concurrency.Counter`. Between reading and writing it lets other
goroutines go first, so that it loses updates on a machine with a single core as well.
*/

//lesson:run preloaded-counter listing=54.1 racy
func preloadedCounter() {
	var careless concurrency.Counter
	concurrency.Parallel(gates, func(int) {
		for range 1000 {
			careless.Increment()
		}
	})
	fmt.Println(gates*1000, "visitors, and the counter says", careless.Value())
	// Output pattern:
	// 5000 visitors, and the counter says {int 1..4999}
	// Recorded:
	// 5000 visitors, and the counter says 1000
}
