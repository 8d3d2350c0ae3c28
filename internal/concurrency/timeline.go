package concurrency

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// A Timeline is what goroutines did during a [Trace]. It is a picture where pictures are shown.
type Timeline struct {
	// Duration is how long the trace went on.
	Duration time.Duration
	// Goroutines are in the order in which they began. There are 500 at most.
	Goroutines []GoroutineTrace

	lengths map[string][]length
	cut     bool // more happened than was kept
}

// A GoroutineTrace is what one goroutine did.
type GoroutineTrace struct {
	Name   string // "main", what [Label] said, or "goroutine 1" and so on
	Phases []Phase
}

// A Phase is a time in which a goroutine did one thing. Times count from the beginning of the trace.
type Phase struct {
	State      State
	For        string // what is waited for, such as "queue 1", "" if that is not known
	Start, End time.Duration
}

// timeline puts together what was seen and what was noted.
func (r *recorder) timeline(duration time.Duration) *Timeline {
	r.mu.Lock()
	defer r.mu.Unlock()
	t := &Timeline{Duration: duration, lengths: r.lengths, cut: r.dropped}
	waits := map[int][]wait{}
	for _, w := range r.waits {
		waits[w.goroutine] = append(waits[w.goroutine], w)
	}
	number := 0
	for _, id := range r.seen.order {
		g := GoroutineTrace{Name: r.labels[id], Phases: r.seen.phases(id, duration)}
		if g.Name == "" {
			number++
			g.Name = fmt.Sprint("goroutine ", number)
		}
		slices.SortFunc(waits[id], func(a, b wait) int { return cmp.Compare(a.start, b.start) })
		for _, w := range waits[id] {
			g.Phases = cover(g.Phases, Phase{w.kind, w.what, w.start, w.end})
		}
		t.Goroutines = append(t.Goroutines, g)
	}
	return t
}

// phases returns what was seen of a goroutine: from each look to the next one it does the same.
func (s *sightings) phases(id int, end time.Duration) []Phase {
	var list []Phase
	for _, seen := range s.seen[id] {
		p := Phase{State: seen.state, Start: s.times[seen.look], End: end}
		if seen.look+1 < len(s.times) {
			p.End = s.times[seen.look+1]
		}
		if n := len(list); n > 0 && list[n-1].State == p.State && list[n-1].End == p.Start {
			list[n-1].End = p.End
		} else {
			list = append(list, p)
		}
	}
	return list
}

// cover puts a phase in the place of what the list has for that time.
func cover(list []Phase, p Phase) []Phase {
	var out []Phase
	for _, old := range list {
		if before := old; before.Start < p.Start {
			before.End = min(before.End, p.Start)
			out = append(out, before)
		}
		if after := old; after.End > p.End {
			after.Start = max(after.Start, p.End)
			out = append(out, after)
		}
	}
	out = append(out, p)
	slices.SortStableFunc(out, func(a, b Phase) int { return cmp.Compare(a.Start, b.Start) })
	return out
}

// Total returns how long a goroutine was in a state.
func (g *GoroutineTrace) Total(s State) time.Duration {
	total := time.Duration(0)
	for _, p := range g.Phases {
		if p.State == s {
			total += p.End - p.Start
		}
	}
	return total
}

// String returns a line for each goroutine: how long it was in which state, and what it waited for.
func (t *Timeline) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s in %.3f s\n", counted(len(t.Goroutines), "goroutine"), t.Duration.Seconds())
	for _, g := range t.Goroutines {
		fmt.Fprintf(&b, "%-14s", g.Name)
		sums := map[string]time.Duration{}
		var order []string
		for _, p := range g.Phases {
			what := p.State.String()
			if p.For != "" {
				what = "waiting for " + p.For
			}
			if _, known := sums[what]; !known {
				order = append(order, what)
			}
			sums[what] += p.End - p.Start
		}
		for i, what := range order {
			if i > 0 {
				b.WriteString(", ")
			}
			fmt.Fprintf(&b, "%s %.3f s", what, sums[what].Seconds())
		}
		b.WriteByte('\n')
	}
	if t.cut {
		b.WriteString("more happened than is shown\n")
	}
	return b.String()
}
