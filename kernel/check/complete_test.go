package check_test

import (
	"os"
	"strings"
	"testing"

	"gokernel/kernel/check"
)

// TestCompletenessCases holds Completeness to a list of cases.
func TestCompletenessCases(t *testing.T) {
	data, err := os.ReadFile("testdata/completeness.txt")
	if err != nil {
		t.Fatal(err)
	}
	escapes := strings.NewReplacer(`\n`, "\n", `\t`, "\t")
	n := 0
	for line := range strings.Lines(string(data)) {
		want, code, ok := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		if !ok || want == "#" {
			continue
		}
		n++
		code = escapes.Replace(code)
		if got, _ := check.Completeness(code); string(got) != want {
			t.Errorf("Completeness(%q) = %s, want %s", code, got, want)
		}
	}
	if n < 200 {
		t.Errorf("%d cases, want 200 or more", n)
	}
}
