package report_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gokernel/kernel/native/report"
)

// cells returns the lines of cells.
func cells(texts map[string]string) report.Lines {
	return func(file string, line int) (string, bool) {
		all := strings.Split(texts[file], "\n")
		if line < 1 || line > len(all) || texts[file] == "" {
			return "", false
		}
		return all[line-1], true
	}
}

const raceLog = `==================
WARNING: DATA RACE
Read at 0x00c000094038 by goroutine 8:
  main.inc()
      cell [1]:2 +0x7b
  main.main.func1()
      cell [2]:3 +0x8

Previous write at 0x00c000094038 by main goroutine:
  main.main()
      cell [2]:5 +0x8d

Goroutine 8 (running) created at:
  main.main()
      cell [2]:3 +0x7d
==================
==================
WARNING: DATA RACE
Read at 0x00c000094038 by goroutine 9:
  main.inc()
      cell [1]:2 +0x7b
  main.main.func1()
      cell [2]:3 +0x8

Previous write at 0x00c000094038 by main goroutine:
  main.main()
      cell [2]:5 +0x8d

Goroutine 9 (finished) created at:
  main.main()
      cell [2]:3 +0x7d
==================
Found 2 data race(s)
`

func TestRaces(t *testing.T) {
	races := report.ParseRaces(raceLog)
	if len(races) != 1 || races[0].Count != 2 {
		t.Fatalf("got %d races, want one that was seen twice", len(races))
	}
	lines := cells(map[string]string{"cell [1]": "func inc() {\n\tn++\n}", "cell [2]": "n := 0\nfor range 2 {\n\tgo func() { inc() }()\n}\nn = 7"})
	const want = `Data race 1 of 1 (seen 2 times)
  read by goroutine 8 (running) at cell [1] line 2, in inc
        2 | n++
    the goroutine was started at cell [2] line 3
        3 | go func() { inc() }()
  earlier write by main goroutine at cell [2] line 5
        5 | n = 7
`
	if diff := cmp.Diff(want, report.RacesText(races, lines)); diff != "" {
		t.Errorf("text (-want +got):\n%s", diff)
	}
	html := report.RacesHTML(races, lines)
	for _, part := range []string{"<table>", "<code>n++</code>", "called at cell [2] line 3, in a function literal", "cell [2] line 3<br><code>go func() { inc() }()</code>"} {
		if !strings.Contains(html, part) {
			t.Errorf("html: got\n%s\nwant it to contain %q", html, part)
		}
	}
	if got := report.RacesText(nil, lines); got != "No data race was seen.\n" {
		t.Errorf("no races: got %q", got)
	}
}

func TestCrash(t *testing.T) {
	c, ok := report.ParseCrash(`panic: runtime error: index out of range [5] with length 1 [recovered, repanicked]

goroutine 7 [running]:
main.f(...)
	cell [1]:3
main.main.func1()
	cell [2]:4 +0x4f
created by main.main in goroutine 1
	cell [2]:3 +0x1f
exit status 2
`)
	if !ok {
		t.Fatal("it is not seen as a crash")
	}
	want := &report.Crash{Kind: "panic", Message: "runtime error: index out of range [5] with length 1", Goroutines: []report.Goroutine{{
		State: "running", Stack: []report.Frame{{Func: "main.f", File: "cell [1]", Line: 3}, {Func: "main.main.func1", File: "cell [2]", Line: 4}},
		Started: report.Frame{Func: "main.main", File: "cell [2]", Line: 3},
	}}}
	if diff := cmp.Diff(want, c); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if _, ok := report.ParseCrash("all is well\n"); ok {
		t.Error("a text without a crash is seen as one")
	}
}
