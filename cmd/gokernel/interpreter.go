package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"

	"gokernel/kernel"
	"gokernel/kernel/engine"
	"gokernel/kernel/interp"
	"gokernel/kernel/notebook"
	"gokernel/kernel/worker"
)

// newInterpreter returns an empty notebook whose workers are this program again.
func newInterpreter(ctx context.Context, mode engine.Mode, limits worker.Limits, log *slog.Logger) (kernel.Interpreter, error) {
	exe, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("finding this program's file: %w", err)
	}
	return notebook.New(ctx, notebook.Config{Mode: mode, Command: []string{exe, "worker"}, Version: version(), Limits: limits, Logger: log}), nil
}

type workerCmd struct {
	Load string `placeholder:"FILE" help:"Only load a plugin."`
}

// Run serves the kernel that has started this process.
func (c workerCmd) Run(ctx context.Context) error {
	if c.Load != "" {
		return interp.Load(c.Load)
	}
	ev, err := interp.New()
	if err != nil {
		return err
	}
	return worker.Serve(ctx, notebook.Evaluator(ev))
}
