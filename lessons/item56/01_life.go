// Package item56 is the lesson on when concurrency is necessary. Its functions are cells: they are called by the program that
// the tests of package lessons put together, and run one by one in the notebook.
//
//lesson:notebook 56-life
package item56

//lint:file-ignore U1000 cells are functions that nobody calls here

import (
	"fmt"
	"slices"
	"strings"

	"gokernel/internal/concurrency/life"
)

/*lesson:markdown title
# Item 56: when concurrency is necessary

**You will learn**

- how a program that was fine comes to need concurrency;
- what fan-out and fan-in are, and how they look in Go;
- four ways to fan out, and how to choose among them;
- how to give up in the middle.

Run the cells from top to bottom with Shift+Enter. Change them and run them again: nothing you do here can break the notebook.
*/

/*lesson:markdown question
## The question

Programs grow. What begins as a loop over a few items gets more to do for each of them, and one day that includes waiting for something
slow. How do you notice that the time has come for concurrency, and how do you bring it in without writing everything anew?

Our example is Conway's *Game of Life*, which needs no player. On a grid of cells some are alive (`*`) and the others empty (`-`). In each
step, all at the same time, a live cell stays alive if two or three of its eight neighbours are alive, and an empty cell comes to life
if exactly three are. The edges meet: what leaves on the right comes back on the left.

Five generations on a small grid, that is four steps, with the preloaded package `life`:
*/

//lesson:run torus listing=56.0
func torus() {
	grid := life.MustParse(`
		-*---
		--**-
		---*-
		-----
		-----`)
	fmt.Print(life.Columns(grid.Generations(5)...))
	// Output:
	// -*--- | --*-- | --**- | --*-- | -----
	// --**- | --**- | -*--- | -*--- | -**--
	// ---*- | --**- | --**- | --*-- | -----
	// ----- | ----- | ----- | ----- | -----
	// ----- | ----- | ----- | ----- | -----
}

/*lesson:markdown own
## The program, without concurrency

We now write it ourselves, in pieces that do one thing each. First the grid. `Get` and `Set` take any numbers, for the edges meet:
*/

//lesson:declare grid listing=56.1

const (
	alive = '*'
	empty = '-'
)

// A Grid is a rectangle of cells whose edges meet.
type Grid struct {
	height, width int
	rows          [][]byte
}

// NewGrid returns a grid of empty cells.
func NewGrid(height, width int) *Grid {
	g := &Grid{height: height, width: width}
	for range height {
		g.rows = append(g.rows, slices.Repeat([]byte{empty}, width))
	}
	return g
}

// wrap brings a row or column number between 0 and n-1.
func wrap(i, n int) int { return (i%n + n) % n }

// Get returns the state of a cell.
func (g *Grid) Get(y, x int) byte { return g.rows[wrap(y, g.height)][wrap(x, g.width)] }

// Set sets the state of a cell.
func (g *Grid) Set(y, x int, state byte) { g.rows[wrap(y, g.height)][wrap(x, g.width)] = state }

// String returns the rows one behind the other, as one line: the same for equal
// grids.
func (g *Grid) String() string { return string(slices.Concat(g.rows...)) }

//lesson:run grid-wraps listing=56.1
func gridWraps() {
	grid := NewGrid(5, 9)
	grid.Set(0, 3, alive)
	fmt.Printf("%c %c %c\n", grid.Get(0, 3), grid.Get(5, 3), grid.Get(-5, 12))
	fmt.Printf("%c %c\n", grid.Get(0, 4), grid.Get(1, 3))
	// Output:
	// * * *
	// - -
}

/*lesson:markdown glider-why
Five cells make a *glider*. To see it as a picture, `show` prints grids side by side:
*/

//lesson:declare show listing=56.2

// show prints grids side by side.
func show(grids ...*Grid) {
	for y := range grids[0].height {
		var columns []string
		for _, g := range grids {
			columns = append(columns, string(g.rows[y]))
		}
		fmt.Println(strings.Join(columns, " | "))
	}
}

// glider returns a grid with a glider in its upper left.
func glider() *Grid {
	g := NewGrid(5, 9)
	g.Set(0, 3, alive)
	g.Set(1, 4, alive)
	g.Set(2, 2, alive)
	g.Set(2, 3, alive)
	g.Set(2, 4, alive)
	return g
}

//lesson:run show-glider listing=56.2
func showGlider() {
	show(glider())
	// Output:
	// ---*-----
	// ----*----
	// --***----
	// ---------
	// ---------
}

/*lesson:markdown neighbors-why
To count the live neighbours of a cell we need a way to look at other cells, and no more than that. So the function takes a
function, not a grid:
*/

//lesson:declare neighbors listing=56.3

// countNeighbors returns how many of the eight cells around one are alive.
func countNeighbors(y, x int, get func(y, x int) byte) int {
	count := 0
	for dy := -1; dy <= 1; dy++ {
		for dx := -1; dx <= 1; dx++ {
			if (dy != 0 || dx != 0) && get(y+dy, x+dx) == alive {
				count++
			}
		}
	}
	return count
}

