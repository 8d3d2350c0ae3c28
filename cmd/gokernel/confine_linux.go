package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"
)

// confine sees to it that this process and all below it run on no more processors than c, whatever they do: it chooses some of
// those that are allowed and begins the program again on them, for the runtime counts processors when it starts. See
// sched_setaffinity(2).
func (c cpus) confine() error {
	if c == 0 {
		return nil
	}
	// A thread hands its processors on to the program that takes its place.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var allowed unix.CPUSet
	if err := unix.SchedGetaffinity(0, &allowed); err != nil {
		return fmt.Errorf("reading the processors allowed: %w", err)
	}
	if allowed.Count() <= int(c) {
		return nil
	}
	var all []int
	for i := 0; len(all) < allowed.Count(); i++ {
		if allowed.IsSet(i) {
			all = append(all, i)
		}
	}
	var chosen unix.CPUSet
	for _, i := range rand.Perm(len(all))[:c] {
		chosen.Set(all[i])
	}
	if err := unix.SchedSetaffinity(0, &chosen); err != nil {
		return fmt.Errorf("choosing %d processors: %w", c, err)
	}
	exe, err := os.Executable()
	if err != nil {
		return fmt.Errorf("finding this program's file: %w", err)
	}
	return fmt.Errorf("beginning again on %d processors: %w", c, syscall.Exec(exe, os.Args, os.Environ()))
}
