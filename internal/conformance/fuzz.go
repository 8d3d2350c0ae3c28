package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"gokernel/internal/conformance/progen"
)

// batchSize is how many programs are compiled at once: linking is most of the time.
const batchSize = 40

// fuzz makes programs, from first on, for as long as d, and compares what they print compiled and through gokernel exec.
// Programs that differ are kept in findings, with the reason on top; it returns an error if there are any.
func (c *config) fuzz(ctx context.Context, d time.Duration, first uint64, findings string) error {
	if err := os.MkdirAll(findings, 0o755); err != nil {
		return fmt.Errorf("making a directory for findings: %w", err)
	}
	until := time.Now().Add(d)
	counts := map[verdict]int{}
	seed := first
	for time.Now().Before(until) && ctx.Err() == nil {
		results, err := c.fuzzBatch(ctx, seed)
		if err != nil {
			return err
		}
		for i, r := range results {
			counts[r.verdict]++
			if r.verdict == pass || r.verdict == refused || r.verdict == slow {
				continue
			}
			n := seed + uint64(i)
			fmt.Printf("%-8s %s: %s\n", r.verdict, r.name, r.why)
			text := "// " + string(r.verdict) + ": " + strings.ReplaceAll(r.why, "\n", " ") + "\n" + progen.Program(n)
			if err := os.WriteFile(filepath.Join(findings, r.name), []byte(text), 0o644); err != nil {
				return fmt.Errorf("keeping a finding: %w", err)
			}
		}
		seed += batchSize
	}
	fmt.Printf("%d programs from seed %d:", seed-first, first)
	for _, v := range verdicts {
		fmt.Printf(" %d %s", counts[v], v)
	}
	fmt.Println()
	if n := counts[wrong] + counts[broken] + counts[rejected]; n > 0 {
		return fmt.Errorf("%d programs differ: see %s", n, findings)
	}
	return nil
}

// fuzzBatch compares the programs of batchSize seeds.
func (c *config) fuzzBatch(ctx context.Context, seed uint64) ([]result, error) {
	dir, err := os.MkdirTemp(c.cache, "fuzz-")
	if err != nil {
		return nil, fmt.Errorf("making a directory for programs: %w", err)
	}
	defer os.RemoveAll(dir) // in the cache, harmless if left
	var calls, imports strings.Builder
	for i := range batchSize {
		src := progen.Program(seed + uint64(i))
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("seed%d.go", seed+uint64(i))), []byte(src), 0o644); err != nil {
			return nil, err
		}
		pkg := fmt.Sprintf("p%d", i)
		if err := os.Mkdir(filepath.Join(dir, pkg), 0o755); err != nil {
			return nil, err
		}
		src = strings.Replace(src, "package main\n", "package "+pkg+"\n", 1)
		src = strings.Replace(src, "\nfunc main() {", "\nfunc Main() {", 1)
		if err := os.WriteFile(filepath.Join(dir, pkg, "p.go"), []byte(src), 0o644); err != nil {
			return nil, err
		}
		fmt.Fprintf(&imports, "\t\"gokernel/%s/%s\"\n", filepath.ToSlash(c.relative(dir)), pkg)
		fmt.Fprintf(&calls, "\tcase %q:\n\t\t%s.Main()\n", pkg, pkg)
	}
	main := "package main\n\nimport (\n\t\"os\"\n" + imports.String() + ")\n\nfunc main() {\n\tswitch os.Args[1] {\n" + calls.String() + "\t}\n}\n"
	file := filepath.Join(dir, "all.go")
	if err := os.WriteFile(file, []byte(main), 0o644); err != nil {
		return nil, err
	}
	binary := filepath.Join(dir, "all.exe")
	if err := build(ctx, binary, file); err != nil {
		return nil, err
	}
	results := make([]result, batchSize)
	var group errgroup.Group
	group.SetLimit(c.jobs)
	for i := range results {
		group.Go(func() error {
			pkg := fmt.Sprintf("p%d", i)
			want, err := execute(ctx, dir, c.timeout, binary, pkg)
			if err != nil {
				return err
			}
			want.Stdout = regexp.MustCompile(`\b`+pkg+`\.`).ReplaceAllString(want.Stdout, "main.")
			name := fmt.Sprintf("seed%d.go", seed+uint64(i))
			got, err := execute(ctx, dir, c.timeout, c.binary, "exec", "--engine", c.engine, name)
			if err != nil {
				return err
			}
			results[i].name = name
			results[i].verdict, results[i].why = judge(got, want)
			return nil
		})
	}
	return results, group.Wait()
}

// relative returns the path of a directory below the module's root, where the tool runs.
func (c *config) relative(dir string) string {
	root, err := os.Getwd()
	if err != nil {
		return dir
	}
	rel, err := filepath.Rel(root, dir)
	if err != nil {
		return dir
	}
	return rel
}
