//go:build !race

// The kernel runs the answers in processes of its own: the race detector of this test would see nothing of them.

package lessons

import (
	"strings"
	"testing"

	"gokernel/internal/nbformat"
	"gokernel/internal/nbrun"
)

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
// The cells of other listings are left out, but for declarations.
func (l Lesson) attempts() (*nbformat.Notebook, []try) {
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
// what they should. A check may not need luck: it is tried with all processors and with a single one.
func TestExercises(t *testing.T) {
	for _, l := range all(t) {
		if len(l.Exercises) == 0 {
			continue
		}
		t.Run(l.Name, func(t *testing.T) {
			t.Parallel()
			tried(t, l)
		})
		t.Run(l.Name+" on one processor", func(t *testing.T) {
			t.Parallel()
			tried(t, l, "GOKERNEL_CPUS=1")
		})
	}
}

// tried answers the exercises of a lesson in a kernel with additions to its environment.
func tried(t *testing.T, l Lesson, env ...string) {
	t.Helper()
	nb, tries := l.attempts()
	done := execute(t, nb, env...)
	for _, a := range tries {
		answer, check := nbrun.ShownBy(done.Cells[a.cell-1]), nbrun.ShownBy(done.Cells[a.cell])
		said := strings.TrimSpace(text(answer.Error) + "\n" + text(check.Error))
		switch {
		case a.says == "":
			if said != "" || check.Stdout != "ok\n" {
				t.Errorf("%s is not accepted: %s, printed %q", a.name, said, check.Stdout)
			}
		case a.says == something && said == "", a.says != something && !strings.Contains(said, a.says):
			t.Errorf("%s is not rejected as it should be: got %q, want %q", a.name, said, a.says)
		}
	}
}
