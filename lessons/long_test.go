package lessons

import (
	"context"
	"flag"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"gokernel/internal/client"
	"gokernel/internal/nbformat"
	"gokernel/internal/nbrun"
)

var (
	long    = flag.Bool("long", false, "run the tests that take minutes: mutated listings, careless readers")
	samples = flag.Int("mutants", 20, "how many mutated listings to try in each lesson")
)

func needLong(t *testing.T) {
	t.Helper()
	if !*long {
		t.Skip("takes minutes; -long runs it")
	}
}

// patience is how long a cell of a lesson may take, whatever was done to it.
const patience = 60 * time.Second

// run runs one cell and returns what it showed, and whether it ended by itself.
func run(t *testing.T, c *client.Client, cell *nbformat.Cell) (shown nbrun.Shown, ended bool) {
	t.Helper()
	one := cell.Clone()
	one.Outputs, one.ExecutionCount = nil, nil
	ended = true
	done, err := nbrun.Run(context.Background(), c, &nbformat.Notebook{Metadata: map[string]any{}, Cells: []*nbformat.Cell{one}},
		nbrun.Options{AllowErrors: true, PassTimeouts: true, Timeout: patience,
			Ended: func(_ int, _ *nbformat.Cell, took time.Duration, _ error) { ended = took < patience }})
	if err != nil {
		t.Fatalf("cell %s: %v\n%s", cell.ID, err, cell.Source)
	}
	return nbrun.ShownBy(done.Cells[0]), ended
}

// listingsOf returns the code cells of a lesson up to its exercises.
func listingsOf(l Lesson) []*nbformat.Cell {
	var cells []*nbformat.Cell
	for _, c := range l.Notebook().Cells {
		if len(l.Exercises) > 0 && c.ID == l.Exercises[0].Task {
			break
		}
		if c.Type == nbformat.Code {
			cells = append(cells, c)
		}
	}
	return cells
}

// noticed runs cells on a fresh kernel, and reports whether one of them is not as expected.
func noticed(t *testing.T, cells []*nbformat.Cell) bool {
	t.Helper()
	c := connect(t)
	defer c.Close()
	for _, cell := range cells {
		e, err := nbrun.Expected(cell)
		if err != nil {
			t.Fatal(err)
		}
		shown, ended := run(t, c, cell)
		if !ended || e != nil && len(e.Compare(shown)) > 0 {
			return true
		}
	}
	return false
}

// TestMutatedListings changes a line of a listing: at least 95 of 100 such changes must be noticed, and
// testdata/survivors.txt explains the others.
func TestMutatedListings(t *testing.T) {
	needLong(t)
	text, err := os.ReadFile("testdata/survivors.txt")
	if err != nil {
		t.Fatal(err)
	}
	explained := map[string]bool{}
	for ln := range strings.Lines(string(text)) {
		if what, _, ok := strings.Cut(ln, " # "); ok {
			explained[what] = true
		}
	}
	tried, survived := 0, 0
	for _, l := range all(t) {
		cells := listingsOf(l)
		type candidate struct {
			cell int
			mutant
		}
		var candidates []candidate
		for i, c := range cells {
			if nbrun.Listing(c) != "" {
				for _, m := range mutants(c.Source) {
					candidates = append(candidates, candidate{i, m})
				}
			}
		}
		r := rand.New(rand.NewPCG(seed, seed))
		r.Shuffle(len(candidates), func(i, k int) { candidates[i], candidates[k] = candidates[k], candidates[i] })
		for _, m := range candidates[:min(*samples, len(candidates))] {
			changed := slices.Clone(cells)
			changed[m.cell] = cells[m.cell].Clone()
			changed[m.cell].Source = m.source
			tried++
			if noticed(t, changed) {
				continue
			}
			survived++
			name := l.Dir + " " + cells[m.cell].ID + " " + m.what
			if !explained[name] {
				t.Errorf("nobody notices, and testdata/survivors.txt does not say why:\n%s", name)
			}
		}
	}
	t.Logf("%d of %d mutants survived, seed %d", survived, tried, seed)
	if 20*survived > tried {
		t.Errorf("%d of %d mutants survived, want at most one in twenty", survived, tried)
	}
}
