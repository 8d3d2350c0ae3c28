package notebook

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"time"

	"gokernel/kernel/goroutine"
	"gokernel/kernel/native/program"
	"gokernel/kernel/worker"
)

// A launch asks the worker to run a program that was built for a cell. The worker does it rather than the kernel, since what
// it starts ends with it, prints to the cell's own pipes, and may be interrupted as everything else.
type launch struct {
	Path      string   `json:"path"`
	Args      []string `json:"args,omitempty"`
	Env       []string `json:"env,omitempty"`     // beside the worker's own
	Unlimited bool     `json:"unlimited"`         // without the limit of memory: the race detector reserves all addresses
	Display   bool     `json:"display"`           // it displays by program.DisplayFD
	Capture   bool     `json:"capture,omitempty"` // what it prints comes back instead of going to the cell
	Tee       bool     `json:"tee,omitempty"`     // with Capture: it goes to the cell, too
}

// landed is how a launched program ended.
type landed struct {
	Code   int    `json:"code"`             // the exit status, -1 after a signal
	Status string `json:"status,omitempty"` // in words, "" if it is 0
	Crash  string `json:"crash,omitempty"`  // the runtime's last words
	Output string `json:"output,omitempty"` // what was captured
}

// maxCaptured is how many bytes of a program's output are kept where it is captured.
const maxCaptured = 16 << 20

// start runs a program for a cell, to its end.
func (l launch) start(ctx context.Context, c *goroutine.Cell, host *worker.Host) (landed, error) {
	// The goroutines here wait for another process, not for each other.
	defer goroutine.Hold()()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	argv := append([]string{l.Path}, l.Args...)
	if l.Unlimited {
		argv = append([]string{"/bin/sh", "-c", `ulimit -S -d unlimited 2>/dev/null; exec "$0" "$@"`}, argv...)
	}
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Env = append(programEnviron(), l.Env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	kill := func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.Cancel = kill
	cmd.WaitDelay = 100 * time.Millisecond
	var captured bytes.Buffer
	cmd.Stdout = c.Stdout
	if l.Capture {
		cmd.Stdout = &bounded{w: &captured, left: maxCaptured}
		if l.Tee {
			cmd.Stdout = io.MultiWriter(cmd.Stdout, unmarked{c.Stdout})
		}
	}
	last := &lastWords{out: c.Stderr}
	defer last.stop()
	cmd.Stderr = last
	in, err := cmd.StdinPipe()
	if err != nil {
		return landed{}, fmt.Errorf("making a pipe for the program's stdin: %w", err)
	}
	shown := make(chan error, 1)
	var displays *os.File
	if l.Display {
		r, w, err := os.Pipe()
		if err != nil {
			return landed{}, fmt.Errorf("making a pipe for displays: %w", err)
		}
		defer r.Close()
		displays = w
		cmd.ExtraFiles = []*os.File{w} // the first is program.DisplayFD
		cmd.Env = append(cmd.Env, program.DisplayVariable+"=1")
		go func() { shown <- forward(r, c, host) }()
	}
	if err := cmd.Start(); err != nil {
		return landed{}, fmt.Errorf("starting the program: %w", err)
	}
	if displays != nil {
		displays.Close()
	}
	feeding, stopFeeding := context.WithCancel(ctx)
	fed := make(chan struct{})
	go func() {
		defer close(fed)
		if err := feed(feeding, cmd.Process.Pid, in, c, host); err != nil {
			cancel(&worker.Failure{Kind: worker.NoStdin, Name: "StdinNotAllowed", Value: err.Error()})
		}
	}()
	err = cmd.Wait()
	stopFeeding()
	<-fed
	_ = kill() // what it has left in its group
	if displays != nil {
		select {
		case err := <-shown:
			if err != nil {
				last.Write([]byte("display: " + err.Error() + "\n")) // lastWords does not fail
			}
		case <-time.After(cmd.WaitDelay): // another process has the pipe, too
		}
	}
	end := landed{Output: captured.String()}
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		last.release()
		return end, context.Cause(ctx)
	case errors.As(err, &exit):
		end.Code, end.Status = exit.ExitCode(), exit.Error()
		end.Crash = last.words()
	case err != nil && !errors.Is(err, exec.ErrWaitDelay):
		return end, fmt.Errorf("running the program: %w", err)
	}
	last.release()
	return end, nil
}

// programEnviron is this process's environment without what is meant for a worker.
func programEnviron() []string {
	return slices.DeleteFunc(os.Environ(), func(kv string) bool {
		return strings.HasPrefix(kv, worker.Marker+"=") || strings.HasPrefix(kv, "GOTRACEBACK=")
	})
}

// forward shows what a program displays until it closes the pipe.
func forward(r io.Reader, c *goroutine.Cell, host *worker.Host) error {
	dec := json.NewDecoder(r)
	for {
		var s program.Shown
		if err := dec.Decode(&s); err != nil {
			if errors.Is(err, io.EOF) || errors.Is(err, os.ErrClosed) {
				return nil
			}
			return err
		}
		var err error
		if s.Clear {
			err = host.Clear(c, s.Wait)
		} else {
			err = host.Display(c, s.Data, s.Metadata, s.ID, s.Update)
		}
		if err != nil {
			return err
		}
	}
}

// bounded passes on so many bytes, and drops the others.
type bounded struct {
	w    io.Writer
	left int
}

func (b *bounded) Write(p []byte) (int, error) {
	n := min(len(p), b.left)
	b.left -= n
	if _, err := b.w.Write(p[:n]); err != nil {
		return 0, err
	}
	return len(p), nil
}

// unmarked leaves out the marks that package testing puts before its lines for test2json.
type unmarked struct{ w io.Writer }

func (u unmarked) Write(p []byte) (int, error) {
	if _, err := u.w.Write(bytes.ReplaceAll(p, []byte{0x16}, nil)); err != nil {
		return 0, err
	}
	return len(p), nil
}
