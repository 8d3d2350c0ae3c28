package item56

//lint:file-ignore U1000 cells are functions that nobody calls here

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"gokernel/internal/concurrency"
	"gokernel/internal/concurrency/life"
	"gokernel/kernel/display"
)

/*lesson:markdown io-why
## The day it has to wait

People like the game, and now many of them are to play on one grid. What becomes of a cell is from now on decided with the help of a server
elsewhere, which takes a tenth of a second to answer. Only the rule changes; a pause stands for the network here:
*/

//lesson:declare io listing=56.8

// slowly returns conway, with some waiting in front.
func slowly(delay time.Duration) Rule {
	return func(state byte, neighbors int) byte {
		time.Sleep(delay) // blocking I/O
		return conway(state, neighbors)
	}
}

/*lesson:markdown io-serial-why
The glider's grid has 45 cells. To spare your time we wait a hundredth of a second for each, and reckon what the full tenth
would take:
*/

//lesson:declare io-took listing=56.8

// took returns how many seconds f takes.
func took(f func()) float64 {
	start := time.Now()
	f()
	return time.Since(start).Seconds()
}

// serial is how many seconds a generation takes if each of its 45 cells takes a
// tenth of a second, one after the other.
var serial float64

//lesson:run io-serial listing=56.8 timing
func ioSerial() {
	seconds := took(func() { simulate(slowly(10*time.Millisecond), glider()) })
	serial = 10 * seconds
	fmt.Printf("45 cells, 10 ms each:      %.2f seconds\n", seconds)
	fmt.Printf("45 cells, 100 ms each:     %.1f seconds for one generation\n", serial)
	fmt.Printf("10,000 cells, 100 ms each: %.0f minutes\n", serial/45*10_000/60)
	// Output pattern:
	// 45 cells, 10 ms each:      {seconds 0.45..2.0} seconds
	// 45 cells, 100 ms each:     {seconds 4.5..20.0} seconds for one generation
	// 10,000 cells, 100 ms each: {int 16..80} minutes
	// Recorded:
	// 45 cells, 10 ms each:      0.46 seconds
	// 45 cells, 100 ms each:     4.6 seconds for one generation
	// 10,000 cells, 100 ms each: 17 minutes
}

/*lesson:markdown fan-out-why
A quarter of an hour for one step, and the program does nothing in that time but wait. *Now* concurrency is necessary. The cells do not depend
on each other within a generation, so all of them can wait at the same time.

Two words for what this takes. **Fan-out** means starting something concurrent for each unit of work; **fan-in** means waiting for all
of them before going on. Here the units are cells, and what goes on is the next generation.
*/

//lesson:declare fan-out listing=56.9

// simulateAtOnce returns the generation after g, with a goroutine for each cell.
func simulateAtOnce(rule Rule, g *Grid) *Grid {
	next := NewGrid(g.height, g.width)
	var wg sync.WaitGroup
	for y := range g.height {
		for x := range g.width {
			wg.Go(func() { stepCell(rule, y, x, g.Get, next.Set) }) // fan-out
		}
	}
	wg.Wait() // fan-in
	return next
}

/*lesson:markdown fan-out-look
Compare it with `simulate`. Two lines have been added, and the call of the same function is now in a `wg.Go`. There is no lock, and none is
needed: all goroutines read the old grid, which nobody changes, and each writes one cell of the new one, which is its own. And since
nobody returns before `Wait` does, whoever calls `simulateAtOnce` need not know that there are goroutines at all.
*/

//lesson:run fan-out-run listing=56.9 timing
func fanOutRun() {
	var atOnce *Grid
	seconds := took(func() { atOnce = simulateAtOnce(slowly(100*time.Millisecond), glider()) })
	show(glider(), atOnce)
	fmt.Println("as without goroutines:", atOnce.String() == simulate(conway, glider()).String())
	fmt.Printf("45 cells at once, 100 ms each: %.2f seconds\n", seconds)
	fmt.Printf("%.0f times as fast as one after the other\n", serial/seconds)
	// Output pattern:
	// ---*----- | ---------
	// ----*---- | --*-*----
	// --***---- | ---**----
	// --------- | ---*-----
	// --------- | ---------
	// as without goroutines: true
	// 45 cells at once, 100 ms each: {seconds 0.1..0.2} seconds
	// {int 20..} times as fast as one after the other
	// Recorded:
	// ---*----- | ---------
	// ----*---- | --*-*----
	// --***---- | ---**----
	// --------- | ---*-----
	// --------- | ---------
	// as without goroutines: true
	// 45 cells at once, 100 ms each: 0.10 seconds
	// 45 times as fast as one after the other
}

