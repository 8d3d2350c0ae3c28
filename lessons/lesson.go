// Package lessons turns lessons into notebooks. A lesson is one package below this directory: ordinary Go files, compiled
// and vetted, whose comments are the prose and whose declarations and function bodies are the code cells. The output
// that a cell must have stands beside its code, and is held to twice: by the Go toolchain in this package's
// tests, and in the notebook by gokernel verify.
//
// Comments that begin with "lesson:" part a file into cells:
//
//	//lesson:notebook 54-locks            above the package clause: the name of the notebook's file
//	/*lesson:markdown ID                  a Markdown cell: the rest of the comment
//	//lesson:declare ID                   a code cell: the declarations up to the next such comment
//	//lesson:run ID                       a code cell: the body of the function that follows
//	/*lesson:code ID                      a code cell that Go alone would not compile: the rest of the comment
//
// The files of a directory follow each other in the order of their names. An ID is the cell's for ever. Behind it may stand
// attributes: listing=54.1, tags=a,b, timing (verified while nothing else runs), racy (races on purpose: not run under the
// race detector), dies (ends the process: compiled, it runs alone), hidden (its source is folded away), draws (it shows a
// picture; all forms of one that was seen are in the file ID.json beside the source, which go test ./lessons -update writes),
// ignore=display,error (parts of its output that are not looked at).
//
// The last comment of a code cell says what it shows. "// Output:" is followed by the text that it prints, one line a
// comment line; "// Output pattern:", "unordered" and "order" name another mode of docs/expected-outputs.md, and then
// "// Recorded:" an output that was seen. "// Result:" is about the value of the last expression, "// Display pattern:" and
// "// Recorded display:" are about what it displays, as text, "// Error pattern:" and "// Recorded error:" are about the error it ends with,
// "// Dies:" about a line that the compiled program writes as it dies.
//
// # Exercises
//
// An exercise is a task, a solution, a check, and at least three typical wrong answers:
//
//	/*lesson:task ID                      a Markdown cell: what to do, with hints that unfold in <details>
//	//lesson:solution ID                  a code cell of declarations, as declare
//	//lesson:check ID points=2            a code cell, as run; it prints what exercise.Check returns, and so its Output is "ok"
//	/*lesson:wrong NAME says="TEXT"       no cell: a wrong answer, to stand in the solution's place; the check ends with an error that holds TEXT
//
// In a solution, lines from "// BEGIN SOLUTION" to "// END SOLUTION" are what the student writes; what stands around them is the
// starter, which should compile. In a check, lines from "// BEGIN HIDDEN TESTS" to "// END HIDDEN TESTS" are kept from the student.
// The three kinds follow each other in this order; other cells may stand between task and solution. A wrong answer
// belongs to the check before it; "hidden" says that only the hidden part of the check finds it. Messages are written in English, t.NotYet("there are %d", n); the translation of a lesson has
// them in its language.
package lessons

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"gokernel/internal/nbformat"
)

//go:generate go run ./generate

// A Lesson is the source of one notebook.
type Lesson struct {
	Dir   string // its directory, relative to this package's
	Name  string // of the notebook's file, without .ipynb
	Files []File
	Cells []Cell

	Exercises []Exercise
	Messages  []string // formats of what its checks say, in the order of the source
}

// A File is a Go file of a lesson.
type File struct {
	Name string
	Text []byte
}

// A Cell is one cell of a lesson.
type Cell struct {
	ID      string
	Type    nbformat.CellType
	Source  string
	Listing string // its number in the chapter, "" if it has none
	Tags    []string
	Ignore  []string // parts of its output that are not looked at
	Timing  bool
	Racy    bool
	Dies    bool
	Hidden  bool
	Draws   bool
	Picture Picture // that was seen, if the cell draws
	Role    Role    // in an exercise
	Points  int     // for a check that is passed

	// Func is the function whose body the cell is, "" for other cells.
	Func string

	Output          Text   // on stdout
	Result          Text   // the value of the last expression, as text
	Display         Text   // the one thing that it displays, as text
	Error           Text   // "NAME: VALUE"
	Recorded        string // an output that fulfils Output
	RecordedDisplay string // as text
	RecordedError   string // "NAME: VALUE", then the traceback
	LastWords       string // of the compiled program if the cell Dies
}

// A Picture is what a cell that draws has shown, in all forms. Its zero value is none.
type Picture struct {
	Data     map[string]any `json:"data"` // by MIME type
	Metadata map[string]any `json:"metadata,omitempty"`
}

// A Text is an expected text and the mode in which it is to be read. The zero value expects nothing.
type Text struct {
	Mode string // "exact", "pattern", "unordered" or "order"; "" if nothing is expected
	Text string
}

// All reads the lessons below a directory, sorted by the names of their notebooks. Directories without a lesson are passed
// over. Errors name file and line.
func All(fsys fs.FS) ([]Lesson, error) {
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return nil, fmt.Errorf("listing lessons: %w", err)
	}
	var all []Lesson
	for _, e := range entries {
		if !e.IsDir() {
			continue
		}
		l, err := read(fsys, e.Name())
		if err != nil {
			return nil, err
		}
		if l.Name != "" {
			all = append(all, l)
		}
	}
	slices.SortFunc(all, func(a, b Lesson) int { return cmp.Compare(a.Name, b.Name) })
	return all, nil
}

// read reads the lesson in a directory. Its name is empty if there is none.
func read(fsys fs.FS, dir string) (Lesson, error) {
	names, err := fs.Glob(fsys, path.Join(dir, "*.go"))
	if err != nil {
		return Lesson{}, fmt.Errorf("listing lesson: %w", err)
	}
	l := Lesson{Dir: dir}
	ids := map[string]bool{languageID: true}
	var wrong []Wrong
	for _, name := range names { // Glob sorts
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := fs.ReadFile(fsys, name)
		if err != nil {
			return Lesson{}, fmt.Errorf("reading lesson: %w", err)
		}
		p, err := parse(name, text)
		if err != nil {
			return Lesson{}, err
		}
		if p.notebook != "" {
			l.Name = p.notebook
		}
		l.Messages = append(l.Messages, p.messages...)
		wrong = append(wrong, p.wrong...)
		l.Files = append(l.Files, File{path.Base(name), text})
		for _, c := range p.cells {
			if c.Draws { // without the file there is no picture yet
				picture, err := fs.ReadFile(fsys, path.Join(dir, c.ID+".json"))
				if err == nil {
					err = json.Unmarshal(picture, &c.Picture)
				}
				if err != nil && !errors.Is(err, fs.ErrNotExist) {
					return Lesson{}, fmt.Errorf("reading lesson: %w", err)
				}
			}
			if ids[c.ID] {
				return Lesson{}, fmt.Errorf("%s: two cells have the id %q", name, c.ID)
			}
			ids[c.ID] = true
			l.Cells = append(l.Cells, c)
		}
	}
	if l.Exercises, err = exercises(l.Cells, wrong); err != nil {
		return Lesson{}, fmt.Errorf("%s: %w", dir, err)
	}
	return l, nil
}