/*lesson:markdown neighbors-fake
That makes it easy to test. Here is a `get` that says which cells it is asked about, and that those after the fifth are alive:
*/

//lesson:run neighbors-asked listing=56.3
func neighborsAsked() {
	asked := 0
	fake := func(y, x int) byte {
		fmt.Println("row", y, "column", x)
		asked++
		if asked > 5 {
			return alive
		}
		return empty
	}
	fmt.Println("alive:", countNeighbors(10, 5, fake))
	// Output unordered:
	// row 9 column 4
	// row 9 column 5
	// row 9 column 6
	// row 10 column 4
	// row 10 column 6
	// row 11 column 4
	// row 11 column 5
	// row 11 column 6
	// alive: 3
	// Recorded:
	// row 9 column 4
	// row 9 column 5
	// row 9 column 6
	// row 10 column 4
	// row 10 column 6
	// row 11 column 4
	// row 11 column 5
	// row 11 column 6
	// alive: 3
}

/*lesson:markdown rule-why
Then the rule. It knows nothing of grids, only of one cell and a number:
*/

//lesson:declare rule listing=56.4

// A Rule says what becomes of a cell with so many live neighbours.
type Rule func(state byte, neighbors int) byte

// conway is the rule of the Game of Life.
func conway(state byte, neighbors int) byte {
	switch {
	case neighbors < 2, neighbors > 3:
		return empty // too lonely, or too crowded
	case neighbors == 3:
		return alive
	}
	return state
}

/*lesson:markdown rule-table-why
There are two states and nine numbers of neighbours, so all eighteen cases fit in a small table:
*/

//lesson:run rule-table listing=56.4
func ruleTable() {
	fmt.Println("neighbours  0 1 2 3 4 5 6 7 8")
	for _, state := range []byte{alive, empty} {
		fmt.Printf("%c becomes  ", state)
		for neighbors := range 9 {
			fmt.Printf(" %c", conway(state, neighbors))
		}
		fmt.Println()
	}
	// Output:
	// neighbours  0 1 2 3 4 5 6 7 8
	// * becomes   - - * * - - - - -
	// - becomes   - - - * - - - - -
}

/*lesson:markdown step-cell-why
A step of one cell: look at it and at its neighbours, apply the rule, store the result. Reading and writing are again functions, and the rule is a
parameter too:
*/

//lesson:declare step-cell listing=56.5

// stepCell gets a cell and its neighbours, and sets what becomes of it.
func stepCell(rule Rule, y, x int, get func(y, x int) byte, set func(y, x int, state byte)) {
	set(y, x, rule(get(y, x), countNeighbors(y, x, get)))
}

//lesson:run step-cell-run listing=56.5
func stepCellRun() {
	for _, tt := range []struct {
		name  string
		alive [][2]int // around the cell in row 10, column 5
	}{
		{"stays alive", [][2]int{{10, 5}, {9, 5}, {9, 6}}},
		{"stays empty", [][2]int{{9, 5}, {9, 6}}},
		{"comes to life", [][2]int{{10, 4}, {9, 5}, {9, 6}}},
	} {
		get := func(y, x int) byte {
			if slices.Contains(tt.alive, [2]int{y, x}) {
				return alive
			}
			return empty
		}
		stepCell(conway, 10, 5, get, func(_, _ int, state byte) {
			fmt.Printf("%c %s\n", state, tt.name)
		})
	}
	// Output:
	// * stays alive
	// - stays empty
	// * comes to life
}

/*lesson:markdown simulate-why
At last a step of the whole grid. All cells change at the same time, so what is read must not change meanwhile: the new states go into a
new grid.
*/

//lesson:declare simulate listing=56.6

// simulate returns the generation after g.
func simulate(rule Rule, g *Grid) *Grid {
	next := NewGrid(g.height, g.width)
	for y := range g.height {
		for x := range g.width {
			stepCell(rule, y, x, g.Get, next.Set)
		}
	}
	return next
}

//lesson:run simulate-run listing=56.7
func simulateRun() {
	generations := []*Grid{glider()}
	for range 4 {
		generations = append(generations, simulate(conway, generations[len(generations)-1]))
	}
	show(generations...)
	// Output:
	// ---*----- | --------- | --------- | --------- | ---------
	// ----*---- | --*-*---- | ----*---- | ---*----- | ----*----
	// --***---- | ---**---- | --*-*---- | ----**--- | -----*---
	// --------- | ---*----- | ---**---- | ---**---- | ---***---
	// --------- | --------- | --------- | --------- | ---------
}

/*lesson:markdown glides
After four steps the glider looks as at first, one row further down and one column to the right. The source of this chapter takes its
step outside of the loop and shows the first grid five times; if you want to see that, move one line.
*/
