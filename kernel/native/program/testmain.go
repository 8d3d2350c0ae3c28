package program

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"gokernel/kernel/native/report"
	"gokernel/kernel/native/toolchain"
)

// testMain returns a func main that runs the test functions, as `go test` writes it.
func (p *Program) testMain(cover bool) string {
	var b strings.Builder
	b.WriteString("package main\n\nimport (\n\tgk_os \"os\"\n")
	if p.TestMain {
		b.WriteString("\tgk_reflect \"reflect\"\n")
	}
	if cover {
		b.WriteString("\tgk_json \"encoding/json\"\n")
	}
	b.WriteString("\tgk_testing \"testing\"\n\tgk_deps \"testing/internal/testdeps\"\n)\n\nfunc main() {\n")
	b.WriteString("\ttests := []gk_testing.InternalTest{\n")
	for _, name := range p.Tests {
		fmt.Fprintf(&b, "\t\t{%q, %s},\n", name, name)
	}
	b.WriteString("\t}\n\tbenchmarks := []gk_testing.InternalBenchmark{\n")
	for _, name := range p.Benchmarks {
		fmt.Fprintf(&b, "\t\t{%q, %s},\n", name, name)
	}
	b.WriteString("\t}\n\tfuzzes := []gk_testing.InternalFuzzTarget{\n")
	for _, name := range p.Fuzzes {
		fmt.Fprintf(&b, "\t\t{%q, %s},\n", name, name)
	}
	b.WriteString("\t}\n\texamples := []gk_testing.InternalExample{\n")
	for _, e := range p.Examples {
		if e.Compared {
			fmt.Fprintf(&b, "\t\t{%q, %s, %q, %t},\n", e.Name, e.Name, e.Output, e.Unordered)
		}
	}
	b.WriteString("\t}\n\tm := gk_testing.MainStart(gk_deps.TestDeps{}, tests, benchmarks, fuzzes, examples)\n")
	if p.TestMain {
		// The status is where m.Run left it; package testing hands it to `go test` in this way only.
		b.WriteString("\tTestMain(m)\n\tcode := int(gk_reflect.ValueOf(m).Elem().FieldByName(\"exitCode\").Int())\n")
	} else {
		b.WriteString("\tcode := m.Run()\n")
	}
	if cover {
		fmt.Fprintf(&b, "\tdata, err := gk_json.Marshal(%s.Count[:])\n\tif err == nil {\n\t\terr = gk_os.WriteFile(gk_os.Getenv(%q), data, 0o666)\n\t}\n"+
			"\tif err != nil {\n\t\tgk_os.Stderr.WriteString(err.Error())\n\t}\n", report.CoverVariable, CoverVariable)
	}
	b.WriteString("\tgk_os.Exit(code)\n}\n")
	return b.String()
}

// instrument has `go tool cover` put counters into the program.
func (m *Module) instrument(ctx context.Context, tc *toolchain.Toolchain, exe *Executable, direct bool) error {
	if !direct {
		return &Error{Message: "-cover works neither with cgo nor with GOFLAGS=" + tc.GOFLAGS}
	}
	file := filepath.Join(exe.Dir, "main.go")
	source, err := tc.Output(ctx, exe.Dir, "tool", "cover", "-mode=set", "-var="+report.CoverVariable, file)
	if err != nil {
		return err
	}
	// Its first line is a directive that names the file.
	if err := os.WriteFile(file, source, 0o666); err != nil {
		return fmt.Errorf("writing the instrumented program: %w", err)
	}
	exe.Instrumented = source
	return nil
}
