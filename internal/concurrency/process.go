package concurrency

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

// A Process is a child that has been started. It leads a process group of its own, to which its own children belong unless they
// leave it. All methods may be called by any goroutine.
//
// One goroutine waits for the child, so that it does not stay behind as a zombie even if nobody calls Wait. For each of
// stdin, stdout and stderr that is not a file, one goroutine copies. All have ended when the child has and its output has been
// read; only a Command.Stdin that blocks in its Read keeps its goroutine.
type Process struct {
	// Stdin is a pipe to the child if Command.StdinPipe asked for it, else nil. Close it, or the child will wait for more.
	Stdin io.WriteCloser

	name  string
	cmd   *exec.Cmd
	grace time.Duration

	ours           []*os.File // our ends of pipes that are copied from
	copies         sync.WaitGroup
	stdout, stderr bytes.Buffer
	exited         chan struct{} // closed when the child has ended and status is set
	status         Status
	stop           chan struct{} // holds one if the child is to be stopped
	done           chan struct{} // closed when all is over and result and err are set
	result         Result
	err            error
}

// Start starts a child and returns at once. When ctx is done, the child is stopped as by [Process.Stop]. An error means that it
// was not started; it wraps [exec.ErrNotFound] if there is no such program.
func Start(ctx context.Context, c Command) (*Process, error) {
	if len(c.Args) == 0 {
		return nil, errors.New("starting a child: Command.Args is empty")
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("starting %s: %w", c.Args[0], err)
	}
	p := &Process{
		name: filepath.Base(c.Args[0]), cmd: exec.Command(c.Args[0], c.Args[1:]...), grace: c.Grace,
		exited: make(chan struct{}), stop: make(chan struct{}, 1), done: make(chan struct{}),
	}
	if p.grace <= 0 {
		p.grace = 2 * time.Second
	}
	p.cmd.Env = append(p.cmd.Environ(), c.Env...)
	p.cmd.Dir = c.Dir
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := p.start(c); err != nil {
		if dir := noDir(c.Dir); dir != nil {
			err = dir // of which the system says as little as of a program that is not there
		}
		return nil, fmt.Errorf("starting %s: %w", c.Args[0], err)
	}
	go p.watch(ctx)
	return p, nil
}

// noDir returns why a directory cannot be worked in, nil if it is there.
func noDir(name string) error {
	if name == "" {
		return nil
	}
	info, err := os.Stat(name)
	if err != nil {
		return fmt.Errorf("directory %s: %w", name, errors.Unwrap(err))
	}
	if !info.IsDir() {
		return fmt.Errorf("directory %s: %w", name, syscall.ENOTDIR)
	}
	return nil
}

// start connects and starts the child, and closes in any case what is not needed then.
func (p *Process) start(c Command) (err error) {
	var theirs, ours []*os.File
	var copies []func()
	pipe := func() (r, w *os.File) {
		if err == nil {
			r, w, err = os.Pipe()
		}
		return r, w
	}
	input := func() io.Reader {
		if c.StdinPipe {
			r, w := pipe()
			theirs, ours = append(theirs, r), append(ours, w)
			p.Stdin = w
			return r
		}
		if f, ok := c.Stdin.(*os.File); ok || c.Stdin == nil {
			return f
		}
		r, w := pipe()
		theirs, ours = append(theirs, r), append(ours, w)
		copies = append(copies, func() {
			_, _ = io.Copy(w, c.Stdin) // a child may end without reading all
			_ = w.Close()
		})
		return r
	}
	output := func(to io.Writer, kept *bytes.Buffer) io.Writer {
		if f, ok := to.(*os.File); ok {
			return f
		}
		if to == nil {
			to = kept
		}
		r, w := pipe()
		theirs, ours = append(theirs, w), append(ours, r)
		p.ours = append(p.ours, r)
		copies = append(copies, func() {
			defer p.copies.Done()
			_, _ = io.Copy(to, r) // ends at the end of file, or when watch closes r
			_ = r.Close()         // a writer that fails ends the child by SIGPIPE
		})
		return w
	}
	if in := input(); in != (*os.File)(nil) {
		p.cmd.Stdin = in
	}
	p.cmd.Stdout, p.cmd.Stderr = output(c.Stdout, &p.stdout), output(c.Stderr, &p.stderr)
	if err == nil {
		err = p.cmd.Start()
	}
	closeAll(theirs...)
	if err != nil {
		closeAll(ours...)
		return err
	}
	p.copies.Add(len(p.ours))
	for _, f := range copies {
		go f()
	}
	return nil
}

// watch waits for the child, reaps it, and stops it when it is told to.
func (p *Process) watch(ctx context.Context) {
	var waited error
	go func() {
		waited = p.cmd.Wait()
		p.status = statusOf(p.cmd.ProcessState)
		close(p.exited)
	}()
	stopped, cause := p.guard(ctx)
	if p.read(ctx, stopped) {
		cause = ctx.Err()
	}
	if p.Stdin != nil {
		_ = p.Stdin.Close() // the child is gone
	}
	p.result = Result{Status: p.status, Stdout: p.stdout.Bytes(), Stderr: p.stderr.Bytes()}
	var exit *exec.ExitError
	switch {
	case waited != nil && !errors.As(waited, &exit):
		p.err = fmt.Errorf("waiting for %s: %w", p.name, waited)
	case p.status != 0 || cause != nil:
		p.err = &ExitError{Command: p.name, Status: p.status, Stderr: tail(p.result.Stderr), cause: cause}
	}
	close(p.done)
}

