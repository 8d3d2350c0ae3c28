package goroutine

import (
	"cmp"
	"runtime"
	"slices"
	"strings"
)

// Info describes one goroutine of the reader's at a moment.
type Info struct {
	ID     int    // as the runtime numbers it; 0 where it was not looked up
	CellID int    // of the cell that it belongs to
	Cell   string // the cell's name, as in "cell [7]"
	Main   bool   // it runs the cell itself, rather than a go statement

	// State is what the runtime says: "running", "runnable", "sleep", "IO wait", "syscall", "chan receive", "select" and so
	// on. Under yaegi all channel operations are "select".
	State string
	// Operation is what it waits in, in the words that [At] takes, as exactly as is known; "" if it does not wait.
	Operation string
	Blocked   Frame // the operation's position; may be unknown
	Started   Frame // the go statement; unknown for main goroutines
	// CreatedBy names the compiled function that started it, if no go statement of the reader's did.
	CreatedBy string
	// Frames are its calls in compiled code of the reader's, innermost first.
	Frames  []Frame
	Minutes int  // for how long it has waited
	Told    bool // that it is to end
}

// Dormant reports whether the goroutine is to end and waits for a lock or the like, which only code of the reader's could give
// it: until then it touches nothing.
func (i Info) Dormant() bool { return i.Told && locked(i.State) }

// locked reports whether a state is that of a goroutine which waits for something that package sync has.
func locked(state string) bool { return state == "semacquire" || strings.HasPrefix(state, "sync.") }

// info describes the goroutine of r as far as the record goes.
func (r *record) info() Info {
	i := Info{Main: r.main, Started: r.started.frame(r.cell), Told: r.abandoned.Load()}
	if r.cell != nil {
		i.CellID, i.Cell = r.cell.ID, r.cell.Name
	}
	return i
}

// List describes all goroutines of the reader's that exist, ordered by cell and number, those without a cell last. It
// stops the world while the runtime writes down the stacks, for about 10 µs a goroutine.
func List() []Info {
	s := takeSnapshot()
	infos := make([]Info, 0, len(s.reader))
	for _, g := range s.reader {
		if !g.plumbing {
			infos = append(infos, g.info())
		}
	}
	slices.SortFunc(infos, func(a, b Info) int {
		if (a.CellID == 0) != (b.CellID == 0) {
			return cmp.Compare(b.CellID, a.CellID)
		}
		return cmp.Or(cmp.Compare(a.CellID, b.CellID), cmp.Compare(a.ID, b.ID))
	})
	return infos
}

// crowd is how many goroutines it takes for Number to estimate.
const crowd = 1000

// Number returns how many goroutines of the reader's exist, at least 1. It counts up to a thousand as [List] does, and at its
// cost. That would be seconds, and megabytes, for ten thousand, which is what a reader measures who asks then: so beyond it
// returns what the runtime says less what there was before the first cell, a handful too many at most.
func Number() int {
	if n := runtime.NumGoroutine(); n > crowd {
		process.mu.Lock()
		defer process.mu.Unlock()
		return n - process.idle
	}
	return max(1, len(List()))
}

// Left reports whether a goroutine is there that a go statement of the reader's has started and that has not been told to end.
// Those that compiled packages have started do not count. It takes no dump of the stacks, and so costs little even if there are very many.
func Left() bool { return process.records.started() }

// starting are the functions in which a goroutine starts a process, or waits for one.
var starting = []string{"os.StartProcess", "os.(*Process).Wait", "os/exec.(*Cmd).Start", "os/exec.(*Cmd).Run", "os/exec.(*Cmd).Wait"}

// Restless reports whether a goroutine of the cell runs or is about to, or is starting a process or waiting for one. It
// costs as much as [List].
func (c *Cell) Restless() bool {
	for _, g := range takeSnapshot().reader {
		if g.cell != c.ID {
			continue
		}
		if g.state == "running" || g.state == "runnable" {
			return true
		}
		for _, call := range g.calls {
			if slices.Contains(starting, call.fn) {
				return true
			}
		}
	}
	return false
}

// Live returns how many goroutines of the cell exist: its main one, those that its go statements started, and those that
// compiled code started for it. It costs as much as [List].
func (c *Cell) Live() int {
	n := 0
	for _, g := range takeSnapshot().reader {
		if g.cell == c.ID {
			n++
		}
	}
	return n
}