/*lesson:markdown ten-thousand-why
And ten thousand cells? Each goroutine waits as long as it did before, and they all wait together. The preloaded package can do the same as the
code above, and it is compiled; ten thousand times eight neighbours are some work, too.
*/

//lesson:run ten-thousand listing=56.9 timing
func tenThousand() {
	large := life.NewGrid(100, 100)
	for i := range 100 { // a few cells to begin with
		large.Set(i, i, life.Alive)
		large.Set(i, i+1, life.Alive)
		large.Set(i, i+3, life.Alive)
	}
	rule := func(ctx context.Context, state life.State, neighbors int) (life.State, error) {
		time.Sleep(100 * time.Millisecond)
		return life.Conway(state, neighbors), nil
	}
	var next *life.Grid
	var err error
	seconds := took(func() { next, err = life.FanOutCells(context.Background(), large, rule) })
	fmt.Println(large.Alive(), "cells were alive, now", next.Alive())
	fmt.Println("as without goroutines:", next.Equal(large.Next()), err)
	fmt.Printf("10,000 cells at once, 100 ms each: %.2f seconds\n", seconds)
	// Output pattern:
	// 300 cells were alive, now 200
	// as without goroutines: true <nil>
	// 10,000 cells at once, 100 ms each: {seconds 0.1..3.0} seconds
	// Recorded:
	// 300 cells were alive, now 200
	// as without goroutines: true <nil>
	// 10,000 cells at once, 100 ms each: 0.24 seconds
}

/*lesson:markdown choices
## In Go: how wide to fan out

The source of this chapter stops here: ten thousand threads are more than its program could have. Ten thousand goroutines are not. Yet a goroutine for each cell is not always right: the server may not like ten thousand questions at
once. There are four ways to choose from.

| fan-out | goroutines | when |
| --- | --- | --- |
| one for each cell | as many as cells | they only wait, and nobody minds how many |
| one for each row | as many as rows | the units are tiny, or belong together |
| one for each cell, bounded | as many as the bound | what they wait for has a limit |
| a pool of workers | as many as workers, all the time | the same, and starting one is dear; or work comes in bit by bit |

Side by side, on a grid of 400 cells with 5 ms each. The bar counts cells, whichever goroutine they are on; see how it gathers speed:
*/

//lesson:declare chart

var chart *concurrency.BarChart

//lesson:run side-by-side timing
func sideBySide() {
	grid := life.NewGrid(20, 20)
	bar := display.Progress(5*400, "cells")
	rule := func(ctx context.Context, state life.State, neighbors int) (life.State, error) {
		time.Sleep(5 * time.Millisecond)
		bar.Add(1)
		return life.Conway(state, neighbors), nil
	}
	chart = &concurrency.BarChart{Title: "one generation of 400 cells"}
	for _, way := range []struct {
		name string
		step life.Stepper
	}{
		{"one after the other", life.Step},
		{"a goroutine a row", life.FanOutRows},
		{"at most 40", life.FanOutBounded(40)},
		{"40 workers", life.FanOutPool(40)},
		{"a goroutine a cell", life.FanOutCells},
	} {
		var err error
		chart.Measure(way.name, func() { _, err = way.step(context.Background(), grid, rule) })
		if err != nil {
			fmt.Println(err)
		}
	}
	fmt.Print(chart)
	// Output pattern:
	// one generation of 400 cells
	// one after the other  {seconds 2.0..12.0} s
	// a goroutine a row    {seconds 0.1..1.5} s
	// at most 40           {seconds 0.05..1.5} s
	// 40 workers           {seconds 0.05..1.5} s
	// a goroutine a cell   {seconds 0.005..1.5} s
	// Display pattern:
	// cells 100% [####################] 2,000/2,000 in {text}s
	// Recorded:
	// one generation of 400 cells
	// one after the other  2.316 s
	// a goroutine a row    0.141 s
	// at most 40           0.060 s
	// 40 workers           0.074 s
	// a goroutine a cell   0.016 s
	// Recorded display:
	// cells 100% [####################] 2,000/2,000 in 2.6s
}

