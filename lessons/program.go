package lessons

import (
	"fmt"
	"go/format"
	"regexp"
	"strings"
)

var packageClause = regexp.MustCompile(`(?m)^package \w+$`)

// mark stands on stdout and stderr before what each cell writes. No cell writes a zero byte.
const mark = "\x00cell %s\x00"

// Program returns the lesson as a program for the Go toolchain, file name to text: its own files, and a main function that
// calls those cells which are functions and whose IDs are its arguments. Before each cell it writes a mark, see [Split],
// on stdout and stderr. Cells made of more than Go are not part of it.
func (l Lesson) Program() (map[string][]byte, error) {
	files := map[string][]byte{}
	for _, f := range l.Files {
		files[f.Name] = packageClause.ReplaceAll(f.Text, []byte("package main"))
	}
	var b strings.Builder
	b.WriteString("package main\n\nimport (\n\"fmt\"\n\"os\"\n)\n\nfunc main() {\ncells := map[string]func(){\n")
	for _, c := range l.Cells {
		if c.Func != "" {
			fmt.Fprintf(&b, "%q: %s,\n", c.ID, c.Func)
		}
	}
	fmt.Fprintf(&b, "}\nfor _, id := range os.Args[1:] {\nfmt.Fprintf(os.Stdout, %q, id)\nfmt.Fprintf(os.Stderr, %q, id)\ncells[id]()\n}\n}\n", mark, mark)
	src, err := format.Source([]byte(b.String()))
	if err != nil {
		return nil, fmt.Errorf("program of lesson %s: %w", l.Dir, err)
	}
	files["main_of_lesson.go"] = src
	return files, nil
}

// Split parts what a program of a lesson wrote to one stream by its cells.
func Split(text string) map[string]string {
	parts := map[string]string{}
	for part := range strings.SplitSeq(text, "\x00cell ") {
		if id, shown, ok := strings.Cut(part, "\x00"); ok {
			parts[id] = shown
		}
	}
	return parts
}
