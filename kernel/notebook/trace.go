package notebook

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"gokernel/kernel/jupyter"
	"gokernel/kernel/magic"
	"gokernel/kernel/native/program"
	"gokernel/kernel/native/report"
)

// Names of the files that programs of %%trace and %%leak write, in environment variables.
const (
	traceVariable = "GOKERNEL_TRACE"
	leakVariable  = "GOKERNEL_LEAK"
)

// traceMain is the func main of a program of %%trace.
const traceMain = `package main

import (
	gk_os "os"
	gk_trace "runtime/trace"
)

func main() {
	file, err := gk_os.Create(gk_os.Getenv("` + traceVariable + `"))
	if err == nil {
		err = gk_trace.Start(file)
	}
	if err != nil {
		gk_os.Stderr.WriteString(err.Error() + "\n")
		gk_os.Exit(1)
	}
	defer file.Close()
	defer gk_trace.Stop()
	` + program.Body + `()
}
`

// trace is %%trace.
func (n *Notebook) trace(ctx context.Context, call magic.Call, p piece) error {
	return n.unbuilt(call, p, n.runTrace(ctx, call, p))
}

func (n *Notebook) runTrace(ctx context.Context, call magic.Call, p piece) error {
	b, err := n.build(ctx, call, p, program.Wrapped, program.Options{
		More: map[string]string{"trace.go": traceMain}, Imports: []string{"os", "runtime/trace"},
	})
	if err != nil {
		return err
	}
	defer b.Close()
	name := filepath.Join(b.Dir, "trace")
	end, err := n.start(ctx, b.launch(strings.Fields(call.Args), traceVariable+"="+name), p)
	if err != nil {
		return err
	}
	if err := n.showTrace(ctx, name, p); err != nil && end.Status == "" {
		return err
	}
	return n.ended(end, b)
}

// showTrace draws a trace.
func (n *Notebook) showTrace(ctx context.Context, name string, p piece) error {
	file, err := os.Open(name)
	if err != nil {
		return fmt.Errorf("reading the trace: %w", err)
	}
	defer file.Close()
	t, err := report.ParseTrace(bound{ctx, file}, n.lines)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err != nil { // os.Exit does not end the trace
		p.out.Stream(jupyter.Stderr, "The program has left no trace that can be read, as after os.Exit.\n")
		return nil
	}
	if t.Cut {
		p.out.Stream(jupyter.Stderr, fmt.Sprintf("The trace is long: only its first %v are shown.\n", t.End.Round(time.Millisecond)))
	}
	show(p, t.HTML(n.lines), t.Text(n.lines))
	return nil
}

// bound is a reader that ends with a context.
type bound struct {
	ctx context.Context
	r   io.Reader
}

func (b bound) Read(p []byte) (int, error) {
	if err := b.ctx.Err(); err != nil {
		return 0, err
	}
	return b.r.Read(p)
}

// leakMain is the func main of a program of %%leak: it writes the stacks of all goroutines when the cell's code has ended.
// Those that are about to end get a moment to do so.
const leakMain = `package main

import (
	gk_os "os"
	gk_runtime "runtime"
	gk_pprof "runtime/pprof"
	gk_time "time"
)

func main() {
	` + program.Body + `()
	for last, same := gk_runtime.NumGoroutine(), 0; same < 20 && last > 1; {
		gk_time.Sleep(gk_time.Millisecond)
		if now := gk_runtime.NumGoroutine(); now == last {
			same++
		} else {
			last, same = now, 0
		}
	}
	file, err := gk_os.Create(gk_os.Getenv("` + leakVariable + `"))
	if err != nil {
		gk_os.Stderr.WriteString(err.Error() + "\n")
		gk_os.Exit(1)
	}
	profile := gk_pprof.Lookup("goroutineleak")
	if profile == nil {
		profile = gk_pprof.Lookup("goroutine")
	}
	profile.WriteTo(file, 2)
	file.Close()
}
`

// leakExperiment is the experiment of Go 1.26 that finds goroutines that nothing can wake: the garbage collector does not
// reach what they wait for (https://go.dev/doc/go1.26#goroutineleak-profiles).
const leakExperiment = "goroutineleakprofile"

// leak is %%leak.
func (n *Notebook) leak(ctx context.Context, call magic.Call, p piece) error {
	return n.unbuilt(call, p, n.runLeak(ctx, call, p))
}

func (n *Notebook) runLeak(ctx context.Context, call magic.Call, p piece) error {
	b, err := n.build(ctx, call, p, program.Wrapped, program.Options{
		More: map[string]string{"leak.go": leakMain}, Imports: []string{"os", "runtime", "runtime/pprof", "time"}, Experiment: leakExperiment,
	})
	if err != nil {
		return err
	}
	defer b.Close()
	name := filepath.Join(b.Dir, "leak")
	end, err := n.start(ctx, b.launch(strings.Fields(call.Args), leakVariable+"="+name), p)
	if err != nil {
		return err
	}
	stacks, err := os.ReadFile(name)
	if err != nil {
		if end.Status != "" {
			return n.ended(end, b)
		}
		return fmt.Errorf("reading the stacks of goroutines: %w", err)
	}
	left := report.ParseLeaks(program.Tidy(string(stacks), b.Dir), n.lines)
	show(p, left.HTML(n.lines), left.Text(n.lines))
	return n.ended(end, b)
}
