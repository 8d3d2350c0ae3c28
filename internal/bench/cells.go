package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"gokernel/internal/client"
	"gokernel/kernel/jupyter"
)

const (
	warmups = 50   // cells before those that count
	cells   = 2000 // trivial cells
	asked   = 300  // completions and inspections
	stops   = 15   // interrupts
	settle  = 150 * time.Millisecond
)

// cellTimes measures a trivial cell, from the request to idle.
func cellTimes(ctx context.Context, s subject) ([]figure, error) {
	var times []time.Duration
	err := s.with(ctx, func(c *client.Client) error {
		for i := range warmups + cells {
			took, err := execute(ctx, c, s.trivial, client.Handler{})
			if err != nil {
				return err
			}
			if i >= warmups {
				times = append(times, took)
			}
		}
		return nil
	})
	return []figure{
		{name: "trivial cell (p50)", value: ms(quantile(times, 0.5)), unit: "ms", limit: 1},
		{name: "trivial cell (p99)", value: ms(quantile(times, 0.99)), unit: "ms", limit: 4},
	}, err
}

// printing measures a cell that prints many lines, and the messages it takes.
func printing(ctx context.Context, s subject) ([]figure, error) {
	var times []time.Duration
	messages, lines := 0, 0
	err := s.with(ctx, func(c *client.Client) error {
		for range 5 {
			messages, lines = 0, 0
			took, err := execute(ctx, c, s.lines, client.Handler{Message: func(m *jupyter.Message) {
				if text, err := jupyter.Decode[jupyter.Stream](m); err == nil && m.Header.MsgType == jupyter.StreamType {
					messages++
					lines += strings.Count(text.Text, "\n")
				}
			}})
			if err != nil {
				return err
			}
			if lines != printed {
				return fmt.Errorf("%d lines of %d arrived", lines, printed)
			}
			times = append(times, took)
		}
		return nil
	})
	return []figure{
		{name: "100,000 lines printed (p50)", value: ms(quantile(times, 0.5)), unit: "ms", limit: 200},
		{name: "messages for 100,000 lines", value: float64(messages), limit: 100},
	}, err
}

// questions measures completion and inspection.
func questions(ctx context.Context, s subject) ([]figure, error) {
	var complete, inspect []time.Duration
	err := s.with(ctx, func(c *client.Client) error {
		if _, err := execute(ctx, c, s.hello, client.Handler{}); err != nil {
			return err
		}
		for i := range asked {
			begin := time.Now()
			completion, err := c.Complete(ctx, s.prefix, len(s.prefix))
			if err != nil {
				return err
			}
			middle := time.Now()
			inspection, err := c.Inspect(ctx, s.known, len(s.known), 0)
			if err != nil {
				return err
			}
			if len(completion.Matches) == 0 || !inspection.Found {
				return fmt.Errorf("completing %q gave %d names, %q was found: %v", s.prefix, len(completion.Matches), s.known, inspection.Found)
			}
			if i >= asked/10 {
				complete = append(complete, middle.Sub(begin))
				inspect = append(inspect, time.Since(middle))
			}
		}
		return nil
	})
	return []figure{
		{name: "completion (p50)", value: ms(quantile(complete, 0.5)), unit: "ms", limit: 2},
		{name: "inspection (p50)", value: ms(quantile(inspect, 0.5)), unit: "ms", limit: 2},
	}, err
}

// interrupts measures from an interrupt_request, or SIGINT, to the end of an endless loop.
func interrupts(ctx context.Context, s subject) ([]figure, error) {
	var times []time.Duration
	err := s.with(ctx, func(c *client.Client) error {
		for range stops {
			took, err := interrupt(ctx, c, s.endless)
			if err != nil {
				return err
			}
			times = append(times, took)
		}
		return nil
	})
	return []figure{{name: "interrupt to idle (worst of 15)", value: ms(quantile(times, 1)), unit: "ms", limit: 50}}, err
}

// interrupt runs code, interrupts it once it is well under way, and returns how long it then took to be idle.
func interrupt(ctx context.Context, c *client.Client, code string) (time.Duration, error) {
	type outcome struct {
		reply jupyter.ExecuteReply
		err   error
		at    time.Time
	}
	ended := make(chan outcome, 1)
	busy := make(chan struct{}, 1)
	go func() {
		reply, err := c.Execute(ctx, jupyter.ExecuteRequest{Code: code}, client.Handler{Message: func(m *jupyter.Message) {
			if m.Header.MsgType == jupyter.ExecuteInputType {
				busy <- struct{}{}
			}
		}})
		ended <- outcome{reply, err, time.Now()}
	}()
	<-busy
	time.Sleep(settle) // the loop must be running, which no message tells
	begin := time.Now()
	if err := c.Interrupt(ctx); err != nil {
		return 0, err
	}
	end := <-ended
	if end.err != nil {
		return 0, end.err
	}
	if end.reply.Status != jupyter.StatusError {
		return 0, fmt.Errorf("the interrupted cell's status is %q", end.reply.Status)
	}
	return end.at.Sub(begin), nil
}
