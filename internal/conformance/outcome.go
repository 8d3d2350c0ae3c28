package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// An outcome is how one run of a program has ended.
type outcome struct {
	Stdout, Stderr string
	Status         int  // -1 if a signal ended it
	TimedOut       bool // Status and the output mean nothing then
}

// maxOutput is what is kept of a stream, in bytes: a program that loops must not fill the memory.
const maxOutput = 8 << 20

// addressSpace bounds a program's memory, in KiB as ulimit counts.
const addressSpace = 12 << 20

// execute runs argv in dir until it ends or timeout has passed, in a process group of its own that is killed as one.
func execute(ctx context.Context, dir string, timeout time.Duration, argv ...string) (outcome, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	if runtime.GOOS == "linux" {
		argv = append([]string{"sh", "-c", fmt.Sprintf(`ulimit -v %d; exec "$@"`, addressSpace), "sh"}, argv...)
	}
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &capped{w: &stdout}, &capped{w: &stderr}
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOTRACEBACK=1", "PWD="+dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = time.Second
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) && ctx.Err() == nil && !errors.Is(err, exec.ErrWaitDelay) {
		return outcome{}, fmt.Errorf("running %s: %w", argv[len(argv)-1], err)
	}
	o := outcome{Stdout: stdout.String(), Stderr: stderr.String(), TimedOut: errors.Is(ctx.Err(), context.DeadlineExceeded)}
	if cmd.ProcessState != nil {
		o.Status = cmd.ProcessState.ExitCode()
	}
	return o, nil
}

// A capped writer drops what exceeds maxOutput.
type capped struct {
	w io.Writer
	n int
}

func (c *capped) Write(p []byte) (int, error) {
	if room := maxOutput - c.n; room > 0 {
		n, err := c.w.Write(p[:min(len(p), room)])
		c.n += n
		if err != nil {
			return n, err
		}
	}
	return len(p), nil
}

// Exit statuses of "gokernel exec" that are its own; a program may use the same, so the text on stderr decides too.
const (
	execCompile  = 1
	execRefused  = 3
	execInternal = 4
)

// A verdict is what the comparison of a run with compiled Go comes to.
type verdict string

// The verdicts, from best to worst. A refusal is honest; what is broken or rejected is at least not silent.
const (
	pass     verdict = "pass"
	refused  verdict = "refused"  // with a message that says why, before it ran
	slow     verdict = "slow"     // not done in time
	rejected verdict = "rejected" // as if it did not compile
	broken   verdict = "broken"   // the interpreter has failed and said so
	wrong    verdict = "wrong"    // it ran, and did something else than the compiled program
)

var verdicts = []verdict{pass, refused, slow, rejected, broken, wrong}

// judge compares what gokernel exec did with what the compiled program did, and says in a line why it is no pass.
func judge(got, want outcome) (verdict, string) {
	first, _, _ := strings.Cut(got.Stderr, "\n")
	switch {
	case got.TimedOut:
		return slow, ""
	case got.Status == execRefused && strings.Contains(first, "not supported"):
		return refused, first
	case got.Status == execCompile && refusal.MatchString(first):
		return refused, first
	case got.Status == execInternal && strings.HasPrefix(first, "gokernel: "):
		return broken, first
	case got.Status == execCompile && want.Status != execCompile && compileError.MatchString(first):
		return rejected, first
	case got.Status != want.Status:
		return wrong, fmt.Sprintf("status %d instead of %d: %s", got.Status, want.Status, first)
	case address.ReplaceAllString(got.Stdout, "0xADDR") != address.ReplaceAllString(want.Stdout, "0xADDR"):
		return wrong, difference(got.Stdout, want.Stdout)
	case message(got.Stderr) != message(want.Stderr):
		return wrong, "stderr: " + difference(message(got.Stderr), message(want.Stderr))
	}
	return pass, ""
}

// refusal matches what the checker says of imports that no cell can have.
var refusal = regexp.MustCompile(` (not supported|not available) in cells`)

// compileError is how "gokernel exec" reports one.
var compileError = regexp.MustCompile(`^(gokernel: |\S+\.go:\d+:\d+: )`)

// message returns what a program wrote to stderr without the goroutines that the runtime lists, addresses, and how
// the runtime says that a signal was behind a panic.
func message(stderr string) string {
	if i := strings.Index(stderr, "\ngoroutine "); i >= 0 {
		stderr = stderr[:i]
	}
	stderr = strings.ReplaceAll(stderr, " [recovered, repanicked]", "")
	stderr = signalLine.ReplaceAllString(stderr, "")
	stderr = address.ReplaceAllString(stderr, "0xADDR")
	return strings.TrimSpace(stderr)
}

var (
	signalLine = regexp.MustCompile(`(?m)^\[signal .*\]\n?`)
	address    = regexp.MustCompile(`0x[0-9a-f]{6,}`)
)

// difference names the first line in which got and want differ.
func difference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range max(len(g), len(w)) {
		var gl, wl string
		if i < len(g) {
			gl = g[i]
		}
		if i < len(w) {
			wl = w[i]
		}
		if gl != wl || i >= len(g) || i >= len(w) {
			return fmt.Sprintf("line %d: got %s, want %s", i+1, quote(gl, i < len(g)), quote(wl, i < len(w)))
		}
	}
	return "no difference"
}

func quote(line string, exists bool) string {
	if !exists {
		return "nothing"
	}
	if len(line) > 120 {
		line = line[:120] + "…"
	}
	return fmt.Sprintf("%q", line)
}
