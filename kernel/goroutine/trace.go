package goroutine

import (
	"bytes"
	"io"
	"regexp"
	"runtime"
	"slices"
	"strconv"
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
			if r := current(); r != nil {
				line, _ := strconv.Atoi(string(m[2])) // digits; one too many is no position
				col, _ := strconv.Atoi(string(m[3]))
				r.mu.Lock()
				r.trace.add(Frame{Func: string(m[4]), File: string(m[1]), Line: line, Column: col})
				r.mu.Unlock()
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
	if v != nil {
		if r := current(); r != nil {
			r.takeTrace(0)
		}
	}
	return v
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

// takeTrace returns the frames collected on r's goroutine and forgets them. If unwound is not 0, only so many belong to
// the panic in question, the newest.
func (r *record) takeTrace(unwound int) []Frame {
	r.mu.Lock()
	t := r.trace
	r.trace = trace{}
	r.mu.Unlock()
	if t.full {
		return slices.Concat(t.frames[:traceKept], t.frames[traceKept+t.last:], t.frames[traceKept:traceKept+t.last])
	}
	if unwound > 0 && unwound < len(t.frames) {
		return t.frames[len(t.frames)-unwound:]
	}
	return t.frames
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
