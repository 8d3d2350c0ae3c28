package main

import (
	"fmt"
	"strconv"

	"gokernel/kernel/worker"
)

// memory is a limit of memory as worker.Limits has it. The zero value is the default.
type memory int64

// UnmarshalText reads an amount such as 2GiB; an empty one is the default.
func (m *memory) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		return nil
	}
	n, err := worker.ParseMemory(string(text))
	*m = memory(n)
	return err
}

// cpusVariable is the environment variable that stands for "gokernel kernel --cpus".
const cpusVariable = "GOKERNEL_CPUS"

// cpus is how many processors may be used. The zero value is all.
type cpus int

// UnmarshalText reads a number; an empty one means all.
func (c *cpus) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		return nil
	}
	n, err := strconv.Atoi(string(text))
	if err != nil || n < 1 {
		return fmt.Errorf("%q is not a number of processors such as 2", text)
	}
	*c = cpus(n)
	return nil
}