//lesson:run side-by-side-chart draws
func sideBySideChart() {
	if err := display.Display(chart); err != nil {
		fmt.Println(err)
	}
}

/*lesson:markdown cancel-why
## In Go: giving up in the middle

If the server says no for one cell, the generation is lost, and it makes no sense to ask about the others. The functions of `life` take a
context for that: the first error cancels it, and whoever waits looks at it. When the stepper returns, all of its goroutines have ended.
*/

//lesson:run cancel timing
func cancel() {
	refused := errors.New("the server says no")
	rule := func(ctx context.Context, state life.State, neighbors int) (life.State, error) {
		if state == life.Alive {
			return state, refused
		}
		select {
		case <-time.After(10 * time.Second):
			return life.Conway(state, neighbors), nil
		case <-ctx.Done(): // somebody failed
			return state, ctx.Err()
		}
	}
	grid := life.NewGrid(20, 20)
	grid.Set(10, 10, life.Alive)
	var err error
	seconds := took(func() { _, err = life.FanOutCells(context.Background(), grid, rule) })
	fmt.Println(err)
	fmt.Println("in less than a second:", seconds < 1)
	// Output:
	// the server says no
	// in less than a second: true
}

/*lesson:markdown watch-why
## Watching it

A picture says more than columns of characters. `film` draws generations into one SVG picture that moves by itself. Every cell is a
square that is visible in those generations in which it is alive.
*/

//lesson:declare film

// film returns an SVG picture of the generations of a grid, each shown for a
// fraction of a second, over and over.
func film(generations []*Grid) string {
	const size = 12 // of a cell, in pixels
	first := generations[0]
	n := len(generations)
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d"`,
		size*first.width, size*first.height)
	b.WriteString(` role="img" aria-label="Game of Life">`)
	fmt.Fprintf(&b, `<rect width="100%%" height="100%%" fill="#8882"/>`)
	for y := range first.height {
		for x := range first.width {
			var visible []string
			lives := false
			for _, g := range generations {
				if g.Get(y, x) == alive {
					visible = append(visible, "1")
					lives = true
				} else {
					visible = append(visible, "0")
				}
			}
			if !lives {
				continue
			}
			fmt.Fprintf(&b, `<rect x="%d" y="%d" width="%d" height="%d" rx="2"`,
				size*x+1, size*y+1, size-2, size-2)
			fmt.Fprintf(&b, ` fill="#2a9d8f" opacity="%s">`, visible[0])
			fmt.Fprintf(&b, `<animate attributeName="opacity" calcMode="discrete" dur="%.1fs"`,
				0.1*float64(n))
			fmt.Fprintf(&b, ` repeatCount="indefinite" values="%s"/></rect>`,
				strings.Join(visible, ";"))
		}
	}
	b.WriteString("</svg>")
	return b.String()
}

//lesson:run watch draws
func watch() {
	generations := []*Grid{glider()}
	for range 179 { // then it is where it began
		generations = append(generations, simulate(conway, generations[len(generations)-1]))
	}
	if err := display.Display(display.SVG(film(generations))); err != nil {
		fmt.Println(err)
	}
}

/*lesson:markdown watch-buttons-why
The preloaded package can draw as well, and its films have buttons: play, hold, and step by step. They need no script. For those
who would rather compare than watch there is a strip.
*/

//lesson:declare gliding

var gliding = life.Film{Grids: life.MustParse(`
	---*-----
	----*----
	--***----
	---------
	---------`).Generations(24)}

//lesson:run watch-buttons draws
func watchButtons() {
	if err := display.Display(gliding); err != nil {
		fmt.Println(err)
	}
}

//lesson:run watch-strip draws
func watchStrip() {
	if err := display.Display(gliding.Strip()); err != nil {
		fmt.Println(err)
	}
}
