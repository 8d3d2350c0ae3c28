package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"
)

// measure runs programs of c.tree both ways, prints what came of it, and holds it against a list of what must pass.
func (c *config) measure(ctx context.Context, programs []program, list string) error {
	must, err := readList(list)
	if err != nil {
		return err
	}
	results := make([]result, len(programs))
	var group errgroup.Group
	group.SetLimit(c.jobs)
	for i, p := range programs {
		group.Go(func() error {
			r, err := c.compare(ctx, p)
			results[i] = r
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	patient := *c
	patient.timeout *= 4
	for i, r := range results { // the machine may have been busy
		if r.verdict == slow && slices.Contains(must, r.name) {
			if results[i], err = patient.compare(ctx, r.program); err != nil {
				return err
			}
		}
	}
	results = slices.DeleteFunc(results, func(r result) bool { return r.verdict == "" })
	if len(results) < len(programs) {
		fmt.Printf("%d programs left out: compiled Go does not run them here\n", len(programs)-len(results))
	}
	printFailures(results)
	printTable(results)
	if c.only != nil {
		return nil
	}
	return c.hold(list, must, results)
}

// printFailures prints what did not pass, a line each, sorted by verdict.
func printFailures(results []result) {
	for _, v := range verdicts[1:] {
		for _, r := range results {
			if r.verdict == v {
				fmt.Printf("%-8s %s: %s\n", v, r.name, r.why)
			}
		}
	}
}

// hold compares what passes with the list of what must, and rewrites the list with -update.
func (c *config) hold(list string, must []string, results []result) error {
	var now []string
	for _, r := range results {
		if r.verdict == pass || c.update && r.verdict == slow && slices.Contains(must, r.name) { // a busy machine takes nothing off the list
			now = append(now, r.name)
		}
	}
	slices.Sort(now)
	if c.update {
		return writeList(list, now)
	}
	var lost []string
	for _, r := range results {
		if r.verdict != pass && slices.Contains(must, r.name) {
			lost = append(lost, fmt.Sprintf("%s (%s: %s)", r.name, r.verdict, r.why))
		}
	}
	gained := 0
	for _, name := range now {
		if !slices.Contains(must, name) {
			gained++
		}
	}
	if gained > 0 {
		fmt.Printf("%d pass that are not in %s yet: -update notes them\n", gained, list)
	}
	if len(lost) > 0 {
		return fmt.Errorf("%d passed once and do not now:\n%s", len(lost), strings.Join(lost, "\n"))
	}
	return nil
}

// readList reads a file of names, a line each, the first word of it; one that does not exist is empty.
func readList(file string) ([]string, error) {
	data, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the list of what passes: %w", err)
	}
	var names []string
	for line := range strings.Lines(string(data)) {
		if fields := strings.Fields(line); len(fields) > 0 {
			names = append(names, fields[0])
		}
	}
	return names, nil
}

func writeList(file string, names []string) error {
	if err := os.WriteFile(file, []byte(strings.Join(names, "\n")+"\n"), 0o644); err != nil {
		return fmt.Errorf("writing the list of what passes: %w", err)
	}
	return nil
}
