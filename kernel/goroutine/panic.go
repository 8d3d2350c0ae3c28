package goroutine

import (
	"fmt"
	"reflect"
	"runtime"
	"slices"
	"strconv"

	"github.com/petermattis/goid"
)

// A Kind says how a cell, or one of its goroutines, ended other than by returning.
type Kind string

// The kinds of [Panic].
const (
	KindPanic       Kind = "panic"       // a panic that nobody recovered
	KindExit        Kind = "exit"        // os.Exit or log.Fatal
	KindGoexit      Kind = "goexit"      // runtime.Goexit on the cell's main goroutine
	KindDeadlock    Kind = "deadlock"    // nothing can wake the cell any more
	KindInterrupted Kind = "interrupted" // the context of [Cell.Run] was cancelled
)

// A Frame is a position in the reader's code. The zero Frame is an unknown position.
type Frame struct {
	Func         string // as yaegi or the compiler names it; may be empty
	File         string // the name of a cell, as in "cell [7]", or a file
	Line, Column int    // from 1, in bytes; 0 if unknown
}

// A Panic says how a cell ended. It is an error.
type Panic struct {
	Kind  Kind
	Value any // what panic was called with; nil for the other kinds
	Code  int // of KindExit: the exit status

	// Frames are the interpreted calls that the panic unwound, innermost first, as yaegi printed them to [Trace]. Of an
	// exit it is the call, and of an interrupt that of the last read of the standard input, if [At] was told.
	Frames []Frame
	// Stack is the compiled stack at the panic, innermost first: the interpreter's own calls, and the reader's where his
	// code is compiled. It is nil for the kinds that do not unwind.
	Stack []runtime.Frame
	// Goroutine is where it happened: its cell and the go statement that started it.
	Goroutine Info
	// Goroutines are, for KindDeadlock, all goroutines that wait, those of the cell first.
	Goroutines []Info
}

// Error says what Go itself would print, in one line where it can.
func (p *Panic) Error() string {
	switch p.Kind {
	case KindExit:
		return "exit status " + strconv.Itoa(p.Code)
	case KindGoexit:
		return "runtime.Goexit called on the main goroutine of the cell"
	case KindDeadlock:
		return "all goroutines are asleep - deadlock!"
	case KindInterrupted:
		return "interrupted"
	}
	return "panic: " + p.Message()
}

// Unwrap returns the panic's value if it is an error.
func (p *Panic) Unwrap() error {
	err, _ := p.Value.(error)
	return err
}

// Message formats the panic's value as the runtime does, but shows composite values where the runtime shows an address.
func (p *Panic) Message() (s string) {
	defer func() {
		if e := recover(); e != nil { // an Error or String method of the reader's that panics
			s = fmt.Sprintf("(%T) [it panicked while being printed: %v]", p.Value, e)
		}
	}()
	switch v := p.Value.(type) {
	case nil:
		return "nil"
	case runtime.Error:
		return CompiledNames(v.Error()) // it may name a method
	case error:
		return v.Error()
	case fmt.Stringer:
		return v.String()
	case string:
		return v
	}
	v := reflect.ValueOf(p.Value)
	switch v.Kind() {
	case reflect.String:
		return fmt.Sprintf("%s(%q)", v.Type(), v.String())
	case reflect.Bool, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr,
		reflect.Float32, reflect.Float64, reflect.Complex64, reflect.Complex128:
		return fmt.Sprintf("%s(%v)", v.Type(), p.Value)
	}
	return fmt.Sprintf("(%T) %+v", p.Value, p.Value)
}

// caught turns the value of recover into a Panic. It must be called by the deferred function that recovered, while the
// stack that panicked is still there.
func (r *record) caught(value any) *Panic {
	p := &Panic{Kind: KindPanic, Value: value, Goroutine: r.info()}
	goroutines := []int64{goid.Get()} // that the panic went through
	if v, ok := value.(*raised); ok {
		p.Value, p.Stack, goroutines[0] = v.value, v.stack, v.goroutine
	} else {
		p.Stack = Stack(1)
	}
	if v, ok := p.Value.(carried); ok {
		value, origin, through := v.Origin()
		if v, ok := value.(*raised); ok {
			value = v.value
		}
		p.Value, p.Stack = value, append(slices.Clip(origin), p.Stack...)
		goroutines = append(slices.Clip(through), goroutines...)
	}
	p.Frames = process.traces.take(goroutines, unwound(p.Stack))
	if !r.main && r.started.line() == 0 && slices.ContainsFunc(p.Stack, serves) {
		p.Goroutine.CreatedBy = "net/http.(*Server).Serve"
	}
	return p
}

// serves reports whether a call is the one that net/http has a goroutine for.
func serves(f runtime.Frame) bool { return f.Function == "net/http.(*conn).serve" }

// carried is the value of a panic that comes from another goroutine than the one it ends, and knows the stack where it was
// and the IDs of the goroutines that carried it, the one of the panic first.
type carried interface {
	Origin() (value any, stack []runtime.Frame, goroutines []int64)
}

// raised is what Raise panics with.
type raised struct {
	value     any
	stack     []runtime.Frame
	goroutine int64 // where the panic was, for the interpreter may run a cell on one of its own
}

// Raise panics with value, on behalf of an interpreter that has recovered it and kept the stack at the panic as
// debug.Stack wrote it. It is for the function that [Cell.Run] runs: the [Panic] is as if nobody had recovered value.
func Raise(value any, stack []byte) {
	v := &raised{value: value, goroutine: goid.Get()}
	if g, ok := parseGoroutine(string(stack)); ok {
		v.goroutine = int64(g.id)
		if !g.elided {
			for _, c := range g.calls {
				v.stack = append(v.stack, runtime.Frame{Function: c.fn, File: c.file, Line: c.line})
			}
		}
	}
	panic(v)
}

// Raised returns the value that [Raise] was called with if v, which recover returned, comes from there, and the stack at that
// panic. Panicking with v itself goes on with that panic.
func Raised(v any) (value any, stack []runtime.Frame, ok bool) {
	if r, ok := v.(*raised); ok {
		return r.value, r.stack, true
	}
	return nil, nil, false
}

// maxStack bounds the compiled frames kept of a panic; an interpreted call takes about five.
const maxStack = 4096

// Stack returns the caller's stack, innermost call first, without skip calls: 0 for all but Stack itself.
func Stack(skip int) []runtime.Frame {
	pcs := make([]uintptr, maxStack)
	pcs = pcs[:runtime.Callers(skip+2, pcs)]
	frames := make([]runtime.Frame, 0, len(pcs))
	for it := runtime.CallersFrames(pcs); ; {
		f, more := it.Next()
		frames = append(frames, f)
		if !more {
			return frames
		}
	}
}
