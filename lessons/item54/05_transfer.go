package item54

//lint:file-ignore U1000 cells are functions that nobody calls here

import (
	"fmt"
	"sync"
	"time"

	"gokernel/internal/exercise"
)

/*lesson:task task-transfer
### 3. Money that moves both ways

`transfer` moves money from one purse to another. Both must be locked while it does, so that nobody ever sees money that is in
neither or in both. Purses are passed in either order at the same time, perhaps even the same one twice, and no goroutine may end up
waiting for ever.

<details><summary>Hint</summary>

If everybody locks the two in the same order, nobody can hold one and wait for somebody who holds the other.

</details>
<details><summary>Another hint</summary>

No two purses have the same number.

</details>
*/

//lesson:declare purse

// A Purse holds money.
type Purse struct {
	mu     sync.Mutex // guards amount
	number int        // no two purses have the same
	amount int
}

//lesson:solution transfer

// transfer moves money from one purse to another.
func transfer(from, to *Purse, amount int) {
	// BEGIN SOLUTION
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
	// END SOLUTION
	from.amount -= amount
	to.amount += amount
}

//lesson:check check-transfer points=2
func checkTransfer() {
	fmt.Println(exercise.Check(func(t *exercise.T) {
		left, right := &Purse{number: 1, amount: 1000}, &Purse{number: 2, amount: 1000}
		there := func() { transfer(left, right, 1) }
		back := func() { transfer(right, left, 1) }
		look := func() { // under both locks
			if sum := left.amount + right.amount; sum != 2000 {
				t.NotYet("with both purses locked there should be 2000 in them, but there were %d",
					sum)
			}
		}
		// Somebody else has one of the purses.
		for _, f := range []func(){there, back} {
			for _, purses := range [][2]*Purse{{left, right}, {right, left}} {
				held, free := purses[0], purses[1]
				held.mu.Lock()
				call := t.Start(f)
				if !call.Waits() {
					t.NotYet("purse %d was locked by somebody else, and transfer did not wait",
						held.number)
				} else if free.mu.TryLock() {
					look()
					free.mu.Unlock()
				}
				held.mu.Unlock()
				if t.Failed() || !t.Within(5*time.Second, "transfer", call.Wait) {
					return
				}
			}
		}
		// Two come from both sides, and each gets its first purse before either gets its second.
		left.mu.Lock()
		right.mu.Lock()
		one, two := t.Start(there), t.Start(back)
		one.Waits()
		two.Waits()
		left.mu.Unlock()
		one.Waits()
		two.Waits()
		right.mu.Unlock()
		if !t.Within(5*time.Second, "transfer between two purses, both ways at once,", func() {
			one.Wait()
			two.Wait()
		}) {
			return
		}
		// And now many at a time.
		var calls []int
		if !t.Within(5*time.Second, "transfer between two purses, both ways at once,", func() {
			calls = t.Stress(5, func(i int) {
				switch i {
				case 0, 1:
					there()
				case 2, 3:
					back()
				default:
					left.mu.Lock()
					right.mu.Lock()
					look()
					right.mu.Unlock()
					left.mu.Unlock()
				}
			})
		}) {
			return
		}
		// BEGIN HIDDEN TESTS
		toItself := func() { transfer(left, left, 1) }
		if !t.Within(2*time.Second, "transfer from a purse to itself", toItself) {
			return
		}
		// END HIDDEN TESTS
		moved := calls[0] + calls[1] - calls[2] - calls[3]
		if left.amount != 1000-moved || right.amount != 1000+moved {
			t.NotYet("there should be %d and %d, but there are %d and %d",
				1000-moved, 1000+moved, left.amount, right.amount)
		}
	}))
	// Output:
	// ok
}

/*lesson:wrong transfer-starter says="not yet: purse 1 was locked by somebody else, and transfer did not wait"
func transfer(from, to *Purse, amount int) {
	from.amount -= amount
	to.amount += amount
}
*/

/*lesson:wrong transfer-from-first says="not yet: transfer between two purses, both ways at once, has not returned after 5s"
func transfer(from, to *Purse, amount int) {
	from.mu.Lock()
	defer from.mu.Unlock()
	to.mu.Lock()
	defer to.mu.Unlock()
	from.amount -= amount
	to.amount += amount
}
*/

/*lesson:wrong transfer-locks-one says="not yet: purse 2 was locked by somebody else, and transfer did not wait"
func transfer(from, to *Purse, amount int) {
	from.mu.Lock()
	defer from.mu.Unlock()
	from.amount -= amount
	to.amount += amount
}
*/

/*lesson:wrong transfer-to-first says="not yet: transfer between two purses, both ways at once, has not returned after 5s"
func transfer(from, to *Purse, amount int) {
	to.mu.Lock()
	defer to.mu.Unlock()
	from.mu.Lock()
	defer from.mu.Unlock()
	from.amount -= amount
	to.amount += amount
}
*/

/*lesson:wrong transfer-one-by-one says="not yet: with both purses locked there should be 2000 in them, but there were"
func transfer(from, to *Purse, amount int) {
	from.mu.Lock()
	from.amount -= amount
	from.mu.Unlock()
	to.mu.Lock()
	to.amount += amount
	to.mu.Unlock()
}
*/

/*lesson:wrong transfer-to-itself says="not yet: transfer from a purse to itself has not returned after 2s" hidden
func transfer(from, to *Purse, amount int) {
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
*/
