package report

import (
	"cmp"
	"fmt"
	"html"
	"regexp"
	"strconv"
	"strings"
)

// A Test is what came of one test, example, or subtest.
type Test struct {
	Name    string
	Status  string // "PASS", "FAIL", "SKIP"; "" if it did not end
	Seconds string // "0.00"
	Output  []Message
}

// A Message is what a test has logged, or printed: then without a place.
type Message struct {
	File string // "cell [7]", "" for what was printed
	Line int
	Text string // without indentation; more lines follow behind newlines
}

// TestRun is what a test program printed.
type TestRun struct {
	Tests      []*Test
	Benchmarks []*Benchmark
	Rest       string // printed outside of all tests
}

var (
	testStart  = regexp.MustCompile(`^=== (RUN|NAME|CONT|PAUSE)\s+(\S*)\s*$`)
	testEnd    = regexp.MustCompile(`^\s*--- (PASS|FAIL|SKIP|BENCH): (\S+)(?: \(([0-9.]+)s\))?\s*$`)
	testLog    = regexp.MustCompile(`^    (cell \[\d+\]|unnumbered cell|\w+\.go):(\d+): (.*)$`)
	testStatus = regexp.MustCompile(`^(PASS|FAIL|ok|exit status \d+|testing: warning: no tests to run|goos: .*|goarch: .*|pkg: .*|cpu: .*|coverage: .*)$`)
)

// marker begins the lines of package testing in the output of -test.v=test2json.
const marker = "\x16"

// ParseTests reads the output of a test program that ran with -test.v=test2json.
func ParseTests(output string) *TestRun {
	r := &TestRun{}
	byName := map[string]*Test{}
	var current *Test
	find := func(name string) *Test {
		t := byName[name]
		if t == nil {
			t = &Test{Name: name}
			byName[name] = t
			r.Tests = append(r.Tests, t)
		}
		return t
	}
	var rest strings.Builder
	var bench *Test // the benchmark that runs: it is none of the tests unless it fails
	over := func() {
		for ; bench != nil && len(bench.Output) > 0; bench.Output = bench.Output[1:] {
			m := bench.Output[0]
			fmt.Fprintf(&rest, "    %s:%d: %s\n", m.File, m.Line, strings.ReplaceAll(m.Text, "\n", "\n        "))
		}
		bench = nil
	}
	for line := range strings.Lines(output) {
		line = strings.TrimRight(line, "\r\n")
		// What was printed without a newline may stand before a marker.
		if i := strings.LastIndex(line, marker); i > 0 {
			current.print(line[:i], &rest)
			line = line[i:]
		}
		ours := strings.HasPrefix(line, marker)
		line = strings.TrimPrefix(line, marker)
		if m := testStart.FindStringSubmatch(line); m != nil && ours {
			over()
			if m[2] == "" || strings.HasPrefix(m[2], "Benchmark") {
				current, bench = nil, &Test{Name: m[2]}
				continue
			}
			current = find(m[2])
			if m[1] == "RUN" && current.Status != "" { // again, with -count
				current = &Test{Name: m[2]}
				byName[m[2]] = current
				r.Tests = append(r.Tests, current)
			}
			continue
		}
		if m := testEnd.FindStringSubmatch(line); m != nil && ours {
			switch {
			case m[1] == "FAIL" && bench != nil && bench.Name == m[2]:
				bench.Status = m[1]
				byName[m[2]], current, bench = bench, nil, nil
				r.Tests = append(r.Tests, byName[m[2]])
			case m[1] != "BENCH":
				current = find(m[2])
				current.Status, current.Seconds = m[1], m[3]
			}
			continue
		}
		if b := parseBenchmark(line); b != nil {
			over()
			r.Benchmarks = append(r.Benchmarks, b)
			continue
		}
		if benchmarkName.MatchString(line) || testStatus.MatchString(line) {
			continue
		}
		logs := cmp.Or(current, bench)
		if m := testLog.FindStringSubmatch(line); m != nil && logs != nil {
			number, _ := strconv.Atoi(m[2]) // digits
			logs.Output = append(logs.Output, Message{m[1], number, m[3]})
			continue
		}
		if more, ok := strings.CutPrefix(line, "        "); ok && logs != nil && len(logs.Output) > 0 && logs.Output[len(logs.Output)-1].File != "" {
			logs.Output[len(logs.Output)-1].Text += "\n" + more
			continue
		}
		current.print(line+"\n", &rest)
	}
	over()
	r.Rest = rest.String()
	return r
}

