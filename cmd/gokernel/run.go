package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"gokernel/internal/nbrun"
)

type runCmd struct {
	Files       []string      `arg:"" name:"FILE.ipynb" help:"Notebooks to run, one after the other."`
	Out         *string       `short:"o" placeholder:"OUT" help:"Where the executed notebook goes: a file, a directory if there are several, or - for standard output. Without it, each file is rewritten."`
	Timeout     time.Duration `placeholder:"DURATION" help:"The longest that one cell may take, such as 30s or 5m. Without it there is no limit."`
	AllowErrors bool          `help:"Go on after a cell that fails."`
}

// Help is shown by "gokernel run --help".
func (runCmd) Help() string {
	return `Runs notebooks from the first cell to the last, each on a kernel of its own, without Jupyter or Python, and shows what the cells put out as it comes. The executed notebook is written also when a cell fails; the exit status is then 1, and the message names cell and line.

  gokernel run lesson.ipynb                  run it, and keep the outputs in it
  gokernel run lesson.ipynb -o result.ipynb  leave the file as it is
  gokernel run *.ipynb -o results/           several

A cell with the tag raises-exception may fail. Errors are coloured on a terminal, unless NO_COLOR is set.`
}

// Run executes the notebooks.
func (c *runCmd) Run(ctx context.Context, std streams) error {
	out := ""
	if c.Out != nil {
		if out = *c.Out; out == "" {
			return errors.New("--out is empty: name a file or a directory, or leave it out to rewrite the notebooks")
		}
	}
	if err := checkTimeout(c.Timeout); err != nil {
		return err
	}
	ctx, stop := interruptible(ctx)
	defer stop()
	kernel, err := ownKernel()
	if err != nil {
		return err
	}
	return told(nbrun.RunFiles(ctx, nbrun.RunConfig{
		Files: c.Files, Out: out, Timeout: c.Timeout, AllowErrors: c.AllowErrors, Kernel: kernel,
		Stdout: forPeople(std.out), Stderr: forPeople(std.err), Terminal: isTerminal(os.Stderr),
	}))
}

// checkTimeout returns an error if a timeout is none.
func checkTimeout(d time.Duration) error {
	if d < 0 {
		return fmt.Errorf("--timeout is %v: it must be more than 0", d)
	}
	return nil
}
