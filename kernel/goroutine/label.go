package goroutine

import (
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"unsafe"
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
	cell    *Cell // nil for the worker's own goroutines
	main    bool  // runs the cell itself
	started site  // the go statement; 0 for main goroutines and adopted callbacks without a position

	blocked atomic.Uint64 // a site: where the goroutine last said that it was about to block
	gone    atomic.Bool   // it ended the process in the reader's eyes, and is parked for good

	mu    sync.Mutex
	trace trace
}

// current returns the record of the calling goroutine, or nil if it has none.
func current() *record {
	l := (*label)(getProfLabel())
	if l == nil || len(l.pairs) == 0 || unsafe.StringData(l.pairs[0].key) != unsafe.StringData(labelKey) {
		return nil
	}
	return l.record
}

// newRecord returns the record of a goroutine that is about to start, and makes it known to [List].
func newRecord(c *Cell, started site) *record {
	r := &record{id: process.lastRecord.Add(1), cell: c, started: started}
	owner := "0"
	if c != nil {
		owner = strconv.Itoa(c.ID)
	}
	r.label = label{pairs: []pair{{labelKey, strconv.FormatUint(r.id, 10) + " " + owner}}, record: r}
	process.records.put(r)
	return r
}

// enter labels the calling goroutine with r and returns what puts its old label back.
func (r *record) enter() (leave func()) {
	old := getProfLabel()
	setProfLabel(unsafe.Pointer(&r.label))
	return func() { setProfLabel(old) }
}
