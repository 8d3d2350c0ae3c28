package goroutine

import (
	"runtime"
	"sync"
)

// Go starts f on a new goroutine of the calling goroutine's cell: it is what a go statement of the reader's at a position
// becomes. If f panics the cell fails, see [Cell.Run], and the process lives on. Line may come from [Pos].
func Go(line, col int, f func()) {
	r := newRecord(Current(), newSite(line, col, opOther))
	if c := current(); c != nil {
		c.leave(r.started)
	}
	r.start(f, r.ended)
}

// start calls run on a goroutine that has the label from its very beginning, lest a dump takes it for another's.
func (r *record) start(f func(), end func(*Panic)) {
	defer r.enter()()
	go r.run(f, end)
}

// WaitGroupGo is wg.Go(f) at a position: f runs as by [Go] and wg counts it. As there, wg is not done if f panics.
func WaitGroupGo(line, col int, wg *sync.WaitGroup, f func()) {
	wg.Add(1)
	r := newRecord(Current(), newSite(line, col, opOther))
	r.start(f, func(p *Panic) {
		if p == nil || p.Kind == KindGoexit {
			wg.Done()
		}
		r.ended(p)
	})
}

// Adopt calls f on the calling goroutine, which compiled code started for a callback of the reader's, as if a go statement
// at a position had started it in cell. A panic fails the cell and does not leave Adopt; ok reports that there was none.
func Adopt(cell *Cell, line, col int, f func()) (ok bool) {
	r := newRecord(cell, newSite(line, col, opOther))
	defer r.enter()()
	r.run(f, func(p *Panic) {
		ok = p == nil
		r.ended(p)
	})
	return ok
}

// run calls f on a goroutine labelled with r and then end, with how f ended: nil if it returned.
func (r *record) run(f func(), end func(*Panic)) {
	returned := false
	defer func() {
		r.over.Store(true)
		defer process.records.end(r) // once it is told how it ended
		if returned {
			end(nil)
		} else if v := recover(); v != nil {
			end(r.caught(v))
		} else {
			end(&Panic{Kind: KindGoexit, Goroutine: r.info()})
		}
	}()
	f()
	returned = true
}

// ended reports how a goroutine other than a cell's main one ended. It may end by Goexit as it pleases, and as it likes if it has been
// told to.
func (r *record) ended(p *Panic) {
	if p != nil && p.Kind != KindGoexit && !r.abandoned.Load() {
		r.cell.fail(p)
	}
}

// RuntimeGoexit is runtime.Goexit. On the main goroutine of a cell it ends the cell, with an error: a program whose main
// goroutine exits cannot end well either. The interpreter runs a cell on a goroutine that it starts from the one of
// [Cell.Run], which is why the end is told here.
func RuntimeGoexit() {
	if r := current(); r != nil && r.main {
		r.cell.fail(&Panic{Kind: KindGoexit, Frames: r.exiting(), Stack: Stack(0), Goroutine: r.info()})
	}
	runtime.Goexit()
}
