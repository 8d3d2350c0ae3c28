package main

import (
	"context"
	"fmt"
	"time"

	"gokernel/internal/client"
)

const (
	redefinitions = 200 // how often a type and what uses it are declared anew
	first         = 5   // redefinitions before those that count
	few           = 20  // redefinitions at each end of a session whose times are compared
)

// redefined is a cell that declares the same things again, each time a bit otherwise.
const redefined = `type Job struct{ Number int }

func (j Job) Run() int { return j.Number * %d }

func work() int { return Job{2}.Run() }

job := Job{1}`

// redefine measures how memory and the time of a cell grow while a reader declares a type over and over again: compiled code
// cannot be unloaded. Of its file the system drops what nobody uses when it needs the memory.
func redefine(ctx context.Context, s subject) ([]figure, error) {
	kinds := []string{"Pss_Anon", "Pss"}
	grown := make([]float64, len(kinds))
	var times []time.Duration
	err := s.with(ctx, func(c *client.Client) error {
		measure := func(sign float64) error {
			for i, kind := range kinds {
				mib, err := treeMemory(c.PID(), kind)
				if err != nil {
					return err
				}
				grown[i] += sign * mib
			}
			return nil
		}
		for i := range redefinitions + first {
			if i == first {
				if err := measure(-1); err != nil {
					return err
				}
			}
			took, err := execute(ctx, c, fmt.Sprintf(redefined, i), client.Handler{})
			if err != nil {
				return err
			}
			times = append(times, took)
		}
		return measure(1)
	})
	if err != nil {
		return nil, err
	}
	early, late := quantile(times[first:first+few], 0.5), quantile(times[len(times)-few:], 0.5)
	return []figure{
		{name: "memory grown over 200 redefinitions", value: grown[0], unit: "MiB", limit: 100},
		{name: "the same with mapped files", value: grown[1], unit: "MiB"},
		{name: "last redefinitions' time to the first's (p50)", value: float64(late) / float64(early), unit: "×", limit: 2},
	}, nil
}
