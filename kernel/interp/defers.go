package interp

import (
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"gokernel/kernel/goroutine"
	"gokernel/kernel/interp/dynamic"
)

// Defers collects what one call of a function defers. It belongs to one goroutine.
type Defers struct {
	fns      []deferred
	returned bool       // the function has returned
	panic    *panicking // the last panic, recovered or not
	current  deferred   // the deferred function that runs
	goid     uint64     // not 0 while known to unwinding
}

// deferred is a function to call at the end.
type deferred struct {
	f func()
	// calls is how many of the reader's calls lead from here to the function that may recover, that one included; 0 if it may
	// be one or two.
	calls int
}

// panicking is a panic under way.
type panicking struct {
	raw       any    // what recover returned; to go on with it
	stack     []byte // as debug.Stack wrote it; nil if raw knows
	recovered bool
}

// Call calls f, and then what f has deferred, last first, as at the end of a function: also if f panics or ends by Goexit.
// It returns if f returned or if a deferred function recovered.
func Call(f func(*Defers)) {
	d := &Defers{}
	defer d.end()
	f(d)
	d.returned = true
}

// Defer defers f. A panic is recovered by f itself or by a function that f calls.
func (d *Defers) Defer(f func()) { d.fns = append(d.fns, deferred{f, 0}) }

// DeferFunc defers f, a function literal: only f itself may recover, not what it calls.
func (d *Defers) DeferFunc(f func()) { d.fns = append(d.fns, deferred{f, 1}) }

// DeferMethod defers the call of a method through an interface.
func (d *Defers) DeferMethod(f func()) { d.fns = append(d.fns, deferred{f, 3}) }

// DeferValue defers the call of a value of a function type: that may be a method with its receiver.
func (d *Defers) DeferValue(f func()) { d.fns = append(d.fns, deferred{f, 0}) }

// DeferCall defers the call that f, made up by the front end, consists of: only the called function itself may recover.
func (d *Defers) DeferCall(f func()) { d.fns = append(d.fns, deferred{f, 2}) }

// end must be deferred by Call itself, since it recovers.
func (d *Defers) end() {
	if !d.returned {
		if v := recover(); v != nil {
			d.panic = newPanicking(v)
		}
	}
	if d.panic != nil || unwinding.panics.Load() > 0 {
		d.register()
	}
	defer d.unregister() // also if a Goexit takes us out of unwind
	d.unwind()
	d.raise()
}

// raise goes on with a panic that nobody has recovered.
func (d *Defers) raise() {
	p := d.panic
	switch {
	case p == nil || p.recovered:
	case p.stack == nil:
		panic(p.raw)
	default:
		goroutine.Raise(p.raw, p.stack)
	}
}

// unwind calls the deferred functions that are left.
func (d *Defers) unwind() {
	for len(d.fns) > 0 {
		f := d.fns[len(d.fns)-1]
		d.fns = d.fns[:len(d.fns)-1]
		d.call(f)
	}
}

// call calls one deferred function. A panic of its own takes the place of the one under way.
func (d *Defers) call(f deferred) {
	returned := false
	defer func() {
		if returned {
			return
		}
		if v := recover(); v != nil {
			d.panic = newPanicking(v)
			d.register()
			return
		}
		// It has called Goexit, which puts an end to panics and does not come back to unwind.
		d.panic = nil
		d.unwind()
		d.raise()
	}()
	d.current = f
	runDeferred(f.f)
	returned = true
}

// runDeferred marks the stack: mayRecover counts the interpreted calls above it.
//
//go:noinline
func runDeferred(f func()) { f() }

// newPanicking takes the value of recover, in the deferred function that recovered.
func newPanicking(v any) *panicking {
	if _, _, ok := goroutine.Raised(v); ok {
		return &panicking{raw: v}
	}
	return &panicking{raw: v, stack: debug.Stack()}
}

// value returns what the reader's recover returns.
func (p *panicking) value() any {
	if v, stack, ok := goroutine.Raised(p.raw); ok {
		return recovered(v, func() []runtime.Frame { return stack })
	}
	return recovered(p.raw, here)
}

// unwinding knows the calls that run deferred functions while their goroutine panics, innermost last. It costs nothing as
// long as no goroutine does.
var unwinding = struct {
	panics atomic.Int64 // registered calls
	sync.Mutex
	calls map[uint64][]*Defers // by goroutine
}{calls: map[uint64][]*Defers{}}

func (d *Defers) register() {
	if d.goid != 0 {
		return
	}
	d.goid = goid()
	unwinding.panics.Add(1)
	unwinding.Lock()
	defer unwinding.Unlock()
	unwinding.calls[d.goid] = append(unwinding.calls[d.goid], d)
}

func (d *Defers) unregister() {
	if d.goid == 0 {
		return
	}
	unwinding.Lock()
	defer unwinding.Unlock()
	unwinding.panics.Add(-1)
	calls := unwinding.calls[d.goid]
	// It is the last one, or those behind it have left without saying so.
	if i := slices.Index(calls, d); i > 0 {
		unwinding.calls[d.goid] = calls[:i]
	} else {
		delete(unwinding.calls, d.goid)
	}
	d.goid = 0
}

// Recover is recover: it returns the value of the panic under way and ends it, if a deferred function calls it, and nil
// otherwise. Runtime errors of the interpreter come as those of compiled Go.
func Recover() any {
	if unwinding.panics.Load() == 0 {
		return nil
	}
	id := goid()
	unwinding.Lock()
	var d *Defers
	if calls := unwinding.calls[id]; len(calls) > 0 {
		d = calls[len(calls)-1]
	}
	unwinding.Unlock()
	if d == nil || d.panic == nil || d.panic.recovered || !mayRecover(d.current.calls) {
		return nil
	}
	d.panic.recovered = true
	return goroutine.Recovered(d.panic.value())
}

// compiledRecover is recover for compiled code, which has called it itself and got v. A panic of interpreted code comes
// wrapped; one that ran into deferred functions of interpreted code is under way though recover does not know of it.
func compiledRecover(v any) any {
	if v == nil {
		return dynamic.Bare(Recover())
	}
	began := here
	if raised, stack, ok := goroutine.Raised(v); ok {
		v, began = raised, func() []runtime.Frame { return stack }
	}
	return dynamic.Bare(goroutine.Recovered(recovered(v, began)))
}

// mayRecover reports whether the caller of Recover is the right one, by the reader's calls between it and runDeferred.
func mayRecover(want int) bool {
	pcs := make([]uintptr, 128)
	pcs = pcs[:runtime.Callers(3, pcs)]
	n := 0
	for it := runtime.CallersFrames(pcs); ; {
		f, more := it.Next()
		switch {
		case strings.HasSuffix(f.Function, "/yaegi/interp.runCfg"), strings.HasPrefix(f.Function, goroutine.UnitPath):
			n++
		case strings.HasSuffix(f.Function, "/kernel/interp.Call"):
			n-- // the body of a function that defers is a function to the interpreter
		case strings.HasSuffix(f.Function, "/kernel/interp.runDeferred"):
			switch want {
			case 0:
				return n <= 3
			case 3: // or through the table of methods
				return n == 3 || n == 4
			}
			return n == want
		}
		if !more {
			return false
		}
	}
}

// goid returns the number of the calling goroutine, from the first line of its stack.
func goid() uint64 {
	var buf [40]byte
	n := runtime.Stack(buf[:], false)
	var id uint64
	for _, c := range buf[len("goroutine "):n] {
		if c < '0' || c > '9' {
			break
		}
		id = id*10 + uint64(c-'0')
	}
	return id
}
