// Bench measures the kernel as a client sees it, and a peer beside it in the same run.
//
// Usage: bench [-peer VENV] [-gophernotes PROGRAM] [-strict] [-only PATTERN]. It builds gokernel, starts it over and over through the real
// protocol, and prints each figure with its limit. With -peer, the ipykernel of that Python environment is measured
// in the same way and the ratio printed, with -gophernotes that program; floors show what the machine itself takes. It exits with status 1
// if a measurement fails or, with -strict, if a limit is missed.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	peer := flag.String("peer", "", "measure the ipykernel of the Python environment at `VENV` too")
	notes := flag.String("gophernotes", "", "measure the gophernotes that is `PROGRAM` too")
	strict := flag.Bool("strict", false, "fail if a limit is missed")
	only := flag.String("only", "", "only the measurements whose names match `PATTERN`")
	flag.Parse()
	wanted, err := regexp.Compile(*only)
	if err != nil {
		return fmt.Errorf("-only: %w", err)
	}
	dir, err := os.MkdirTemp("", "gokernel-bench-")
	if err != nil {
		return fmt.Errorf("making a directory to build in: %w", err)
	}
	defer os.RemoveAll(dir) // a leftover in the system's own temporary directory harms nobody
	ours, err := build(ctx, filepath.Join(dir, "gokernel"))
	if err != nil {
		return err
	}
	subjects := []subject{ours}
	if *peer != "" {
		subjects = append(subjects, ipykernel(*peer))
	}
	if *notes != "" {
		subjects = append(subjects, gophernotes(*notes))
	}
	table := newTable(os.Stdout, subjects)
	table.floor("wire echo (p50)", wireEcho(ctx))
	table.floor("bare process, start to end (p50)", bareProcess(ctx, ours.argv[0]))
	for _, m := range measurements() {
		if !wanted.MatchString(m.name) {
			continue
		}
		for _, s := range subjects {
			if m.oursOnly && s.peer || slices.Contains(s.lacks, m.name) {
				continue
			}
			figures, err := m.measure(ctx, s)
			if err != nil {
				return fmt.Errorf("measuring %s of %s: %w", m.name, s.name, err)
			}
			table.add(s, figures)
		}
		table.print()
	}
	if *strict && table.missed > 0 {
		return fmt.Errorf("%d limits missed", table.missed)
	}
	return nil
}

// A measurement yields figures of one kernel.
type measurement struct {
	name     string
	oursOnly bool // has no meaning for, or takes too long with, a peer
	measure  func(context.Context, subject) ([]figure, error)
}

// measurements returns all of them in the order in which they are taken.
func measurements() []measurement {
	all := []measurement{
		{name: "start", measure: startTimes},
		{name: "cells", measure: cellTimes},
		{name: "printing", measure: printing},
		{name: "questions", measure: questions},
		{name: "interrupt", measure: interrupts},
		{name: "speed", oursOnly: true, measure: speed},
		{name: "programs", oursOnly: true, measure: programs},
		{name: "engines", oursOnly: true, measure: engines},
	}
	if runtime.GOOS == "linux" { // what they read is in /proc
		all = append(all,
			measurement{name: "idle", measure: idle},
			measurement{name: "session", oursOnly: true, measure: longSession},
			measurement{name: "redefinitions", oursOnly: true, measure: redefine})
	}
	return all
}

// build builds the kernel into file.
func build(ctx context.Context, file string) (subject, error) {
	cmd := exec.CommandContext(ctx, "go", "build", "-o", file, "gokernel/cmd/gokernel")
	cmd.Stderr = os.Stderr
	if err := cmd.Run(); err != nil {
		return subject{}, fmt.Errorf("building gokernel: %w", err)
	}
	return gokernel(file), nil
}
