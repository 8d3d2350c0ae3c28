package goroutine

import (
	"runtime"
	"time"
)

// A goroutine that panics runs first what it has deferred, wg.Done for example, for which the cell may have waited. The runtime
// does not let a program end before such a goroutine has told of its panic, and so it is with a cell.

// hear waits for the panics of c's goroutines that are under way, but not long.
func (c *Cell) hear() {
	for range unwindings {
		if !c.Running() || !c.unwinding() {
			return
		}
		time.Sleep(unwindingPause)
	}
}

// Together some 50 ms. What is deferred takes microseconds, on a machine that has time for it.
const (
	unwindings     = 50
	unwindingPause = time.Millisecond
)

// manyStacks is how many goroutines it takes for nobody to look at the stacks of all, which takes a microsecond for each.
const manyStacks = 1000

// unwinding reports whether a goroutine of c other than its main one panics.
func (c *Cell) unwinding() bool {
	alive, telling := process.records.of(c)
	if telling {
		return true
	}
	if !alive || runtime.NumGoroutine() > manyStacks {
		return false
	}
	for _, d := range process.dumps.take() {
		if d.cell != c.ID {
			continue
		}
		if d.calls == nil {
			return true // it runs: who knows
		}
		for _, call := range d.calls {
			if call.fn == "panic" {
				return true
			}
		}
	}
	return false
}

// of reports whether goroutines that cells have started for c are alive, and whether one of them tells how it ended.
func (t *records) of(c *Cell) (alive, telling bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, r := range t.live {
		if r.cell == c && !r.main {
			alive = true
			telling = telling || r.over.Load()
		}
	}
	return alive, telling
}
