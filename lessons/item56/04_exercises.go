package item56

//lint:file-ignore U1000 cells are functions that nobody calls here

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"
	"sync/atomic"
	"time"

	"gokernel/internal/exercise"
)

/*lesson:task task-fallible
### 4. A server that says no

Now the rule can fail. Write `simulateFallible`, with a goroutine for each cell. If the rule fails for a cell, it returns that error and no grid, and the
other calls are told to stop through their context. When it returns, all of its goroutines have ended.

<details><summary>Hint</summary>

`context.WithCancel`; whoever fails first stores the error and cancels. `sync.Once` knows who is first.

</details>
<details><summary>Another hint</summary>

The calls that were told to stop return an error as well. Which one is worth returning?

</details>
*/

//lesson:declare fallible-rule

// A FallibleRule is a rule that may fail. It returns early with an error when ctx is cancelled.
type FallibleRule func(ctx context.Context, state byte, neighbors int) (byte, error)

//lesson:solution fallible

// simulateFallible returns the generation after g, or the first error of the rule.
func simulateFallible(ctx context.Context, rule FallibleRule, g *Grid) (*Grid, error) {
	next := NewGrid(g.height, g.width)
	// BEGIN SOLUTION
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var first error
	var once sync.Once
	var wg sync.WaitGroup
	for y := range g.height {
		for x := range g.width {
			wg.Go(func() {
				state, err := rule(ctx, g.Get(y, x), countNeighbors(y, x, g.Get))
				if err != nil {
					once.Do(func() {
						first = err
						cancel()
					})
					return
				}
				next.Set(y, x, state)
			})
		}
	}
	wg.Wait()
	if first != nil {
		return nil, first
	}
	// END SOLUTION
	return next, nil
}

//lesson:check check-fallible points=3
func checkFallible() {
	fmt.Println(exercise.Check(func(t *exercise.T) {
		willing := func(_ context.Context, state byte, neighbors int) (byte, error) {
			time.Sleep(10 * time.Millisecond)
			return conway(state, neighbors), nil
		}
		start := time.Now()
		got, err := simulateFallible(context.Background(), willing, glider())
		if err != nil || got.String() != simulate(conway, glider()).String() {
			t.NotYet("nobody fails, but the grid is not that of simulate, or there is an error: %v",
				err)
			return
		}
		if took := time.Since(start); took > 300*time.Millisecond {
			t.NotYet("45 cells of 10ms each took %v; do they wait at the same time?", took)
			return
		}
		refused := errors.New("the server says no")
		var stopped, late atomic.Int64
		unwilling := func(ctx context.Context, state byte, neighbors int) (byte, error) {
			if state == alive && neighbors == 2 { // one of the 45 cells
				time.Sleep(20 * time.Millisecond)
				return state, refused
			}
			select {
			case <-ctx.Done():
				time.Sleep(20 * time.Millisecond) // stopping takes a moment, too
				stopped.Add(1)
				return state, ctx.Err()
			case <-time.After(5 * time.Second):
				late.Add(1)
				return conway(state, neighbors), nil
			}
		}
		got, err = simulateFallible(context.Background(), unwilling, glider())
		atReturn := stopped.Load()
		switch {
		case late.Load() > 0:
			t.NotYet("%d calls were not told to stop after the first error", late.Load())
		case !errors.Is(err, refused):
			t.NotYet("the error should be %q, but it is %v", refused.Error(), err)
		case got != nil:
			t.NotYet("with an error there should be no grid")
		case atReturn != 44:
			t.NotYet(
				"44 calls were told to stop, but only %d had ended when simulateFallible returned",
				atReturn)
		}
	}))
	// Output:
	// ok
}

/*lesson:wrong fallible-ignored says="calls were not told to stop after the first error"
func simulateFallible(ctx context.Context, rule FallibleRule, g *Grid) (*Grid, error) {
	next := NewGrid(g.height, g.width)
	var wg sync.WaitGroup
	for y := range g.height {
		for x := range g.width {
			wg.Go(func() {
				state, _ := rule(ctx, g.Get(y, x), countNeighbors(y, x, g.Get))
				next.Set(y, x, state)
			})
		}
	}
	wg.Wait()
	return next, nil
}
*/

/*lesson:wrong fallible-last-error says="not yet: the error should be \"the server says no\", but it is context canceled"
func simulateFallible(ctx context.Context, rule FallibleRule, g *Grid) (*Grid, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	next := NewGrid(g.height, g.width)
	var mu sync.Mutex
	var last error
	var wg sync.WaitGroup
	for y := range g.height {
		for x := range g.width {
			wg.Go(func() {
				state, err := rule(ctx, g.Get(y, x), countNeighbors(y, x, g.Get))
				mu.Lock()
				defer mu.Unlock()
				if err != nil {
					last = err
					cancel()
				}
				next.Set(y, x, state)
			})
		}
	}
	wg.Wait()
	if last != nil {
		return nil, last
	}
	return next, nil
}
*/

