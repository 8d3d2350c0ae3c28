package interp

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gokernel/kernel/check"
	"gokernel/kernel/lower"
	"gokernel/kernel/worker"
)

// TestTranscripts runs the sessions in testdata/transcripts through the whole front end and the interpreter. What they
// want is what the Go compiler would do; testdata/transcripts/README tells the format.
func TestTranscripts(t *testing.T) { forTranscripts(t, "*.txt", "interpreted", transcript) }

// forTranscripts holds what run makes of the cells of each session for an engine to what the session wants.
func forTranscripts(t *testing.T, pattern, engine string, run func(t *testing.T, cells []string) string) {
	files, err := filepath.Glob("testdata/transcripts/" + pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("no transcripts: %v", err)
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range strings.Split("\n"+string(data), "\n=== ")[1:] {
			title, body, _ := strings.Cut(text, "\n")
			cells, want, ok := strings.Cut(body, "\n--- want\n")
			if !ok {
				t.Fatalf("%s: %s wants nothing", name, title)
			}
			if other := map[string]string{"interpreted": "(compiled)", "compiled": "(interpreted)"}[engine]; strings.HasSuffix(title, other) {
				continue
			}
			t.Run(strings.TrimSuffix(filepath.Base(name), ".txt")+"/"+title, func(t *testing.T) {
				got := run(t, strings.Split(cells, "\n---\n"))
				if got, want := trimLines(got), trimLines(want); got != want {
					t.Errorf("got:\n%s\nwant:\n%s", got, want)
				}
			})
		}
	}
}

// trimLines drops blanks at the ends of lines and blank lines at the end.
func trimLines(s string) string {
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}

// transcript runs cells and returns what they print, their results and their errors, in one.
func transcript(t *testing.T, cells []string) string {
	b := newNotebook(t)
	scope := check.NewScope(check.StdLibrary())
	engine := lower.NewEngine()
	var out strings.Builder
	for i, src := range cells {
		cell, err := check.Check(scope, i+1, fmt.Sprintf("cell [%d]", i+1), src)
		if err != nil {
			fmt.Fprintf(&out, "%v\n", err)
			continue
		}
		low, err := engine.Lower(cell)
		if err != nil {
			fmt.Fprintf(&out, "%v\n", err)
			continue
		}
		var p Program
		code, err := json.Marshal(low)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(code, &p); err != nil {
			t.Fatal(err)
		}
		o := b.run(t.Context(), p)
		out.WriteString(o.out)
		if text, ok := o.Data["text/plain"]; ok {
			fmt.Fprintln(&out, text)
		}
		if o.err == nil || !isInternal(o.err) {
			engine.Commit(low)
			scope = cell.Scope
		}
		if o.err != nil {
			describe(&out, o.err)
		}
	}
	return out.String()
}

func isInternal(err error) bool {
	var f *worker.Failure
	return !errors.As(err, &f) || f.Kind == "internal"
}

// describe writes a failure with its frames.
func describe(out *strings.Builder, err error) {
	var f *worker.Failure
	if !errors.As(err, &f) {
		fmt.Fprintln(out, err)
		return
	}
	fmt.Fprintf(out, "%s: %s\n", f.Kind, f.Value)
	for _, fr := range f.Frames {
		fmt.Fprintf(out, "  %s %s:%d\n", fr.Func, fr.File, fr.Line)
	}
}
