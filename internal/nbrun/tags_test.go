package nbrun

import (
	"testing"
	"time"

	"gokernel/internal/nbformat"
)

func TestDirectives(t *testing.T) {
	type verdict struct{ skips, mayFail, ignores bool }
	tests := []struct {
		source string
		tags   []any
		want   verdict
	}{
		{"x", nil, verdict{}},
		{"x", []any{"skip-execution"}, verdict{skips: true}},
		{"x", []any{"nbval-skip"}, verdict{skips: true}},
		{"x", []any{"raises-exception"}, verdict{mayFail: true}},
		{"x", []any{"nbval-raises-exception", "nbval-ignore-output"}, verdict{mayFail: true, ignores: true}},
		{"# NBVAL_SKIP\nx", nil, verdict{skips: true}},
		{"x\n  // NBVAL_RAISES_EXCEPTION", nil, verdict{mayFail: true}},
		{"#NBVAL_IGNORE_OUTPUT", nil, verdict{ignores: true}},
		{"# PYTEST_VALIDATE_IGNORE_OUTPUT", nil, verdict{ignores: true}},
		{"print(\"NBVAL_SKIP\")\n# about NBVAL_SKIP\nNBVAL_SKIP", nil, verdict{}},
	}
	for _, tt := range tests {
		c := &nbformat.Cell{Type: nbformat.Code, Source: tt.source, Metadata: map[string]any{"tags": tt.tags}}
		if got := (verdict{skips(c), mayFail(c), ignoresOutput(c)}); got != tt.want {
			t.Errorf("%q, tags %v: got %+v, want %+v", tt.source, tt.tags, got, tt.want)
		}
	}
}

func TestExecutionMetadata(t *testing.T) {
	slow := notebook(t, "hang", "print 1")
	slow.Metadata["execution"] = map[string]any{"timeout": 0.2}
	lenient := notebook(t, "fail x", "print 1")
	lenient.Metadata["execution"] = map[string]any{"allow_errors": true, "timeout": 60}
	for i, tt := range []struct {
		nb   *nbformat.Notebook
		want string
	}{{slow, "failed ran"}, {lenient, "ran ran"}} {
		file := writeNotebook(t, "a.ipynb")
		if err := writeFile(file, tt.nb); err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		r, printed, _ := verify(t, VerifyConfig{Files: []string{file}})
		if got := statuses(r.Files[0]); got != tt.want {
			t.Errorf("%d: got %s after %v, want %s\n%s", i, got, time.Since(start), tt.want, printed)
		}
	}
}

func TestDifferenceNamesItsLine(t *testing.T) {
	for text, want := range map[string]int{
		"  - a\n  + b\n": 0,
		"    a\n  - b\n": 2,
		"    ... 7 lines as expected\n    x\n  + b\n": 9,
		"": 0,
	} {
		if got := (Difference{Text: text}).line(); got != want {
			t.Errorf("got line %d, want %d for\n%s", got, want, text)
		}
	}
}
