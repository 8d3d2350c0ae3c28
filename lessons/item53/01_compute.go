// Package item53 is the lesson on goroutines for blocking I/O. Its functions are cells: they are called by the program that
// the tests of package lessons put together, and run one by one in the notebook.
//
//lesson:notebook 53-goroutines
package item53

//lint:file-ignore U1000 cells are functions that nobody calls here

import (
	"fmt"
	"iter"
	"runtime"
	"slices"
	"sync"
	"time"

	"gokernel/internal/concurrency"
)

/*lesson:markdown title
# Item 53: goroutines for blocking I/O, and for parallelism

**You will learn**

- what a global interpreter lock does to threads that compute, and why Go has none;
- how to measure what goroutines are worth on one core and on all of them;
- why a goroutine that waits for the operating system holds no core, and one that waits for the network hardly anything;
- how to do slow things at once by changing a few lines.

Run the cells from top to bottom with Shift+Enter. Change them and run them again: nothing you do here can break the notebook.
*/

/*lesson:markdown question
## The question

In the usual Python, threads take turns. A lock around the interpreter, the GIL, lets only one of them run Python code at a time,
so threads there do not make a calculation faster, and the advice is to use them for one thing only: to wait for several slow
system calls at once.

Does that hold in Go? We ask twice, first for a calculation and then for waiting.
*/

/*lesson:markdown calculation
## A calculation

To find all divisors of a number, try every number up to it. There are better ways; this one has the merit of keeping a core busy.
The function returns an *iterator*: a caller can range over what it yields, one divisor after the other.
*/

//lesson:declare factorize listing=53.1

// factorize yields every divisor of n.
func factorize(n int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := 1; i <= n; i++ {
			if n%i == 0 && !yield(i) {
				return
			}
		}
	}
}

//lesson:run factorize-small listing=53.1
func factorizeSmall() {
	for divisor := range factorize(28) {
		if divisor > 4 {
			break // the iterator stops as well
		}
		fmt.Println(divisor)
	}
	fmt.Println(slices.Collect(factorize(97)))
	// Output:
	// 1
	// 2
	// 4
	// [1 97]
}

/*lesson:markdown in-turn-why
Four larger numbers, one after the other:
*/

//lesson:declare numbers listing=53.2

// numbers are those to factorize.
var numbers = []int{2139079, 1214759, 1516637, 1852285}

//lesson:run in-turn listing=53.2 timing
func inTurn() {
	begin := time.Now()
	for _, n := range numbers {
		fmt.Println(n, slices.Collect(factorize(n)))
	}
	fmt.Printf("my own, one after the other: %.3f seconds\n", time.Since(begin).Seconds())
	// Output pattern:
	// 2139079 [1 101 21179 2139079]
	// 1214759 [1 7 13 49 91 637 1907 13349 24791 93443 173537 1214759]
	// 1516637 [1 19 79823 1516637]
	// 1852285 [1 5 271 1355 1367 6835 370457 1852285]
	// my own, one after the other: {seconds 0.0..60.0} seconds
	// Recorded:
	// 2139079 [1 101 21179 2139079]
	// 1214759 [1 7 13 49 91 637 1907 13349 24791 93443 173537 1214759]
	// 1516637 [1 19 79823 1516637]
	// 1852285 [1 5 271 1355 1367 6835 370457 1852285]
	// my own, one after the other: 0.583 seconds
}

/*lesson:markdown compiled-why
What you write in a cell is compiled if there is a Go toolchain on this machine, and interpreted if not; `%engine` says which. The preloaded
`concurrency.Divisors` is the same loop and compiled in any case, which makes it some fifty times as fast as an interpreted one.
For what follows we take that one.
*/

//lesson:declare divisors listing=53.2

// divisors returns all divisors of n, found by compiled code.
func divisors(n int) []int { return slices.Collect(concurrency.Divisors(n)) }

// took returns how long f takes.
func took(f func()) time.Duration {
	start := time.Now()
	f()
	return time.Since(start)
}

// oneByOne factorizes all numbers, one after the other.
func oneByOne() {
	for _, n := range numbers {
		divisors(n)
	}
}

//lesson:run in-turn-compiled listing=53.2 timing
func inTurnCompiled() {
	fmt.Printf("compiled, one after the other: %.3f seconds\n", took(oneByOne).Seconds())
	// Output pattern:
	// compiled, one after the other: {seconds 0.001..10.0} seconds
	// Recorded:
	// compiled, one after the other: 0.013 seconds
}

