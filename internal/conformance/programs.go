package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"go/build/constraint"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// passingList names, a line each, the programs that must pass.
const passingList = "internal/conformance/testdata/passing.txt"

// of returns the list of names for the engine in use.
func (c *config) of(list string) string {
	if c.engine == "interp" {
		return list
	}
	return strings.TrimSuffix(list, ".txt") + "-" + c.engine + ".txt"
}

// folders are those of the Go tree's test directory that hold programs to run (as cmd/internal/testdir lists them).
var folders = []string{".", "ken", "chan", "interface", "internal/runtime/sys", "syntax", "dwarf", "fixedbugs", "codegen",
	"abi", "typeparam", "typeparam/mdempsky", "arenas"}

// A program is a file of the tree that is to be run alone.
type program struct {
	name string // "chan/select3.go"
	args []string
}

// find returns the programs whose first comment is "// run" and whose arguments, if any, are the program's own: those that
// need other files or flags of the compiler are not for an interpreter.
func (c *config) find() ([]program, error) {
	var found []program
	for _, folder := range folders {
		names, err := filepath.Glob(filepath.Join(c.tree, folder, "*.go"))
		if err != nil {
			return nil, err
		}
		for _, file := range names {
			src, err := os.ReadFile(file)
			if err != nil {
				return nil, fmt.Errorf("reading a program: %w", err)
			}
			args, ok := recipe(string(src))
			name := path.Join(folder, filepath.Base(file))
			if ok && (c.only == nil || c.only.MatchString(name)) {
				found = append(found, program{name: name, args: args})
			}
		}
	}
	return found, nil
}

// recipe returns the arguments of a "// run" program, and whether src is one that this system builds.
func recipe(src string) ([]string, bool) {
	for line := range strings.Lines(src) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		if constraint.IsGoBuild(line) {
			expr, err := constraint.Parse(line)
			if err != nil || !expr.Eval(builds) {
				return nil, false
			}
			continue
		}
		fields := strings.Fields(strings.TrimPrefix(line, "//"))
		if !strings.HasPrefix(line, "//") || len(fields) == 0 || fields[0] != "run" {
			return nil, false
		}
		for _, arg := range fields[1:] {
			if strings.HasPrefix(arg, "-") || strings.HasSuffix(arg, ".go") {
				return nil, false
			}
		}
		return fields[1:], true
	}
	return nil, false
}

// builds reports whether a build tag holds here for a plain "go run".
func builds(tag string) bool {
	return tag == runtime.GOOS || tag == runtime.GOARCH || tag == "gc" || tag == "unix" && runtime.GOOS != "windows" ||
		tag == "cgo" || strings.HasPrefix(tag, "go1.")
}

// A result is the verdict on one program.
type result struct {
	program
	verdict verdict
	why     string
}

// programs is the default mode.
func (c *config) programs(ctx context.Context) error {
	all, err := c.find()
	if err != nil {
		return err
	}
	return c.measure(ctx, all, c.of(passingList))
}

// compare runs p both ways. The result has no verdict if the compiled program does not end well by its own measure.
func (c *config) compare(ctx context.Context, p program) (result, error) {
	r := result{program: p}
	want, err := c.native(ctx, p)
	if err != nil || want.TimedOut {
		return r, err
	}
	dir, base := filepath.Split(filepath.Join(c.tree, filepath.FromSlash(p.name)))
	golden, err := os.ReadFile(filepath.Join(dir, strings.TrimSuffix(base, ".go")+".out"))
	if err == nil && string(golden) != want.Stdout+want.Stderr && string(golden) != want.Stderr+want.Stdout {
		return r, nil
	}
	if want.Status != 0 && !strings.Contains(want.Stderr, "panic: ") {
		return r, nil
	}
	got, err := execute(ctx, dir, c.timeout, append([]string{c.binary, "exec", "--engine", c.engine, base}, p.args...)...)
	if err != nil {
		return r, err
	}
	r.verdict, r.why = judge(got, want)
	return r, nil
}

// native returns what the compiled program does; results are kept, since they change with Go and the program only.
func (c *config) native(ctx context.Context, p program) (outcome, error) {
	file := filepath.Join(c.tree, filepath.FromSlash(p.name))
	src, err := os.ReadFile(file)
	if err != nil {
		return outcome{}, fmt.Errorf("reading a program: %w", err)
	}
	sum := sha256.Sum256(append(src, fmt.Sprint(runtime.Version(), p)...))
	kept := filepath.Join(c.cache, "native-"+hex.EncodeToString(sum[:12])+".json")
	var o outcome
	if data, err := os.ReadFile(kept); err == nil && json.Unmarshal(data, &o) == nil {
		return o, nil
	}
	binary := strings.TrimSuffix(kept, ".json") + ".exe"
	defer os.Remove(binary) // it may not have come into being
	if err := build(ctx, binary, file); err != nil {
		if ctx.Err() != nil {
			return o, ctx.Err()
		}
		o = outcome{TimedOut: true, Stderr: err.Error()}
	} else if o, err = execute(ctx, filepath.Dir(file), c.timeout, append([]string{binary}, p.args...)...); err != nil {
		return o, err
	}
	data, err := json.Marshal(o)
	if err != nil {
		return o, fmt.Errorf("encoding an outcome: %w", err)
	}
	return o, os.WriteFile(kept, data, 0o644)
}

// printTable prints how many programs of each folder came to which verdict.
func printTable(results []result) {
	counts := map[string]map[verdict]int{}
	total := map[verdict]int{}
	var names []string
	for _, r := range results {
		folder := path.Dir(r.name)
		if counts[folder] == nil {
			counts[folder] = map[verdict]int{}
			names = append(names, folder)
		}
		counts[folder][r.verdict]++
		total[r.verdict]++
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Compare(slices.Index(folders, a), slices.Index(folders, b)) })
	row := func(name string, n map[verdict]int) {
		all := 0
		for _, v := range verdicts {
			all += n[v]
		}
		fmt.Printf("%-20s %5d", name, all)
		for _, v := range verdicts {
			fmt.Printf(" %8d", n[v])
		}
		fmt.Printf(" %6.1f%%\n", 100*float64(n[pass])/float64(max(all, 1)))
	}
	fmt.Printf("%-20s %5s", "folder", "all")
	for _, v := range verdicts {
		fmt.Printf(" %8s", v)
	}
	fmt.Println("  passed")
	for _, name := range names {
		row(name, counts[name])
	}
	row("all", total)
}
