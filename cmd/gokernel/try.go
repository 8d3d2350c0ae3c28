package main

import (
	"context"
	"fmt"
	"time"

	"gokernel/internal/client"
	"gokernel/internal/kernelspec"
)

// startPatience is how long a kernel that has just been installed may take to answer.
const startPatience = 30 * time.Second

// tryKernel starts the kernel of the kernelspec in dir as Jupyter would, ends it when it has answered
// kernel_info_request, and returns how long the answer took.
func tryKernel(ctx context.Context, dir string) (time.Duration, error) {
	spec, err := kernelspec.Read(dir)
	if err != nil {
		return 0, err
	}
	var env []string
	for name, value := range spec.Env {
		env = append(env, name+"="+value)
	}
	begin := time.Now()
	c, err := client.Start(ctx, client.Config{Argv: spec.Argv, Env: env, StartTimeout: startPatience})
	if err != nil {
		return 0, err
	}
	took := time.Since(begin)
	if err := c.Close(); err != nil {
		return 0, fmt.Errorf("ending the kernel: %w", err)
	}
	return took, nil
}
