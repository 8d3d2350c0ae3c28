package report

import (
	"fmt"
	"html"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"golang.org/x/perf/benchmath"
)

// A Benchmark is one line of a benchmark's results
// (https://go.googlesource.com/proposal/+/master/design/14313-benchmark-format.md).
type Benchmark struct {
	Name   string // without "Benchmark" and the number of processors: "Half", "Half/n=5"
	N      int
	Values map[string]float64 // by unit: "ns/op", "B/op", "allocs/op", and the benchmark's own
}

var (
	benchmarkLine = regexp.MustCompile(`^(Benchmark\S*)\s+(\d+)\s+(.*)$`)
	processors    = regexp.MustCompile(`-\d+$`)
)

// parseBenchmark reads a line of results, nil if it is none.
func parseBenchmark(line string) *Benchmark {
	m := benchmarkLine.FindStringSubmatch(line)
	if m == nil {
		return nil
	}
	n, err := strconv.Atoi(m[2])
	if err != nil {
		return nil
	}
	b := &Benchmark{Name: processors.ReplaceAllString(strings.TrimPrefix(m[1], "Benchmark"), ""), N: n, Values: map[string]float64{}}
	fields := strings.Fields(m[3])
	for i := 0; i+1 < len(fields); i += 2 {
		v, err := strconv.ParseFloat(fields[i], 64)
		if err != nil {
			return nil
		}
		b.Values[fields[i+1]] = v
	}
	if len(b.Values) == 0 {
		return nil
	}
	return b
}

// A Result is all that was measured of one benchmark, which was run several times.
type Result struct {
	Name   string
	Values map[string][]float64 // by unit
}

// Results groups benchmarks by name, in the order in which they first appear.
func Results(all []*Benchmark) []*Result {
	var results []*Result
	byName := map[string]*Result{}
	for _, b := range all {
		r := byName[b.Name]
		if r == nil {
			r = &Result{Name: b.Name, Values: map[string][]float64{}}
			byName[b.Name] = r
			results = append(results, r)
		}
		for unit, v := range b.Values {
			r.Values[unit] = append(r.Values[unit], v)
		}
	}
	return results
}

// A Comparison is a table of results, each beside those of the same name of an earlier run if there is one.
type Comparison struct {
	Old, New         []*Result
	OldName, NewName string
}

// A Measure is one result in one unit: the median of all runs, and how it differs from the old one.
type Measure struct {
	Name, Unit string
	New, Old   string // "12.5 ns ± 2%"; Old is "" if there is none
	Delta      string // "-12.31% (p=0.002 n=6)", "~ (p=0.400 n=6)", "" without Old
}

// units are shown in this order, others after them.
var units = []string{"ns/op", "B/op", "allocs/op"}

// confidence is that of the intervals behind ±.
const confidence = 0.95

// Measures returns the lines of the table. Of two runs with a single benchmark each, these are compared whatever they are called.
func (c *Comparison) Measures() []Measure {
	var all []Measure
	for _, r := range c.New {
		var old *Result
		for _, o := range c.Old {
			if o.Name == r.Name || len(c.Old) == 1 && len(c.New) == 1 {
				old = o
			}
		}
		for _, unit := range r.units() {
			m := Measure{Name: r.Name, Unit: unit}
			sample := benchmath.NewSample(r.Values[unit], &benchmath.DefaultThresholds)
			now := benchmath.AssumeNothing.Summary(sample, confidence)
			m.New = quantity(now, unit)
			if old != nil && len(old.Values[unit]) > 0 {
				before := benchmath.NewSample(old.Values[unit], &benchmath.DefaultThresholds)
				was := benchmath.AssumeNothing.Summary(before, confidence)
				compared := benchmath.AssumeNothing.Compare(before, sample)
				m.Old = quantity(was, unit)
				m.Delta = compared.FormatDelta(was.Center, now.Center) + " (" + compared.String() + ")"
			}
			all = append(all, m)
		}
	}
	return all
}

// units returns the units of a result in the order in which they are shown.
func (r *Result) units() []string {
	own := slices.Sorted(maps.Keys(r.Values))
	slices.SortStableFunc(own, func(a, b string) int {
		rank := func(unit string) int {
			if i := slices.Index(units, unit); i >= 0 {
				return i
			}
			return len(units)
		}
		return rank(a) - rank(b)
	})
	return own
}

// quantity returns a summary in its unit, with the half of its interval.
func quantity(s benchmath.Summary, unit string) string {
	text := ""
	switch unit {
	case "ns/op":
		text = Duration(s.Center)
	case "B/op":
		text = bytesText(s.Center)
	case "allocs/op":
		text = significant(s.Center)
	default:
		text = significant(s.Center) + " " + unit
	}
	if spread := s.PctRangeString(); spread != "∞" && s.Center != 0 {
		text += " ± " + strings.TrimSpace(spread)
	}
	return text
}

// Duration returns nanoseconds with four digits and a fitting unit.
func Duration(ns float64) string {
	switch {
	case ns < 1e3:
		return significant(ns) + " ns"
	case ns < 1e6:
		return significant(ns/1e3) + " µs"
	case ns < 1e9:
		return significant(ns/1e6) + " ms"
	}
	return significant(ns/1e9) + " s"
}

// bytesText returns a number of bytes with a fitting unit.
func bytesText(n float64) string {
	switch {
	case n < 1<<10:
		return significant(n) + " B"
	case n < 1<<20:
		return significant(n/(1<<10)) + " KiB"
	case n < 1<<30:
		return significant(n/(1<<20)) + " MiB"
	}
	return significant(n/(1<<30)) + " GiB"
}

// significant returns a number with four digits.
func significant(x float64) string {
	if x == math.Trunc(x) && math.Abs(x) < 1e4 {
		return strconv.FormatFloat(x, 'f', 0, 64)
	}
	decimals := 3 - int(math.Floor(math.Log10(math.Abs(x))))
	return strconv.FormatFloat(x, 'f', min(max(decimals, 0), 4), 64)
}

// heads are the heads of the columns.
func (c *Comparison) heads() []string {
	if c.Old == nil {
		return []string{"benchmark", "", "median"}
	}
	return []string{"benchmark", "", c.OldName, c.NewName, "change"}
}

// cells are those of a line.
func (c *Comparison) cells(m Measure) []string {
	unit := map[string]string{"ns/op": "time", "B/op": "memory", "allocs/op": "allocations"}[m.Unit]
	if unit == "" {
		unit = m.Unit
	}
	if c.Old == nil {
		return []string{m.Name, unit, m.New}
	}
	return []string{m.Name, unit, m.Old, m.New, m.Delta}
}

// Text returns the table as plain text.
func (c *Comparison) Text() string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, strings.Join(c.heads(), "\t"))
	for _, m := range c.Measures() {
		fmt.Fprintln(w, strings.Join(c.cells(m), "\t"))
	}
	w.Flush() // a strings.Builder does not fail
	return b.String()
}

// HTML returns the table as HTML.
func (c *Comparison) HTML() string {
	var rows []row
	for _, m := range c.Measures() {
		var r row
		for _, cell := range c.cells(m) {
			r = append(r, html.EscapeString(cell))
		}
		rows = append(rows, r)
	}
	return table(c.heads(), rows)
}
