package faults

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"gokernel/kernel/jupyter"
)

// compatDir holds cells in the manner of other kernels; README.md there explains their form.
const compatDir = "../../kernel/display/testdata/compat"

// TestCompat runs the cells that notebooks of other kernels have, each file as one notebook.
func TestCompat(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join(compatDir, "*.go.txt"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no files: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".go.txt"), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			s := start(t)
			for _, cell := range strings.Split(string(text), "-- cell --\n") {
				if strings.TrimSpace(cell) == "" {
					continue
				}
				code, wants := cutWants(cell)
				o := s.run(code)
				for _, problem := range unmet(o, wants) {
					t.Errorf("cell\n%s%s", code, problem)
				}
			}
		})
	}
}

// cutWants takes the expectations off the end of a cell.
func cutWants(cell string) (code string, wants []string) {
	lines := strings.SplitAfter(cell, "\n")
	for i := len(lines) - 1; i >= 0; i-- {
		want, ok := strings.CutPrefix(strings.TrimRight(lines[i], "\n"), "// want ")
		if !ok && lines[i] != "" {
			return strings.Join(lines[:i+1], ""), wants
		}
		if ok {
			wants = append([]string{want}, wants...)
		}
	}
	return "", wants
}

// unmet says which expectations a cell has not met.
func unmet(o outcome, wants []string) (problems []string) {
	got := "\ngot " + o.Status + " " + o.said() + "\nstdout: " + o.stdout + "stderr: " + o.stderr
	for _, f := range slices.Concat(o.forms, o.updates) {
		got += "\n" + f.mime + ": " + f.text
	}
	var stdout []string
	failed := false
	forms := slices.Concat(o.forms, o.updates)
	for _, want := range wants {
		kind, text, _ := strings.Cut(want, ": ")
		switch kind {
		case "nothing":
			if o.stdout != "" || len(o.forms) > 0 {
				problems = append(problems, "want nothing"+got)
			}
		case "stdout":
			stdout = append(stdout, text)
		case "error":
			failed = true
			if o.Status != jupyter.StatusError || !strings.HasPrefix(o.EValue, text) {
				problems = append(problems, "want "+want+got)
			}
		default:
			if rest, ok := take(forms, kind, text); ok {
				forms = rest
			} else {
				problems = append(problems, "want "+want+got)
			}
		}
	}
	lines := strings.Split(strings.TrimSuffix(o.stdout, "\n"), "\n")
	for i, want := range stdout {
		if i >= len(lines) || !matches(lines[i], want) {
			problems = append(problems, "want stdout: "+want+got)
		}
	}
	if !failed && o.Status != jupyter.StatusOK {
		problems = append(problems, "want no error"+got)
	}
	return problems
}

// take removes the first form that is as wanted, where … stands for any rest.
func take(forms []form, mime, want string) ([]form, bool) {
	for i, f := range forms {
		text := strings.TrimSuffix(f.text, "\n")
		if f.mime == mime && (matches(text, want) || strings.HasSuffix(mime, "json") && sameJSON(text, want)) {
			return slices.Concat(forms[:i], forms[i+1:]), true
		}
	}
	return nil, false
}

// matches compares a text with what was wanted, where … stands for any rest.
func matches(text, want string) bool {
	begin, open := strings.CutSuffix(want, "…")
	return text == want || open && strings.HasPrefix(text, begin)
}

// sameJSON reports whether two texts are JSON of the same value.
func sameJSON(a, b string) bool {
	var x, y any
	return json.Unmarshal([]byte(a), &x) == nil && json.Unmarshal([]byte(b), &y) == nil && reflect.DeepEqual(x, y)
}