// guard returns when the child has ended: by itself, or because it was told to stop, with all of its group then. cause is
// the error of the context if that was the reason.
func (p *Process) guard(ctx context.Context) (stopped bool, cause error) {
	select {
	case <-p.exited:
		return false, nil
	case <-ctx.Done():
		cause = ctx.Err()
	case <-p.stop:
	}
	_ = p.signal(syscall.SIGTERM) // it may just have ended
	late := time.NewTimer(p.grace)
	defer late.Stop()
	select {
	case <-p.exited:
	case <-late.C:
		_ = p.signal(syscall.SIGKILL)
		<-p.exited
		return true, cause
	}
	look := time.NewTicker(10 * time.Millisecond)
	defer look.Stop()
	for p.signal(0) == nil && livingIn(p.PID()) { // others of the group live on
		select {
		case <-look.C:
		case <-late.C:
			_ = p.signal(syscall.SIGKILL)
			return true, cause
		}
	}
	return true, cause
}

// read returns when all output has been read, and sees to it that it is not held for long by children of a child that has
// ended. It reports whether ctx cut it short.
func (p *Process) read(ctx context.Context, stopped bool) (cut bool) {
	const flush = 100 * time.Millisecond // is enough for what is in the pipe
	copied := make(chan struct{})
	go func() {
		p.copies.Wait()
		close(copied)
	}()
	if !stopped {
		held := time.NewTimer(p.grace)
		defer held.Stop()
		select {
		case <-copied:
			return false
		case <-held.C:
		case <-ctx.Done():
			cut = true
		}
		_ = p.signal(syscall.SIGKILL)
	}
	left := time.NewTimer(flush)
	defer left.Stop()
	select {
	case <-copied:
	case <-left.C: // a process that has left the group has the pipe, or our writer blocks
	}
	closeAll(p.ours...)
	<-copied
	return cut
}

// signal sends a signal to the group; 0 only asks whether it is there. The group keeps its number as long as it has a
// member, and the kernel gives a number out again only after all others have been, so that no stranger is hit.
func (p *Process) signal(sig syscall.Signal) error { return syscall.Kill(-p.cmd.Process.Pid, sig) }

func statusOf(state *os.ProcessState) Status {
	if state == nil {
		return -1
	}
	if ws, ok := state.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
		return -Status(ws.Signal())
	}
	return Status(state.ExitCode())
}

// String returns the name of the program, its number, and how it is.
func (p *Process) String() string {
	state := "running"
	if status, ended := p.Poll(); ended {
		state = status.String()
	}
	return fmt.Sprintf("%s (%d): %s", p.name, p.PID(), state)
}

// Format prints String for any verb, and nothing else of the process, which goroutines use.
func (p *Process) Format(f fmt.State, verb rune) { formatText(f, verb, p.String()) }

// PID returns the number of the child's process, and of its group.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Poll reports whether the child has ended, and how. It does not wait. There may still be output on its way.
func (p *Process) Poll() (status Status, ended bool) {
	select {
	case <-p.exited:
		return p.status, true
	default:
		return 0, false
	}
}

// Wait waits until the child has ended and its output has been read, and returns what is left of it. If the status is not
// 0, the error is an [*ExitError], and the result is there all the same. When ctx is done before, Wait returns ctx.Err(),
// wrapped; the child goes on, and one may wait again.
func (p *Process) Wait(ctx context.Context) (Result, error) {
	select {
	case <-p.done:
		return p.result, p.err
	default:
	}
	defer waiting(p, ChildWait, p.name)()
	select {
	case <-p.done:
		return p.result, p.err
	case <-ctx.Done():
		return Result{}, fmt.Errorf("waiting for %s: %w", p.name, ctx.Err())
	}
}

// Communicate writes input to the child's stdin, closes that, and waits as Wait does. The child must have been started with
// Command.StdinPipe. When ctx is done before, the rest of the input is not written, and stdin is closed.
func (p *Process) Communicate(ctx context.Context, input []byte) (Result, error) {
	if p.Stdin == nil {
		return Result{}, fmt.Errorf("writing to %s: it was started without StdinPipe", p.name)
	}
	written := make(chan struct{})
	go func() {
		defer close(written)
		_, _ = p.Stdin.Write(input) // a child may end without reading all
		_ = p.Stdin.Close()
	}()
	result, err := p.Wait(ctx)
	_ = p.Stdin.Close() // wakes the Write
	<-written
	return result, err
}

// Terminate asks the child and its group to end, by SIGTERM. It does not wait. A child that has ended is left alone.
func (p *Process) Terminate() error { return p.send(syscall.SIGTERM) }

// Kill ends the child and its group by SIGKILL, which they cannot catch. It does not wait. A child that has ended is
// left alone.
func (p *Process) Kill() error { return p.send(syscall.SIGKILL) }

func (p *Process) send(sig syscall.Signal) error {
	if _, ended := p.Poll(); ended {
		return nil
	}
	if err := p.signal(sig); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("ending %s: %w", p.name, err)
	}
	return nil
}

// Stop terminates the child and its group, kills what is left after Command.Grace, and returns how the child ended. If it
// had ended by itself, what is left of its group is not touched.
func (p *Process) Stop() Status {
	select {
	case p.stop <- struct{}{}:
	default: // it is being stopped
	}
	<-p.done
	return p.status
}
