package nbrun

import (
	"context"

	"golang.org/x/sync/semaphore"
)

// gateWidth is how many cells may run at once; more than any machine runs.
const gateWidth = 1 << 20

// A Gate lets cells of notebooks that run at the same time in together, or one alone: a cell that measures
// time must not share the machine. Waiting cells are served in order, so that one that wants to be alone is
// not passed for ever. Use NewGate.
type Gate struct{ sem *semaphore.Weighted }

// NewGate returns an open gate.
func NewGate() *Gate { return &Gate{semaphore.NewWeighted(gateWidth)} }

// enter waits until the cell may run. leave must be called when it has; on an error there is nothing to leave.
func (g *Gate) enter(ctx context.Context, alone bool) (leave func(), err error) {
	n := int64(1)
	if alone {
		n = gateWidth
	}
	if err := g.sem.Acquire(ctx, n); err != nil {
		return nil, err
	}
	return func() { g.sem.Release(n) }, nil
}
