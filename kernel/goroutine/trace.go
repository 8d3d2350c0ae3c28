package goroutine

import (
	"bytes"
	"io"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"sync"

	"github.com/petermattis/goid"
)

// Trace returns a writer for the standard error stream of yaegi. While a panic unwinds interpreted calls, yaegi prints a
// line for each, as in "cell [7]:12:7: panic: main.f(...)". The writer keeps these with the goroutine that unwinds, as the
// frames of a [Panic] to come. All else goes to the standard error stream of the goroutine's cell.
func Trace() io.Writer { return tracer{} }

type tracer struct{}

// traceLine matches what (*node).cfgErrorf of yaegi v0.16.1 prints, called by runCfg.
var traceLine = regexp.MustCompile(`^(?:(.*):)?(\d+):(\d+): panic: (.*)\(\.\.\.\)\n?$`)

func (tracer) Write(b []byte) (int, error) {
	if bytes.Contains(b, []byte(": panic: ")) {
		if m := traceLine.FindSubmatch(b); m != nil {
			if current() != nil {
				line, _ := strconv.Atoi(string(m[2])) // digits; one too many is no position
				col, _ := strconv.Atoi(string(m[3]))
				process.traces.add(goid.Get(), Frame{Func: string(m[4]), File: string(m[1]), Line: line, Column: col})
			}
			return len(b), nil
		}
	}
	return Current().stderr().Write(b)
}

// Recovered is for the front end's replacement of recover: it takes what recover returned, forgets the frames that the
// recovered panic has left behind, and returns its argument. Panics that compiled code recovers, as fmt does around
// String methods, are told apart without it wherever the goroutine's stack allows.
func Recovered(v any) any {
	if v != nil && current() != nil {
		process.traces.take([]int64{goid.Get()}, 0)
	}
	return v
}

// traces holds the frames of panics under way, by the ID of the goroutine. A label would not do for a key: goroutines that
// compiled code starts share it.
type traces struct {
	mu   sync.Mutex
	byID map[int64]*trace
}

// maxTraces bounds the goroutines whose frames are kept. Compiled code may recover a panic and tell nobody, as a server of
// package net/http does, once for each goroutine.
const maxTraces = 1024

func (t *traces) add(goroutine int64, f Frame) {
	t.mu.Lock()
	defer t.mu.Unlock()
	tr := t.byID[goroutine]
	if tr == nil {
		if t.byID == nil || len(t.byID) >= maxTraces {
			t.byID = make(map[int64]*trace)
		}
		tr = new(trace)
		t.byID[goroutine] = tr
	}
	tr.add(f)
}

// take returns the frames collected on the goroutines, one after the other, and forgets them. If unwound is not 0, only so
// many belong to the panic in question, the newest.
func (t *traces) take(goroutines []int64, unwound int) []Frame {
	t.mu.Lock()
	defer t.mu.Unlock()
	var frames []Frame
	for _, id := range goroutines {
		if tr := t.byID[id]; tr != nil {
			delete(t.byID, id)
			if tr.full {
				unwound = 0 // the stack has fewer than there were
			}
			frames = append(frames, tr.all()...)
		}
	}
	if unwound > 0 && unwound < len(frames) {
		return frames[len(frames)-unwound:]
	}
	return frames
}

// trace holds the frames of a panic: the first traceKept and the last traceKept, for a recursion can be deep.
type trace struct {
	frames []Frame
	last   int // once full: where in the second half the next frame goes
	full   bool
}

const traceKept = 128

func (t *trace) add(f Frame) {
	if len(t.frames) < 2*traceKept {
		t.frames = append(t.frames, f)
		return
	}
	t.full = true
	t.frames[traceKept+t.last] = f
	t.last = (t.last + 1) % traceKept
}

// all returns the frames in the order in which they were added.
func (t *trace) all() []Frame {
	if !t.full {
		return t.frames
	}
	first, rest := t.frames[:traceKept], t.frames[traceKept:]
	return slices.Concat(first, rest[t.last:], rest[:t.last])
}

// unwound counts the interpreted calls that a panic with this stack has left: yaegi recovers in a deferred function of
// each call and panics again, so that these functions are still on the stack.
func unwound(frames []runtime.Frame) int {
	n := 0
	for _, f := range frames {
		if f.Function == yaegi+"runCfg.func1" {
			n++
		}
	}
	return n
}

// yaegi is the interpreter's package, whose frames stand for the reader's calls.
const yaegi = "github.com/traefik/yaegi/interp."
