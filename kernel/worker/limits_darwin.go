package worker

import (
	"runtime/debug"

	"golang.org/x/sys/unix"
)

// apply sets the limits for this process, the child. Where RLIMIT_DATA does not count mapped memory it bounds nothing,
// and the garbage collector alone tries to stay below the limit.
func (s setup) apply() error {
	if s.Stack > 0 {
		debug.SetMaxStack(int(s.Stack))
	}
	if s.Memory > 0 {
		debug.SetMemoryLimit(s.Memory / 10 * 9)
	}
	return nil
}

// machineMemory returns how many bytes of memory the machine has, 0 if unknown.
func machineMemory() int64 {
	n, err := unix.SysctlUint64("hw.memsize")
	if err != nil || n > 1<<62 {
		return 0
	}
	return int64(n)
}

// outOfMemoryKills is not known here.
func outOfMemoryKills() int64 { return 0 }

// ownMemory is not known here.
func ownMemory(int) int64 { return 0 }
