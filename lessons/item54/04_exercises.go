package item54

//lint:file-ignore U1000 cells are functions that nobody calls here

import (
	"fmt"
	"sync"
	"sync/atomic"

	"gokernel/internal/concurrency"
)

/*lesson:markdown points
## Points to remember

- No language gives you locks for free. Whether threads take turns or run on many cores, `x++` on shared data loses updates.
- Unsynchronised writers break what you believe about your data: counts, sums, the inner workings of a map.
- A `sync.Mutex` keeps it true, if every access takes it, reads included. `defer` the `Unlock` right after the `Lock`.
- Hold the lock over a whole decision, not over each of its steps.
- For a single number `sync/atomic` is enough.
- Run your tests with `-race`.
*/

/*lesson:markdown exercises
## Exercises

Below each task is a folded cell with one solution, and a check. Write your own in a new cell between them: a later definition of a name
replaces the earlier one, for the check too. What the checks look for happens by chance, so a check that says ok is no
proof, and one that says "not yet" is.
*/

/*lesson:markdown exercise-1
### 1. Two numbers that belong together

Each family brings two bags for every person. Write a type `Tally` with a method `Add(people, bags int)` and a method
`Totals() (people, bags int)`, so that no goroutine ever sees totals in which the bags are not twice the people.

<details><summary>Hint</summary>

Two atomic numbers are not enough: a reader can come between them.

</details>
*/

//lesson:declare solution-1 hidden

// BEGIN SOLUTION

// A Tally counts people and their bags.
type Tally struct {
	mu           sync.Mutex // guards people and bags
	people, bags int
}

// Add counts some more.
func (t *Tally) Add(people, bags int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.people += people
	t.bags += bags
}

// Totals returns both counts, as they were at one moment.
func (t *Tally) Totals() (people, bags int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.people, t.bags
}

// END SOLUTION

//lesson:run check-1
func checkTally() {
	{
		var tally Tally
		var torn concurrency.LockingCounter
		for range 1000 {
			concurrency.Parallel(4, func(i int) {
				for range 20 {
					if i < 2 {
						tally.Add(1, 2)
					} else if people, bags := tally.Totals(); bags != 2*people {
						torn.Increment()
					}
				}
			})
		}
		people, bags := tally.Totals()
		switch {
		case people != 40_000 || bags != 80_000:
			fmt.Println("not yet: there should be 40000 people with 80000 bags, but there are", people, "with", bags)
		case torn.Value() > 0:
			fmt.Println("not yet: the totals did not agree", torn.Value(), "times")
		default:
			fmt.Println("ok: 40000 people with two bags each")
		}
	}
	// Output:
	// ok: 40000 people with two bags each
}

/*lesson:markdown exercise-2
### 2. As wrong as can be

Three gates count one visitor each, in the three steps read, add, write. Set `turns` to an order of nine turns after which the counter
says 1.

<details><summary>Hint</summary>

Whoever writes last decides. What must that gate have read?

</details>
*/

//lesson:declare solution-2 hidden

// BEGIN SOLUTION
var turns = []string{"A", "B", "B", "B", "C", "C", "C", "A", "A"}

// END SOLUTION

//lesson:run check-2
func checkTurns() {
	{
		n := 0
		var il concurrency.Interleaver
		for _, name := range []string{"A", "B", "C"} {
			il.Go(name, func(a *concurrency.Actor) {
				a.Step("read")
				value := n
				a.Step("add")
				value++
				a.Step("write")
				n = value
			})
		}
		err := il.Run(turns...)
		switch {
		case err != nil:
			fmt.Println("not yet:", err)
		case len(turns) != 9:
			fmt.Println("not yet: there should be nine turns, but there are", len(turns))
		case n != 1:
			fmt.Println("not yet: the counter says", n)
		default:
			fmt.Println("ok: three visitors, and the counter says 1")
		}
	}
	// Output:
	// ok: three visitors, and the counter says 1
}

