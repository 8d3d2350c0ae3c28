package life

import (
	"context"

	"gokernel/internal/concurrency"
)

// A Rule says what becomes of a cell with so many live neighbours. It may wait for something, and should give up with an error
// when ctx is done. The fan-outs call it from several goroutines at once.
type Rule func(ctx context.Context, state State, neighbors int) (State, error)

// ConwayRule is [Conway] as a rule. It never fails.
func ConwayRule(_ context.Context, state State, neighbors int) (State, error) {
	return Conway(state, neighbors), nil
}

// A Stepper computes the next generation of a grid by a rule. Those of this package, [Step] and the fan-outs, give equal
// grids if the rule gives equal states. They leave the grid as it is. If the rule fails for a cell, they return
// no grid but the first error; the other goroutines are told so through their context, and have ended when the stepper
// returns. If the rule panics, so does the stepper, then.
type Stepper func(ctx context.Context, g *Grid, rule Rule) (*Grid, error)

// A step computes one generation.
type step struct {
	from, to *Grid
	rule     Rule
}

func newStep(g *Grid, rule Rule) *step { return &step{g, NewGrid(g.height, g.width), rule} }

// cell computes one cell, whose number counts from the left of the first row.
func (s *step) cell(ctx context.Context, n int) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	y, x := n/s.from.width, n%s.from.width
	state, err := s.rule(ctx, s.from.Get(y, x), CountNeighbors(y, x, s.from.Get))
	if err == nil {
		s.to.Set(y, x, state)
	}
	return err
}

// end waits for a group and returns the new grid.
func (s *step) end(group *concurrency.Group) (*Grid, error) {
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return s.to, nil
}

// Step is the [Stepper] without a goroutine: one cell after the other.
func Step(ctx context.Context, g *Grid, rule Rule) (*Grid, error) {
	s := newStep(g, rule)
	for n := range g.cells {
		if err := s.cell(ctx, n); err != nil {
			return nil, err
		}
	}
	return s.to, nil
}

// FanOutCells is the [Stepper] that has a goroutine for each cell.
func FanOutCells(ctx context.Context, g *Grid, rule Rule) (*Grid, error) {
	s, group := newStep(g, rule), concurrency.NewGroup(ctx)
	for n := range g.cells {
		group.Go(func(ctx context.Context) error { return s.cell(ctx, n) })
	}
	return s.end(group)
}

// FanOutRows is the [Stepper] that has a goroutine for each row.
func FanOutRows(ctx context.Context, g *Grid, rule Rule) (*Grid, error) {
	s, group := newStep(g, rule), concurrency.NewGroup(ctx)
	for y := range g.height {
		group.Go(func(ctx context.Context) error {
			for x := range g.width {
				if err := s.cell(ctx, y*g.width+x); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return s.end(group)
}

// FanOutBounded returns the [Stepper] that has a goroutine for each cell, but at most limit of them at a time: it waits
// for one to end before it starts the next.
func FanOutBounded(limit int) Stepper {
	return func(ctx context.Context, g *Grid, rule Rule) (*Grid, error) {
		s, group := newStep(g, rule), concurrency.NewGroup(ctx)
		free := make(chan struct{}, max(1, limit)) // a semaphore
		for n := range g.cells {
			free <- struct{}{}
			group.Go(func(ctx context.Context) error {
				defer func() { <-free }()
				return s.cell(ctx, n)
			})
		}
		return s.end(group)
	}
}

// FanOutPool returns the [Stepper] that has so many goroutines, which get the cells from a [concurrency.Queue].
func FanOutPool(workers int) Stepper {
	return func(ctx context.Context, g *Grid, rule Rule) (*Grid, error) {
		s, group := newStep(g, rule), concurrency.NewGroup(ctx)
		cells := concurrency.NewQueue[int](0)
		for n := range g.cells {
			cells.TryPut(n) // there is no bound
		}
		cells.Close()
		concurrency.Sink(group, workers, cells, s.cell)
		return s.end(group)
	}
}
