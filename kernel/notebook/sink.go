package notebook

import (
	"context"

	"gokernel/kernel"
	"gokernel/kernel/jupyter"
	"gokernel/kernel/worker"
)

// sink hands what a cell does in the worker to its output. It is a worker.Sink.
type sink struct {
	kernel.Output
	n *Notebook
}

// Display shows data.
func (s sink) Display(data, metadata map[string]any, displayID string, update bool) {
	s.Output.Display(jupyter.MIMEBundle(data), metadata, displayID, update)
}

// Failure publishes that of a goroutine whose cell has ended.
func (s sink) Failure(f *worker.Failure) { s.Error(s.n.failed(f)) }

// silence is a worker.Sink and drops everything: what a prelude or an expression prints is nobody's.
type silence struct{}

func (silence) Stream(string, string)                                {}
func (silence) Display(map[string]any, map[string]any, string, bool) {}
func (silence) Clear(bool)                                           {}
func (silence) Input(context.Context, string, bool) (string, error)  { return "", kernel.ErrNoStdin }
func (silence) Payload(map[string]any)                               {}
func (silence) Failure(*worker.Failure)                              {}
