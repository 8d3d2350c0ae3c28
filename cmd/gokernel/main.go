// Gokernel is a Jupyter kernel for Go, and the tools around it: it installs itself into
// Jupyter, and runs notebooks and programs without it.
//
// Each subcommand is a file of this package: it holds flags, help and wiring, and no more.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// cli lists the subcommands in the order in which help shows them.
type cli struct {
	Install   installCmd   `cmd:"" help:"Make the kernel known to Jupyter."`
	Uninstall uninstallCmd `cmd:"" help:"Take the kernel out of Jupyter again."`
	Warm      warmCmd      `cmd:"" help:"Compile beforehand what a cell would have to wait for."`

	Exec   execCmd   `cmd:"" help:"Run a Go program with the interpreter."`
	Run    runCmd    `cmd:"" help:"Run notebooks, without Jupyter."`
	Verify verifyCmd `cmd:"" help:"Run notebooks and compare what they show with what they hold."`

	Lessons lessonsCmd `cmd:"" help:"Write the lessons' notebooks, for readers, students or teachers."`

	Doctor     doctorCmd     `cmd:"" help:"Say what is installed, what is missing, and what to do about it."`
	Version    versionCmd    `cmd:"" help:"Print the version of gokernel and of the Go it was built with."`
	Completion completionCmd `cmd:"" help:"Print a script that completes gokernel's commands in your shell."`

	Kernel kernelCmd `cmd:"" help:"Serve one notebook: what Jupyter starts."`
	Worker workerCmd `cmd:"" hidden:"" help:"Run the code of a notebook: what the kernel starts."`
	Words  wordsCmd  `cmd:"" hidden:"" help:"List the words that may follow those given: what completion scripts call."`
}

const about = `A Jupyter kernel for Go.

To use Go in JupyterLab, run "gokernel install" once and choose "Go" in the launcher. To run a notebook without Jupyter: "gokernel run FILE.ipynb".`

// streams are the standard streams of a command.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// An exitStatus ends the program with that status when a command returns it, and prints nothing:
// the command has said what there was to say.
type exitStatus int

func (s exitStatus) Error() string { return fmt.Sprintf("exit status %d", int(s)) }

// parser returns the parser of the command line, which fills into c.
func parser(c *cli, std streams, exit func(int)) (*kong.Kong, error) {
	return kong.New(c,
		kong.Name("gokernel"),
		kong.Description(about),
		kong.Writers(std.out, std.err),
		kong.Exit(exit),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
		kong.Bind(std),
		kong.BindTo(context.Background(), (*context.Context)(nil)),
	)
}

// run carries out the command line args and returns the exit status: 1 after an error,
// 2 if the command line itself is wrong.
func run(args []string, std streams) int {
	var c cli
	p, err := parser(&c, std, os.Exit)
	if err != nil {
		fmt.Fprintln(std.err, "gokernel:", err)
		return 2
	}
	if len(args) == 0 || args[0] == "help" {
		args = append(args[min(1, len(args)):], "--help")
	}
	parsed, err := p.Parse(gathered(p.Model.Node, args))
	if err != nil {
		fmt.Fprintf(std.err, "gokernel: %v\nRun \"gokernel --help\" for what there is.\n", err)
		return 2
	}
	err = parsed.Run(p)
	if status := exitStatus(0); errors.As(err, &status) {
		return int(status)
	}
	if err != nil {
		fmt.Fprintln(std.err, "gokernel:", err)
		return 1
	}
	return 0
}

// gathered returns args with the arguments of a command that takes any number of them behind its flags, which may so stand
// between them too. Other commands stay as they are.
func gathered(root *kong.Node, args []string) []string {
	at := slices.IndexFunc(root.Children, func(n *kong.Node) bool { return len(args) > 0 && n.Name == args[0] })
	if at < 0 {
		return args
	}
	command := root.Children[at]
	if n := len(command.Positional); n != 1 || !command.Positional[0].IsCumulative() || command.Positional[0].Passthrough {
		return args
	}
	takesNext := func(arg string) bool {
		return slices.ContainsFunc(command.Flags, func(f *kong.Flag) bool {
			return !f.IsBool() && (arg == "--"+f.Name || f.Short != 0 && arg == "-"+string(f.Short))
		})
	}
	flags, others := []string{args[0]}, []string{}
	for rest := args[1:]; len(rest) > 0; rest = rest[1:] {
		arg := rest[0]
		switch {
		case arg == "--":
			others = append(others, rest[1:]...)
			rest = rest[:1]
		case arg == "-" || !strings.HasPrefix(arg, "-"):
			others = append(others, arg)
		default:
			flags = append(flags, arg)
			if takesNext(arg) && len(rest) > 1 {
				rest = rest[1:]
				flags = append(flags, rest[0])
			}
		}
	}
	if len(others) == 0 {
		return flags
	}
	return append(append(flags, "--"), others...)
}

func main() {
	os.Exit(run(os.Args[1:], streams{in: os.Stdin, out: os.Stdout, err: os.Stderr}))
}
