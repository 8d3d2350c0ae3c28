package item53

//lint:file-ignore U1000 cells are functions that nobody calls here

import (
	"errors"
	"fmt"
	"math"
	"runtime"
	"sync"
	"syscall"
	"time"
)

/*lesson:markdown waiting
## Waiting

A program that waits for a disk, a network or another device is stuck in a *system call*: it has asked the operating system for something
and stands still until it gets it. Suppose you steer model helicopters over a slow radio link. Sending a command takes a tenth of a
second, and meanwhile somebody has to work out where the helicopters are.

For the radio we take a real system call that blocks for that long: reading from a socket to which nobody writes, with a
timeout.
*/

//lesson:declare slow-call listing=53.6

// slowSystemCall blocks for a tenth of a second in the operating system.
func slowSystemCall() error {
	pair, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	if err != nil {
		return err
	}
	for _, end := range pair {
		defer syscall.Close(end)
	}
	timeout := syscall.NsecToTimeval(100 * int64(time.Millisecond))
	err = syscall.SetsockoptTimeval(pair[0], syscall.SOL_SOCKET, syscall.SO_RCVTIMEO, &timeout)
	if err != nil {
		return err
	}
	_, err = syscall.Read(pair[0], make([]byte, 1))
	if err == syscall.EAGAIN { // the time is up
		return nil
	}
	return err
}

/*lesson:markdown five-in-turn-why
Five commands, one after the other:
*/

//lesson:declare calls listing=53.7

const calls = 5 // of which each takes a tenth of a second

//lesson:run five-in-turn listing=53.7 timing
func fiveInTurn() {
	inTurn := took(func() {
		for range calls {
			if err := slowSystemCall(); err != nil {
				fmt.Println(err)
			}
		}
	})
	fmt.Printf("%d calls in turn: %.3f seconds\n", calls, inTurn.Seconds())
	// Output pattern:
	// 5 calls in turn: {seconds 0.5..2.0} seconds
	// Recorded:
	// 5 calls in turn: 0.503 seconds
}

/*lesson:markdown five-in-turn-after
Half a second in which the program could do nothing else, and each further helicopter makes it longer. The remedy is to send from
goroutines and to go on computing. What one helicopter does is simple enough here: it flies in a circle.
*/

//lesson:declare helicopter listing=53.9

// position returns where a helicopter is after some seconds, in metres east and north.
func position(helicopter int, seconds float64) (east, north float64) {
	angle := seconds/10 + float64(helicopter)
	radius := 10 * float64(helicopter+1)
	return radius * math.Cos(angle), radius * math.Sin(angle)
}

//lesson:declare send-all listing=53.8

// sendAll makes n slow calls at once. It returns at once as well; wait returns when
// all are done, with the errors of those that failed.
func sendAll(n int) (wait func() error) {
	errs := make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { errs[i] = slowSystemCall() })
	}
	return func() error {
		wg.Wait()
		return errors.Join(errs...)
	}
}

//lesson:run five-at-once listing=53.9 timing
func fiveAtOnce() {
	together := took(func() {
		wait := sendAll(calls)
		for helicopter := range calls { // meanwhile
			east, north := position(helicopter, 3)
			fmt.Printf("helicopter %d is at %6.1f %6.1f\n", helicopter, east, north)
		}
		if err := wait(); err != nil {
			fmt.Println(err)
		}
	})
	fmt.Printf("%d calls at once, and %d positions: %.3f seconds\n",
		calls, calls, together.Seconds())
	// Output pattern:
	// helicopter 0 is at    9.6    3.0
	// helicopter 1 is at    5.3   19.3
	// helicopter 2 is at  -20.0   22.4
	// helicopter 3 is at  -39.5   -6.3
	// helicopter 4 is at  -20.0  -45.8
	// 5 calls at once, and 5 positions: {seconds 0.1..0.45} seconds
	// Recorded:
	// helicopter 0 is at    9.6    3.0
	// helicopter 1 is at    5.3   19.3
	// helicopter 2 is at  -20.0   22.4
	// helicopter 3 is at  -39.5   -6.3
	// helicopter 4 is at  -20.0  -45.8
	// 5 calls at once, and 5 positions: 0.101 seconds
}

/*lesson:markdown five-at-once-after
The function that makes the call did not change. Only the way of calling it did, and that is what makes goroutines the first
thing to try when a program waits too much. How much faster is it, measured rather than said?
*/

