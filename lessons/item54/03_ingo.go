package item54

//lint:file-ignore U1000 cells are functions that nobody calls here

import (
	"fmt"
	"sync"
	"sync/atomic"

	"gokernel/internal/concurrency"
)

/*lesson:markdown race-detector
## In Go: the race detector

Go can watch a program for unsynchronised access: `go run -race`, `go build -race` and `go test -race` add code that notes who
reads and writes what. It needs no wrong result to raise the alarm, only two accesses that nothing puts in order.

`%%race` does that in a notebook: it makes a program of a cell and of what the cell needs, compiles it with the detector, runs it, and
shows the report with the lines of your cells. This takes some seconds, and it wants Go and a C compiler on this machine; if one is missing,
one line says so. Two goroutines use the `Counter` from the beginning:
*/

/*lesson:code race-report ignore=display,error,stdout,stderr tags=raises-exception
%%race
var counter Counter
var wg sync.WaitGroup
for range 2 {
	wg.Go(func() {
		for range 1000 {
			counter.Increment()
		}
	})
}
wg.Wait()
fmt.Println("counted", counter.count)
*/

/*lesson:markdown race-report-read
Here is what it said when it was *recorded*, in case it cannot run where you are:

```text
counted 2000
Data race 1 of 1
  read by goroutine 8 (running) at cell [1] line 8, in (*Counter).Increment
        8 | c.count++
    the goroutine was started at sync/waitgroup.go line 238, in sync.(*WaitGroup).Go
  earlier write by goroutine 9 (finished) at cell [1] line 8, in (*Counter).Increment
        8 | c.count++
    the goroutine was started at sync/waitgroup.go line 238, in sync.(*WaitGroup).Go
```

One goroutine reads there what the other one has written there. And look at the first line: the result was 2000, the right one. A lucky run
fools you; it does not fool the detector. But it knows only what happened in this run, so give it tests that use your code
from several goroutines.
*/

/*lesson:markdown atomic
## In Go: atomic values

For a single number there is something smaller than a mutex. The methods of `atomic.Int64` do their three steps as one, with
help from the processor. No other goroutine can come between.
*/

//lesson:run count-atomic
func countAtomic() {
	var counter atomic.Int64
	openGates(func() { counter.Add(1) })
	fmt.Printf("Counter should be %d, got %d\n", gates*visitors, counter.Load())
	// Output:
	// Counter should be 500000, got 500000
}

/*lesson:markdown atomic-limits
An atomic value protects itself and nothing else. Where two variables must agree with each other, or where it matters that nothing
changes between looking and acting, you need a mutex around the whole.
*/

/*lesson:markdown race-condition-why
## A data race is not the same as a race condition

A *data race* is two goroutines using one variable at once, at least one of them writing, with nothing to put them in order. A
*race condition* is a result that depends on who comes first. Here is an account without any data race: every method
takes the lock.
*/

//lesson:declare account

// An Account holds money. Its balance must not become negative.
type Account struct {
	mu      sync.Mutex // guards balance
	balance int
}

// Balance returns how much there is.
func (a *Account) Balance() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.balance
}

// Withdraw takes money out.
func (a *Account) Withdraw(amount int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.balance -= amount
}

/*lesson:markdown check-then-act-why
Ann and Bob share 100. Each looks first whether there is enough, and each buys a ticket for 80.
*/

//lesson:run check-then-act
func checkThenAct() {
	account := &Account{balance: 100}
	buy := func(a *concurrency.Actor) {
		a.Step("check")
		balance := account.Balance()
		if balance < 80 {
			fmt.Println(a.Name(), "sees", balance, "and goes home")
			return
		}
		fmt.Println(a.Name(), "sees", balance)

		a.Step("act")
		account.Withdraw(80)
		fmt.Println(a.Name(), "pays 80")
	}

	var il concurrency.Interleaver
	il.Go("Ann", buy)
	il.Go("Bob", buy)
	if err := il.Run("Ann", "Bob", "Ann", "Bob"); err != nil {
		fmt.Println(err)
	}
	fmt.Println("balance:", account.Balance())
	// Output:
	// Ann sees 100
	// Bob sees 100
	// Ann pays 80
	// Bob pays 80
	// balance: -60
}

/*lesson:markdown check-and-act-why
The race detector has nothing to say about this, since each access is locked. But between the check and the act the lock was free, and
what had been checked was no longer true. The lock must be held over the whole decision, so the decision becomes a method:
*/

