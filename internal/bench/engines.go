package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"gokernel/internal/client"
	"gokernel/kernel/jupyter"
)

// A workload is a function that takes a while, with what it needs: declared in one cell and called in another.
type workload struct{ name, source string }

// workloads are the programs that compiled cells are held to.
var workloads = []workload{
	{"fib(32)", "func fib(n int) int {\n\tif n < 2 {\n\t\treturn n\n\t}\n\treturn fib(n-1) + fib(n-2)\n}\nfunc work() { fib(32) }"},
	{"sieve", "func work() {\n\tcomposite := make([]bool, 5_000_000)\n\tfor i := 2; i*i < len(composite); i++ {\n\t\tif !composite[i] {\n\t\t\tfor j := i * i; j < len(composite); j += i {\n\t\t\t\tcomposite[j] = true\n\t\t\t}\n\t\t}\n\t}\n}"},
	{"life", `type grid struct {
	rows, cols int
	cells      []bool
}

func (g *grid) get(r, c int) bool {
	return g.cells[(r+g.rows)%g.rows*g.cols+(c+g.cols)%g.cols]
}

func (g *grid) step() *grid {
	next := &grid{g.rows, g.cols, make([]bool, len(g.cells))}
	for r := range g.rows {
		for c := range g.cols {
			n := 0
			for dr := -1; dr <= 1; dr++ {
				for dc := -1; dc <= 1; dc++ {
					if (dr != 0 || dc != 0) && g.get(r+dr, c+dc) {
						n++
					}
				}
			}
			next.cells[r*g.cols+c] = n == 3 || n == 2 && g.get(r, c)
		}
	}
	return next
}

func work() {
	g := &grid{200, 200, make([]bool, 40_000)}
	for i := range g.cells {
		g.cells[i] = i%3 == 0
	}
	for range 20 {
		g = g.step()
	}
}`},
	{"factorize, serial", factorize + "func work() {\n\tfor _, n := range numbers {\n\t\tfactors(n)\n\t}\n}"},
	{"factorize, parallel", factorize + "func work() {\n\tvar wg sync.WaitGroup\n\tfor _, n := range numbers {\n\t\twg.Add(1)\n\t\tgo func() {\n\t\t\tdefer wg.Done()\n\t\t\tfactors(n)\n\t\t}()\n\t}\n\twg.Wait()\n}"},
	{"channel", "func work() {\n\tch := make(chan int)\n\tgo func() {\n\t\tfor i := range 200_000 {\n\t\t\tch <- i\n\t\t}\n\t\tclose(ch)\n\t}()\n\tsum := 0\n\tfor v := range ch {\n\t\tsum += v\n\t}\n}"},
	{"mutex", "func work() {\n\tvar mu sync.Mutex\n\tvar wg sync.WaitGroup\n\tn := 0\n\tfor range 4 {\n\t\twg.Add(1)\n\t\tgo func() {\n\t\t\tdefer wg.Done()\n\t\t\tfor range 500_000 {\n\t\t\t\tmu.Lock()\n\t\t\t\tn++\n\t\t\t\tmu.Unlock()\n\t\t\t}\n\t\t}()\n\t}\n\twg.Wait()\n}"},
}

const factorize = `var numbers = []int{21390790, 12147590, 15166370, 18522850}

func factors(n int) (out []int) {
	for i := 1; i <= n; i++ {
		if n%i == 0 {
			out = append(out, i)
		}
	}
	return out
}

`

// timed measures work from inside, in seconds.
const timed = "\nfunc timed() float64 {\n\tbegan := time.Now()\n\twork()\n\treturn time.Since(began).Seconds()\n}"

// rounds is how often each side runs a workload; the best counts, for a machine has other things to do.
const rounds = 25

