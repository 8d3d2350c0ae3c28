package interp

import (
	"runtime"
	"strings"

	"gokernel/kernel/goroutine"
)

// An origin returns the stack at a panic, innermost call first.
type origin func() []runtime.Frame

// unknown is the origin of a panic of which only the value is left.
func unknown() []runtime.Frame { return nil }

// here is the origin of the panic that has led to the deferred function which runs.
func here() []runtime.Frame { return goroutine.Stack(0) }

// inLibrary reports whether a panic began in a function of the library that the reader's program has called. The interpreter
// computes through package reflect, whose panics are its own otherwise.
func inLibrary(stack []runtime.Frame) bool {
	begun := -1
	for i, f := range stack {
		if f.Function == "panic" || f.Function == "runtime.gopanic" {
			begun = i
		} else if begun >= 0 && !passesOn(f.Function) {
			break
		}
	}
	for i, f := range stack[begun+1:] {
		switch {
		case begun < 0, strings.HasPrefix(f.Function, yaegiPath), strings.HasPrefix(f.Function, ownPath):
			return false
		case strings.HasPrefix(f.Function, goroutine.UnitPath), i > 0 && f.Function == "reflect.Value.call":
			return true
		}
	}
	return false
}

// ownPath begins the names of our own functions.
const ownPath = "gokernel/kernel/"

// passesOn reports whether a function may have recovered only to panic again, as one of yaegi does for each call.
func passesOn(function string) bool {
	return strings.HasPrefix(function, "runtime.") || strings.HasPrefix(function, ownPath) || strings.HasPrefix(function, yaegiPath+".runCfg.func")
}
