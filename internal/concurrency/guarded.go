package concurrency

import (
	"fmt"
	"sync"
)

// A Guarded holds a value that can be reached only under its lock, so that nobody can forget to take it. The zero value
// guards the zero value of T. A Guarded must not be copied after its first use.
//
// The lock is a [sync.Mutex]: it cannot be taken twice, so a function given to With must not call With or Load of the
// same Guarded; it would wait for itself for ever.
type Guarded[T any] struct {
	mu    sync.Mutex
	value T
}

// NewGuarded returns a Guarded that holds value. If value refers to something, such as a map, nobody else may go on using
// that.
func NewGuarded[T any](value T) *Guarded[T] { return &Guarded[T]{value: value} }

// With calls f with the value, under the lock. It waits until the lock is free. f may change the value through the pointer
// and must not keep the pointer. If f panics, the lock is released, the value stays as f left it, and the
// panic goes on.
func (g *Guarded[T]) With(f func(value *T)) {
	Lock(&g.mu)
	defer g.mu.Unlock()
	f(&g.value)
}

// Load returns a copy of the value. It is a shallow one: a map in it is still the guarded map, for which use With.
func (g *Guarded[T]) Load() T {
	Lock(&g.mu)
	defer g.mu.Unlock()
	return g.value
}

// String returns the value as text, read under the lock. It does not wait for the lock, so that a function given to With may print
// the Guarded: while anybody holds it, the text is "(locked)".
func (g *Guarded[T]) String() string { return fmt.Sprint(g) }

// Format prints the value as package fmt would, with the care that [Guarded.String] takes.
func (g *Guarded[T]) Format(f fmt.State, verb rune) {
	if !g.mu.TryLock() {
		formatText(f, verb, "(locked)")
		return
	}
	defer g.mu.Unlock()
	fmt.Fprintf(f, fmt.FormatString(f, verb), g.value)
}

// formatText prints a text for any verb, quoted for %q.
func formatText(f fmt.State, verb rune, text string) {
	if verb != 'q' {
		verb = 's'
	}
	fmt.Fprintf(f, fmt.FormatString(f, verb), text)
}
