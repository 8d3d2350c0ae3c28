// Package introduction is the lesson on what concurrency and parallelism are, before items 52 to 56.
//
//lesson:notebook 51-introduction
package introduction

//lint:file-ignore U1000 cells are functions that nobody calls here

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"gokernel/internal/concurrency"
	"gokernel/internal/exercise"
)

/*lesson:markdown title
# Concurrency and parallelism

**You will learn**

- what the two words mean, and why they are not the same;
- how to see how many cores your program may use;
- how to find out whether doing things at once makes a program faster.

Run the cells from top to bottom with Shift+Enter.
*/

/*lesson:markdown concurrency
## Many things that seem to happen at once

A program is *concurrent* if it has several things going on that can each make progress on their own. A single core is enough
for that: it does a bit of one, then a bit of another. A waiter serves ten tables this way. Nobody at the tables minds that there
is only one waiter, because most of the time a guest is busy eating.

In Go such a thing that goes on is a *goroutine*. Here three of them count, and each steps aside after every number:
*/

//lesson:run interleave
func interleave() {
	var wg sync.WaitGroup
	for _, name := range []string{"soup", "fish", "cake"} {
		wg.Go(func() {
			for i := range 3 {
				fmt.Println(name, i)
				runtime.Gosched() // let somebody else go first
			}
		})
	}
	wg.Wait()
	// Output order:
	// soup 0
	// soup 1
	// soup 2
	// ---
	// fish 0
	// fish 1
	// fish 2
	// ---
	// cake 0
	// cake 1
	// cake 2
	// Recorded:
	// cake 0
	// soup 0
	// fish 0
	// cake 1
	// soup 1
	// fish 1
	// cake 2
	// soup 2
	// fish 2
}

/*lesson:markdown parallelism
Each goroutine's own lines are in order. How the three mix is nobody's promise, and it may differ when you run the cell again.

## Many things that do happen at once

A program is *parallel* if several cores work on it at the very same moment. This takes more than a way of writing: it takes
a second waiter. The difference is speed. Two cores can halve the time that a calculation takes. A thousand goroutines on one
core save nothing on it, however concurrent they are.

How many cores does this machine have, and on how many may Go run goroutines at the same time?
*/

//lesson:run cores listing=7.0
func cores() {
	fmt.Println("cores:     ", runtime.NumCPU())
	fmt.Println("GOMAXPROCS:", runtime.GOMAXPROCS(0))
	// Output pattern:
	// cores:      {int 1..}
	// GOMAXPROCS: {int 1..}
	// Recorded:
	// cores:      2
	// GOMAXPROCS: 2
}

/*lesson:markdown gomaxprocs
`runtime.GOMAXPROCS(n)` sets that number and returns what it was; with 0 it only asks. In a container that may use less than the
whole machine Go chooses a smaller number by itself. Since you can change it, you can make one and the same program parallel or
merely concurrent, and measure what that is worth.

Many programs are concurrent for another reason than speed: a server talks with thousands of clients, a window reacts to
the mouse while a file is being copied. There it is about *waiting* for several things at once, and waiting needs no core at all.
The items that follow keep coming back to this question: does the program compute, or does it wait?
*/

/*lesson:markdown in-go
## In Go

- A goroutine is not a thread. Go's runtime spreads goroutines over a few threads, and one that waits for another
  goroutine, for a while to pass or for the network takes up none.
- There is no lock around the whole interpreter, as there is in the usual Python: goroutines of one program really run in parallel.
- You do not say which core does what. You say what can go on independently, and Go uses the cores that there are.
*/

/*lesson:markdown exercises
## Exercise

The task has a check below it. It prints `ok`, or it says what is not right yet.
*/

/*lesson:task task-timed
### Concurrent or parallel?

`work` is a calculation that takes a moment. Write `timed(procs, n int) time.Duration`, which measures how long it takes until `n` goroutines have each
called `work` once, while Go may use `procs` cores. Afterwards the number of cores must be again what it was before.

With it, compare `timed(1, 4)` with `timed(runtime.NumCPU(), 4)`: the same goroutines, concurrent at first and then parallel.

<details><summary>Hint</summary>

`runtime.GOMAXPROCS(procs)` returns the number before; hand it to a deferred call.

</details>
<details><summary>Another hint</summary>

Take the time after `wg.Wait`, not after the goroutines have been started.

</details>
*/