// engines measures compiled cells against the same programs compiled by go build.
func engines(ctx context.Context, s subject) ([]figure, error) {
	var figures []figure
	var ready, around []time.Duration
	for _, w := range workloads {
		r, err := startRival(ctx, w)
		if err != nil {
			return nil, err
		}
		compiled, inside := 0.0, 0.0
		err = s.with(ctx, func(c *client.Client) error {
			// The first compiled cell of a session may have to wait for the toolchain to be tried.
			if _, err := execute(ctx, c, "func first() {}", client.Handler{}); err != nil {
				return err
			}
			took, err := execute(ctx, c, w.source+timed, client.Handler{})
			if err != nil {
				return err
			}
			ready = append(ready, took)
			for range rounds {
				theirs, err := r.run()
				if err != nil {
					return err
				}
				text := ""
				took, err := execute(ctx, c, "timed()", client.Handler{Message: func(m *jupyter.Message) {
					if r, err := jupyter.Decode[jupyter.ExecuteResult](m); err == nil && m.Header.MsgType == jupyter.ExecuteResultType {
						text, _ = r.Data["text/plain"].(string)
					}
				}})
				if err != nil {
					return err
				}
				ours, err := strconv.ParseFloat(text, 64)
				if err != nil {
					return fmt.Errorf("the cell timed() of %s answered %q", w.name, text)
				}
				around = append(around, took-time.Duration(ours*float64(time.Second)))
				if inside == 0 || ours < inside {
					inside = ours
				}
				if compiled == 0 || theirs < compiled {
					compiled = theirs
				}
			}
			return nil
		})
		if err = errors.Join(err, r.close()); err != nil {
			return nil, err
		}
		figures = append(figures, figure{name: "compiled cell: " + w.name, value: inside / compiled, unit: "× go build", limit: 1.15})
	}
	return append(figures,
		figure{name: "cell of declarations, compiled (p50)", value: ms(quantile(ready, 0.5)), unit: "ms", limit: 600},
		figure{name: "call of compiled code, around it (p50)", value: ms(quantile(around, 0.5)), unit: "ms", limit: 5},
	), nil
}

// A rival is a workload compiled by go build, which runs it once for each line that it reads. So both sides take turns, and
// what else the machine does meets both.
type rival struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Scanner
	dir string
}

// startRival compiles a workload by go build and starts it. The rival must be closed.
func startRival(ctx context.Context, w workload) (_ *rival, err error) {
	r := &rival{}
	if r.dir, err = os.MkdirTemp("", "gokernel-bench-"); err != nil {
		return nil, fmt.Errorf("making a directory to build in: %w", err)
	}
	defer func() {
		if err != nil {
			os.RemoveAll(r.dir) // a leftover in the system's own temporary directory harms nobody
		}
	}()
	imports := "import (\n\t\"fmt\"\n\t\"time\"\n"
	if strings.Contains(w.source, "sync.") {
		imports += "\t\"sync\"\n"
	}
	source := "package main\n\n" + imports + ")\n\n" + w.source + timed +
		"\n\nfunc main() {\n\tvar line string\n\tfor {\n\t\tif _, err := fmt.Scanln(&line); err != nil {\n\t\t\treturn\n\t\t}\n\t\tfmt.Println(timed())\n\t}\n}\n"
	file := filepath.Join(r.dir, "main.go")
	if err := os.WriteFile(file, []byte(source), 0o666); err != nil {
		return nil, fmt.Errorf("writing the program %s: %w", w.name, err)
	}
	binary := filepath.Join(r.dir, "program")
	if out, err := exec.CommandContext(ctx, "go", "build", "-o", binary, file).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("building %s: %w\n%s", w.name, err, out)
	}
	r.cmd = exec.CommandContext(ctx, binary)
	if r.in, err = r.cmd.StdinPipe(); err != nil {
		return nil, fmt.Errorf("making a pipe to %s: %w", w.name, err)
	}
	out, err := r.cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("making a pipe from %s: %w", w.name, err)
	}
	r.out = bufio.NewScanner(out)
	if err := r.cmd.Start(); err != nil {
		return nil, fmt.Errorf("running %s: %w", w.name, err)
	}
	return r, nil
}

// run returns the time of one round in seconds.
func (r *rival) run() (float64, error) {
	if _, err := io.WriteString(r.in, "go\n"); err != nil {
		return 0, fmt.Errorf("asking for a round: %w", err)
	}
	if !r.out.Scan() {
		return 0, errors.Join(errors.New("the compiled program has ended"), r.out.Err())
	}
	seconds, err := strconv.ParseFloat(r.out.Text(), 64)
	if err != nil {
		return 0, fmt.Errorf("reading the time of a round: %w", err)
	}
	return seconds, nil
}

func (r *rival) close() error {
	return errors.Join(r.in.Close(), r.cmd.Wait(), os.RemoveAll(r.dir))
}
