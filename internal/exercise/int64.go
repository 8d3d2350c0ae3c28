package exercise

import "sync/atomic"

// An Int64 is an [atomic.Int64] that a check can come in between: after each access something else may happen, as it may with any
// atomic value, only that here it does not need luck. The zero value is 0, and nothing happens. It must not be copied after its first use.
type Int64 struct {
	n     atomic.Int64
	after atomic.Pointer[func()]
	busy  atomic.Bool // what happens between is happening
}

// Between makes f happen after each access that follows. What f itself does with the value counts as no access.
func (x *Int64) Between(f func()) { x.after.Store(&f) }

// Peek returns the value for a check, and nothing happens after it.
func (x *Int64) Peek() int64 { return x.n.Load() }

func (x *Int64) accessed() {
	f := x.after.Load()
	if f != nil && x.busy.CompareAndSwap(false, true) {
		defer x.busy.Store(false)
		(*f)()
	}
}

// Load returns the value.
func (x *Int64) Load() int64 {
	defer x.accessed()
	return x.n.Load()
}

// Store sets the value.
func (x *Int64) Store(value int64) {
	defer x.accessed()
	x.n.Store(value)
}

// Add adds delta and returns the new value.
func (x *Int64) Add(delta int64) int64 {
	defer x.accessed()
	return x.n.Add(delta)
}

// Swap sets the value and returns the old one.
func (x *Int64) Swap(value int64) int64 {
	defer x.accessed()
	return x.n.Swap(value)
}

// CompareAndSwap sets the value to new if it is old, and reports whether it was.
func (x *Int64) CompareAndSwap(old, new int64) bool {
	defer x.accessed()
	return x.n.CompareAndSwap(old, new)
}
