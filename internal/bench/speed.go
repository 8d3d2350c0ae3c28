package main

import (
	"context"
	_ "embed"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/tools/txtar"
)

// speedPrograms are programs that bare yaegi gets right too.
//
//go:embed testdata/speed.txtar
var speedPrograms []byte

// speedRounds is how often each program runs on either side, in turns: its fastest run counts.
const speedRounds = 3

// timedMain runs work for a while, five times at least, and prints its result and the seconds of the fastest run.
const timedMain = `
func main() {
	best, result := 0.0, 0
	start := time.Now()
	for i := 0; i < 5 || time.Since(start) < 100*time.Millisecond; i++ {
		began := time.Now()
		result = work()
		if took := time.Since(began).Seconds(); i == 0 || took < best {
			best = took
		}
	}
	fmt.Println(result, best)
}
`

// speed measures the interpreter against bare yaegi, side by side, program by program.
func speed(ctx context.Context, s subject) ([]figure, error) {
	dir, err := os.MkdirTemp("", "gokernel-bench-")
	if err != nil {
		return nil, fmt.Errorf("making a directory to build in: %w", err)
	}
	defer os.RemoveAll(dir) // a leftover in the system's own temporary directory harms nobody
	yaegi := filepath.Join(dir, "yaegi")
	if out, err := exec.CommandContext(ctx, "go", "build", "-o", yaegi, "github.com/traefik/yaegi/cmd/yaegi").CombinedOutput(); err != nil {
		return nil, fmt.Errorf("building yaegi: %w\n%s", err, out)
	}
	var worst figure
	logs, all := 0.0, txtar.Parse(speedPrograms).Files
	for _, f := range all {
		imports := "import (\n\t\"fmt\"\n\t\"time\"\n"
		if strings.Contains(string(f.Data), "strings.") {
			imports += "\t\"strings\"\n"
		}
		file := filepath.Join(dir, strings.ReplaceAll(f.Name, " ", "_")+".go")
		if err := os.WriteFile(file, []byte("package main\n\n"+imports+")\n\n"+string(f.Data)+timedMain), 0o666); err != nil {
			return nil, fmt.Errorf("writing a program: %w", err)
		}
		ours, bare := math.Inf(1), math.Inf(1)
		for range speedRounds {
			bareResult, seconds, err := timedRun(ctx, yaegi, "run", file)
			if err != nil {
				return nil, err
			}
			bare = min(bare, seconds)
			result, seconds, err := timedRun(ctx, s.argv[0], "exec", "--engine", "interp", file)
			if err != nil {
				return nil, err
			}
			ours = min(ours, seconds)
			if result != bareResult {
				return nil, fmt.Errorf("the program %s yields %s, and %s in bare yaegi", f.Name, result, bareResult)
			}
		}
		logs += math.Log(ours / bare)
		if ours/bare > worst.value {
			worst = figure{name: "interpreter: worst, " + f.Name, value: ours / bare, unit: "× yaegi", limit: 1.5}
		}
	}
	mean := figure{name: fmt.Sprintf("interpreter: geometric mean of %d", len(all)), value: math.Exp(logs / float64(len(all))), unit: "× yaegi", limit: 1}
	return []figure{mean, worst}, nil
}

// timedRun runs a program with timedMain and returns what it printed: the result and the time in seconds.
func timedRun(ctx context.Context, argv ...string) (result string, seconds float64, err error) {
	out, err := exec.CommandContext(ctx, argv[0], argv[1:]...).Output()
	if err != nil {
		return "", 0, fmt.Errorf("running %s: %w", strings.Join(argv, " "), err)
	}
	fields := strings.Fields(string(out))
	if len(fields) != 2 {
		return "", 0, fmt.Errorf("%s printed %q, want a result and a time", strings.Join(argv, " "), out)
	}
	seconds, err = strconv.ParseFloat(fields[1], 64)
	return fields[0], seconds, err
}
