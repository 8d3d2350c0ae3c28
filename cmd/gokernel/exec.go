package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	goparser "go/parser"
	"go/token"
	"io"
	"os"

	"gokernel/kernel/check"
	"gokernel/kernel/engine"
	"gokernel/kernel/goroutine"
	"gokernel/kernel/interp"
	"gokernel/kernel/lower"
	"gokernel/kernel/worker"
)

type execCmd struct {
	Engine  string   `default:"interp" enum:"auto,native,interp" help:"What runs it: interp, the interpreter; native, the Go toolchain's compiler; auto, as in a notebook."`
	Program []string `arg:"" name:"FILE.go" passthrough:"partial" help:"The program, and its arguments: all that follows is the program's, flags too."`
}

// Help is shown by "gokernel exec --help".
func (execCmd) Help() string {
	return `Runs a Go program of one file as the cells of a notebook are run, by the interpreter and without the Go toolchain. Its standard input, output and error are this command's, and so is its exit status: 2 after a panic, 1 if it does not compile, 3 if it is refused since the interpreter could not run it rightly, 4 if the interpreter failed.

  gokernel exec hello.go
  gokernel exec sort.go -r < words.txt`
}

// Exit statuses of a program that does not compile, of one that the runtime has ended, of one that is refused because the
// interpreter could not run it rightly, and of one on which the interpreter itself has failed.
const (
	statusCompile  = 1
	statusPanic    = 2
	statusRefused  = 3
	statusInternal = 4
)

// Run runs the program to its end.
func (c *execCmd) Run(ctx context.Context, std streams) error {
	if c.Program[0] == "--" {
		c.Program = c.Program[1:]
	}
	if len(c.Program) == 0 {
		return errors.New("no program to run: name a file after --")
	}
	file := c.Program[0]
	src, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("reading the program: %w", err)
	}
	mode := engine.Mode(c.Engine)
	var compiler *engine.Compiler
	if mode != engine.Interp {
		exe, err := os.Executable()
		if err != nil {
			return fmt.Errorf("finding this program's file: %w", err)
		}
		compiler = engine.Open(ctx, "", engine.LoadIn(ctx, exe, "worker", "--load"), nil)
		defer compiler.Close()
	}
	eng := engine.New(compiler)
	cell, err := check.Check(check.NewScope(engine.Library(ctx, check.StdLibrary(), compiler)), 1, file, string(src))
	if err == nil {
		if err := runnable(file, src, cell); err != nil {
			fmt.Fprintln(std.err, err)
			return exitStatus(statusCompile)
		}
		err = c.run(ctx, eng, mode, cell)
	}
	var list check.ErrorList
	var unsupported *lower.Unsupported
	var failure *worker.Failure
	switch {
	case errors.As(err, &list):
		fmt.Fprintln(std.err, err)
		return exitStatus(statusCompile)
	case errors.As(err, &unsupported):
		fmt.Fprintln(std.err, err)
		return exitStatus(statusRefused)
	case errors.As(err, &failure):
		return ended(failure, std.err)
	}
	return err
}

// runnable returns an error, in the words of the Go tools, if the program in file has nothing to run. A cell may have nothing.
func runnable(file string, src []byte, cell *check.Cell) error {
	if cell.Main {
		return nil
	}
	_, err := goparser.ParseFile(token.NewFileSet(), file, src, goparser.PackageClauseOnly)
	switch {
	case err == nil:
		return fmt.Errorf("%s: function main is undeclared in the main package", file)
	case len(cell.Stmts) == 0:
		return err
	}
	return nil // statements, as a cell has them
}

// run prepares and runs the program; what the interpreter cannot take in is compiled if it can be.
func (c *execCmd) run(ctx context.Context, eng *engine.Engine, mode engine.Mode, cell *check.Cell) error {
	goroutine.Setup()
	ev, err := interp.New()
	if err != nil {
		return err
	}
	os.Args = c.Program
	for {
		prepared, err := eng.Prepare(ctx, mode, cell)
		if err != nil {
			return err
		}
		code, err := json.Marshal(prepared.Program)
		if err != nil {
			return fmt.Errorf("encoding the program: %w", err)
		}
		_, err = ev.Eval(ctx, &goroutine.Cell{ID: 1, Name: c.Program[0], Stdout: os.Stdout, Stderr: os.Stderr}, code)
		var failure *worker.Failure
		if !errors.As(err, &failure) || failure.Kind != kindInternal || !eng.Compilable(prepared) {
			return err
		}
		mode = engine.Native
	}
}

// kindInternal is the kind of a failure of the interpreter to take in a program, which it has not run then.
const kindInternal = "internal"

// ended says on stderr how a program has ended, as the Go runtime does, and returns the exit status.
func ended(f *worker.Failure, stderr io.Writer) error {
	var status int
	if n, err := fmt.Sscanf(f.Value, "exit status %d", &status); n == 1 && err == nil && f.Kind == "exit" {
		if status == 0 {
			return nil
		}
		return exitStatus(status)
	}
	switch f.Kind {
	case "unsupported":
		fmt.Fprintf(stderr, "%s\n", f.Value)
		return exitStatus(statusRefused)
	case kindInternal:
		fmt.Fprintf(stderr, "gokernel: the interpreter failed: %s\n", f.Value)
		return exitStatus(statusInternal)
	case "panic":
		fmt.Fprintf(stderr, "panic: %s\n\ngoroutine 1 [running]:\n", f.Value)
	default:
		fmt.Fprintf(stderr, "fatal error: %s\n", f.Value)
	}
	calls(stderr, f.Frames)
	for _, g := range f.Goroutines {
		fmt.Fprintf(stderr, "\ngoroutine %d [%s]:\n", g.ID, g.WaitReason)
		calls(stderr, g.Frames)
	}
	return exitStatus(statusPanic)
}

// calls lists calls of the program, innermost first.
func calls(w io.Writer, frames []worker.Frame) {
	var last worker.Frame
	for _, f := range frames {
		if f != last && f.Func != f.File {
			fmt.Fprintf(w, "main.%s(...)\n\t%s:%d\n", f.Func, f.File, f.Line)
		}
		last = f
	}
}
