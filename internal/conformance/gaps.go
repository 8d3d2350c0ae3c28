package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/tools/txtar"
)

// gapsArchive holds programs that the bare interpreter gets wrong; gapsList names those that must pass.
const (
	gapsArchive = "internal/conformance/testdata/gaps.txtar"
	gapsList    = "internal/conformance/testdata/gaps-passing.txt"
)

// gaps runs the programs of gapsArchive.
func (c *config) gaps(ctx context.Context) error {
	archive, err := txtar.ParseFile(gapsArchive)
	if err != nil {
		return fmt.Errorf("reading the programs: %w", err)
	}
	dir, err := os.MkdirTemp("", "gokernel-gaps-")
	if err != nil {
		return fmt.Errorf("making a directory for the programs: %w", err)
	}
	defer os.RemoveAll(dir) // a leftover in the system's own temporary directory harms nobody
	var all []program
	for _, f := range archive.Files {
		if c.only != nil && !c.only.MatchString(f.Name) {
			continue
		}
		if err := os.WriteFile(filepath.Join(dir, f.Name), f.Data, 0o644); err != nil {
			return fmt.Errorf("writing a program: %w", err)
		}
		all = append(all, program{name: f.Name})
	}
	here := *c
	here.tree = dir
	return here.measure(ctx, all, c.of(gapsList))
}
