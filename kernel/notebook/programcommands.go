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
			Name: "%%race", Usage: "%%race [ARG…]", Example: "%%race", Arg: magic.GoArg,
			Doc: "runs the cell as a program of its own with the race detector\n\nIt has what it uses of the notebook's declarations; " +
				"variables begin as their declarations say. The races that were seen are shown with both accesses and where their goroutines were started. " +
				"The arguments are the program's. It needs a Go toolchain and a C compiler.",
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