/*lesson:markdown exercise-3
### 3. Money that moves both ways

Write `transfer(from, to *Purse, amount int)`, which moves money from one purse to another. Both must be locked while it does, so that
nobody ever sees money that is in neither or in both. Purses are passed in either order at the same time, and no goroutine may end up
waiting for ever.

<details><summary>Hint</summary>

If everybody locks the two in the same order, nobody can hold one and wait for somebody who holds the other.

</details>
*/

//lesson:declare purse

// A Purse holds money.
type Purse struct {
	mu     sync.Mutex // guards amount
	number int        // no two purses have the same
	amount int
}

//lesson:declare solution-3 hidden

// BEGIN SOLUTION

// transfer moves money from one purse to another. The purse with the lower number is locked first.
func transfer(from, to *Purse, amount int) {
	if from == to {
		return
	}
	first, second := from, to
	if second.number < first.number {
		first, second = second, first
	}
	first.mu.Lock()
	defer first.mu.Unlock()
	second.mu.Lock()
	defer second.mu.Unlock()
	from.amount -= amount
	to.amount += amount
}

// END SOLUTION

//lesson:run check-3
func checkTransfer() {
	{
		left, right := &Purse{number: 1, amount: 1000}, &Purse{number: 2, amount: 1000}
		concurrency.Parallel(4, func(i int) {
			for range 2000 {
				if i%2 == 0 {
					transfer(left, right, 1)
				} else {
					transfer(right, left, 1)
				}
			}
		})
		transfer(left, right, 300)
		transfer(left, left, 1)
		if left.amount != 700 || right.amount != 1300 {
			fmt.Println("not yet: there should be 700 and 1300, but there are", left.amount, "and", right.amount)
		} else {
			fmt.Println("ok: 700 and 1300")
		}
	}
	// Output:
	// ok: 700 and 1300
}

/*lesson:markdown exercise-4
### 4. Sold out, without a mutex

Write a type `Office` with a field `left` of type `atomic.Int64`, the number of tickets left, and a method `Sell() bool` that sells
one ticket unless there are none left. `left` must never be negative, not even for a moment. Use no mutex.

<details><summary>Hint</summary>

`CompareAndSwap(old, new)` writes `new` only if the value is still `old`, and reports whether it did. If not, look again.

</details>
*/

//lesson:declare solution-4 hidden

// BEGIN SOLUTION

// An Office sells tickets.
type Office struct {
	left atomic.Int64
}

// Sell sells a ticket, and reports whether there was one.
func (o *Office) Sell() bool {
	for {
		left := o.left.Load()
		if left <= 0 {
			return false
		}
		if o.left.CompareAndSwap(left, left-1) {
			return true
		}
	}
}

// END SOLUTION

//lesson:run check-4
func checkOffice() {
	{
		var sold, negative concurrency.LockingCounter
		left := int64(0)
		for range 1000 {
			var office Office
			office.left.Store(8)
			concurrency.Parallel(4, func(int) {
				for range 8 {
					if office.Sell() {
						sold.Increment()
					}
					if office.left.Load() < 0 {
						negative.Increment()
					}
				}
			})
			left += office.left.Load()
		}
		switch {
		case sold.Value() != 8000:
			fmt.Println("not yet: 8000 tickets should be sold, but it was", sold.Value())
		case negative.Value() > 0 || left != 0:
			fmt.Println("not yet: the tickets left were negative", negative.Value(), "times, and", left, "at the end")
		default:
			fmt.Println("ok: 8000 tickets sold, none left")
		}
	}
	// Output:
	// ok: 8000 tickets sold, none left
}

/*lesson:markdown further
## Further reading

- [The Go memory model](https://go.dev/ref/mem): when one goroutine is sure to see what another has written.
- [Data race detector](https://go.dev/doc/articles/race_detector): how to use it, and the usual kinds of races.
- Packages [sync](https://pkg.go.dev/sync) and [sync/atomic](https://pkg.go.dev/sync/atomic).
- `concurrency.Interleaver?` and `concurrency.LockingCounter?` in a cell show what the preloaded package says about itself.
*/
