package notebook

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"gokernel/kernel/magic"
	"gokernel/kernel/native/program"
	"gokernel/kernel/native/report"
)

// benchFlags are those of %%bench.
var benchFlags = flags{"-count": true, "-benchtime": true, "-run": true, "-vs": true, "-as": true}

// A benchmark is measured so often, each time for so long, unless the reader says otherwise: six values are what
// a comparison needs to find a difference at all.
const (
	benchCount = 6
	benchTime  = "100ms"
)

// declaresBenchmark finds a benchmark function in a cell.
var declaresBenchmark = regexp.MustCompile(`(?m)^func Benchmark\P{Ll}?\w*\(`)

// bench is %%bench.
func (n *Notebook) bench(ctx context.Context, call magic.Call, p piece) error {
	return n.unbuilt(call, p, n.runBenchmarks(ctx, call, p))
}

func (n *Notebook) runBenchmarks(ctx context.Context, call magic.Call, p piece) error {
	o, err := benchFlags.parse(call)
	if err == nil {
		err = o.none()
	}
	if err != nil {
		return err
	}
	count, err := o.number("-count", benchCount)
	if err != nil {
		return err
	}
	benchtime, err := o.benchtime(benchTime)
	if err != nil {
		return err
	}
	c := &report.Comparison{NewName: firstOf(o.values["-as"], p.name)}
	if name, ok := o.values["-vs"]; ok {
		if c.Old, c.OldName = n.measured(name); c.Old == nil {
			return o.misuse("nothing was measured as %s yet%s", name, n.measurable())
		}
	}
	run := firstOf(o.values["-run"], ".")
	if _, err := regexp.Compile(run); err != nil {
		return o.misuse("-run takes a regular expression: %v", err)
	}
	kind := program.Loop
	if declaresBenchmark.MatchString(call.Body) {
		kind = program.Tests
	}
	b, err := n.build(ctx, call, p, kind, program.Options{Test: true})
	if err != nil {
		return err
	}
	defer b.Close()
	if len(b.Benchmarks) == 0 {
		return o.misuse("there is nothing to measure: write a statement, or func BenchmarkXxx(b *testing.B)")
	}
	l := b.launch([]string{"-test.run=^$", "-test.bench=" + run, "-test.benchmem", "-test.v=test2json",
		fmt.Sprintf("-test.count=%d", count), "-test.benchtime=" + benchtime})
	l.Capture = true
	end, err := n.start(ctx, l, p)
	if err != nil {
		return err
	}
	measured := report.ParseTests(program.Tidy(end.Output, b.Dir))
	if end.Status != "" {
		p.out.Stream("stdout", measured.Rest)
		if failed := measured.Names("FAIL"); len(failed) > 0 && end.Crash == "" {
			show(p, measured.HTML(n.lines, false), measured.Text(n.lines, false))
			return testFailure("benchmark failed", strings.Join(failed, ", "))
		}
		return n.ended(end, b)
	}
	c.New = report.Results(measured.Benchmarks)
	if kind == program.Loop {
		for _, r := range c.New {
			r.Name = c.NewName
		}
	}
	if len(c.New) == 0 {
		return o.misuse("no benchmark matches -run %s", run)
	}
	n.measurements[p.name] = c.New
	if name := o.values["-as"]; name != "" {
		n.measurements[name] = c.New
	}
	show(p, c.HTML(), c.Text())
	return nil
}

// measured returns what was measured under a name, or in the cell with that number, and what to call it.
func (n *Notebook) measured(name string) ([]*report.Result, string) {
	for _, as := range []string{name, "cell [" + name + "]", "cell " + name} {
		if r := n.measurements[as]; r != nil {
			return r, as
		}
	}
	return nil, ""
}

// measurable lists what there is to compare with.
func (n *Notebook) measurable() string {
	if len(n.measurements) == 0 {
		return ""
	}
	return "; there is " + strings.Join(slices.Sorted(maps.Keys(n.measurements)), ", ")
}
