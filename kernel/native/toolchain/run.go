package toolchain

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// lateOutput is how long output is awaited after a program has been killed.
const lateOutput = 100 * time.Millisecond

// Command returns a call of the go command in dir, ready to run in a process group of its own, which ends with ctx.
func (t *Toolchain) Command(ctx context.Context, dir string, args ...string) *exec.Cmd {
	return t.command(ctx, dir, t.Go, args...)
}

func (t *Toolchain) command(ctx context.Context, dir, path string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Dir = dir
	cmd.Env = append(append([]string(nil), t.env...), "PWD="+dir)
	if dir == "" {
		cmd.Env = cmd.Env[:len(cmd.Env)-1]
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = lateOutput
	return cmd
}

// An Error is what the go command, the compiler or the linker said against what they were given.
type Error struct {
	Tool   string // "go list", "compile", "link"
	Output string // all lines, as printed
}

// Error returns the tool and its first line that says something.
func (e *Error) Error() string {
	return fmt.Sprintf("%s: %s", e.Tool, e.Reason())
}

// Reason returns the first line of the output that is not a heading ("# main") or a notice of progress.
func (e *Error) Reason() string {
	first := ""
	for line := range strings.Lines(e.Output) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "# ") || strings.HasPrefix(line, "go: downloading ") || strings.HasPrefix(line, "go: finding ") {
			continue
		}
		first = line
		break
	}
	return strings.TrimPrefix(firstWord(first, strings.TrimSpace(e.Output), "it failed and said nothing"), "go: ")
}

// run runs a program of the toolchain and returns what it printed on stdout. The error is an *Error if the program
// ended with a status, the cause of ctx if that ended it.
func (t *Toolchain) run(ctx context.Context, cmd *exec.Cmd, tool string) ([]byte, error) {
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	switch {
	case err == nil, errors.Is(err, exec.ErrWaitDelay):
		return stdout.Bytes(), nil
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case errors.As(err, &exit):
		return nil, &Error{Tool: tool, Output: stderr.String() + stdout.String()} // the compiler prints its errors on stdout
	}
	return nil, fmt.Errorf("running %s: %w", tool, err)
}

// Output runs the go command in dir and returns what it printed on stdout. The error is an *Error if it ended with a
// status, the cause of ctx if that ended it.
func (t *Toolchain) Output(ctx context.Context, dir string, args ...string) ([]byte, error) {
	return t.run(ctx, t.Command(ctx, dir, args...), "go "+args[0])
}
