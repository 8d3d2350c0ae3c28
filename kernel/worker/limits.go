package worker

import (
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
)

// MemoryVariable is the environment variable that sets the memory limit: a number of bytes with an optional suffix
// (k, M, G, T in powers of 1000; Ki, Mi, Gi, Ti in powers of 1024; a final B is allowed), a percentage of the
// machine's memory ("50%"), or "none".
const MemoryVariable = "GOKERNEL_MEMORY"

// NoLimit as Limits.Memory means that there is none.
const NoLimit = -1

// minMemory is the least limit that can be set, in bytes: the worker itself must fit.
const minMemory = 64 << 20

// Limits bound what a worker may use. The zero value stands for the defaults.
type Limits struct {
	// Memory is how many bytes of data the worker may map. 0: what GOKERNEL_MEMORY says, else 80 % of the memory of the
	// cgroup or of the machine. NoLimit: no limit. Beyond it the worker dies of "out of memory"; a process that it
	// starts has the same limit for itself, and all are ended, but the worker, that together with it take more. On systems other than Linux it only makes the garbage collector work harder.
	Memory int64
	// Stack is how large the stack of one goroutine may grow, in bytes. 0: 512 MiB or a quarter of Memory, whichever is
	// less; the runtime's own 1 GB takes seconds to fill.
	Stack int64
}

// resolve fills in the defaults.
func (l Limits) resolve() (Limits, error) {
	if l.Memory == 0 {
		m, err := defaultMemory()
		if err != nil {
			return l, err
		}
		l.Memory = m
	}
	if l.Memory < 0 {
		l.Memory = 0
	} else if l.Memory > 0 && l.Memory < minMemory {
		return l, fmt.Errorf("memory limit of %d bytes: at least %d are needed", l.Memory, minMemory)
	}
	if l.Stack == 0 {
		l.Stack = 512 << 20
		if l.Memory > 0 {
			l.Stack = min(l.Stack, l.Memory/4)
		}
	}
	return l, nil
}

func defaultMemory() (int64, error) {
	total := machineMemory()
	s := strings.TrimSpace(os.Getenv(MemoryVariable))
	if s == "" {
		return total / 5 * 4, nil
	}
	n, err := ParseMemory(s)
	if err != nil {
		return 0, fmt.Errorf("environment variable %s: %w", MemoryVariable, err)
	}
	return n, nil
}

// ParseMemory returns the limit that s stands for as [MemoryVariable] has it.
func ParseMemory(s string) (int64, error) {
	if strings.EqualFold(s, "none") {
		return NoLimit, nil
	}
	n, err := parseMemory(s, machineMemory())
	if err == nil && n < minMemory {
		err = fmt.Errorf("%q is too little: at least %d MiB are needed", s, minMemory>>20)
	}
	return n, err
}

// parseMemory reads an amount of memory in bytes; total is what a percentage refers to.
func parseMemory(s string, total int64) (int64, error) {
	bad := fmt.Errorf("%q is not an amount of memory such as 2GiB, 500MB or 50%%", s)
	number := strings.TrimRight(s, "bBiIkKmMgGtT% ")
	x, err := strconv.ParseFloat(number, 64)
	if err != nil || x <= 0 || math.IsInf(x, 0) || math.IsNaN(x) {
		return 0, bad
	}
	unit := strings.ToLower(strings.TrimSpace(s[len(number):]))
	if unit == "%" {
		if total <= 0 || x > 100 {
			return 0, bad
		}
		return int64(x / 100 * float64(total)), nil
	}
	factors := map[string]float64{"": 1, "k": 1e3, "m": 1e6, "g": 1e9, "t": 1e12,
		"ki": 1 << 10, "mi": 1 << 20, "gi": 1 << 30, "ti": 1 << 40}
	f, ok := factors[strings.TrimSuffix(unit, "b")]
	if !ok || x*f >= math.MaxInt64 || x*f < 1 {
		return 0, bad
	}
	return int64(x * f), nil
}
