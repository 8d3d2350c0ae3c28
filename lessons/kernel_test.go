package lessons

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"gokernel/internal/client"
	"gokernel/internal/nbformat"
	"gokernel/internal/nbrun"
)

// atOnce is how many parallel tests run at a time. They wait more than they compute.
const atOnce = "8"

// binary is where the kernel is built. TestMain sets it before any test runs.
var binary string

// program builds the kernel once.
var program = sync.OnceValues(func() (string, error) {
	out, err := exec.Command("go", "build", "-o", binary, "gokernel/cmd/gokernel").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("building gokernel: %w\n%s", err, out)
	}
	return binary, nil
})

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "gokernel-lessons-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	binary = filepath.Join(dir, "gokernel")
	flag.Parse()
	if err := flag.Set("test.parallel", atOnce); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	status := m.Run()
	os.RemoveAll(dir)
	os.Exit(status)
}

// connect starts a kernel in an empty directory. It ends with the test.
func connect(t *testing.T) *client.Client {
	t.Helper()
	file, err := program()
	if err != nil {
		t.Fatal(err)
	}
	c, err := client.Start(context.Background(), client.Config{
		Argv: []string{file, "kernel", "-f", "{connection_file}"}, Dir: t.TempDir(),
		Env: []string{"GOKERNEL_ENGINE=interp"}, // so many cells, each run once, are not worth compiling
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// execute runs all code cells of a notebook on a kernel of its own, in an empty directory.
func execute(t *testing.T, nb *nbformat.Notebook) *nbformat.Notebook {
	t.Helper()
	c := connect(t)
	defer c.Close()
	done, err := nbrun.Run(context.Background(), c, nb, nbrun.Options{AllowErrors: true, PassTimeouts: true, Timeout: 2 * time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	return done
}

// A try is an answer to an exercise, and what the check must say to it.
type try struct {
	cell int // of the check, in the notebook that is run
	name string
	says string // "" for ok
}

// something is said to a starter: it does not compile, or the check does not accept it.
const something = "{text}"

// attempts returns the student's edition of a lesson with every exercise answered several times: with the starter, with each
// wrong answer, at last with the solution.
// The cells of other listings are left out, but for declarations. If only is not nil, just those wrong answers are tried.
func (l Lesson) attempts(only []string) (*nbformat.Notebook, []try) {
	student, teacher := l.Edition(Student, &Translation{}), l.Edition(Teacher, &Translation{})
	nb := student.Clone()
	nb.Cells = nil
	var tries []try
	exercises := map[string]Exercise{}
	for _, e := range l.Exercises {
		exercises[e.Check] = e
	}
	at := map[string]int{}
	for i, c := range student.Cells {
		at[c.ID] = i
		e, ok := exercises[c.ID]
		if !ok {
			if own := lessonCell(l, c.ID); own.Func == "" && !own.Dies && len(own.Ignore) == 0 {
				nb.Cells = append(nb.Cells, c.Clone())
			}
			continue
		}
		attempt := func(name, source string, check *nbformat.Cell, says string) {
			if only != nil && !slices.Contains(only, name) {
				return
			}
			answer := student.Cells[at[e.Solution]].Clone()
			answer.Source = source
			nb.Cells = append(nb.Cells, answer, check.Clone())
			tries = append(tries, try{len(nb.Cells) - 1, name, says})
		}
		attempt("starter of "+e.Solution, student.Cells[at[e.Solution]].Source, c, something)
		for _, w := range e.Wrong {
			check := c
			if w.Hidden {
				check = teacher.Cells[i]
			}
			attempt(w.Name, w.Source, check, w.Says)
		}
		attempt("solution of "+e.Solution, teacher.Cells[at[e.Solution]].Source, c, "")
	}
	return nb, tries
}

// TestExercises answers the exercises of each student's edition as students would, and holds what the checks say to
// what they should.
func TestExercises(t *testing.T) {
	if underRace {
		t.Skip("nothing of it runs under the race detector")
	}
	for _, l := range all(t) {
		if len(l.Exercises) == 0 {
			continue
		}
		t.Run(l.Name, func(t *testing.T) {
			t.Parallel()
			// What is wrong may show by chance only, and on a busy machine it may not show at once.
			var missed []string
			for range 3 {
				said := tried(t, l, missed)
				missed = slices.Sorted(maps.Keys(said))
				if len(missed) == 0 || t.Failed() {
					return
				}
				for _, name := range missed {
					t.Logf("%s: %s", name, said[name])
				}
			}
			t.Errorf("the checks do not reject %v as they should", missed)
		})
	}
}

// tried answers the exercises of a lesson. It returns the wrong answers that were not rejected as they should be.
func tried(t *testing.T, l Lesson, only []string) map[string]string {
	t.Helper()
	nb, tries := l.attempts(only)
	done := execute(t, nb)
	missed := map[string]string{}
	for _, a := range tries {
		answer, check := nbrun.ShownBy(done.Cells[a.cell-1]), nbrun.ShownBy(done.Cells[a.cell])
		said := strings.TrimSpace(text(answer.Error) + "\n" + text(check.Error))
		switch {
		case a.says == "":
			if said != "" || check.Stdout != "ok\n" {
				t.Errorf("%s is not accepted: %s, printed %q", a.name, said, check.Stdout)
			}
		case a.says == something && said == "", a.says != something && !strings.Contains(said, a.says):
			missed[a.name] = fmt.Sprintf("got %q, want %q", said, a.says)
		}
	}
	return missed
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// Every notebook has exercises, and every exercise three typical wrong answers or more.
func TestEnoughExercises(t *testing.T) {
	for _, l := range all(t) {
		if l.Dir == "start" || l.Dir == "introduction" {
			continue // which have none, and one
		}
		if len(l.Exercises) < 4 {
			t.Errorf("%s has %d exercises, want at least 4", l.Name, len(l.Exercises))
		}
		for _, e := range l.Exercises {
			if len(e.Wrong) < 3 {
				t.Errorf("%s, exercise %s has %d wrong answers, want at least 3", l.Name, e.Solution, len(e.Wrong))
			}
		}
	}
}
