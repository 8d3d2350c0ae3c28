package interp

import (
	"fmt"
	"runtime"

	"gokernel/kernel/goroutine"
)

// crowd are goroutines of earlier cells.
type crowd struct {
	cells []string
	count map[string]int
	many  int // too many to look at each
}

// manyGoroutines is how many it takes for others not to tell them apart: that stops the world for 10 µs each, and an
// interrupt has to be quick.
const manyGoroutines = 1000

// others counts the goroutines that do not belong to c and have not been told to end before.
func others(c *goroutine.Cell) crowd {
	o := crowd{count: map[string]int{}}
	if n := runtime.NumGoroutine(); n > manyGoroutines {
		o.many = n
		return o
	}
	for _, g := range goroutine.List() {
		if g.CellID == c.ID || g.CellID == 0 || g.Main || g.Told {
			continue
		}
		if o.count[g.Cell] == 0 {
			o.cells = append(o.cells, g.Cell)
		}
		o.count[g.Cell]++
	}
	return o
}

// notes says that they end too, some of them only when they wake up.
func (o crowd) notes() []string {
	if o.many > 0 {
		return []string{fmt.Sprintf("all goroutines were told to end, about %d", o.many)}
	}
	var notes []string
	for _, cell := range o.cells {
		told := "was"
		if o.count[cell] > 1 {
			told = "were"
		}
		notes = append(notes, fmt.Sprintf("%s of %s %s told to end, too", plural(o.count[cell], "goroutine"), cell, told))
	}
	return notes
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
