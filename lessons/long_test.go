package lessons

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"gokernel/internal/client"
	"gokernel/internal/nbformat"
	"gokernel/internal/nbrun"
)

var (
	long    = flag.Bool("long", false, "run the tests that take minutes: mutated listings, careless readers")
	samples = flag.Int("mutants", 1000, "how many mutated listings to try in each lesson; no lesson has a thousand")
	chosen  = flag.String("mutate", "", "try only those mutants whose LESSON CELL CHANGE this expression matches")
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
	var timeout *nbrun.TimeoutError
	if errors.As(err, &timeout) {
		return nbrun.Shown{}, false // nor did it when it was interrupted
	}
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

// noticed runs cells on a fresh kernel, and says which of them is not as expected, "" if all are.
func noticed(t *testing.T, cells []*nbformat.Cell) string {
	t.Helper()
	c := connect(t)
	defer c.Close()
	for _, cell := range cells {
		e, err := nbrun.Expected(cell)
		if err != nil {
			t.Fatal(err)
		}
		shown, ended := run(t, c, cell)
		if !ended {
			return cell.ID + " does not end"
		}
		if e == nil {
			continue
		}
		if d := e.Compare(shown); len(d) > 0 {
			return fmt.Sprintf("%s, whose %s is not as expected:\n%s", cell.ID, d[0].Part, d[0].Text)
		}
	}
	return ""
}

// explanations returns the mutants that may survive, from testdata/survivors.txt: LESSON CELL CHANGE # REASON.
func explanations(t *testing.T) map[string]bool {
	t.Helper()
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
	return explained
}

// A candidate is a lesson with one line of one listing changed.
type candidate struct {
	name  string // LESSON CELL CHANGE
	cells []*nbformat.Cell
}

// candidates returns all ways to change a line of a lesson's listings, in an order that is the same each time.
func candidates(l Lesson) []candidate {
	var all []candidate
	cells := listingsOf(l)
	for i, c := range cells {
		if nbrun.Listing(c) == "" {
			continue
		}
		for _, m := range mutants(c.Source) {
			changed := slices.Clone(cells)
			changed[i] = c.Clone()
			changed[i].Source = m.source
			all = append(all, candidate{fmt.Sprintf("%s %s %s", l.Dir, c.ID, m.what), changed})
		}
	}
	r := rand.New(rand.NewPCG(seed, seed))
	r.Shuffle(len(all), func(i, k int) { all[i], all[k] = all[k], all[i] })
	return all
}

// What testdata/survivors.txt explains are mutants that there are.
func TestSurvivors(t *testing.T) {
	there := map[string]bool{}
	for _, l := range all(t) {
		for _, m := range candidates(l) {
			there[m.name] = true
		}
	}
	for name := range explanations(t) {
		if !there[name] {
			t.Errorf("no listing has this mutant (any more):\n%s", name)
		}
	}
}

// mutantsAtOnce is few, for a listing that measures time must not fail because others are run.
const mutantsAtOnce = 3

// TestMutatedListings changes a line of a listing: at least 95 of 100 such changes must be noticed, and
// testdata/survivors.txt explains the others.
func TestMutatedListings(t *testing.T) {
	needLong(t)
	explained := explanations(t)
	only := regexp.MustCompile(*chosen)
	var tried, survived atomic.Int64
	turns := make(chan struct{}, mutantsAtOnce)
	t.Run("mutants", func(t *testing.T) {
		for _, l := range all(t) {
			by := noticed(t, listingsOf(l))
			for tries := 1; by != "" && tries < 4; tries++ {
				by = noticed(t, listingsOf(l)) // what measures time may be disturbed by other programs, but not each time
			}
			if by != "" {
				t.Fatalf("%s is not as expected even if nothing is changed: %s", l.Name, by)
			}
			mutated := slices.DeleteFunc(candidates(l), func(m candidate) bool { return !only.MatchString(m.name) })
			for _, m := range mutated[:min(*samples, len(mutated))] {
				t.Run(l.Dir, func(t *testing.T) {
					t.Parallel()
					turns <- struct{}{}
					defer func() { <-turns }()
					tried.Add(1)
					if by := noticed(t, m.cells); by != "" {
						t.Logf("%s\nis noticed by %s", m.name, by)
						return
					}
					survived.Add(1)
					if !explained[m.name] {
						t.Errorf("nobody notices, and testdata/survivors.txt does not say why:\n%s", m.name)
					}
				})
			}
		}
	})
	t.Logf("%d of %d mutants survived, seed %d", survived.Load(), tried.Load(), seed)
	if 20*survived.Load() > tried.Load() {
		t.Errorf("%d of %d mutants survived, want at most one in twenty", survived.Load(), tried.Load())
	}
}
