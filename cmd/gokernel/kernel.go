package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"os/user"
	"syscall"
	"time"

	"gokernel/kernel"
	"gokernel/kernel/engine"
	"gokernel/kernel/jupyter"
	"gokernel/kernel/wire"
	"gokernel/kernel/worker"
)

type kernelCmd struct {
	ConnectionFile string `short:"f" required:"" placeholder:"FILE" help:"The connection file that Jupyter has written."`
	Engine         mode   `default:"auto" enum:"auto,native,interp" env:"GOKERNEL_ENGINE" help:"What runs cells: interp, the interpreter; native, the Go toolchain's compiler; auto, each what it is best at."`
	Memory         memory `env:"GOKERNEL_MEMORY" placeholder:"SIZE" help:"The most memory that cells may take, such as 2GiB or 50%, or none. Without it: 80 percent of what there is."`
	CPUs           cpus   `name:"cpus" env:"GOKERNEL_CPUS" placeholder:"N" help:"Use at most N of the processors, for cells and for compiling them."`
	Log            string `placeholder:"FILE" help:"Append what happens to FILE: refused messages, dropped clients, workers that start and end. Without it, warnings go to standard error."`
}

// Help is shown by "gokernel kernel --help".
func (kernelCmd) Help() string {
	return `Jupyter runs this command for each notebook, as the kernelspec says; you need it yourself only to look into a problem:

  gokernel kernel -f /tmp/connection.json --log /tmp/gokernel.log
  jupyter console --existing /tmp/connection.json

It ends on a shutdown_request, on SIGTERM, and when the process named in JPY_PARENT_PID has ended. SIGINT interrupts the running cell.

What was run is kept in ~/.local/share/gokernel/history.jsonl, or in the file whose absolute path is in GOKERNEL_HISTORY.`
}

// abortWait is how long the reply of a failed cell waits for those behind it, which a front end sends one by one.
const abortWait = 8 * time.Millisecond

// errTerminated ends the kernel without an error.
var errTerminated = errors.New("told to end")

// Run serves one connection file until the kernel is told to end.
func (c *kernelCmd) Run(ctx context.Context, std streams) error {
	if err := c.CPUs.confine(); err != nil {
		return err
	}
	log, closeLog, err := c.logger(std.err)
	if err != nil {
		return err
	}
	defer closeLog()
	info, err := jupyter.ReadConnectionFile(c.ConnectionFile)
	if err != nil {
		return err
	}
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	session := jupyter.NewSession(username())
	conn, err := wire.Listen(ctx, info, wire.Options{Logger: log, OnSubscribe: welcome(session, log)})
	if err != nil {
		return err
	}
	defer conn.Close() // Run has flushed what mattered; a second error would say nothing new
	interpreter, err := newInterpreter(ctx, engine.Mode(c.Engine), worker.Limits{Memory: int64(c.Memory)}, log)
	if err != nil {
		return err
	}
	history := kernel.OpenHistory(kernel.HistoryConfig{Logger: log})
	defer history.Close() // it has logged what it could not save
	k := kernel.New(conn, kernel.Config{Session: session, Interpreter: interpreter, History: history, AbortWait: abortWait, Logger: log})

	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer signal.Stop(signals)
	go obey(ctx, signals, interpreter, end)
	go watchParent(ctx, end)
	if err := k.Run(ctx); err != nil && !errors.Is(err, errTerminated) {
		return err
	}
	return nil
}

// obey interrupts the cell on SIGINT and ends the kernel on the other signals, until ctx is done.
func obey(ctx context.Context, signals <-chan os.Signal, i kernel.Interpreter, end context.CancelCauseFunc) {
	for {
		select {
		case s := <-signals:
			if s == os.Interrupt {
				i.Interrupt()
				continue
			}
			end(fmt.Errorf("%w: %v", errTerminated, s))
		case <-ctx.Done():
			return
		}
	}
}

// logger returns where the kernel logs to, and what closes it.
func (c *kernelCmd) logger(stderr io.Writer) (*slog.Logger, func() error, error) {
	if c.Log == "" {
		handler := slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: slog.LevelWarn})
		return slog.New(handler), func() error { return nil }, nil
	}
	file, err := os.OpenFile(c.Log, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, nil, fmt.Errorf("opening the log: %w", err)
	}
	return slog.New(slog.NewTextHandler(file, &slog.HandlerOptions{Level: slog.LevelDebug})), file.Close, nil
}

// welcome returns what tells a new subscriber of iopub that its subscription stands.
func welcome(session jupyter.Session, log *slog.Logger) func(topic string) *jupyter.Message {
	return func(topic string) *jupyter.Message {
		m, err := kernel.Welcome(session, topic)
		if err != nil {
			log.Error("welcoming a subscriber", "error", err)
			return nil
		}
		return m
	}
}

// username returns the user's name for message headers, "user" if it is not known.
func username() string {
	if u, err := user.Current(); err == nil && u.Username != "" {
		return u.Username
	}
	return "user"
}
