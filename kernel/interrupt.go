package kernel

import (
	"context"

	"gokernel/kernel/jupyter"
)

// interrupt answers an interrupt_request ("Kernel interrupt"), at once: the
// cell's own reply says when it has ended.
func (k *Kernel) interrupt(context.Context, *request, jupyter.InterruptRequest) (jupyter.Content, error) {
	k.Interrupt()
	return jupyter.InterruptReply{Status: jupyter.StatusOK}, nil
}

// Interrupt ends the cell that runs, also one that waits for input. Without
// one it does no harm. It may be called from any goroutine, as when SIGINT
// arrives, and returns at once.
func (k *Kernel) Interrupt() {
	defer func() {
		if p := recover(); p != nil {
			_ = k.panicked(p) // logged; nobody to tell
		}
	}()
	k.stdin.interrupt()
	k.interp.Interrupt()
}
