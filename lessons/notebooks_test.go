package lessons

import (
	cmp2 "cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"gokernel/internal/nbformat"
	"gokernel/internal/nbrun"
)

func all(t *testing.T) []Lesson {
	t.Helper()
	lessons, err := All(os.DirFS("."))
	if err != nil {
		t.Fatal(err)
	}
	if len(lessons) < 2 {
		t.Fatalf("found %d lessons", len(lessons))
	}
	return lessons
}

func TestNotebooksAreGenerated(t *testing.T) {
	var want []string
	for _, l := range all(t) {
		name := filepath.Join("..", "notebooks", l.Name+".ipynb")
		want = append(want, name)
		fresh, err := l.Notebook().Bytes()
		if err != nil {
			t.Fatal(err)
		}
		committed, err := os.ReadFile(name)
		if err != nil {
			t.Error(err)
			continue
		}
		if diff := cmp.Diff(string(committed), string(fresh)); diff != "" {
			t.Errorf("%s is not what its lesson makes; run go generate ./lessons (-committed +made):\n%s", name, diff)
		}
		if err := nbformat.Validate(committed); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		nb, err := nbformat.Parse(committed)
		if err != nil {
			t.Error(err)
			continue
		}
		again, err := nb.Bytes()
		if err != nil || string(again) != string(committed) {
			t.Errorf("%s is not in canonical form (%v)", name, err)
		}
		if len(nb.Quirks) > 0 {
			t.Errorf("%s: %v", name, nb.Quirks)
		}
	}
	got, err := filepath.Glob("../notebooks/*.ipynb")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("notebooks that have a lesson, and those there are (-want +got):\n%s", diff)
	}
}

// The reader's edition holds outputs that were recorded; they too must be as expected.
func TestRecordedOutputsFulfilExpectations(t *testing.T) {
	for _, l := range all(t) {
		for _, c := range l.Notebook().Cells {
			if c.Type != nbformat.Code {
				continue
			}
			e, err := nbrun.Expected(c)
			if err != nil || e == nil {
				t.Errorf("%s, cell %s: expectation %v, error %v", l.Name, c.ID, e, err)
				continue
			}
			for _, d := range e.Compare(nbrun.ShownBy(c)) {
				t.Errorf("%s, cell %s: recorded %s is not as expected:\n%s", l.Name, c.ID, d.Part, d.Text)
			}
		}
	}
}

// Every listing of the chapter has a cell.
func TestNoListingIsMissing(t *testing.T) {
	chapter := map[string][]string{
		"51-introduction": {"7.0"},
		"52-subprocesses": listings(52, 11),
		"53-goroutines":   listings(53, 9),
		"54-locks":        listings(54, 5),
		"55-queues":       listings(55, 12),
		"56-life":         append([]string{"56.0"}, listings(56, 9)...),
	}
	for _, l := range all(t) {
		var found []string
		for _, c := range l.Notebook().Cells {
			if n := nbrun.Listing(c); n != "" && !slices.Contains(found, n) {
				found = append(found, n)
			}
		}
		slices.SortFunc(found, byNumber)
		if diff := cmp.Diff(chapter[l.Name], found); diff != "" {
			t.Errorf("%s: listings (-want +got):\n%s", l.Name, diff)
		}
	}
}

// listings returns the numbers of the n listings of an item.
func listings(item, n int) (list []string) {
	for i := range n {
		list = append(list, fmt.Sprintf("%d.%d", item, i+1))
	}
	return list
}

// byNumber compares numbers of listings.
func byNumber(a, b string) int {
	return cmp2.Or(cmp2.Compare(len(a), len(b)), cmp2.Compare(a, b))
}

// Every notebook has exercises, and every exercise three typical wrong answers or more.
func TestEnoughExercises(t *testing.T) {
	n := 0
	for _, l := range all(t) {
		n += len(l.Exercises)
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
	if n < 25 {
		t.Errorf("%d exercises in all, want at least 25", n)
	}
}

// widest is how many columns of code a cell of JupyterLab shows on a small screen, with tabs of four.
const widest = 96

// A reader does not have to scroll sideways to read code.
func TestCodeIsNotTooWide(t *testing.T) {
	for _, l := range all(t) {
		for _, edition := range []Edition{Reader, Student, Teacher} {
			for _, c := range l.Edition(edition, &Translation{}).Cells {
				if c.Type != nbformat.Code {
					continue
				}
				for i, ln := range strings.Split(c.Source, "\n") {
					if n := utf8.RuneCountInString(strings.ReplaceAll(ln, "\t", "    ")); n > widest {
						t.Errorf("%s, %s edition, cell %s line %d has %d columns, want at most %d: %s", l.Name, edition, c.ID, i+1, n, widest, ln)
					}
				}
			}
		}
	}
}
