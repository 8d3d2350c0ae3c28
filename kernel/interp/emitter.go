package interp

import (
	"sync"
	"time"

	"gokernel/kernel/display"
	"gokernel/kernel/goroutine"
	"gokernel/kernel/worker"
)

// emitter shows things under the cell of the goroutine that asks for it.
type emitter struct {
	host  *worker.Host
	later *postponed
}

func (e emitter) Display(data, metadata map[string]any, displayID string, update bool) error {
	return cellEmitter{e, goroutine.Current()}.Display(data, metadata, displayID, update)
}

func (e emitter) Clear(wait bool) error { return cellEmitter{e, goroutine.Current()}.Clear(wait) }

func (e emitter) Later(d time.Duration, f func(display.Emitter)) {
	cellEmitter{e, goroutine.Current()}.Later(d, f)
}

// cellEmitter shows things under one cell.
type cellEmitter struct {
	emitter
	cell *goroutine.Cell
}

func (e cellEmitter) Display(data, metadata map[string]any, displayID string, update bool) error {
	return e.host.Display(e.cell, data, metadata, displayID, update)
}

func (e cellEmitter) Clear(wait bool) error { return e.host.Clear(e.cell, wait) }

func (e cellEmitter) Later(d time.Duration, f func(display.Emitter)) {
	e.later.add(d, func() { f(e) })
}

// postponed holds calls that are to be made a little later, and not after the cell has ended.
type postponed struct {
	mu    sync.Mutex
	calls map[int]func()
	last  int // key in calls
}

// add has f called after d or by flush, whichever comes first. The timer is none of the reader's: it wakes nobody who
// waits, and is not stopped, for it may belong to a bubble of testing/synctest that flush is outside of.
func (p *postponed) add(d time.Duration, f func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.calls == nil {
		p.calls = make(map[int]func())
	}
	p.last++
	key := p.last
	once := sync.OnceFunc(f)
	p.calls[key] = once
	time.AfterFunc(d, func() {
		once()
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.calls, key)
	})
}

// flush makes all calls that wait, and returns when they and those that are being made have returned.
func (p *postponed) flush() {
	p.mu.Lock()
	calls := p.calls
	p.calls = nil
	p.mu.Unlock()
	for _, f := range calls {
		f()
	}
}
