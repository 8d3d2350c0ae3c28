package notebook

import (
	"context"
	"fmt"

	"gokernel/kernel/magic"
)

// programCommands returns what there is to know about the magics that programMagics does.
func programCommands() []magic.Command {
	all := []magic.Command{
		{
			Name: "%%native", Usage: "%%native", Example: "%%native", Arg: magic.GoArg,
			Doc: "compiles the cell whole, its statements too\n\nIt reads, sets and declares the notebook's variables as any cell does. " +
				"%engine native does so for all cells. It needs a Go toolchain and a C compiler.",
		},
		{
			Name: "%%race", Usage: "%%race [ARG…]", Example: "%%race", Arg: magic.GoArg,
			Doc: "runs the cell as a program of its own with the race detector\n\nIt has what it uses of the notebook's declarations; " +
				"variables begin as their declarations say. The races that were seen are shown with both accesses and where their goroutines were started. " +
				"The arguments are the program's. It needs a Go toolchain and a C compiler.",
		},
		{
			Name: "%%test", Usage: "%%test [-race] [-cover] [-count N] [-run REGEXP] [-v] [-short] [-failfast] [-bench REGEXP] [-benchtime T] [-timeout T]",
			Example: "%%test -race", Arg: magic.GoArg,
			Doc: "runs the cell's Test, Example and Benchmark functions\n\nIf it has none, those of the notebook. What fails is shown with the lines of the cells. " +
				"Statements run before the tests.",
			Flags: []magic.Flag{{Name: "-race", Doc: "with the race detector"}, {Name: "-cover", Doc: "show which statements were not run"},
				{Name: "-count", Doc: "run each so often"}, {Name: "-run", Doc: "only tests and examples that match"}, {Name: "-v", Doc: "show what tests that pass log and print"},
				{Name: "-short", Doc: "testing.Short() is true"}, {Name: "-failfast", Doc: "stop at the first failure"}, {Name: "-bench", Doc: "only benchmarks that match; '^$' for none"},
				{Name: "-benchtime", Doc: "how long each benchmark runs, or how often: 1s, 100x"}, {Name: "-timeout", Doc: "give up after so long: 30s"}},
		},
		{
			Name: "%%bench", Usage: "%%bench [-count N] [-benchtime T] [-run REGEXP] [-as NAME] [-vs CELL|NAME]", Example: "%%bench -vs 12", Arg: magic.GoArg,
			Doc: "measures the cell: its statements, or its Benchmark functions\n\nShown are medians of several runs with their spread, and allocations. " +
				"-vs compares with another cell that was measured; a difference that may be chance is shown as ~.",
			Flags: []magic.Flag{{Name: "-count", Doc: "how many runs, 6 by default"}, {Name: "-benchtime", Doc: "how long a run is, or how often it loops: 1s, 100x"},
				{Name: "-run", Doc: "only benchmarks that match"}, {Name: "-as", Doc: "keep the result under a name"}, {Name: "-vs", Doc: "compare with a cell (its number) or a name"}},
		},
		{
			Name: "%%trace", Usage: "%%trace [ARG…]", Example: "%%trace", Arg: magic.GoArg,
			Doc: "runs the cell as a program and draws what its goroutines did\n\nFor each goroutine when it ran, was ready to, or was blocked, and on which line; below it where goroutines were blocked longest.",
		},
		{
			Name: "%%leak", Usage: "%%leak [ARG…]", Example: "%%leak", Arg: magic.GoArg,
			Doc: "runs the cell as a program and lists the goroutines it leaves behind\n\nLeaked are those that nothing can wake any more, as the garbage collector finds (Go 1.26 and later); the others are still there.",
		},
		{
			Name: "%%vet", Usage: "%%vet", Example: "%%vet", Arg: magic.GoArg,
			Doc: "looks for likely mistakes in the cell with go vet, without running it",
		},
		{
			Name: "%%fmt", Usage: "%%fmt", Example: "%%fmt", Arg: magic.GoArg,
			Doc: "formats the cell with gofmt, without running it\n\nThe formatted text takes the cell's place.",
		},
		{
			Name: "%get", Usage: "%get MODULE[@VERSION]…", Example: "%get github.com/google/uuid@v1.6.0", Arg: magic.AnyArg,
			Doc: "brings modules into the notebook's go.mod, so that cells can import their packages\n\nGOPROXY and GOFLAGS are heeded. The go.mod is the notebook's own and ends with the kernel.",
		},
		{
			Name: "%mod", Usage: "%mod", Example: "%mod",
			Doc: "shows the notebook's go.mod",
		},
		{
			Name: "%use", Usage: "%use DIR", Example: "%use ./shapes", Arg: magic.DirArg,
			Doc: "makes the package in a directory one that cells can import\n\nIts path is that of its module, or the directory's name. Changes of its files count in the next cell.",
		},
		{
			Name: "%time", Usage: "%time [STATEMENT]", Example: "%time sort.Ints(s)", Arg: magic.GoArg,
			Doc: "runs a statement, or else the rest of the cell, and says how long it took\n\nThat is the time in which the code ran, without checking and compiling it.",
		},
		{
			Name: "%timeit", Usage: "%timeit STATEMENT", Example: "%timeit fib(20)", Arg: magic.GoArg,
			Doc: "runs a statement many times and says how long one took\n\nIt runs in the notebook, with its variables, in whichever engine the cell would. %%bench measures compiled code.",
		},
	}
	for i := range all {
		name := all[i].Name
		all[i].Run = func(context.Context, magic.Host, magic.Call) error {
			return fmt.Errorf("running %s: the notebook does it", name)
		}
	}
	return all
}
