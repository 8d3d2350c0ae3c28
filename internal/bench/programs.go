package main

import (
	"context"
	"fmt"
	"time"

	"gokernel/internal/client"
)

// programRuns is how often each magic that builds a program is measured.
const programRuns = 7

// programs measures the magics that build and run a program of a cell, warm: what they import is compiled.
func programs(ctx context.Context, s subject) ([]figure, error) {
	var figures []figure
	err := s.with(ctx, func(c *client.Client) error {
		if _, err := execute(ctx, c, "func half(n int) int { return n / 2 }\nfunc inc(p *int) { *p++ }", client.Handler{}); err != nil {
			return err
		}
		for _, m := range []struct {
			name, code string
			limit      float64
		}{
			{"%%race of a small cell", "%%%%race\nx := %d\nfor range 2 {\n\tgo inc(&x)\n}\nfmt.Println(half(x))", 600},
			{"%%test of a small cell", "%%%%test\nfunc TestHalf(t *testing.T) {\n\tif got := half(8); got != 4 {\n\t\tt.Error(%d, got)\n\t}\n}", 600},
			{"%%trace of a small cell", "%%%%trace\nfmt.Println(half(%d))", 0},
			{"%%vet of a small cell", "%%%%vet\nfmt.Println(half(%d))", 0},
		} {
			var times []time.Duration
			for i := range programRuns + 1 {
				took, err := execute(ctx, c, fmt.Sprintf(m.code, i), client.Handler{})
				if err != nil {
					return err
				}
				if i > 0 { // the first one compiles what is imported, perhaps
					times = append(times, took)
				}
			}
			figures = append(figures, figure{name: m.name + " (p50)", value: ms(quantile(times, 0.5)), unit: "ms", limit: m.limit})
		}
		return nil
	})
	return figures, err
}