/*lesson:wrong fallible-leaves-early says="not yet: 44 calls were told to stop, but only 0 had ended when simulateFallible returned"
func simulateFallible(ctx context.Context, rule FallibleRule, g *Grid) (*Grid, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	next := NewGrid(g.height, g.width)
	errs := make(chan error, g.height*g.width)
	for y := range g.height {
		for x := range g.width {
			go func() {
				state, err := rule(ctx, g.Get(y, x), countNeighbors(y, x, g.Get))
				next.Set(y, x, state)
				errs <- err
			}()
		}
	}
	for range g.height * g.width {
		if err := <-errs; err != nil {
			return nil, err
		}
	}
	return next, nil
}
*/

/*lesson:wrong fallible-in-turn says="do they wait at the same time?"
func simulateFallible(ctx context.Context, rule FallibleRule, g *Grid) (*Grid, error) {
	next := NewGrid(g.height, g.width)
	for y := range g.height {
		for x := range g.width {
			state, err := rule(ctx, g.Get(y, x), countNeighbors(y, x, g.Get))
			if err != nil {
				return nil, err
			}
			next.Set(y, x, state)
		}
	}
	return next, nil
}
*/

/*lesson:task task-ahead
### 5. One generation ahead

While somebody looks at one generation, the next can already be computed. Design `generations`, an iterator that yields the grid and what follows it, without end. While
the caller is busy with one grid, the next one is being computed, and no more than that one. When the caller stops, no
goroutine is left behind.

<details><summary>Hint</summary>

A channel with room for one grid. Start to compute before you yield, and receive afterwards.

</details>
<details><summary>Another hint</summary>

`yield` returns false when the caller has had enough. A goroutine that is still computing then needs room to put its result.

</details>
*/

//lesson:solution ahead

// generations yields g and its successors. The next one is computed while the caller is
// busy with one.
func generations(rule Rule, g *Grid) iter.Seq[*Grid] {
	return func(yield func(*Grid) bool) {
		// BEGIN SOLUTION
		for {
			next := make(chan *Grid, 1)
			go func() { next <- simulate(rule, g) }()
			if !yield(g) {
				return
			}
			g = <-next
		}
		// END SOLUTION
	}
}

//lesson:check check-ahead points=3
func checkAhead() {
	fmt.Println(exercise.Check(func(t *exercise.T) {
		var computed atomic.Int64 // cells
		rule := func(state byte, neighbors int) byte {
			computed.Add(1)
			return conway(state, neighbors)
		}
		want := glider()
		t.NoLeak(func() {
			n := 0
			for g := range generations(rule, glider()) {
				if g.String() != want.String() {
					t.NotYet("generation %d is not the one that simulate returns", n)
					return
				}
				for try := 0; try < 100 && int(computed.Load()) < 45*(n+1); try++ {
					time.Sleep(20 * time.Millisecond) // the caller is busy
				}
				time.Sleep(50 * time.Millisecond) // and still is
				switch ahead := int(computed.Load())/45 - n; {
				case ahead < 1:
					t.NotYet("the caller is busy, and the next generation is not being computed")
					return
				case ahead > 1:
					t.NotYet(
						"the caller has seen %d generations, but %d have been computed beyond them",
						n+1, ahead)
					return
				}
				if n++; n == 6 {
					break
				}
				want = simulate(conway, want)
			}
			if n != 6 {
				t.NotYet("six generations were wanted, but there were %d", n)
			}
		})
	}))
	// Output:
	// ok
}

/*lesson:wrong ahead-not says="not yet: the caller is busy, and the next generation is not being computed"
func generations(rule Rule, g *Grid) iter.Seq[*Grid] {
	return func(yield func(*Grid) bool) {
		for yield(g) {
			g = simulate(rule, g)
		}
	}
}
*/

/*lesson:wrong ahead-leaks says="goroutines are still there; who tells them to stop?"
func generations(rule Rule, g *Grid) iter.Seq[*Grid] {
	return func(yield func(*Grid) bool) {
		for {
			next := make(chan *Grid)
			go func() { next <- simulate(rule, g) }()
			if !yield(g) {
				return
			}
			g = <-next
		}
	}
}
*/

/*lesson:wrong ahead-too-far says="have been computed beyond them"
func generations(rule Rule, g *Grid) iter.Seq[*Grid] {
	return func(yield func(*Grid) bool) {
		grids := make(chan *Grid, 10)
		done := make(chan struct{})
		defer close(done)
		go func() {
			for {
				select {
				case grids <- g:
					g = simulate(rule, g)
				case <-done:
					return
				}
			}
		}()
		for grid := range grids {
			if !yield(grid) {
				return
			}
		}
	}
}
*/

/*lesson:wrong ahead-skips-the-first says="not yet: generation 0 is not the one that simulate returns"
func generations(rule Rule, g *Grid) iter.Seq[*Grid] {
	return func(yield func(*Grid) bool) {
		for {
			g = simulate(rule, g)
			if !yield(g) {
				return
			}
		}
	}
}
*/

/*lesson:markdown further
## Further reading

- [Go concurrency patterns: pipelines and cancellation](https://go.dev/blog/pipelines): fan-out, fan-in, and how to stop.
- [Conway's Game of Life](https://conwaylife.com/wiki/Main_Page): more patterns than anybody needs.
- Package [golang.org/x/sync/errgroup](https://pkg.go.dev/golang.org/x/sync/errgroup), which does exercise 4 for programs of your own.
- `life.FanOutPool?` and `concurrency.NewGroup?` in a cell show what the preloaded packages say about themselves.
*/