/*lesson:markdown goroutine-each
## One goroutine for each number

A goroutine returns nothing, so it needs a place for its result. A *slot* of its own in a slice is the simplest: each goroutine writes to
its slot and to no other, and nobody reads before all are done. That needs no lock.
*/

//lesson:declare at-once listing=53.3

// atOnce factorizes all numbers, each on a goroutine of its own, and returns their
// divisors in the order of the numbers.
func atOnce(numbers []int) [][]int {
	results := make([][]int, len(numbers))
	var wg sync.WaitGroup
	for i, n := range numbers {
		wg.Go(func() { results[i] = divisors(n) }) // slot i is this goroutine's own
	}
	wg.Wait()
	return results
}

//lesson:run at-once-run listing=53.4
func atOnceRun() {
	for i, found := range atOnce(numbers) {
		fmt.Println(numbers[i], "has", len(found), "divisors, the largest but one is",
			found[len(found)-2])
	}
	// Output:
	// 2139079 has 4 divisors, the largest but one is 21179
	// 1214759 has 12 divisors, the largest but one is 173537
	// 1516637 has 4 divisors, the largest but one is 79823
	// 1852285 has 8 divisors, the largest but one is 370457
}

/*lesson:markdown one-core-why
The results come in order although the goroutines do not. Now the time. First we allow Go a single core. This is what a global
interpreter lock amounts to: there may be many threads, but one runs at a time.
*/

//lesson:declare compare listing=53.5

// faster returns how many times as fast it is to factorize all numbers at once, on
// procs cores, as one after the other. Other programs want the cores as well, so it
// does both several times, in turn, and the best time of each counts.
func faster(procs int) float64 {
	runtime.GOMAXPROCS(procs)
	defer runtime.SetDefaultGOMAXPROCS() // as Go has it when it starts
	serial, concurrent := time.Hour, time.Hour
	for range 25 {
		serial = min(serial, took(oneByOne))
		concurrent = min(concurrent, took(func() { atOnce(numbers) }))
	}
	return float64(serial) / float64(concurrent)
}

//lesson:run one-core listing=53.5 timing
func oneCore() {
	fmt.Printf("on one core, goroutines are %.2f times as fast\n", faster(1))
	// Output pattern:
	// on one core, goroutines are {float 0.4..1.5} times as fast
	// Recorded:
	// on one core, goroutines are 1.00 times as fast
}

/*lesson:markdown all-cores-why
No faster at all. There are four goroutines and one core, and the work is what it was. Further than this the
source of this chapter does not get with calculations: its threads are even a little slower than none, and it concludes that threads are not for that.

Go allows all cores unless we forbid it:
*/

//lesson:declare patiently

// patiently asks faster again while there is not much of a gain, for other programs may
// keep the cores busy, but not for ever.
func patiently(procs int) float64 {
	best := faster(procs)
	for try := 0; procs > 1 && best < 1.3 && try < 50; try++ {
		best = faster(procs)
	}
	return best
}

//lesson:run all-cores listing=53.5 timing
func allCores() {
	cores := runtime.NumCPU()
	best := patiently(cores)
	fmt.Printf("on %d cores, goroutines are %.2f times as fast\n", cores, best)
	fmt.Println("parallel, or alone on a single core:", best > 1.3 || cores == 1)
	// Output pattern:
	// on {int 1..} cores, goroutines are {float 0.4..} times as fast
	// parallel, or alone on a single core: true
	// Recorded:
	// on 2 cores, goroutines are 1.93 times as fast
	// parallel, or alone on a single core: true
}

/*lesson:markdown thesis
The same program, and now it is parallel. (With a single core the number stays near one. If it says `false`, other programs keep
the cores busy; run the cell again later.)

Here the chapter's thesis changes. Threads do not help Python to compute, but goroutines do help Go, because Go has no lock around
everything. What a calculation gains is the number of cores, if its parts are independent and about equally large, and no more
than that: on two cores, a hundred goroutines are no faster than two.

## In Go: no global lock, and what takes its place

A global lock is not there to annoy anybody. It keeps the interpreter's own data whole, reference counts above all, and it keeps a
dictionary from being torn apart by two writers. Go's runtime protects its own data with many small locks and atomic
operations, and a garbage collector that runs beside your goroutines. *Your* data it does not protect. That is left to you, and it is
what [item 54](54-locks.ipynb) is about.
*/
