package concurrency

import (
	"fmt"
	"runtime"
	"slices"
)

// A PanicError is a panic that has been carried from the goroutine where it happened to the one that waits for it. It is what
// [Parallel], [Group.Wait] and [Interleaver.Run] panic with. As an error it says what the panic said, and if that was an error
// itself, [errors.Is] and [errors.As] find it.
type PanicError struct {
	Value      any             // what panic was called with
	Stack      []runtime.Frame // where, innermost first
	Goroutines []int64         // the IDs of those that it went through, as stack dumps show them, the one of the panic first
}

// Error returns the text of the value.
func (p *PanicError) Error() string { return fmt.Sprint(p.Value) }

// Unwrap returns the value if it is an error.
func (p *PanicError) Unwrap() error {
	err, _ := p.Value.(error)
	return err
}

// Origin returns the value, the stack at the panic and the goroutines it went through, for who reports it.
func (p *PanicError) Origin() (value any, stack []runtime.Frame, goroutines []int64) {
	return p.Value, p.Stack, p.Goroutines
}

// maxStack bounds the frames that are kept of a stack.
const maxStack = 4096

// Try calls f and returns the panic that it ended with, nil if there was none. A panic that was carried here already is
// returned such, with this goroutine's stack below its own. If f ends its goroutine by [runtime.Goexit], so does Try.
func Try(f func()) (p *PanicError) {
	defer func() {
		value := recover()
		if value == nil {
			return
		}
		if carried, ok := value.(*PanicError); ok {
			p = &PanicError{
				carried.Value,
				append(slices.Clip(carried.Stack), stack()...),
				append(slices.Clip(carried.Goroutines), goroutine()),
			}
			return
		}
		p = &PanicError{value, stack(), []int64{goroutine()}}
	}()
	f()
	return nil
}

// stack returns the stack of its caller, innermost first.
func stack() []runtime.Frame {
	pcs := make([]uintptr, maxStack)
	it := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs)])
	var frames []runtime.Frame
	for {
		f, more := it.Next()
		frames = append(frames, f)
		if !more {
			return frames
		}
	}
}

// goroutine returns the ID of its caller's goroutine, which only a stack dump tells: "goroutine 18 [running]:".
func goroutine() (id int64) {
	var dump [64]byte
	fmt.Sscanf(string(dump[:runtime.Stack(dump[:], false)]), "goroutine %d", &id)
	return id
}