//lesson:declare pay

// Pay takes money out if there is enough, and reports whether there was.
func (a *Account) Pay(amount int) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.balance < amount {
		return false
	}
	a.balance -= amount
	return true
}

//lesson:run check-and-act
func checkAndAct() {
	account := &Account{balance: 100}
	var paid concurrency.LockingCounter
	concurrency.Parallel(10, func(int) {
		if account.Pay(80) {
			paid.Increment()
		}
	})
	fmt.Println(paid.Value(), "of 10 paid, balance:", account.Balance())
	// Output:
	// 1 of 10 paid, balance: 20
}

/*lesson:markdown maps
## In Go: a map that is written twice at once

A map is more than one word of memory; two writers at once can leave it in pieces. Go's maps notice some of this, not
all, for looking closer would cost too much. When they do notice, the program ends with a *fatal error*. That is no panic: no `recover`
catches it, because nothing after it could be trusted.

First a variable, to see afterwards what became of it:
*/

//lesson:declare tickets

var tickets = map[string]int{"north stand": 1200, "south stand": 950}

/*lesson:markdown map-writes-why
Now two goroutines fill one map. Each is ready to recover from a panic, and each stops after a million entries in case nobody
notices. On a machine with a single core that may well happen.
*/

//lesson:run map-writes racy dies tags=raises-exception
func mapWrites() {
	seats := map[int]string{}
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			defer func() {
				if r := recover(); r != nil {
					fmt.Println("recovered from", r)
				}
			}()
			for i := range 1_000_000 {
				seats[i] = "taken"
			}
		})
	}
	wg.Wait()
	fmt.Println("nobody noticed this time")
	// Error pattern:
	// fatal error: concurrent map {oneof writes|read and map write} in cell [{int}]
	// Recorded error:
	// fatal error: concurrent map read and map write in cell [21]
	// fatal error: concurrent map read and map write
	//   cell [21] line 11
	//     11 | 			seats[i] = "taken"
	// in the goroutine that cell [21] line 4 started:
	//      4 | 	wg.Go(func() {
	// A new worker runs; types and functions are defined as before.
	// came back from cell [4]: c, value
	// came back from cell [5]: shared
	// came back from cell [11]: mu
	// came back from cell [19]: account
	// came back from cell [20]: tickets
	// lost from cell [8]: careless (run cell [8] again)
	// lost from cell [11]: lockedGate (run cell [11] again)
	// lost from cell [15]: counter (run cell [15] again)
	// lost from cell [17]: buy, il (run cell [17] again)
	// lost from cell [19]: paid (run cell [19] again)
	// Dies:
	// fatal error: concurrent map
}

/*lesson:markdown map-survived-why
As a program of its own this would have been the end. In the notebook your code runs in a process beside the kernel; that one died, and
another has taken its place. What you had declared is there again, and so are variables that hold plain data. The message says
which ones came back, and which cells to run again for the others.
*/

//lesson:run map-survived
func mapSurvived() {
	fmt.Println(tickets["north stand"], "in the north,", tickets["south stand"], "in the south")
	var counter LockingCounter
	counter.Increment()
	fmt.Println("a new counter says", counter.Value())
	// Output:
	// 1200 in the north, 950 in the south
	// a new counter says 1
}

/*lesson:markdown map-locked-why
The remedy is the one you know. Keep the map and its mutex in one struct, and let nobody reach the map but through methods:
*/

//lesson:declare seat-plan

// A SeatPlan says who sits where.
type SeatPlan struct {
	mu    sync.Mutex // guards seats
	seats map[int]string
}

// Take gives a seat to a visitor if it is free, and reports whether it was.
func (p *SeatPlan) Take(seat int, visitor string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, taken := p.seats[seat]; taken {
		return false
	}
	if p.seats == nil {
		p.seats = map[int]string{}
	}
	p.seats[seat] = visitor
	return true
}

//lesson:run map-locked
func mapLocked() {
	var plan SeatPlan
	var refused concurrency.LockingCounter
	concurrency.Parallel(2, func(i int) {
		for seat := range 1000 {
			if !plan.Take(seat, fmt.Sprint("visitor ", i)) {
				refused.Increment()
			}
		}
	})
	fmt.Println(len(plan.seats), "seats taken,", refused.Value(), "visitors refused")
	// Output:
	// 1000 seats taken, 1000 visitors refused
}
