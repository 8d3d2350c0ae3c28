package goroutine

import (
	"context"
	"os"
	"sync"
	"sync/atomic"
)

// A Cell is one execution of a cell of the notebook. Its exported fields are set before Run and not changed afterwards;
// its goroutines may outlive Run and keep using them. A Cell must not be copied.
type Cell struct {
	ID   int    // unique in this process, from 1
	Name string // as in "cell [7]"

	// Stdout and Stderr receive what the goroutines of the cell print. Nil stands for the process's own.
	Stdout, Stderr *os.File

	// Printer, if not nil, writes to Stdout, which nobody else may write to before [Stdout] was called.
	Printer *Printer

	// OnPanic is called when a goroutine of the cell panics or exits and Run has returned, so that nobody waits for the
	// news. It is called on that goroutine, or on one of ours, and may be nil: the failure is then lost.
	OnPanic func(*Panic)

	// Settle is called before a goroutine of the cell prints to one of its streams when the cell has last printed to the
	// other, with that other one. It is to return when whoever reads the streams has what is in that one, so that text
	// arrives in the order in which it was printed. It may be called by several goroutines at once. Nil: the order is left
	// to chance.
	Settle func(*os.File)

	// NoDeadlock switches the detection of deadlocks off.
	NoDeadlock bool

	printed atomic.Pointer[os.File] // Stdout or Stderr, whichever was asked for last

	mu  sync.Mutex
	end chan *Panic // non-nil while Run waits; takes one value
}

// Run calls f on a new goroutine of the cell, waits until it returns, and returns nil. It returns a *Panic at once when f
// or another goroutine of the cell panics or exits, when f ends by runtime.Goexit, when the cell is deadlocked, or when
// ctx is cancelled. f may still be running then; it is left behind, and stopping it is up to the caller. Failures that
// come after Run has returned go to OnPanic. A Cell is run once at a time.
//
// Run starts the goroutine that calls f and, while f takes long, now and then one that looks for a deadlock. Neither is
// waited for when Run returns early: the latter ends by itself, having taken a stack dump.
func (c *Cell) Run(ctx context.Context, f func()) *Panic {
	end := make(chan *Panic, 1)
	c.mu.Lock()
	if c.end != nil {
		c.mu.Unlock()
		panic("goroutine: " + c.Name + " is running already")
	}
	c.end = end
	c.mu.Unlock()
	previous := process.begin(c)
	defer process.finish(c, previous)

	r := publish(&record{cell: c, main: true})
	r.start(f, func(p *Panic) { c.returned(end, p) })

	w := newWatch(c)
	defer w.stop()
	looked := make(chan []Info, 1)
	interrupted := &Panic{Kind: KindInterrupted, Goroutine: r.info()}
	ended := func(p *Panic) *Panic {
		if ctx.Err() != nil && (p == nil || p.Kind == KindPanic || p.Kind == KindGoexit) {
			return interrupted // code that is being stopped may end in any way
		}
		return p
	}
	for {
		select {
		case p := <-end:
			return ended(p)
		case <-ctx.Done():
			interrupted.Frames = r.last(opRead)
			return ended(c.abandon(end, interrupted))
		case <-w.timer.C:
			go func() { looked <- w.sample() }() // it may take long, and an interrupt cannot wait
		case report := <-looked:
			if report == nil {
				w.timer.Reset(w.interval)
			} else {
				return c.abandon(end, &Panic{Kind: KindDeadlock, Goroutine: report[0], Goroutines: report})
			}
		}
	}
}

// abandon ends Run with p, unless the cell has ended by itself in the meantime.
func (c *Cell) abandon(end chan *Panic, p *Panic) *Panic {
	c.mu.Lock()
	c.end = nil
	c.mu.Unlock()
	select {
	case q := <-end:
		return q
	default:
		return p
	}
}

// returned ends the Run that waits for end with p, where nil is success. What becomes of a main goroutine that Run has
// left behind is of no interest: stopping it may well make it panic.
func (c *Cell) returned(end chan *Panic, p *Panic) {
	if p == nil {
		c.hear()
	}
	c.mu.Lock()
	waits := c.end == end
	if waits {
		c.end = nil
	}
	c.mu.Unlock()
	if waits {
		end <- p
	}
}

// fail ends Run with p. If Run does not wait, OnPanic gets the failure.
func (c *Cell) fail(p *Panic) {
	c.mu.Lock()
	end := c.end
	c.end = nil
	c.mu.Unlock()
	if end != nil {
		end <- p
		return
	}
	if c.OnPanic != nil {
		c.OnPanic(p)
	}
}

// Running reports whether Run waits for the cell.
func (c *Cell) Running() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.end != nil
}

// Current returns the cell that the calling goroutine belongs to. A goroutine without one, which only compiled code can
// start, is given to the cell that is running, and if none is, to a base cell that prints to the process's own streams.
func Current() *Cell {
	if r := current(); r != nil && r.cell != nil {
		return r.cell
	}
	return process.fallback()
}
