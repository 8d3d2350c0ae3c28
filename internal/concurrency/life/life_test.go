package life

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"gokernel/internal/concurrency"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// steppers are all ways to compute a generation.
var steppers = map[string]Stepper{
	"serial": Step, "cells": FanOutCells, "rows": FanOutRows, "bounded": FanOutBounded(3), "bounded by 0": FanOutBounded(0),
	"pool": FanOutPool(4), "pool of 0": FanOutPool(0),
}

const glider = `
	---*-----
	----*----
	--***----
	---------
	---------`

func TestGenerations(t *testing.T) {
	tests := []struct{ name, start, want string }{
		{"torus", "-*---\n--**-\n---*-\n-----\n-----", `-*--- | --*-- | --**- | --*-- | -----
--**- | --**- | -*--- | -*--- | -**--
---*- | --**- | --**- | --*-- | -----
----- | ----- | ----- | ----- | -----
----- | ----- | ----- | ----- | -----
`},
		{"glider", glider, `---*----- | --------- | --------- | --------- | ---------
----*---- | --*-*---- | ----*---- | ---*----- | ----*----
--***---- | ---**---- | --*-*---- | ----**--- | -----*---
--------- | ---*----- | ---**---- | ---**---- | ---***---
--------- | --------- | --------- | --------- | ---------
`},
	}
	for _, tt := range tests {
		g, err := Parse(tt.start)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tt.want, Columns(g.Generations(5)...)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

// A glider comes home after as many steps as it takes to cross the torus both ways.
func TestGliderComesHome(t *testing.T) {
	g := MustParse(glider)
	all := g.Generations(4*5*9 + 1)
	if last := all[len(all)-1]; !last.Equal(g) {
		t.Errorf("got\n%vwant\n%v", last, g)
	}
	if all[4].Equal(g) || g.Equal(NewGrid(9, 5)) {
		t.Error("different grids are equal")
	}
}

func TestParse(t *testing.T) {
	g := MustParse("\n  *-\r\n\t-*\n\n")
	if got := g.String(); got != "*-\n-*\n" || g.Height() != 2 || g.Width() != 2 || g.Alive() != 2 {
		t.Errorf("got %q, %d by %d, %d alive", got, g.Height(), g.Width(), g.Alive())
	}
	for text, want := range map[string]string{
		"":        "a grid without rows",
		" \n ":    "a grid without rows",
		"--\n---": "row 2 has 3 cells, the first has 2",
		"-*\n*x":  "row 2, column 2: 'x' is neither \"*\" nor \"-\"",
	} {
		if _, err := Parse(text); err == nil || err.Error() != want {
			t.Errorf("%q: got error %v, want %s", text, err, want)
		}
	}
	for name, f := range map[string]func(){
		"MustParse": func() { MustParse("x") }, "NewGrid": func() { NewGrid(1, 0) },
	} {
		func() {
			defer func() {
				if p := recover(); !strings.HasPrefix(fmt.Sprint(p), "life: ") {
					t.Errorf("%s: got panic %v", name, p)
				}
			}()
			f()
		}()
	}
}

func FuzzParse(f *testing.F) {
	f.Add("-*\n*-")
	f.Add(" *")
	f.Fuzz(func(t *testing.T, text string) {
		g, err := Parse(text)
		if err != nil {
			return
		}
		if again := MustParse(g.String()); !again.Equal(g) {
			t.Errorf("%q became\n%s", text, again)
		}
	})
}

func TestEdgesMeet(t *testing.T) {
	g := NewGrid(3, 4)
	g.Set(-1, 9, Alive)
	for _, at := range [][2]int{{2, 1}, {5, 5}, {-4, -3}, {-1, -7}} {
		if g.Get(at[0], at[1]) != Alive {
			t.Errorf("%v is empty in\n%v", at, g)
		}
	}
	if g.Alive() != 1 {
		t.Errorf("got\n%v", g)
	}
}

func TestCountNeighbors(t *testing.T) {
	var asked [][2]int
	n := CountNeighbors(10, 5, func(y, x int) State {
		asked = append(asked, [2]int{y, x})
		if y == 9 || x == 6 {
			return Alive
		}
		return Empty
	})
	want := [][2]int{{9, 5}, {9, 6}, {10, 6}, {11, 6}, {11, 5}, {11, 4}, {10, 4}, {9, 4}}
	if n != 5 || !slices.Equal(asked, want) {
		t.Errorf("got %d, asked for %v", n, asked)
	}
}

func TestConway(t *testing.T) {
	want := map[State]string{Alive: "--**-----", Empty: "---*-----"}
	for state, row := range want {
		got := ""
		for n := range 9 {
			got += Conway(state, n).String()
		}
		if got != row {
			t.Errorf("%v: got %s, want %s", state, got, row)
		}
	}
}

func random(r *rand.Rand) *Grid {
	g := NewGrid(1+r.IntN(12), 1+r.IntN(12))
	for y := range g.Height() {
		for x := range g.Width() {
			if r.IntN(3) == 0 {
				g.Set(y, x, Alive)
			}
		}
	}
	return g
}

func TestSteppersAgree(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 100 {
		g := random(r)
		before, want := g.String(), g.Next()
		for name, step := range steppers {
			got, err := step(t.Context(), g, ConwayRule)
			if err != nil || !got.Equal(want) {
				t.Fatalf("%s: got error %v and\n%vwant\n%vfrom\n%v", name, err, got, want, g)
			}
		}
		if g.String() != before {
			t.Fatal("the grid was changed")
		}
	}
}

func TestSteppersFail(t *testing.T) {
	failed := errors.New("no answer")
	for name, step := range steppers {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var calls, gaveUp atomic.Int32
				start := time.Now()
				g, err := step(t.Context(), NewGrid(10, 10), func(ctx context.Context, s State, _ int) (State, error) {
					if calls.Add(1) == 2 {
						return s, failed
					}
					select {
					case <-time.After(time.Second):
						return s, nil
					case <-ctx.Done():
						gaveUp.Add(1)
						return s, ctx.Err()
					}
				})
				if g != nil || err != failed {
					t.Errorf("got grid %v and error %v, want the rule's", g, err)
				}
				if took := time.Since(start); took > time.Second {
					t.Errorf("it took %v", took)
				}
			})
		})
	}
}

