package notebook

import (
	"context"
	"encoding/json"
	"fmt"
	"html/template"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"gokernel/kernel"
	"gokernel/kernel/magic"
	"gokernel/kernel/native/program"
	"gokernel/kernel/native/report"
)

// testFlags are those of %%test.
var testFlags = flags{"-race": false, "-cover": false, "-v": false, "-short": false, "-failfast": false,
	"-count": true, "-run": true, "-bench": true, "-benchtime": true, "-timeout": true}

// test is %%test.
func (n *Notebook) test(ctx context.Context, call magic.Call, p piece) error {
	return n.unbuilt(call, p, n.runTests(ctx, call, p))
}

func (n *Notebook) runTests(ctx context.Context, call magic.Call, p piece) error {
	o, err := testFlags.parse(call)
	if err == nil {
		err = o.none()
	}
	if err != nil {
		return err
	}
	args, err := o.testArguments()
	if err != nil {
		return err
	}
	b, err := n.build(ctx, call, p, program.Tests, program.Options{Race: o.has("-race"), Cover: o.has("-cover"), Test: true})
	if err != nil {
		return err
	}
	defer b.Close()
	if len(b.Tests)+len(b.Examples)+len(b.Benchmarks)+len(b.Fuzzes) == 0 {
		return o.misuse("there is nothing to test: declare func TestXxx(t *testing.T), func ExampleXxx() or func BenchmarkXxx(b *testing.B)")
	}
	if len(b.Benchmarks) > 0 && !o.has("-bench") {
		args = append(args, "-test.bench=.")
	}
	counters, log := filepath.Join(b.Dir, "counters"), filepath.Join(b.Dir, "race")
	env := []string{program.CoverVariable + "=" + counters}
	if o.has("-race") {
		env = append(env, raceOptions(n.environ(), log))
	}
	l := b.launch(args, env...)
	l.Capture, l.Tee = true, o.has("-v")
	end, err := n.start(ctx, l, p)
	if err != nil {
		return err
	}
	run := report.ParseTests(program.Tidy(end.Output, b.Dir))
	if !o.has("-v") && run.Rest != "" {
		p.out.Stream("stdout", run.Rest)
	}
	html, text := run.HTML(n.lines, o.has("-v")), run.Text(n.lines, o.has("-v"))
	if len(run.Benchmarks) > 0 {
		c := &report.Comparison{New: report.Results(run.Benchmarks)}
		html, text = html+c.HTML(), text+c.Text()
	}
	races, err := readRaces(log, b.Dir)
	if err != nil {
		return err
	}
	if len(races) > 0 {
		html, text = html+report.RacesHTML(races, n.lines), text+report.RacesText(races, n.lines)
	}
	if o.has("-cover") && end.Crash == "" {
		c, err := readCoverage(b, counters)
		if err != nil {
			return err
		}
		html, text = html+c.HTML(n.lines), text+c.Text(n.lines)
	}
	if end.Status == "" {
		for _, none := range o.unmatched(b, run) {
			html, text = html+"<p>"+template.HTMLEscapeString(none)+"</p>", text+none+"\n"
		}
	}
	show(p, html, text)
	if end.Status == "" {
		return nil
	}
	if end.Crash != "" {
		return n.ended(end, b)
	}
	failed := run.Count("FAIL")
	if failed == 0 && len(races) == 0 {
		return n.ended(end, b)
	}
	value := fmt.Sprintf("%d of %d failed", failed, len(run.Tests))
	if open := run.Names(""); len(open) > 0 && end.Code > 0 { // os.Exit in a test
		value += fmt.Sprintf("; the program ended with %s during %s", end.Status, open[len(open)-1])
	}
	return testFailure("test failed", value)
}

// testFailure is the error of a cell whose tests or benchmarks failed.
func testFailure(name, value string) error {
	return &kernel.CellError{Name: name, Value: value, Traceback: []string{red + bold + name + plain + ": " + value}}
}

// unmatched says of -run and -bench that nothing matches them, if so.
func (o *options) unmatched(b *built, run *report.TestRun) []string {
	var lines []string
	say := func(flag, what string, names []string) {
		if value, given := o.values[flag]; given && len(names) > 0 {
			lines = append(lines, fmt.Sprintf("No %s matches %s %s; there is %s.", what, flag, value, strings.Join(names, ", ")))
		}
	}
	if len(run.Tests) == 0 {
		names := slices.Concat(b.Tests, b.Fuzzes)
		for _, e := range b.Examples {
			names = append(names, e.Name)
		}
		say("-run", "test", names)
	}
	if len(run.Benchmarks) == 0 {
		say("-bench", "benchmark", b.Benchmarks)
	}
	return lines
}

// testArguments returns the arguments of the test program.
func (o *options) testArguments() ([]string, error) {
	args := []string{"-test.v=test2json", "-test.paniconexit0", "-test.benchmem"}
	count, err := o.number("-count", 1)
	if err != nil {
		return nil, err
	}
	benchtime, err := o.benchtime("100ms")
	if err != nil {
		return nil, err
	}
	args = append(args, fmt.Sprintf("-test.count=%d", count), "-test.benchtime="+benchtime)
	for _, name := range []string{"-run", "-bench"} {
		if value, ok := o.values[name]; ok {
			if _, err := regexp.Compile(value); err != nil {
				return nil, o.misuse("%s takes a regular expression: %v", name, err)
			}
			args = append(args, "-test"+strings.Replace(name, "-", ".", 1)+"="+value)
		}
	}
	if value, ok := o.values["-timeout"]; ok {
		if d, err := time.ParseDuration(value); err != nil || d < 0 {
			return nil, o.misuse("-timeout takes a duration such as 30s, 0 for none, not %q", value)
		}
		args = append(args, "-test.timeout="+value)
	}
	for _, name := range []string{"-short", "-failfast"} {
		if o.has(name) {
			args = append(args, "-test"+strings.Replace(name, "-", ".", 1))
		}
	}
	return args, nil
}

// readCoverage reads the counters that a test program has left.
func readCoverage(b *built, counters string) (*report.Coverage, error) {
	var counts []uint32
	data, err := os.ReadFile(counters)
	if err == nil {
		err = json.Unmarshal(data, &counts)
	}
	if err != nil {
		return nil, fmt.Errorf("reading how often statements were run: %w", err)
	}
	return report.ParseCoverage(b.Instrumented, counts, program.IsTest)
}