// benchmarkName is the line that names a benchmark before it runs.
var benchmarkName = regexp.MustCompile(`^Benchmark\S*\s*$`)

// print adds what was printed while t ran; a nil t stands for none.
func (t *Test) print(text string, rest *strings.Builder) {
	if t == nil {
		rest.WriteString(text)
		return
	}
	if n := len(t.Output); n > 0 && t.Output[n-1].File == "" {
		t.Output[n-1].Text += text
		return
	}
	t.Output = append(t.Output, Message{Text: text})
}

// Count returns how many tests have a status. Tests with subtests count, too.
func (r *TestRun) Count(status string) int {
	n := 0
	for _, t := range r.Tests {
		if t.Status == status || status == "FAIL" && t.Status == "" {
			n++
		}
	}
	return n
}

// Names returns the names of the tests that have a status.
func (r *TestRun) Names(status string) []string {
	var names []string
	for _, t := range r.Tests {
		if t.Status == status {
			names = append(names, t.Name)
		}
	}
	return names
}

// Summary returns "2 passed, 1 failed".
func (r *TestRun) Summary() string {
	var parts []string
	for _, s := range []struct{ status, word string }{{"PASS", "passed"}, {"FAIL", "failed"}, {"SKIP", "skipped"}} {
		if n := r.Count(s.status); n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, s.word))
		}
	}
	if len(parts) == 0 {
		return "no tests"
	}
	return strings.Join(parts, ", ")
}

// status returns the word for a test's status.
func (t *Test) status() string {
	if t.Status == "" {
		return "did not end"
	}
	return strings.ToLower(t.Status)
}

// Text returns the tests as plain text; verbose tells to show what those that pass have logged.
func (r *TestRun) Text(lines Lines, verbose bool) string {
	var b strings.Builder
	for _, t := range r.Tests {
		seconds := ""
		if t.Seconds != "" {
			seconds = " (" + t.Seconds + "s)"
		}
		fmt.Fprintf(&b, "%-4s %s%s\n", t.status(), t.Name, seconds)
		if t.Status == "PASS" && !verbose {
			continue
		}
		for _, m := range t.Output {
			if m.File == "" {
				b.WriteString(indent(m.Text, "     "))
				continue
			}
			f := Frame{File: m.File, Line: m.Line}
			b.WriteString(indent(f.At()+": "+m.Text, "     "))
			if text := lines.source(f); text != "" {
				fmt.Fprintf(&b, "%10d | %s\n", f.Line, text)
			}
		}
	}
	if len(r.Tests) > 0 {
		b.WriteString(r.Summary() + "\n")
	}
	return b.String()
}

// indent puts a margin before each line.
func indent(text, margin string) string {
	var b strings.Builder
	for line := range strings.Lines(strings.TrimRight(text, "\n") + "\n") {
		b.WriteString(margin + line)
	}
	return b.String()
}

// HTML returns the tests as a table.
func (r *TestRun) HTML(lines Lines, verbose bool) string {
	if len(r.Tests) == 0 {
		return ""
	}
	var rows []row
	for _, t := range r.Tests {
		status := html.EscapeString(t.status())
		if t.Status != "PASS" && t.Status != "SKIP" {
			status = "<b>" + status + "</b>"
		}
		said := ""
		if t.Status != "PASS" || verbose {
			for _, m := range t.Output {
				text := "<pre style=\"margin:0\">" + html.EscapeString(strings.TrimRight(m.Text, "\n")) + "</pre>"
				if m.File != "" {
					text = lines.code(Frame{File: m.File, Line: m.Line}) + text
				}
				said += text
			}
		}
		seconds := ""
		if t.Seconds != "" { // not of benchmarks, and of tests that did not end
			seconds = html.EscapeString(t.Seconds) + " s"
		}
		name := strings.Repeat("&nbsp;&nbsp;", strings.Count(t.Name, "/")) + html.EscapeString(t.Name)
		rows = append(rows, row{status, name, seconds, said})
	}
	return table([]string{"result", "test", "time", "what it says"}, rows) + "<p>" + html.EscapeString(r.Summary()) + "</p>"
}
