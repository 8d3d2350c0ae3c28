package life

// A Getter returns the state of the cell in row y and column x, as [Grid.Get] does.
type Getter func(y, x int) State

// A Setter sets the state of the cell in row y and column x, as [Grid.Set] does.
type Setter func(y, x int, state State)

// CountNeighbors returns how many of the eight cells around one are alive. It asks get for each of them once, from the one above
// on, clockwise.
func CountNeighbors(y, x int, get Getter) int {
	n := 0
	for _, d := range [...][2]int{{-1, 0}, {-1, 1}, {0, 1}, {1, 1}, {1, 0}, {1, -1}, {0, -1}, {-1, -1}} {
		if get(y+d[0], x+d[1]) == Alive {
			n++
		}
	}
	return n
}

// Conway returns what becomes of a cell with so many live neighbours: with fewer than two or more than three it is empty,
// with three it is alive, with two it stays what it is.
func Conway(state State, neighbors int) State {
	switch {
	case neighbors == 3:
		return Alive
	case neighbors == 2:
		return state
	}
	return Empty
}

// StepCell gets the state of one cell and its neighbours, and sets what becomes of it by [Conway].
func StepCell(y, x int, get Getter, set Setter) {
	set(y, x, Conway(get(y, x), CountNeighbors(y, x, get)))
}

// Next returns the next generation, computed in the caller's goroutine by [StepCell].
func (g *Grid) Next() *Grid {
	next := NewGrid(g.height, g.width)
	for y := range g.height {
		for x := range g.width {
			StepCell(y, x, g.Get, next.Set)
		}
	}
	return next
}

// Generations returns the grid and what follows it, n grids in all.
func (g *Grid) Generations(n int) []*Grid {
	var all []*Grid
	for range n {
		all = append(all, g)
		g = g.Next()
	}
	return all
}
