// Package processes finds processes for tests that are to leave none behind.
package processes

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Below returns the processes that descend from pid, found by their parents in proc(5). On a system without that it skips
// the test.
func Below(t testing.TB, pid int) []int {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("finds processes in /proc")
	}
	names, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	children := map[int][]int{}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			continue // it has ended meanwhile
		}
		// The command's name stands in parentheses and may hold any character.
		fields := strings.Fields(string(data[strings.LastIndexByte(string(data), ')')+1:]))
		child, cerr := strconv.Atoi(filepath.Base(filepath.Dir(name)))
		parent, perr := strconv.Atoi(fields[1])
		if err := errors.Join(cerr, perr); err != nil {
			t.Fatal(err)
		}
		children[parent] = append(children[parent], child)
	}
	all := slices.Clone(children[pid])
	for i := 0; i < len(all); i++ {
		all = append(all, children[all[i]]...)
	}
	return all
}

// patience is how long a process may take to be gone. It is generous, for machines that do much else.
const patience = time.Minute

// WantGone waits until none of the processes is left, and fails the test if one stays. They need not be ours: nobody tells
// of their end.
func WantGone(t testing.TB, pids []int) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(patience); len(pids) > 0; <-tick.C {
		pids = slices.DeleteFunc(pids, func(pid int) bool { return errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) })
		if time.Now().After(deadline) {
			for _, pid := range pids {
				t.Errorf("process %d is still there", pid)
			}
			return
		}
	}
}
