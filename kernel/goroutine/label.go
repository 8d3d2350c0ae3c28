package goroutine

import (
	"context"
	"runtime/pprof"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"unsafe"
	"weak"
)

// The runtime keeps one pointer for each goroutine, meant for the profiler, and copies it to the goroutines it starts.
// Both functions are open to packages outside the standard library (go.dev/issue/67401).

//go:linkname getProfLabel runtime/pprof.runtime_getProfLabel
func getProfLabel() unsafe.Pointer

//go:linkname setProfLabel runtime/pprof.runtime_setProfLabel
func setProfLabel(unsafe.Pointer)

// labelKey is the key under which profiles and stack dumps show the number of a goroutine's record and the ID
// of its cell, 0 for the worker itself. Its bytes are
// allocated at the start and known to nobody else: comparing their address tells our labels from those of runtime/pprof.
var labelKey = strings.Clone("gokernel")

// pair has the layout of internal/runtime/pprof/label.Label.
type pair struct{ key, value string }

// label is what a goroutine's label pointer points to. The profiler reads it as a *pprof.labelMap, which is a slice of
// pairs and nothing more, so pairs must stay first; pairs[0].key is labelKey.
type label struct {
	pairs  []pair
	record *record
}

// record is what is known of one goroutine, and of those that compiled code starts from it and that inherit its label.
// It is reachable from the label while any of them lives.
type record struct {
	label   label
	id      uint64
	cell    *Cell  // nil for the worker's own goroutines
	main    bool   // runs the cell itself
	started site   // the go statement; 0 for main goroutines and adopted callbacks without a position
	place   *place // among the crumbs; nil if none are kept

	blocked atomic.Uint64 // a site: where the goroutine last said that it was about to block
	gone    atomic.Bool   // it ended the process in the reader's eyes, and is parked for good
	over    atomic.Bool   // it has left the reader's code

	abandoned atomic.Bool // it shall end, see Abandon
}

// current returns the record of the calling goroutine, or nil if it has none.
func current() *record {
	p := getProfLabel()
	if p == nil {
		return nil
	}
	// Only the pairs are sure to be there.
	pairs := *(*[]pair)(p)
	if len(pairs) == 0 || unsafe.StringData(pairs[0].key) != unsafe.StringData(labelKey) {
		return nil
	}
	return (*label)(p).record
}

// newRecord returns the record of a goroutine that is about to start, and makes it known to [List].
func newRecord(c *Cell, started site) *record { return publish(&record{cell: c, started: started}) }

// publish makes a record known, which must not be changed afterwards but by its own goroutine.
func publish(r *record) *record {
	r.id = process.lastRecord.Add(1)
	owner := "0"
	if r.cell != nil {
		owner = strconv.Itoa(r.cell.ID)
	}
	r.label = label{pairs: []pair{{labelKey, strconv.FormatUint(r.id, 10) + " " + owner}}, record: r}
	process.crumbs.enter(r)
	process.records.put(r)
	return r
}

// enter labels the calling goroutine with r and returns what puts its old label back.
func (r *record) enter() (leave func()) {
	old := getProfLabel()
	setProfLabel(unsafe.Pointer(&r.label))
	return func() { setProfLabel(old) }
}

// records finds records by the number that stands in stack dumps. The record of a goroutine that has ended may still be
// the label of others: those that compiled code started from it are listed by the cell in their label and need no more,
// but the interpreter runs a cell on a goroutine that it starts from the cell's main one, and that may be left behind.
type records struct {
	mu      sync.Mutex
	live    map[uint64]*record
	left    map[uint64]weak.Pointer[record] // of main goroutines that have ended
	sweepAt int                             // sweep left when it has so many entries
}

func (t *records) put(r *record) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.live == nil {
		t.live = make(map[uint64]*record)
		t.left = make(map[uint64]weak.Pointer[record])
	}
	t.live[r.id] = r
}

// end notes that r's goroutine has ended.
func (t *records) end(r *record) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.live, r.id)
	if !r.main {
		return
	}
	t.left[r.id] = weak.Make(r)
	if len(t.left) >= max(t.sweepAt, 64) {
		for id, p := range t.left {
			if p.Value() == nil {
				delete(t.left, id)
			}
		}
		t.sweepAt = 2*len(t.left) + 64
	}
}

// started reports whether there is a record of a goroutine, other than a cell's own, that is still in the reader's code, and may
// stay there.
func (t *records) started() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, r := range t.live {
		if !r.main && r.cell != nil && !r.gone.Load() && !r.over.Load() && !r.abandoned.Load() {
			return true
		}
	}
	return false
}

func (t *records) get(id uint64) *record {
	t.mu.Lock()
	defer t.mu.Unlock()
	if r := t.live[id]; r != nil {
		return r
	}
	if p, ok := t.left[id]; ok {
		return p.Value()
	}
	return nil
}

// PprofSetGoroutineLabels is pprof.SetGoroutineLabels: the goroutine gets the labels of ctx, beside the one that tells
// its cell.
func PprofSetGoroutineLabels(ctx context.Context) {
	r := current()
	if r == nil {
		pprof.SetGoroutineLabels(ctx)
		return
	}
	l := &label{pairs: slices.Clone(r.label.pairs), record: r}
	pprof.ForLabels(ctx, func(key, value string) bool {
		l.pairs = append(l.pairs, pair{key, value})
		return true
	})
	setProfLabel(unsafe.Pointer(l))
}

// PprofDo is pprof.Do: f runs with labels beside the one that tells the goroutine's cell.
func PprofDo(ctx context.Context, labels pprof.LabelSet, f func(context.Context)) {
	defer PprofSetGoroutineLabels(ctx)
	ctx = pprof.WithLabels(ctx, labels)
	PprofSetGoroutineLabels(ctx)
	f(ctx)
}
