package main

import (
	"context"
	"fmt"
	"time"

	"gokernel/kernel/native/program"
)

type warmCmd struct{}

// Help is shown by "gokernel warm --help".
func (warmCmd) Help() string {
	return `Compiles the standard library in each way that cells need it: for compiled cells, as "gokernel install" does too, for the programs of %%test and its like, and with the race detector for %%race. Without it the first such cell waits for what it imports. It takes a minute or two the first time, and a second when all is there.

  gokernel install && gokernel warm`
}

// Run compiles, and says what it has done.
func (warmCmd) Run(ctx context.Context, std streams) error {
	ctx, stop := interruptible(ctx)
	defer stop()
	if err := warm(ctx, std); err != nil {
		return err
	}
	for _, kind := range []struct {
		name string
		race bool
	}{{"Programs of cells", false}, {"Programs with the race detector", true}} {
		began := time.Now()
		if err := program.Warm(ctx, kind.race); err != nil {
			return fmt.Errorf("compiling the standard library: %w", err)
		}
		fmt.Fprintf(std.out, "%s can be built (%v).\n", kind.name, time.Since(began).Round(time.Millisecond))
	}
	return nil
}
