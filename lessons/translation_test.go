package lessons

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"gokernel/internal/exercise"
	"gokernel/internal/nbformat"
)

// chinese is a character that only the translation has.
var chinese = regexp.MustCompile(`\p{Han}`)

// TestTranslations holds the two languages to each other: the same cells, code and outputs but for the cell that sets the
// language, and every text translated.
func TestTranslations(t *testing.T) {
	for _, l := range all(t) {
		for _, language := range Languages() {
			tr, err := l.Translated(os.DirFS("."), language)
			if err != nil {
				t.Errorf("%s: %v", l.Name, err)
				continue
			}
			ids := map[string]bool{}
			for _, c := range l.Cells {
				if c.Type != nbformat.Markdown {
					continue
				}
				ids[c.ID] = true
				if text := tr.Text[c.ID]; !chinese.MatchString(text) {
					t.Errorf("%s: %s has no text for %s", l.Name, language, c.ID)
				} else {
					sameShape(t, l.Name+", "+c.ID, c.Source, text)
				}
			}
			for id, text := range tr.Text {
				if at := softBreak.FindString(text); at != "" {
					t.Errorf("%s: %s, %s: a browser shows a blank in %q", l.Name, language, id, at)
				}
				if !ids[id] {
					t.Errorf("%s: %s has a text for %s, which is no Markdown cell", l.Name, language, id)
				}
			}
			said := append(exercise.Messages(), l.Messages...)
			for _, m := range said {
				if !strings.ContainsAny(m, " %") {
					continue // a name
				}
				s, ok := tr.Messages[m]
				if !ok {
					t.Errorf("%s: %s lacks a translation of %q", l.Name, language, m)
				} else if got, want := verbs(s), verbs(m); !slices.Equal(got, want) {
					t.Errorf("%s: %q has the verbs %v, want %v", l.Name, s, got, want)
				}
			}
			for m := range tr.Messages {
				if !slices.Contains(said, m) {
					t.Errorf("%s: %s translates %q, which no check says", l.Name, language, m)
				}
			}
			sameCode(t, l, tr)
		}
	}
}

// sameCode compares all editions of a lesson in two languages.
func sameCode(t *testing.T, l Lesson, tr *Translation) {
	t.Helper()
	for _, e := range []Edition{Reader, Student, Teacher} {
		english, other := l.Edition(e, &Translation{}), l.Edition(e, tr)
		if len(english.Cells) != len(other.Cells) {
			t.Errorf("%s, %s: %d cells, want %d", l.Name, e, len(other.Cells), len(english.Cells))
			continue
		}
		for i, c := range english.Cells {
			d := other.Cells[i].Clone()
			if c.Type == nbformat.Markdown || c.ID == languageID {
				d.Source = c.Source
			}
			if diff := cmp.Diff(c.Clone(), d); diff != "" {
				t.Errorf("%s, %s, cell %s (-en +%s):\n%s", l.Name, e, c.ID, tr.Language, diff)
			}
		}
	}
}

// sameShape checks that two texts have the same headings, lists, tables, fences, folds, links and names of code.
func sameShape(t *testing.T, name, a, b string) {
	t.Helper()
	for what, re := range map[string]*regexp.Regexp{
		"headings":   regexp.MustCompile(`(?m)^#+ `),
		"list items": regexp.MustCompile(`(?m)^- `),
		"rows":       regexp.MustCompile(`(?m)^\|`),
		"fences":     regexp.MustCompile("(?m)^```"),
		"hints":      regexp.MustCompile(`</?(details|summary)>`),
		"links":      regexp.MustCompile(`\]\([^)]*\)`),
	} {
		got, want := re.FindAllString(b, -1), re.FindAllString(a, -1)
		if what == "links" {
			slices.Sort(got)
			slices.Sort(want)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: the translation has the %s %q, want %q", name, what, got, want)
		}
	}
	code := regexp.MustCompile("`[^`\n]+`")
	english := code.FindAllString(a, -1)
	for _, c := range code.FindAllString(b, -1) {
		if !slices.Contains(english, c) {
			t.Errorf("%s: the translation speaks of %s, the English does not", name, c)
		}
	}
}

// verbs returns the verbs of a format in the order of their arguments.
func verbs(format string) []string {
	found := regexp.MustCompile(`%(\[\d\])?[a-z]`).FindAllStringSubmatch(format, -1)
	slices.SortStableFunc(found, func(a, b []string) int { return strings.Compare(a[1], b[1]) })
	var all []string
	for _, f := range found {
		all = append(all, strings.Replace(f[0], f[1], "", 1))
	}
	return all
}

func TestTranslatedNotebooksAreGenerated(t *testing.T) {
	for _, l := range all(t) {
		for _, language := range Languages() {
			nb, err := l.In(os.DirFS("."), Reader, language)
			if errors.Is(err, fs.ErrNotExist) {
				continue // TestTranslations says so
			}
			if err != nil {
				t.Fatal(err)
			}
			want, err := nb.Bytes()
			if err != nil {
				t.Fatal(err)
			}
			name := filepath.Join("..", "notebooks", language, l.Name+".ipynb")
			got, err := os.ReadFile(name)
			if err != nil {
				t.Error(err)
			} else if string(got) != string(want) {
				t.Errorf("%s is not what its lesson makes; run go generate ./lessons", name)
			}
		}
	}
}

func TestTranslationErrors(t *testing.T) {
	for text, want := range map[string]string{
		"<!-- lesson:a -->\nx\n<!-- lesson:a -->\ny":  "two texts for a",
		"<!-- lesson:messages -->\n- one\n- two\n  二": `message "- one" is not followed by its translation`,
		"<!-- lesson:messages -->\n一":                 "is not followed by its translation",
	} {
		fsys := fstest.MapFS{"x/zh.md": {Data: []byte(text)}, "zh.md": {}}
		if _, err := (Lesson{Dir: "x"}).Translated(fsys, "zh"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	if _, err := (Lesson{Dir: "x"}).Translated(fstest.MapFS{}, "zh"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want fs.ErrNotExist", err)
	}
}
