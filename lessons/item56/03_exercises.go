package item56

//lint:file-ignore U1000 cells are functions that nobody calls here

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"gokernel/internal/exercise"
)

/*lesson:markdown points
## Points to remember

- A program often needs concurrency only once it has grown. Small functions with one job each make the change a small one.
- Fan-out starts something concurrent for each unit of work; fan-in waits for all before going on.
- Read from what nobody changes, and let every goroutine write what is its own. Then there is nothing to lock.
- With goroutines the time of a fan-out is that of its slowest unit, not the sum of all.
- A goroutine for each unit is a good beginning. Put a bound on it when what they wait for has one.
- Give up together: one context for the whole fan-out, cancelled by the first error.
*/

/*lesson:markdown exercises
## Exercises

Each task has a check below it. It prints `ok`, or it says what is not right yet.
*/

/*lesson:task task-highlife
### 1. Another game

In *HighLife* an empty cell also comes to life if it has six live neighbours; otherwise the rule is Conway's. Write it.

<details><summary>Hint</summary>

Nothing else has changed, so let `conway` do the rest.

</details>
*/

//lesson:solution highlife

// highLife is the rule of HighLife.
func highLife(state byte, neighbors int) byte {
	// BEGIN SOLUTION
	if state == empty && neighbors == 6 {
		return alive
	}
	// END SOLUTION
	return conway(state, neighbors)
}

//lesson:check check-highlife
func checkHighLife() {
	fmt.Println(exercise.Check(func(t *exercise.T) {
		for _, state := range []byte{alive, empty} {
			for neighbors := range 9 {
				want := conway(state, neighbors)
				if state == empty && neighbors == 6 {
					want = alive
				}
				if got := highLife(state, neighbors); got != want {
					t.NotYet("%c with %d neighbours should become %c, but it becomes %c",
						state, neighbors, want, got)
				}
			}
		}
	}))
	// Output:
	// ok
}

/*lesson:wrong highlife-starter says="not yet: - with 6 neighbours should become *, but it becomes -"
func highLife(state byte, neighbors int) byte {
	return conway(state, neighbors)
}
*/

/*lesson:wrong highlife-survives says="not yet: * with 6 neighbours should become -, but it becomes *"
func highLife(state byte, neighbors int) byte {
	if neighbors == 6 {
		return alive
	}
	return conway(state, neighbors)
}
*/

/*lesson:wrong highlife-instead says="not yet: - with 3 neighbours should become *, but it becomes -"
func highLife(state byte, neighbors int) byte {
	if state == empty {
		if neighbors == 6 {
			return alive
		}
		return empty
	}
	return conway(state, neighbors)
}
*/

/*lesson:task task-rows
### 2. A goroutine for each row

Write `simulateRows`, which fans out by rows: the cells of one row are done one after the other, all rows at once.

<details><summary>Hint</summary>

Start from `simulateAtOnce`. Which of its two loops should be inside the goroutine?

</details>
*/

//lesson:solution rows

// simulateRows returns the generation after g, with a goroutine for each row.
func simulateRows(rule Rule, g *Grid) *Grid {
	next := NewGrid(g.height, g.width)
	// BEGIN SOLUTION
	var wg sync.WaitGroup
	for y := range g.height {
		wg.Go(func() {
			for x := range g.width {
				stepCell(rule, y, x, g.Get, next.Set)
			}
		})
	}
	wg.Wait()
	// END SOLUTION
	return next
}

//lesson:declare most-at-once

// mostAtOnce returns a rule that is conway and takes some time, and a function that
// says how many calls of it there were at the same time at most. On a busy machine it
// takes until there have been n, but no more than a second.
func mostAtOnce(n int64, delay time.Duration) (rule Rule, most func() int) {
	var running, high atomic.Int64
	end := time.Now().Add(time.Second)
	rule = func(state byte, neighbors int) byte {
		now := running.Add(1)
		for old := high.Load(); now > old && !high.CompareAndSwap(old, now); old = high.Load() {
		}
		time.Sleep(delay)
		for high.Load() < n && time.Now().Before(end) {
			time.Sleep(time.Millisecond)
		}
		running.Add(-1)
		return conway(state, neighbors)
	}
	return rule, func() int { return int(high.Load()) }
}

//lesson:check check-rows
func checkRows() {
	fmt.Println(exercise.Check(func(t *exercise.T) {
		rule, most := mostAtOnce(5, 20*time.Millisecond)
		g := glider()
		got := simulateRows(rule, g)
		switch {
		case g.String() != glider().String():
			t.NotYet("the old grid has been changed")
		case got.String() != simulate(conway, g).String():
			t.NotYet("the new grid is not the one that simulate returns; is everybody waited for?")
		case most() == 1:
			t.NotYet("one cell was done after the other")
		case most() > 5:
			t.NotYet("there are 5 rows, but %d cells were done at the same time", most())
		case most() < 5:
			t.NotYet("all 5 rows should be done at the same time, but there were only %d", most())
		}
	}))
	// Output:
	// ok
}

/*lesson:wrong rows-no-wait says="not yet: the new grid is not the one that simulate returns; is everybody waited for?"
func simulateRows(rule Rule, g *Grid) *Grid {
	next := NewGrid(g.height, g.width)
	for y := range g.height {
		go func() {
			for x := range g.width {
				stepCell(rule, y, x, g.Get, next.Set)
			}
		}()
	}
	return next
}
*/

