package main

import (
	"fmt"
	"io"
	"slices"
	"time"
)

// A figure is one measured value. Smaller is better.
type figure struct {
	name  string
	value float64
	unit  string
	limit float64 // the most it may be for our kernel; 0: none
	note  string  // about the limit, may be empty
}

// ms returns d in milliseconds.
func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// quantile returns the value below which the share q of the times lies; 0 for no times. q = 1 is the largest.
func quantile(times []time.Duration, q float64) time.Duration {
	if len(times) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(times))
	return sorted[min(len(sorted)-1, int(q*float64(len(sorted))))]
}

// A table prints figures as they come in, one a line: ours, the limit, and of each peer its own and how many times as much
// that is.
type table struct {
	out    io.Writer
	peers  []string // their names
	ours   []figure
	theirs map[string]map[string]figure // by peer and figure
	missed int                          // limits
}

func newTable(out io.Writer, subjects []subject) *table {
	t := &table{out: out, theirs: map[string]map[string]figure{}}
	header := fmt.Sprintf("%-40s %14s %10s", "", subjects[0].name, "limit")
	for _, s := range subjects[1:] {
		t.peers = append(t.peers, s.name)
		t.theirs[s.name] = map[string]figure{}
		header += fmt.Sprintf(" %14s %8s", s.name, "ratio")
	}
	fmt.Fprintln(out, header)
	return t
}

// floor prints what the machine takes in milliseconds where no kernel is at work.
func (t *table) floor(name string, measure func() (float64, error)) {
	value, err := measure()
	if err != nil {
		fmt.Fprintf(t.out, "%-40s %v\n", "floor: "+name, err)
		return
	}
	fmt.Fprintf(t.out, "%-40s %11.2f ms\n", "floor: "+name, value)
}

// add notes the figures of a subject until print.
func (t *table) add(s subject, figures []figure) {
	if !s.peer {
		t.ours = append(t.ours, figures...)
		return
	}
	for _, f := range figures {
		t.theirs[s.name][f.name] = f
	}
}

// print prints and forgets what was added.
func (t *table) print() {
	for _, f := range t.ours {
		limit := "-"
		if f.limit > 0 {
			limit = fmt.Sprintf("%.6g", f.limit)
		}
		line := fmt.Sprintf("%-40s %11.2f %-2s %10s", f.name, f.value, short(f.unit), limit)
		for _, peer := range t.peers {
			if other, measured := t.theirs[peer][f.name]; measured {
				ratio := "-" // of nothing to nothing
				if f.value > 0 {
					ratio = fmt.Sprintf("%.2f×", other.value/f.value)
				}
				line += fmt.Sprintf(" %11.2f %-2s %8s", other.value, short(other.unit), ratio)
			} else {
				line += fmt.Sprintf(" %14s %8s", "-", "-")
			}
		}
		if f.limit > 0 && f.value > f.limit {
			t.missed++
			line += "  MISSED"
		}
		if f.note != "" {
			line += "  (limit: " + f.note + ")"
		}
		fmt.Fprintln(t.out, line)
	}
	t.ours = nil
	for _, figures := range t.theirs {
		clear(figures)
	}
}

// short returns a unit in the two letters that a column has for it.
func short(unit string) string {
	if unit == "MiB" {
		return "Mi"
	}
	return unit
}
