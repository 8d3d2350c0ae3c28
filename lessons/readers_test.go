package lessons

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"gokernel/internal/client"
	"gokernel/internal/nbformat"
)

// codeCells returns the code cells of a lesson's notebook.
func codeCells(l Lesson) []*nbformat.Cell {
	return slices.DeleteFunc(l.Notebook().Cells, func(c *nbformat.Cell) bool { return c.Type != nbformat.Code })
}

// answers runs cells one after the other. Each must end by itself, and then the notebook must still be good for something.
func answers(t *testing.T, c *client.Client, what string, cells ...*nbformat.Cell) {
	t.Helper()
	for _, cell := range cells {
		began := time.Now()
		if shown, ended := run(t, c, cell); !ended {
			t.Errorf("%s: cell %s does not end by itself: %s\n%s", what, cell.ID, text(shown.Error), cell.Source)
		}
		if took := time.Since(began); took > 10*time.Second {
			t.Logf("%s: cell %s takes %.0f seconds", what, cell.ID, took.Seconds())
		}
	}
	alive := &nbformat.Cell{ID: "alive", Type: nbformat.Code, Metadata: map[string]any{}, Source: `fmt.Println("alive")`}
	shown, _ := run(t, c, alive)
	if strings.HasPrefix(text(shown.Error), "fatal error: ") {
		// A goroutine that was left behind has ended the process, in the middle of another cell. The reader runs that again.
		shown, _ = run(t, c, alive)
	}
	if shown.Stdout != "alive\n" {
		t.Errorf("%s: afterwards the notebook prints %q, %s", what, shown.Stdout, text(shown.Error))
	}
}

// TestCarelessReaders runs each notebook as it was not meant to be: out of order, twice, from the middle, and without one of
// its cells. Whatever the cells say, each ends within seconds, and the reader can go on.
func TestCarelessReaders(t *testing.T) {
	needLong(t)
	for _, l := range all(t) {
		t.Run(l.Name, func(t *testing.T) {
			cells := codeCells(l)
			r := rand.New(rand.NewPCG(seed, seed))
			shuffled := slices.Clone(cells)
			r.Shuffle(len(shuffled), func(i, k int) { shuffled[i], shuffled[k] = shuffled[k], shuffled[i] })
			answers(t, connect(t), "out of order", shuffled...)
			twice := connect(t)
			answers(t, twice, "once", cells...)
			answers(t, twice, "twice", cells...)
			answers(t, connect(t), "from the middle", cells[len(cells)/2:]...)
			gone := r.IntN(len(cells) - 1)
			answers(t, connect(t), "without "+cells[gone].ID, slices.Delete(slices.Clone(cells), gone, gone+1)...)
		})
	}
}

// A mistake is something that readers do to a cell.
type mistake struct {
	name string
	find *regexp.Regexp // where it can be made; the first place is taken
	by   string
}

const unbounded = "unbounded goroutines"

// stop is what the notebook offers against goroutines that were left behind.
var stop = &nbformat.Cell{ID: "stop", Type: nbformat.Code, Metadata: map[string]any{}, Source: "%stop"}

// mistakes are ten typical ones.
var mistakes = []mistake{
	{"missing Done", regexp.MustCompile(`(\w+)\.Wait\(\)`), "$1.Add(1)\n$1.Wait()"},
	{"double close", regexp.MustCompile(`close\((\w+)\)`), "close($1)\nclose($1)"},
	{"forgotten unlock", regexp.MustCompile(`(?m)^\s*defer (\w+\.)*mu\.Unlock\(\)$`), ""},
	{"captured variable", regexp.MustCompile(`for (\w+) := range (\w+) \{`), "$1 := 0\nfor $1 = range $2 {"},
	{"send without receiver", regexp.MustCompile(`(?s)\A(.*)\z`), "nobody := make(chan int)\nnobody <- 1\n$1"},
	{"Wait before Add", regexp.MustCompile(`(?s)var (\w+) sync\.WaitGroup(.*?)\b\w+\.Wait\(\)`), "var $1 sync.WaitGroup\n$1.Wait()$2"},
	{"closing from the receiver", regexp.MustCompile(`for (\w+) := range (\w*(?:chan|ch|in|queue|cells|items)) \{`), "for $1 := range $2 {\nclose($2)"},
	{"ignored error", regexp.MustCompile(`if err != nil \{`), "if false {"},
	{unbounded, regexp.MustCompile(`(?s)\A(.*)\z`), "for range 20_000 {\ngo func() { select {} }()\n}\n$1"},
	{"wrong child name", regexp.MustCompile(`"(echo|sleep|sh|cat|openssl|wc|sort|tee|head|yes|true|false)"`), `"no-such-$1"`},
}

