package worker

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"path"
	"runtime/debug"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// apply sets the limits for this process, the child.
func (s setup) apply() error {
	if s.Stack > 0 {
		debug.SetMaxStack(int(s.Stack))
	}
	if s.Memory > 0 {
		// Close to the limit the collector works harder, but a limit for it alone would not stop a leak.
		debug.SetMemoryLimit(s.Memory / 10 * 9)
		// Data, not address space: the runtime reserves much of the latter and never uses it.
		var old unix.Rlimit
		if err := unix.Getrlimit(unix.RLIMIT_DATA, &old); err != nil {
			return fmt.Errorf("reading the memory limit: %w", err)
		}
		want := unix.Rlimit{Cur: min(uint64(s.Memory), old.Max), Max: old.Max}
		if err := unix.Setrlimit(unix.RLIMIT_DATA, &want); err != nil {
			return fmt.Errorf("setting the memory limit: %w", err)
		}
	}
	// Where the system runs out of memory all the same, it shall be the worker's end and not the kernel's.
	// That this cannot be set is no reason not to work.
	_ = os.WriteFile("/proc/self/oom_score_adj", []byte("1000"), 0)
	return nil
}

// machineMemory returns how many bytes of memory there are for us: the least of the machine's and of the limits of our
// cgroup and of those above it. It is 0 if unknown.
func machineMemory() int64 {
	var total int64
	if f, err := os.Open("/proc/meminfo"); err == nil {
		defer f.Close()
		for s := bufio.NewScanner(f); s.Scan(); {
			var kb int64
			if n, _ := fmt.Sscanf(s.Text(), "MemTotal: %d kB", &kb); n == 1 {
				total = kb << 10
				break
			}
		}
	}
	for _, name := range cgroupFiles("memory.max", "memory.limit_in_bytes") {
		if b, err := os.ReadFile(name); err == nil {
			n, err := strconv.ParseInt(strings.TrimSpace(string(b)), 10, 64)
			if err == nil && n > 0 && (total == 0 || n < total) {
				total = n // else "max"
			}
		}
	}
	return total
}

// cgroupFiles returns where a file of our memory cgroup and of those above it may be found: v2 names a file of version
// two of cgroups, v1 the one of version one. See cgroups(7).
func cgroupFiles(v2, v1 string) (names []string) {
	b, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		return nil
	}
	for ln := range strings.Lines(string(b)) {
		parts := strings.SplitN(strings.TrimSpace(ln), ":", 3)
		if len(parts) != 3 {
			continue
		}
		root, file := "", ""
		switch {
		case parts[0] == "0" && parts[1] == "":
			root, file = "/sys/fs/cgroup", v2
		case bytes.Contains([]byte(","+parts[1]+","), []byte(",memory,")):
			root, file = "/sys/fs/cgroup/memory", v1
		default:
			continue
		}
		// In a container the path may be the host's, with its end mounted as our root.
		for dir := path.Clean("/" + parts[2]); ; dir = path.Dir(dir) {
			names = append(names, path.Join(root, dir, file))
			if dir == "/" {
				break
			}
		}
	}
	return names
}

// outOfMemoryKills counts how often the system has killed a process for want of memory, here or in our cgroup.
func outOfMemoryKills() (n int64) {
	for _, name := range append(cgroupFiles("memory.events", "memory.oom_control"), "/proc/vmstat") {
		b, err := os.ReadFile(name)
		if err != nil {
			continue
		}
		for ln := range strings.Lines(string(b)) {
			var k int64
			if got, _ := fmt.Sscanf(ln, "oom_kill %d", &k); got == 1 {
				n += k
			}
		}
	}
	return n
}

// ownMemory returns how many bytes of memory a process has that are not those of files: 0 if it has ended.
func ownMemory(pid int) int64 {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	if err != nil {
		return 0
	}
	var size, resident, shared int64 // in pages, see proc(5)
	if _, err := fmt.Sscan(string(b), &size, &resident, &shared); err != nil {
		return 0
	}
	return (resident - shared) * int64(os.Getpagesize())
}
