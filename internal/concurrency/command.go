package concurrency

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"
)

// A Command says which program to run and how. It may be used more than once, unless a reader or writer in it is used up.
type Command struct {
	// Args are the program, which is looked up in PATH if it has no slash, and its arguments.
	Args []string
	// Env holds further variables, as "NAME=value". The child has those of this process too; the last of a name counts.
	Env []string
	// Dir is the child's working directory, "" for this process's own.
	Dir string

	// Stdin is what the child reads, nil for nothing. An *os.File becomes the child's own; anything else is copied into a
	// pipe by a goroutine, which closes the pipe at the end.
	Stdin io.Reader
	// StdinPipe asks for Process.Stdin, a pipe to write to. Stdin is not used then.
	StdinPipe bool
	// Stdout and Stderr are where the child's output goes. If one is nil, the output is kept in memory for Result. An
	// *os.File becomes the child's own; anything else is written to by a goroutine, by one of its own for each.
	Stdout, Stderr io.Writer

	// Grace is how long a child that is to end has between SIGTERM and SIGKILL, and how long its own children may hold its
	// output when it has ended. 0 stands for two seconds.
	Grace time.Duration
}

// Cmd returns a command that runs a program with arguments.
func Cmd(args ...string) Command { return Command{Args: args} }

// String returns program and arguments with blanks between them.
func (c Command) String() string { return strings.Join(c.Args, " ") }

// A Status is how a child ended: 0 or a small positive number that it exited with, or the negative number of the signal
// that ended it.
type Status int

// String returns the status in the words of package os: "exit status 0" or "signal: terminated".
func (s Status) String() string {
	if s < 0 {
		return "signal: " + syscall.Signal(-s).String()
	}
	return fmt.Sprint("exit status ", int(s))
}

// A Result is what is left of a child.
type Result struct {
	Status Status
	// Stdout and Stderr are what the child and its children wrote, unless Command sent it elsewhere.
	Stdout, Stderr []byte
}

// String returns the status and the beginning of what the child wrote.
func (r Result) String() string {
	text := r.Status.String()
	for _, out := range []struct {
		name string
		text []byte
	}{{"stdout", r.Stdout}, {"stderr", r.Stderr}} {
		const most = 200 // bytes
		switch {
		case len(out.text) > most:
			text += fmt.Sprintf(", %s %q and %d bytes more", out.name, out.text[:most], len(out.text)-most)
		case len(out.text) > 0:
			text += fmt.Sprintf(", %s %q", out.name, out.text)
		}
	}
	return text
}

// An ExitError says that a child was started and did not end with status 0.
type ExitError struct {
	Command string // the name of the program
	Status  Status
	// Stderr is the end of what the child wrote to stderr, at most 1 KiB. It begins with a whole line if there is one.
	Stderr string

	cause error
}

// Error returns program, status, and the end of stderr.
func (e *ExitError) Error() string {
	text := e.Command + ": " + e.Status.String()
	if e.cause != nil {
		text += " (" + e.cause.Error() + ")"
	}
	if e.Stderr != "" {
		text += ": " + e.Stderr
	}
	return text
}

// Unwrap returns the error of the context that made the child end, such as [context.DeadlineExceeded], or nil.
func (e *ExitError) Unwrap() error { return e.cause }

// tail returns the end of what a child wrote to stderr, without its last newline.
func tail(stderr []byte) string {
	const most = 1024
	text := strings.TrimRight(string(stderr), "\n")
	if len(text) <= most {
		return text
	}
	text = text[len(text)-most:]
	if _, whole, found := strings.Cut(text, "\n"); found {
		text = whole
	}
	return strings.ToValidUTF8(text, "")
}