//lesson:declare work

// work keeps a core busy for some milliseconds.
var work = func() {
	for range concurrency.Divisors(2_000_000) {
	}
}

//lesson:solution timed

// timed returns how long n goroutines that work take together on procs cores.
func timed(procs, n int) time.Duration {
	// BEGIN SOLUTION
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(procs))
	// END SOLUTION
	start := time.Now()
	// BEGIN SOLUTION
	var wg sync.WaitGroup
	for range n {
		wg.Go(work)
	}
	wg.Wait()
	// END SOLUTION
	return time.Since(start)
}

//lesson:check check-timed points=2
func checkTimed() {
	fmt.Println(exercise.Check(func(t *exercise.T) {
		calculation := work
		defer func() { work = calculation }()
		var came, alone, procs atomic.Int64
		everybody := make(chan struct{})
		work = func() { // for this check it waits for the others
			procs.Store(int64(runtime.GOMAXPROCS(0)))
			if came.Add(1) == 4 {
				close(everybody)
			}
			select {
			case <-everybody:
			case <-time.After(2 * time.Second):
				alone.Add(1)
			}
			time.Sleep(50 * time.Millisecond)
		}
		before := runtime.GOMAXPROCS(0)
		took := timed(1, 4)
		if after := runtime.GOMAXPROCS(0); after != before {
			runtime.GOMAXPROCS(before)
			t.NotYet("GOMAXPROCS was %d before, and is %d afterwards", before, after)
		}
		switch {
		case took < 50*time.Millisecond:
			t.NotYet("work takes 50ms here, but timed says %v; does it wait for all goroutines?",
				took)
		case came.Load() != 4:
			t.NotYet("four goroutines should call work, but it was called %d times", came.Load())
		case alone.Load() > 0:
			t.NotYet("the goroutines should work at the same time, but one worked after the other")
		case procs.Load() != 1:
			t.NotYet("Go should use 1 core, but it used %d", procs.Load())
		}
		// BEGIN HIDDEN TESTS
		if t.Failed() {
			return
		}
		work = func() { procs.Store(int64(runtime.GOMAXPROCS(0))) }
		if timed(2, 1); procs.Load() != 2 {
			t.NotYet("Go should use %d cores, but it used %d", 2, procs.Load())
		}
		// END HIDDEN TESTS
	}))
	// Output:
	// ok
}

/*lesson:wrong timed-no-wait says="does it wait for all goroutines?"
func timed(procs, n int) time.Duration {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(procs))
	start := time.Now()
	for range n {
		go work()
	}
	return time.Since(start)
}
*/

/*lesson:wrong timed-not-reset says="not yet: GOMAXPROCS was "
func timed(procs, n int) time.Duration {
	runtime.GOMAXPROCS(procs + 2)
	start := time.Now()
	var wg sync.WaitGroup
	for range n {
		wg.Go(work)
	}
	wg.Wait()
	return time.Since(start)
}
*/

/*lesson:wrong timed-in-turn says="not yet: the goroutines should work at the same time, but one worked after the other"
func timed(procs, n int) time.Duration {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(procs))
	start := time.Now()
	for range n {
		work()
	}
	return time.Since(start)
}
*/

/*lesson:wrong timed-all-cores says="but it used " hidden
func timed(procs, n int) time.Duration {
	start := time.Now()
	var wg sync.WaitGroup
	for range n {
		wg.Go(work)
	}
	wg.Wait()
	return time.Since(start)
}
*/

/*lesson:markdown further
## Further reading

- [Concurrency is not parallelism](https://go.dev/blog/waza-talk), a talk on the difference.
- Package [runtime](https://pkg.go.dev/runtime), about `GOMAXPROCS` and when Go changes it by itself.
- [Item 52](52-subprocesses.ipynb) begins with processes, which the operating system runs in parallel for you.
*/
