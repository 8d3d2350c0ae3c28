package main

import (
	"fmt"
	"strconv"

	"gokernel/kernel/engine"
	"gokernel/kernel/worker"
)

// engineVariable is the environment variable that stands for "gokernel kernel --engine".
const engineVariable = "GOKERNEL_ENGINE"

// mode is what runs cells.
type mode engine.Mode

// UnmarshalText reads the name of a mode; an empty one is auto.
func (m *mode) UnmarshalText(text []byte) error {
	switch *m = mode(text); engine.Mode(*m) {
	case "":
		*m = mode(engine.Auto)
	case engine.Auto, engine.Native, engine.Interp:
	default:
		return fmt.Errorf("%q is none of auto, native and interp", text)
	}
	return nil
}

// checkVariables returns an error if one of the variables that a kernel reads, as lookup knows them, is not what it may be.
func checkVariables(lookup func(name string) string) error {
	for _, v := range []struct {
		name string
		read interface{ UnmarshalText(text []byte) error }
	}{{engineVariable, new(mode)}, {worker.MemoryVariable, new(memory)}, {cpusVariable, new(cpus)}} {
		if err := v.read.UnmarshalText([]byte(lookup(v.name))); err != nil {
			return fmt.Errorf("the environment variable %s: %w", v.name, err)
		}
	}
	return nil
}

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