func TestSteppersStop(t *testing.T) {
	for name, step := range steppers {
		ctx, cancel := context.WithCancel(t.Context())
		var calls atomic.Int32
		g, err := step(ctx, NewGrid(20, 20), func(_ context.Context, s State, _ int) (State, error) {
			if calls.Add(1) == 3 {
				cancel()
			}
			return s, nil
		})
		if name == "cells" && err == nil {
			continue // all cells may have been under way
		}
		if g != nil || !errors.Is(err, context.Canceled) {
			t.Errorf("%s: got grid %v and error %v", name, g, err)
		}
	}
}

func TestSteppersPanic(t *testing.T) {
	for name, step := range steppers {
		func() {
			defer func() {
				p := recover()
				if carried, ok := p.(*concurrency.PanicError); ok { // from another goroutine
					p = carried.Value
				}
				if p != "cell" {
					t.Errorf("%s: got panic %v, want the rule's", name, p)
				}
			}()
			_, _ = step(t.Context(), NewGrid(5, 5), func(context.Context, State, int) (State, error) { panic("cell") })
		}()
	}
}

// What waits 100 ms a cell takes 100 ms times the cells that are one after the other.
func TestTimeOfFanOut(t *testing.T) {
	waits := func(ctx context.Context, s State, n int) (State, error) {
		time.Sleep(100 * time.Millisecond)
		return Conway(s, n), nil
	}
	tests := []struct {
		name string
		step Stepper
		want time.Duration
	}{
		{"serial", Step, 4500 * time.Millisecond}, {"cells", FanOutCells, 100 * time.Millisecond},
		{"rows", FanOutRows, 900 * time.Millisecond}, {"bounded", FanOutBounded(15), 300 * time.Millisecond},
		{"pool", FanOutPool(9), 500 * time.Millisecond},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				if _, err := tt.step(t.Context(), MustParse(glider), waits); err != nil {
					t.Fatal(err)
				}
				if took := time.Since(start); took != tt.want {
					t.Errorf("took %v, want %v", took, tt.want)
				}
			})
		})
	}
}

func ExampleColumns() {
	g := MustParse(`
		-----
		--*--
		--*--
		--*--
		-----`)
	fmt.Print(Columns(g, g.Next()))
	// Output:
	// ----- | -----
	// --*-- | -----
	// --*-- | -***-
	// --*-- | -----
	// ----- | -----
}
