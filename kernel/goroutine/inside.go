package goroutine

import (
	"fmt"
	"strings"
	"unsafe"
)

// Inside returns the reader's goroutines that are in a call of a compiled method, named as in a stack dump
// ("internal/poll.(*FD).Read"), on a receiver that is a pointer. Those whose call cannot be told from a dump are not
// found. It costs as much as [List].
func Inside(method string, receiver unsafe.Pointer) (found []Info) {
	want := fmt.Sprintf("%#x", uintptr(receiver))
	for _, g := range takeSnapshot().reader {
		for _, c := range g.calls {
			// The runtime marks what may be out of date by a question mark; a receiver seldom is.
			first, _, _ := strings.Cut(c.args, ", ")
			if c.fn == method && strings.TrimSuffix(first, "?") == want {
				found = append(found, g.info())
				break
			}
		}
	}
	return found
}
