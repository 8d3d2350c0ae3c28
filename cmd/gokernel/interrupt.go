package main

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"slices"
	"syscall"
)

// errInterrupted is the cause of what a signal has ended.
var errInterrupted = errors.New("interrupted")

// interruptible returns a context that is done on SIGINT, SIGTERM and SIGHUP, so that what was started is ended, and what was
// begun is removed. A signal that is ignored, as nohup has it, stays so.
func interruptible(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	signals := make(chan os.Signal, 1)
	if heeded := slices.DeleteFunc([]os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP}, signal.Ignored); len(heeded) > 0 {
		signal.Notify(signals, heeded...)
	}
	go func() {
		select {
		case <-signals:
			cancel(errInterrupted)
		case <-ctx.Done():
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		cancel(nil)
	}
}