// wherever is how many cells of a lesson a mistake is made in that fits all of them.
const wherever = 2

// made returns what becomes of a lesson's code cells when each mistake is made in them wherever it applies: cell ID to the cells
// with one mistake each, whose names are in Metadata["mistake"].
func made(l Lesson) map[string][]*nbformat.Cell {
	bad := map[string][]*nbformat.Cell{}
	times := map[string]int{}
	for _, cell := range codeCells(l) {
		for _, m := range mistakes {
			anywhere := strings.HasPrefix(m.find.String(), `(?s)\A`)
			if !m.find.MatchString(cell.Source) || anywhere && (lessonCell(l, cell.ID).Func == "" || times[m.name] == wherever) {
				continue
			}
			at := m.find.FindStringSubmatchIndex(cell.Source)
			c := cell.Clone()
			c.Source = cell.Source[:at[0]] + string(m.find.ExpandString(nil, m.by, cell.Source, at)) + cell.Source[at[1]:]
			c.Metadata = map[string]any{"mistake": m.name}
			times[m.name]++
			bad[cell.ID] = append(bad[cell.ID], c)
		}
	}
	return bad
}

// There are at least forty pairs of a notebook and a mistake, and every mistake is made.
func TestEnoughMistakes(t *testing.T) {
	kinds, pairs := map[string]int{}, map[string]int{}
	for _, l := range all(t) {
		for _, cells := range made(l) {
			for _, c := range cells {
				name := fmt.Sprint(c.Metadata["mistake"])
				kinds[name]++
				pairs[l.Name+" "+name]++
			}
		}
	}
	t.Logf("%d pairs of a notebook and a mistake; how often each is made: %v", len(pairs), kinds)
	if len(pairs) < 40 || len(kinds) < 10 {
		t.Errorf("%d pairs, want at least 40; of %d mistakes, want 10: %v", len(pairs), len(kinds), kinds)
	}
}

// TestMistakes makes each mistake wherever it applies, and then runs the cell as it was, as a reader would who has understood.
func TestMistakes(t *testing.T) {
	needLong(t)
	for _, l := range all(t) {
		t.Run(l.Name, func(t *testing.T) {
			c := connect(t)
			bad := made(l)
			for _, cell := range codeCells(l) {
				for _, b := range bad[cell.ID] {
					answers(t, c, fmt.Sprintf("%s in %s", b.Metadata["mistake"], cell.ID), b)
					if b.Metadata["mistake"] == unbounded {
						answers(t, c, "stop", stop) // 20,000 goroutines that nobody needs make everything slow
					}
				}
				answers(t, c, cell.ID, cell)
			}
		})
	}
}

// lessonCell returns the lesson's own notes on a cell.
func lessonCell(l Lesson, id string) Cell {
	for _, c := range l.Cells {
		if c.ID == id {
			return c
		}
	}
	return Cell{}
}

// TestAfterTheBrake runs the cells about pollers once more when the pollers have stopped: they end at once, and say so.
func TestAfterTheBrake(t *testing.T) {
	t.Parallel()
	for _, l := range all(t) {
		if l.Name != "55-queues" {
			continue
		}
		nb := l.Notebook()
		nb.Cells = codeCells(l)
		brake := slices.IndexFunc(nb.Cells, func(c *nbformat.Cell) bool { return c.ID == "brake" })
		again := map[string]string{
			"wrong-stop":   "0 workers are still asking for work\n",
			"wrong-growth": "the workers have been stopped: run the cell that starts them again\n",
			"brake":        "all pollers have stopped\n",
		}
		c := connect(t)
		answers(t, c, "once", nb.Cells[:brake+1]...)
		for _, cell := range nb.Cells[:brake+1] {
			want, ok := again[cell.ID]
			if !ok {
				continue
			}
			began := time.Now()
			shown, ended := run(t, c, cell)
			if took := time.Since(began); !ended || shown.Stdout != want || took > 4*time.Second {
				t.Errorf("%s after the brake: got %q after %v, want %q at once", cell.ID, shown.Stdout, took, want)
			}
		}
		return
	}
	t.Error("there is no lesson on queues")
}