/*lesson:wrong rows-in-turn says="not yet: one cell was done after the other"
func simulateRows(rule Rule, g *Grid) *Grid {
	next := NewGrid(g.height, g.width)
	for y := range g.height {
		var wg sync.WaitGroup
		wg.Go(func() {
			for x := range g.width {
				stepCell(rule, y, x, g.Get, next.Set)
			}
		})
		wg.Wait()
	}
	return next
}
*/

/*lesson:wrong rows-cells says="not yet: there are 5 rows, but "
func simulateRows(rule Rule, g *Grid) *Grid {
	return simulateAtOnce(rule, g)
}
*/

/*lesson:wrong rows-in-place says="not yet: the old grid has been changed"
func simulateRows(rule Rule, g *Grid) *Grid {
	var wg sync.WaitGroup
	for y := range g.height {
		wg.Go(func() {
			for x := range g.width {
				stepCell(rule, y, x, g.Get, g.Set)
			}
		})
	}
	wg.Wait()
	return g
}
*/

/*lesson:task task-pool
### 3. A pool of workers

Write `simulatePool`, in which `workers` goroutines do all cells. Each takes the next cell as soon as it is done with one, until none are
left. There must never be more goroutines than that, not even waiting ones.

<details><summary>Hint</summary>

Send the cells over a channel and close it when there are no more. `for cell := range cells` ends then, in every worker.

</details>
<details><summary>Another hint</summary>

Start the workers before you send, or there is nobody to receive.

</details>
*/

//lesson:solution pool

// simulatePool returns the generation after g, done by so many workers.
func simulatePool(workers int, rule Rule, g *Grid) *Grid {
	next := NewGrid(g.height, g.width)
	// BEGIN SOLUTION
	type cell struct{ y, x int }
	cells := make(chan cell)
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for c := range cells {
				stepCell(rule, c.y, c.x, g.Get, next.Set)
			}
		})
	}
	for y := range g.height {
		for x := range g.width {
			cells <- cell{y, x}
		}
	}
	close(cells)
	wg.Wait()
	// END SOLUTION
	return next
}

//lesson:check check-pool points=2
func checkPool() {
	fmt.Println(exercise.Check(func(t *exercise.T) {
		counting, most := mostAtOnce(7, 10*time.Millisecond)
		var goroutines, done, atReturn atomic.Int64
		rule := func(state byte, neighbors int) byte {
			if n := int64(runtime.NumGoroutine()); n > goroutines.Load() {
				goroutines.Store(n)
			}
			defer done.Add(1)
			return counting(state, neighbors)
		}
		before := runtime.NumGoroutine()
		var got *Grid
		if !t.Within(5*time.Second, "simulatePool", func() {
			t.NoLeak(func() {
				got = simulatePool(7, rule, glider())
				atReturn.Store(done.Load())
			})
		}) || t.Failed() {
			return
		}
		switch {
		case atReturn.Load() != 45:
			t.NotYet("simulatePool returned when %d of 45 cells were done", atReturn.Load())
		case got.String() != simulate(conway, glider()).String():
			t.NotYet("the new grid is not the one that simulate returns")
		case most() != 7:
			t.NotYet(
				"seven workers should do seven cells at the same time, but at most there were %d",
				most())
		case int(goroutines.Load()) > before+20:
			t.NotYet("for seven workers there were %d goroutines more than before",
				int(goroutines.Load())-before)
		}
	}))
	// Output:
	// ok
}

/*lesson:wrong pool-permits says="not yet: for seven workers there were "
func simulatePool(workers int, rule Rule, g *Grid) *Grid {
	next := NewGrid(g.height, g.width)
	permits := make(chan struct{}, workers)
	var wg sync.WaitGroup
	for y := range g.height {
		for x := range g.width {
			wg.Go(func() {
				permits <- struct{}{}
				defer func() { <-permits }()
				stepCell(rule, y, x, g.Get, next.Set)
			})
		}
	}
	wg.Wait()
	return next
}
*/

/*lesson:wrong pool-not-closed says="not yet: simulatePool has not returned after 5s"
func simulatePool(workers int, rule Rule, g *Grid) *Grid {
	next := NewGrid(g.height, g.width)
	cells := make(chan [2]int)
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for c := range cells {
				stepCell(rule, c[0], c[1], g.Get, next.Set)
			}
		})
	}
	for y := range g.height {
		for x := range g.width {
			cells <- [2]int{y, x}
		}
	}
	wg.Wait()
	return next
}
*/

/*lesson:wrong pool-no-wait says="not yet: simulatePool returned when "
func simulatePool(workers int, rule Rule, g *Grid) *Grid {
	next := NewGrid(g.height, g.width)
	cells := make(chan [2]int)
	for range workers {
		go func() {
			for c := range cells {
				stepCell(rule, c[0], c[1], g.Get, next.Set)
			}
		}()
	}
	for y := range g.height {
		for x := range g.width {
			cells <- [2]int{y, x}
		}
	}
	close(cells)
	return next
}
*/

/*lesson:wrong pool-nobody-receives says="not yet: simulatePool has not returned after 5s"
func simulatePool(workers int, rule Rule, g *Grid) *Grid {
	next := NewGrid(g.height, g.width)
	cells := make(chan [2]int)
	for y := range g.height {
		for x := range g.width {
			cells <- [2]int{y, x}
		}
	}
	close(cells)
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for c := range cells {
				stepCell(rule, c[0], c[1], g.Get, next.Set)
			}
		})
	}
	wg.Wait()
	return next
}
*/
