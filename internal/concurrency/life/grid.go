package life

import (
	"fmt"
	"slices"
	"strings"
)

// A State is what a cell is: [Alive] or [Empty].
type State byte

// The states of a cell, which are also the characters they are written with.
const (
	Alive State = '*'
	Empty State = '-'
)

// String returns the character for the state.
func (s State) String() string { return string(rune(s)) }

// A Grid is a rectangle of cells whose edges meet: above the first row is the last one, to the left of the first column the
// last one. It may be read by several goroutines at once. Different cells may be set by different goroutines at the same
// time.
type Grid struct {
	height, width int
	cells         []State
}

// NewGrid returns a grid of empty cells. It panics if it would have no cell.
func NewGrid(height, width int) *Grid {
	if height <= 0 || width <= 0 {
		panic(fmt.Sprintf("life: a grid of %d by %d cells", height, width))
	}
	return &Grid{height, width, slices.Repeat([]State{Empty}, height*width)}
}

// Parse reads a grid from text: a line for each row, a '*' for each live cell and a '-' for each empty one. Blanks around
// lines do not matter, nor do lines without anything else.
func Parse(text string) (*Grid, error) {
	var rows []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			rows = append(rows, line)
		}
	}
	if len(rows) == 0 {
		return nil, fmt.Errorf("a grid without rows")
	}
	g := NewGrid(len(rows), len(rows[0]))
	for y, row := range rows {
		if len(row) != g.width {
			return nil, fmt.Errorf("row %d has %d cells, the first has %d", y+1, len(row), g.width)
		}
		for x := range len(row) {
			state := State(row[x])
			if state != Alive && state != Empty {
				return nil, fmt.Errorf("row %d, column %d: %q is neither %q nor %q", y+1, x+1, row[x], Alive, Empty)
			}
			g.Set(y, x, state)
		}
	}
	return g, nil
}

// MustParse is [Parse] for text that is known to be right. It panics if it is not.
func MustParse(text string) *Grid {
	g, err := Parse(text)
	if err != nil {
		panic("life: " + err.Error())
	}
	return g
}

// Height returns the number of rows.
func (g *Grid) Height() int { return g.height }

// Width returns the number of columns.
func (g *Grid) Width() int { return g.width }

// Get returns the state of a cell. Rows and columns may be any numbers, for the edges meet.
func (g *Grid) Get(y, x int) State { return g.cells[g.index(y, x)] }

// Set sets the state of a cell. Rows and columns may be any numbers, for the edges meet.
func (g *Grid) Set(y, x int, state State) { g.cells[g.index(y, x)] = state }

func (g *Grid) index(y, x int) int {
	y, x = y%g.height, x%g.width
	if y < 0 {
		y += g.height
	}
	if x < 0 {
		x += g.width
	}
	return y*g.width + x
}

// Alive returns how many cells are alive.
func (g *Grid) Alive() int {
	n := 0
	for _, s := range g.cells {
		if s == Alive {
			n++
		}
	}
	return n
}

// Equal reports whether two grids have the same cells.
func (g *Grid) Equal(other *Grid) bool {
	return g.width == other.width && slices.Equal(g.cells, other.cells)
}

// String returns the grid as text, a line for each row, each with its newline.
func (g *Grid) String() string {
	var b strings.Builder
	for y := range g.height {
		for _, s := range g.cells[y*g.width : (y+1)*g.width] {
			b.WriteByte(byte(s))
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// Columns returns grids as text, side by side, with " | " between them. They should be of the same height.
func Columns(grids ...*Grid) string {
	var b strings.Builder
	for y := range grids[0].Height() {
		for i, g := range grids {
			if i > 0 {
				b.WriteString(" | ")
			}
			for x := range g.width {
				b.WriteByte(byte(g.Get(y, x)))
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}
