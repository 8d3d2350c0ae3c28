package goroutine

import (
	"encoding/binary"
	"sync/atomic"
	"unsafe"
)

// Crumbs is memory in which a worker notes where the reader's goroutines are, shared with the process that is to say so
// when the worker has died. It is CrumbsSize bytes, at first zero, and begins at a multiple of eight.
//
// There is a place for the main goroutine of the cell that began last and crumbPlaces-1 for the others, which take turns:
// what is known of a goroutine may be lost when so many others have started since. The names of cells follow, each with
// the ID of its cell and a length before it, and before all of them the number of bytes that they take.
type Crumbs []byte

const (
	crumbPlaces = 1024
	crumbPlace  = 64 // bytes; a cache line, for goroutines write at the same time
	crumbNames  = crumbPlaces * crumbPlace
	nameHead    = 12 // bytes: ID and length

	// CrumbsSize is the size of Crumbs in bytes. Most of it is for names and not touched before there are so many.
	CrumbsSize = crumbNames + 1<<20
)

// place is what is noted of one goroutine.
type place struct {
	record  atomic.Uint64 // its number, which stands in stack dumps; 0: none
	cell    atomic.Uint64 // ID of its cell
	started atomic.Uint64 // the site of its go statement
	here    atomic.Uint64 // the site given to Here last
	last    atomic.Uint64 // the site given to At or Go last
}

// A Crumb is what is known of a goroutine of a worker that has died.
type Crumb struct {
	Cell    string // name of the cell that it belongs to
	Started Frame  // its go statement; unknown for a cell's own goroutine
	Here    Frame  // what it was doing, if the interpreter tells; see [Here]
	Last    Frame  // where it last was about to block, or started a goroutine; it may have come far since
}

// KeepCrumbs makes this process, a worker, leave crumbs in c. It is called once, before the first cell.
func KeepCrumbs(c Crumbs) {
	process.mu.Lock()
	defer process.mu.Unlock()
	process.crumbs = c
}

func (c Crumbs) word(at int) *atomic.Uint64 { return (*atomic.Uint64)(unsafe.Pointer(&c[at])) }

// at returns the i-th place.
func (c Crumbs) at(i uint64) *place { return (*place)(unsafe.Pointer(&c[i*crumbPlace])) }

// index returns which place is that of a record.
func (c Crumbs) index(record uint64, main bool) uint64 {
	if main {
		return 0
	}
	return 1 + record%(crumbPlaces-1)
}

// enter gives r its place.
func (c Crumbs) enter(r *record) {
	if len(c) < CrumbsSize || r.cell == nil {
		return
	}
	p := c.at(c.index(r.id, r.main))
	p.record.Store(0) // until all is written
	p.cell.Store(uint64(r.cell.ID))
	p.started.Store(uint64(r.started))
	p.here.Store(0)
	p.last.Store(0)
	p.record.Store(r.id)
	r.place = p
}

// name notes the name of a cell; one that does not fit is not known. Called with process.mu held.
func (c Crumbs) name(id int, name string) {
	if len(c) < CrumbsSize {
		return
	}
	used := c.word(crumbNames)
	at := crumbNames + 8 + int(used.Load())
	if at+nameHead+len(name) > len(c) {
		return
	}
	binary.LittleEndian.PutUint64(c[at:], uint64(id))
	binary.LittleEndian.PutUint32(c[at+8:], uint32(len(name)))
	copy(c[at+nameHead:], name)
	used.Add(uint64(nameHead + len(name)))
}

// names returns the names of cells by ID.
func (c Crumbs) names() map[int]string {
	names := map[int]string{}
	text := c[crumbNames+8:]
	text = text[:min(c.word(crumbNames).Load(), uint64(len(text)))]
	for len(text) >= nameHead {
		id, n := binary.LittleEndian.Uint64(text), binary.LittleEndian.Uint32(text[8:])
		text = text[nameHead:]
		if uint64(n) > uint64(len(text)) {
			break
		}
		names[int(id)] = string(text[:n])
		text = text[n:]
	}
	return names
}

// Find returns what is known of the goroutine whose record has a number; see [Record].
func (c Crumbs) Find(record uint64) (Crumb, bool) {
	if len(c) < CrumbsSize || record == 0 {
		return Crumb{}, false
	}
	for _, main := range []bool{true, false} {
		if p := c.at(c.index(record, main)); p.record.Load() == record {
			return c.crumb(p), true
		}
	}
	return Crumb{}, false
}

// Main returns what is known of the main goroutine of the cell that began last.
func (c Crumbs) Main() (Crumb, bool) {
	if len(c) < CrumbsSize || c.at(0).record.Load() == 0 {
		return Crumb{}, false
	}
	return c.crumb(c.at(0)), true
}

func (c Crumbs) crumb(p *place) Crumb {
	names := c.names()
	cell := names[int(p.cell.Load())]
	frame := func(w *atomic.Uint64) Frame {
		s := site(w.Load())
		f := Frame{Line: s.line(), Column: s.column()}
		if f.Line == 0 {
			return Frame{}
		}
		if f.File = names[s.cell()]; s.cell() == 0 || f.File == "" {
			f.File = cell
		}
		return f
	}
	return Crumb{Cell: cell, Started: frame(&p.started), Here: frame(&p.here), Last: frame(&p.last)}
}

// Record returns the number that the labels of a goroutine in a stack dump hold, as in {"gokernel": "12 7"}; 0 if there is
// none.
func Record(labels string) uint64 {
	var d dumped
	d.parseLabels(labels)
	return d.record
}

// Here notes what the calling goroutine is doing, for [Crumb]: the interpreter calls it before what may end the process,
// such as a call or an assignment to an element of a map. It costs 5 ns. Line may come from [Pos].
func Here(line, col int) {
	if r := current(); r != nil && r.place != nil {
		r.place.here.Store(uint64(newSite(line, col, opOther)))
	}
}

// leave notes where a goroutine last blocked or started another.
func (r *record) leave(s site) {
	if r.place != nil {
		r.place.last.Store(uint64(s))
	}
}
