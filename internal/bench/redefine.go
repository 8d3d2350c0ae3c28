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
// cannot be unloaded.
func redefine(ctx context.Context, s subject) ([]figure, error) {
	var grown float64
	var times []time.Duration
	err := s.with(ctx, func(c *client.Client) error {
		before := 0.0
		for i := range redefinitions + first {
			if i == first {
				var err error
				if before, err = treePSS(c.PID()); err != nil {
					return err
				}
			}
			took, err := execute(ctx, c, fmt.Sprintf(redefined, i), client.Handler{})
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
	early, late := quantile(times[first:first+few], 0.5), quantile(times[len(times)-few:], 0.5)
	return []figure{
		{name: "memory grown over 200 redefinitions", value: grown, unit: "MiB", limit: 200},
		{name: "last redefinitions' time to the first's (p50)", value: float64(late) / float64(early), unit: "×", limit: 2},
	}, nil
}
