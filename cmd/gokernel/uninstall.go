package main

import (
	"context"
	"fmt"

	"gokernel/internal/kernelspec"
)

type uninstallCmd struct {
	target
	Name string `default:"gokernel" help:"Name of the kernelspec."`
}

// Help is shown by "gokernel uninstall --help".
func (uninstallCmd) Help() string {
	return `Removes the kernelspec that "gokernel install" wrote with the same flags. A kernelspec of that name that starts some other kernel stays. Notebooks are not touched.`
}

// Run removes the kernelspec.
func (c *uninstallCmd) Run(ctx context.Context, std streams) error {
	root, err := c.dir(ctx)
	if err != nil {
		return err
	}
	dir, err := kernelspec.Remove(root, c.Name)
	if err != nil {
		return err
	}
	fmt.Fprintf(std.out, "Removed %s\n", dir)
	return nil
}
