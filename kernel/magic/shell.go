package magic

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// lateOutput is how long output is still awaited from processes that a command left in the
// background, where output is copied and not written by the processes themselves.
const lateOutput = 100 * time.Millisecond

// maxScript is the length in bytes up to which a script is an argument; the kernel of Linux takes
// 128 KiB for one.
const maxScript = 100 << 10

// runShell is !.
func runShell(ctx context.Context, h Host, c Call) error {
	return run(ctx, h, c, c.Args, shell(h), "-c", c.Args)
}

// shell returns bash if there is one, else sh.
func shell(h Host) string {
	if path, err := lookPath(h, "bash"); err == nil {
		return path
	}
	return "/bin/sh"
}

// runExec is $.
func runExec(ctx context.Context, h Host, c Call) error {
	argv := strings.Fields(c.Args)
	if len(argv) == 0 {
		return nil
	}
	return run(ctx, h, c, c.Args, argv[0], argv[1:]...)
}

// runScript is %%bash and %%sh.
func runScript(ctx context.Context, h Host, c Call) error {
	args, err := Words(c)
	if err != nil {
		return err
	}
	name := strings.TrimPrefix(c.Name, "%%")
	if len(c.Body) > maxScript {
		file, err := os.CreateTemp("", "cell*."+name)
		if err != nil {
			return fmt.Errorf("writing the script to a file: %w", err)
		}
		defer os.Remove(file.Name()) // nothing is lost if it stays
		_, err = file.WriteString(c.Body)
		if err = errors.Join(err, file.Close()); err != nil {
			return fmt.Errorf("writing the script to a file: %w", err)
		}
		return run(ctx, h, c, "", name, append([]string{file.Name()}, args...)...)
	}
	return run(ctx, h, c, "", name, append([]string{"-c", c.Body, name}, args...)...)
}

// runProgram is %%script.
func runProgram(ctx context.Context, h Host, c Call) error {
	argv, err := Words(c)
	if err != nil {
		return err
	}
	if len(argv) == 0 {
		return usage(c, "%%%%script takes a program, as in %%%%script python3")
	}
	cmd, err := command(ctx, h, c, argv[0], argv[1:]...)
	if err != nil {
		return err
	}
	cmd.Stdin = strings.NewReader(c.Body)
	return wait(ctx, c, c.Args, cmd)
}

// run runs a program, called what in errors, to its end.
func run(ctx context.Context, h Host, c Call, what, name string, args ...string) error {
	cmd, err := command(ctx, h, c, name, args...)
	if err != nil {
		return err
	}
	return wait(ctx, c, what, cmd)
}

// command returns a program that is ready to start in a process group of its own, which ends with
// ctx. Its stdin is at its end: only Go code of the cell asks the front end.
func command(ctx context.Context, h Host, c Call, name string, args ...string) (*exec.Cmd, error) {
	dir, err := h.Dir()
	if err != nil {
		return nil, usage(c, "%s: the working directory: %v", c.Name, err)
	}
	path, err := lookPath(h, name)
	if err != nil {
		return nil, usage(c, "%s: there is no program %q", c.Name, name)
	}
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Args[0] = name
	cmd.Dir = dir
	cmd.Env = h.Environ()
	cmd.Stdout, cmd.Stderr = h.Stdout(), h.Stderr()
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = lateOutput
	return cmd, nil
}

// lookPath finds a program in the host's PATH, from the host's directory if it has a slash.
func lookPath(h Host, name string) (string, error) {
	if strings.Contains(name, "/") {
		return name, nil // taken from cmd.Dir
	}
	for dir := range strings.SplitSeq(lookup(h, "PATH"), ":") {
		path := dir + "/" + name
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0 && dir != "" {
			return path, nil
		}
	}
	return "", exec.ErrNotFound
}

// wait runs cmd, called what in errors, to its end.
func wait(ctx context.Context, c Call, what string, cmd *exec.Cmd) error {
	err := cmd.Run()
	var exit *exec.ExitError
	switch {
	case err == nil, errors.Is(err, exec.ErrWaitDelay): // the program itself ended well
		return nil
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.As(err, &exit):
		return &ExitError{Line: c.Line, Command: strings.TrimSpace(c.Name + space(c) + what), Status: exit.Error(), Code: exit.ExitCode()}
	}
	return usage(c, "%s: %v", c.Name, cause(err))
}

// space returns what stands between a call's name and its arguments.
func space(c Call) string {
	if c.Kind == Shell {
		return ""
	}
	return " "
}