// Run runs a child to its end and returns what is left of it. If the status is not 0, the error is an [*ExitError], and the
// result is there all the same. When ctx is done before, the child is stopped, as [Start] says, and the error
// wraps ctx.Err().
func Run(ctx context.Context, c Command) (Result, error) {
	p, err := Start(ctx, c)
	if err != nil {
		return Result{}, err
	}
	return p.Wait(context.WithoutCancel(ctx))
}

// RunAll runs children, at most limit of them at a time, or all at once if limit is 0 or less. It returns their results in
// the order of the commands, and an error that joins those of [Run] in the same order. One that fails does not keep
// the others from running.
func RunAll(ctx context.Context, limit int, commands ...Command) ([]Result, error) {
	if limit <= 0 || limit > len(commands) {
		limit = len(commands)
	}
	results, errs := make([]Result, len(commands)), make([]error, len(commands))
	var wg sync.WaitGroup
	free := make(chan struct{}, limit)
	for i, c := range commands {
		free <- struct{}{}
		wg.Go(func() {
			defer func() { <-free }()
			results[i], errs[i] = Run(ctx, c)
		})
	}
	wg.Wait()
	return results, errors.Join(errs...)
}

// A Chain is a number of children of which each reads what the one before it writes.
type Chain struct {
	// Processes are the children, the one whose output is the chain's last.
	Processes []*Process
}

// Pipe starts children that are chained by pipes of the operating system, as a shell does with "|". Only the two children at
// the ends of a pipe hold it: when the reader ends the writer gets SIGPIPE, and when the writer ends the reader comes to
// the end of file. All but the first are without Stdin of their own, and all but the last without Stdout. When ctx is done,
// all are stopped.
func Pipe(ctx context.Context, commands ...Command) (*Chain, error) {
	chain := &Chain{}
	var from *os.File // what the next child reads
	for i, c := range commands {
		var to *os.File
		err := checkEnds(c, i == 0, i == len(commands)-1)
		if from != nil {
			c.Stdin = from
		}
		var next *os.File
		if err == nil && i < len(commands)-1 {
			if next, to, err = os.Pipe(); err == nil {
				c.Stdout = to
			}
		}
		var p *Process
		if err == nil {
			p, err = Start(ctx, c)
		}
		// The child has its own descriptors by now. Ours would keep the pipe open when the other end has gone.
		closeAll(from, to)
		if err != nil {
			closeAll(next)
			chain.kill()
			return nil, err
		}
		from = next
		chain.Processes = append(chain.Processes, p)
	}
	return chain, nil
}

func checkEnds(c Command, first, last bool) error {
	if !first && (c.Stdin != nil || c.StdinPipe) || !last && c.Stdout != nil {
		return fmt.Errorf("starting %s: in a chain it has no such stdin or stdout", c)
	}
	return nil
}

func closeAll(files ...*os.File) {
	for _, f := range files {
		if f != nil {
			_ = f.Close() // a pipe of which nothing is to be written any more
		}
	}
}

func (ch *Chain) kill() {
	for _, p := range ch.Processes {
		_ = p.Kill() // it may have ended
	}
	for _, p := range ch.Processes {
		<-p.done
	}
}

// Wait waits for all children and returns their results in order. The error is that of the first child that failed. That
// a child was ended by SIGPIPE does not count if the one that read from it ended with status 0: it had read enough. When
// ctx is done before, Wait returns ctx.Err(), wrapped, and the children go on.
func (ch *Chain) Wait(ctx context.Context) ([]Result, error) {
	results, errs := make([]Result, len(ch.Processes)), make([]error, len(ch.Processes))
	for i, p := range ch.Processes {
		results[i], errs[i] = p.Wait(ctx)
		if exit := (*ExitError)(nil); errs[i] != nil && !errors.As(errs[i], &exit) {
			return nil, errs[i]
		}
	}
	for i, err := range errs {
		if results[i].Status == -Status(syscall.SIGPIPE) && i+1 < len(results) && results[i+1].Status == 0 {
			continue
		}
		if err != nil {
			return results, err
		}
	}
	return results, nil
}