//lesson:run ratio listing=53.9 timing
func ratio() {
	var failed []error
	serial := took(func() {
		for range calls {
			failed = append(failed, slowSystemCall())
		}
	})
	concurrent := took(func() { failed = append(failed, sendAll(calls)()) })
	if err := errors.Join(failed...); err != nil {
		fmt.Println(err)
	}
	fmt.Printf("%.1f times as fast\n", float64(serial)/float64(concurrent))
	// Output pattern:
	// {float 3.0..25.0} times as fast
	// Recorded:
	// 5.0 times as fast
}

/*lesson:markdown blocked-why
## In Go: whoever waits holds no core

That was with all cores. But these goroutines do not compute, so one core should do. We forbid all others and try again:
*/

//lesson:run blocked listing=53.9 timing
func blocked() {
	runtime.GOMAXPROCS(1)
	defer runtime.SetDefaultGOMAXPROCS()
	const many = 4 * calls
	together := took(func() {
		if err := sendAll(many)(); err != nil {
			fmt.Println(err)
		}
	})
	fmt.Printf("%d calls at once, on %d core: %.3f seconds\n",
		many, runtime.GOMAXPROCS(0), together.Seconds())
	// Output pattern:
	// 20 calls at once, on 1 core: {seconds 0.1..1.5} seconds
	// Recorded:
	// 20 calls at once, on 1 core: 0.102 seconds
}

/*lesson:markdown blocked-after
A goroutine that is stuck in a system call keeps its thread busy, or rather idle, but not its turn: Go's runtime notices and lets another
thread run goroutines in its place. In Python the same happens to the GIL, which a thread lets go of while it waits. In this the two
agree, and here is the part of the advice that holds everywhere: *for waiting, use threads*, or what your language has instead.

A goroutine that waits for a channel, a lock, a timer or an ordinary network connection does not even keep a thread. It is a few
kilobytes of memory, and that is all. So let us have ten thousand:
*/

//lesson:run ten-thousand timing
func tenThousand() {
	const n = 10_000
	var before, during runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)

	start := time.Now()
	wake := make(chan struct{})
	var wg sync.WaitGroup
	for range n {
		wg.Go(func() { <-wake })
	}
	fmt.Println("more than", n, "goroutines:", runtime.NumGoroutine() > n)
	runtime.ReadMemStats(&during)
	close(wake) // wakes all of them
	wg.Wait()

	used := during.HeapAlloc + during.StackInuse - before.HeapAlloc - before.StackInuse
	fmt.Printf("%.1f kilobytes for each\n", float64(used)/n/1024)
	fmt.Printf("%.3f seconds from the first to the last\n", time.Since(start).Seconds())
	// Output pattern:
	// more than 10000 goroutines: true
	// {float 0.5..64.0} kilobytes for each
	// {seconds 0.0..10.0} seconds from the first to the last
	// Recorded:
	// more than 10000 goroutines: true
	// 9.8 kilobytes for each
	// 0.197 seconds from the first to the last
}

/*lesson:markdown threads-cost
In a program of its own it is about 2.6 kilobytes; the notebook adds what it wants to know of each, such as whose it is. A thread of the operating system sets aside megabytes
of address space for its stack, and switching from one to another takes a trip through the kernel. Ten thousand threads are a
problem to be solved. Ten thousand goroutines are a loop.

Cheap is not free, though. If each goroutine opens a file or starts a process, it is files and processes that run out, so put a bound on
them (exercise 4). And a goroutine that waits for something that never comes stays until the program ends (exercise 3).
*/

/*lesson:markdown mistakes
## In Go: mistakes to know

- **Forgetting to wait.** When a program's `main` returns, the program ends, whatever its goroutines are doing. In this notebook they
  would go on behind your back; `%goroutines` shows them, and `%stop` ends them.
- **Starting in the wrong place.** The source of this chapter starts its threads after the loop that makes them, and so only the
  last one. `wg.Go` makes and starts in one step, so there is nothing to forget.
- **Losing errors.** Whatever a goroutine's function returns is thrown away. Give every error a slot, as `sendAll` does.
- **Sharing a slot.** `results = append(results, …)` in several goroutines is a data race: two of them can write the same place.
  Slots by index are not.
- **Letting it panic.** A panic in any goroutine ends the whole program, and nobody else can recover from it. In the notebook it is the end
  of the cell.
*/

/*lesson:markdown points
## Points to remember

- A global interpreter lock lets one thread run at a time. Go needs none: goroutines run in parallel on all cores.
- For a calculation, goroutines gain at most the number of cores. Measure it; `GOMAXPROCS` lets you compare.
- Blocking I/O in goroutines is the smallest change that makes a waiting program faster: the function that waits stays as it is.
- A goroutine that is blocked in a system call does not hold a core.
- Thousands of goroutines are cheap, as threads are not.
- Give each result and each error a slot of its own, and wait for all goroutines before you read.
*/
