package item54

//lint:file-ignore U1000 cells are functions that nobody calls here

import (
	"fmt"
	"sync"
	"time"

	"gokernel/internal/concurrency"
	"gokernel/internal/exercise"
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

Each task has a check below it. It prints `ok`, or it says what is not right yet. A check does not wait for bad luck: it lets the others come
at the worst moment. Still, a check that says ok is no proof, and one that says "not yet" is.
*/

/*lesson:task task-tally
### 1. Two numbers that belong together

Each family brings two bags for every person. To count them takes a while, and others do not stand still meanwhile: the next family comes, or
somebody looks at the totals. This `Tally` counts people and bags, but not yet for several goroutines at a time. Change it so that nobody
is lost, and nobody ever sees totals in which the bags are not twice the people.

<details><summary>Hint</summary>

Two atomic numbers are not enough: a reader can come between them.

</details>
*/

//lesson:declare family

// A Family comes in.
type Family struct {
	people    int
	meanwhile func() // happens while they are being counted
}

// People counts the people.
func (f Family) People() int {
	f.meanwhile()
	return f.people
}

// Bags counts their bags.
func (f Family) Bags() int {
	f.meanwhile()
	return 2 * f.people
}

//lesson:solution tally

// A Tally counts people and their bags.
type Tally struct {
	// BEGIN SOLUTION
	mu sync.Mutex // guards people and bags
	// END SOLUTION
	people, bags int
}

// Add counts one more family.
func (t *Tally) Add(family Family) {
	// BEGIN SOLUTION
	t.mu.Lock()
	defer t.mu.Unlock()
	// END SOLUTION
	t.people += family.People()
	t.bags += family.Bags()
}

// Totals returns both counts, as they were at one moment.
func (t *Tally) Totals() (people, bags int) {
	// BEGIN SOLUTION
	t.mu.Lock()
	defer t.mu.Unlock()
	// END SOLUTION
	return t.people, t.bags
}

//lesson:check check-tally
func checkTally() {
	fmt.Println(exercise.Check(func(t *exercise.T) {
		var tally Tally
		look := func() {
			if people, bags := tally.Totals(); bags != 2*people {
				t.NotYet("Totals said %d people and %d bags", people, bags)
			}
		}
		// While a family of three is counted, somebody looks and another family comes.
		came := 3
		var others []*exercise.Call
		busy := func() {
			came += 4
			for _, f := range []func(){look, func() { tally.Add(Family{4, func() {}}) }} {
				other := t.Start(f)
				other.Waits() // or is done
				others = append(others, other)
			}
		}
		if !t.Within(5*time.Second, "Add or Totals", func() {
			tally.Add(Family{3, busy})
			for _, other := range others {
				other.Wait()
			}
			// And now many at a time.
			calls := t.Stress(4, func(i int) {
				if i < 2 {
					tally.Add(Family{1, func() {}})
				} else {
					look()
				}
			})
			came += calls[0] + calls[1]
		}) {
			return
		}
		if people, bags := tally.Totals(); people != came || bags != 2*came {
			t.NotYet("%d people came with two bags each, but Totals says %d and %d",
				came, people, bags)
		}
	}))
	// Output:
	// ok
}

/*lesson:wrong tally-starter says="not yet: Totals said "
type Tally struct {
	people, bags int
}

func (t *Tally) Add(family Family) {
	t.people += family.People()
	t.bags += family.Bags()
}

func (t *Tally) Totals() (people, bags int) {
	return t.people, t.bags
}
*/

/*lesson:wrong tally-two-atomics says="not yet: Totals said"
type Tally struct {
	people, bags atomic.Int64
}

func (t *Tally) Add(family Family) {
	t.people.Add(int64(family.People()))
	t.bags.Add(int64(family.Bags()))
}

func (t *Tally) Totals() (people, bags int) {
	return int(t.people.Load()), int(t.bags.Load())
}
*/

/*lesson:wrong tally-read-unlocked says="not yet: Totals said"
type Tally struct {
	mu           sync.Mutex
	people, bags int
}

func (t *Tally) Add(family Family) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.people += family.People()
	t.bags += family.Bags()
}

func (t *Tally) Totals() (people, bags int) {
	return t.people, t.bags
}
*/

/*lesson:wrong tally-never-unlocked says="not yet: Add or Totals has not returned after 5s; does it wait for something that never comes?"
type Tally struct {
	mu           sync.Mutex
	people, bags int
}

func (t *Tally) Add(family Family) {
	t.mu.Lock()
	t.people += family.People()
	t.bags += family.Bags()
}

func (t *Tally) Totals() (people, bags int) {
	t.mu.Lock()
	return t.people, t.bags
}
*/

/*lesson:task task-turns
### 2. As wrong as can be

Three gates count one visitor each, in the three steps read, add, write. Set `turns` to an order of nine turns, three for each gate, after
which the counter says 1.

<details><summary>Hint</summary>

Whoever writes last decides. What must that gate have read?

</details>
*/

//lesson:solution turns

// turns says whose step is next.
var turns = []string{
	// BEGIN SOLUTION
	"A", "B", "B", "B", "C", "C", "C", "A", "A",
	// END SOLUTION
}

//lesson:check check-turns
func checkTurns() {
	fmt.Println(exercise.Check(func(t *exercise.T) {
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
		case len(turns) != 9:
			t.NotYet("there should be nine turns, but there are %d", len(turns))
		case err != nil:
			t.NotYet("these turns cannot be played: %v", err)
		case n != 1:
			t.NotYet("the counter says %d, and it should say 1", n)
		}
	}))
	// Output:
	// ok
}

/*lesson:wrong turns-in-order says="not yet: the counter says 3"
var turns = []string{"A", "A", "A", "B", "B", "B", "C", "C", "C"}
*/

/*lesson:wrong turns-one-lost says="not yet: the counter says 2"
var turns = []string{"A", "B", "B", "B", "A", "A", "C", "C", "C"}
*/

/*lesson:wrong turns-too-few says="not yet: there should be nine turns, but there are 3"
var turns = []string{"A", "B", "C"}
*/

/*lesson:wrong turns-not-fair says="not yet: these turns cannot be played"
var turns = []string{"A", "A", "A", "A", "B", "B", "B", "C", "C"}
*/
