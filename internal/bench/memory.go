package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"gokernel/internal/client"
)

const (
	rest      = 3 * time.Second // before a process tree counts as idle
	watched   = 5 * time.Second // how long it is then watched
	manyCells = 10_000
	clockTick = 10 * time.Millisecond // USER_HZ is 100 on every Linux Go runs on
	mebibyte  = 1 << 20
	fewest    = 500 // cells at each end of a session whose times are compared
)

// idle measures the memory of a kernel that has run one cell, and the processor time it uses at rest.
func idle(ctx context.Context, s subject) ([]figure, error) {
	var memory, used float64
	err := s.with(ctx, func(c *client.Client) error {
		if _, err := execute(ctx, c, s.hello, client.Handler{}); err != nil {
			return err
		}
		if err := pause(ctx, rest); err != nil {
			return err
		}
		before, err := treeCPU(c.PID())
		if err != nil {
			return err
		}
		if err := pause(ctx, watched); err != nil {
			return err
		}
		after, err := treeCPU(c.PID())
		if err != nil {
			return err
		}
		used = ms(after - before)
		memory, err = treePSS(c.PID())
		return err
	})
	return []figure{
		{name: "memory at rest (PSS, all processes)", value: memory, unit: "MiB", limit: 80},
		{name: "processor time in 5 s at rest", value: used, unit: "ms", limit: 10, note: "one clock tick"},
	}, err
}

// longSession measures how memory and the time of a cell grow over many cells.
func longSession(ctx context.Context, s subject) ([]figure, error) {
	var grown float64
	var times []time.Duration
	err := s.with(ctx, func(c *client.Client) error {
		for i := range warmups {
			if _, err := execute(ctx, c, fmt.Sprintf(s.numbered, -i), client.Handler{}); err != nil {
				return err
			}
		}
		before, err := treePSS(c.PID())
		if err != nil {
			return err
		}
		for i := range manyCells {
			took, err := execute(ctx, c, fmt.Sprintf(s.numbered, i), client.Handler{})
			if err != nil {
				return err
			}
			times = append(times, took)
		}
		after, err := treePSS(c.PID())
		grown = after - before
		return err
	})
	if err != nil {
		return nil, err
	}
	first, last := quantile(times[:fewest], 0.5), quantile(times[len(times)-fewest:], 0.5)
	return []figure{
		{name: "memory grown over 10,000 cells", value: grown, unit: "MiB", limit: 100},
		{name: "last cells' time to the first's (p50)", value: float64(last) / float64(first), unit: "×", limit: 2},
	}, nil
}

// pause waits for d, or fails when ctx is done.
func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// tree returns pid and all its descendants.
func tree(pid int) ([]int, error) {
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return nil, fmt.Errorf("listing processes: %w", err)
	}
	children := map[int][]int{}
	for _, name := range stats {
		fields, err := statFields(name)
		if err != nil {
			continue // it has ended meanwhile
		}
		child, cerr := strconv.Atoi(filepath.Base(filepath.Dir(name)))
		parent, perr := strconv.Atoi(fields[1])
		if cerr == nil && perr == nil {
			children[parent] = append(children[parent], child)
		}
	}
	all := []int{pid}
	for i := 0; i < len(all); i++ {
		all = append(all, children[all[i]]...)
	}
	slices.Sort(all)
	return slices.Compact(all), nil
}

// statFields returns the fields of a /proc/PID/stat behind the command's name, so that 0 is the state.
func statFields(name string) ([]string, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	_, rest, found := strings.Cut(string(data[max(0, strings.LastIndex(string(data), ")")):]), ")")
	fields := strings.Fields(rest)
	if !found || len(fields) < 13 {
		return nil, fmt.Errorf("%s: %q is not as proc(5) says", name, data)
	}
	return fields, nil
}

// treeCPU returns the processor time that pid and its descendants have used.
func treeCPU(pid int) (time.Duration, error) {
	pids, err := tree(pid)
	if err != nil {
		return 0, err
	}
	ticks := 0
	for _, p := range pids {
		fields, err := statFields(fmt.Sprintf("/proc/%d/stat", p))
		if err != nil {
			return 0, fmt.Errorf("reading processor time: %w", err)
		}
		user, uerr := strconv.Atoi(fields[11])
		system, serr := strconv.Atoi(fields[12])
		if uerr != nil || serr != nil {
			return 0, fmt.Errorf("reading processor time of %d: %q, %q", p, fields[11], fields[12])
		}
		ticks += user + system
	}
	return time.Duration(ticks) * clockTick, nil
}

// treePSS returns the memory of pid and its descendants in MiB, what they share counted once among those sharing.
func treePSS(pid int) (float64, error) { return treeMemory(pid, "Pss") }

// treeMemory returns what pid and its descendants have of a line of smaps_rollup, see proc(5), in MiB.
func treeMemory(pid int, line string) (float64, error) {
	pids, err := tree(pid)
	if err != nil {
		return 0, err
	}
	total := 0
	for _, p := range pids {
		data, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", p))
		if err != nil {
			return 0, fmt.Errorf("reading memory: %w", err)
		}
		for l := range strings.Lines(string(data)) {
			var kib int
			if _, err := fmt.Sscanf(l, line+": %d kB", &kib); err == nil {
				total += kib << 10
			}
		}
	}
	return float64(total) / mebibyte, nil
}
