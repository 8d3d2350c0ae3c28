package worker

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// becomeSubreaper makes orphaned descendants of this process its children. See prctl(2).
func becomeSubreaper() error {
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("becoming a subreaper: %w", err)
	}
	return nil
}

// processes reads the table of processes. Those that end meanwhile may be missing.
func processes() ([]process, error) {
	d, err := os.Open("/proc")
	if err != nil {
		return nil, fmt.Errorf("listing processes: %w", err)
	}
	defer d.Close()
	names, err := d.Readdirnames(-1)
	if err != nil {
		return nil, fmt.Errorf("listing processes: %w", err)
	}
	var all []process
	for _, name := range names {
		pid, err := strconv.Atoi(name)
		if err != nil {
			continue
		}
		b, err := os.ReadFile("/proc/" + name + "/stat")
		if err != nil {
			continue // it has ended
		}
		// The command's name stands in parentheses and may hold any character.
		p := process{pid: pid}
		_, err = fmt.Sscanf(string(b[bytes.LastIndexByte(b, ')')+1:]), " %c %d", &p.state, &p.parent)
		if err == nil {
			all = append(all, p)
		}
	}
	return all, nil
}

// orphans returns the children of this process that came to it because it is a subreaper: those that package os does
// not hold a descriptor of, and whose parents therefore were others.
func orphans() (found, all []process, err error) {
	if all, err = processes(); err != nil {
		return nil, nil, err
	}
	// Read after the table: whatever package os has started meanwhile is not in it.
	held, err := heldProcesses()
	if err != nil {
		return nil, nil, err
	}
	for _, p := range all {
		if p.parent == os.Getpid() && !held[p.pid] {
			found = append(found, p)
		}
	}
	return found, all, nil
}

// heldProcesses returns the processes of which this one has a descriptor, see pidfd_open(2). Since Go 1.23 package os
// has one from the start of each process to the end of Wait. It is an error if the system has no such descriptors.
func heldProcesses() (map[int]bool, error) {
	self, err := os.FindProcess(os.Getpid())
	if err != nil {
		return nil, fmt.Errorf("finding our own process: %w", err)
	}
	defer self.Release()
	dir, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return nil, fmt.Errorf("listing descriptors: %w", err)
	}
	held := map[int]bool{}
	for _, e := range dir {
		to, err := os.Readlink("/proc/self/fd/" + e.Name())
		if err != nil || !strings.Contains(to, "pidfd") {
			continue // the one of the directory itself is closed by now
		}
		b, err := os.ReadFile("/proc/self/fdinfo/" + e.Name())
		if err != nil {
			continue
		}
		for ln := range strings.Lines(string(b)) {
			if v, ok := strings.CutPrefix(ln, "Pid:"); ok {
				if pid, err := strconv.Atoi(strings.TrimSpace(v)); err == nil {
					held[pid] = true
				}
			}
		}
	}
	if !held[os.Getpid()] {
		return nil, errors.New("this system does not tell which processes are our own")
	}
	return held, nil
}

// reapOrphans takes note of the end of orphans, which would stay zombies otherwise. It reports how many there were.
func reapOrphans() (n int, err error) {
	if _, zombie := children(); !zombie {
		return 0, nil // as mostly, when package os was faster; the table costs more to read
	}
	found, _, err := orphans()
	for _, p := range found {
		if p.state != 'Z' {
			continue
		}
		// An error says that it is gone already.
		if got, err := syscall.Wait4(p.pid, nil, syscall.WNOHANG, nil); err == nil && got == p.pid {
			n++
		}
	}
	return n, err
}

// killOrphans ends all orphans that came to this process and everything below them.
func killOrphans() error {
	if !hasChildren() {
		return nil
	}
	return killUntilGone(func() ([]process, error) {
		found, all, err := orphans()
		return below(all, found), err
	})
}

// hasChildren reports whether this process has any descendant, at the price of one system call: a subreaper's
// descendants are below its children.
func hasChildren() bool {
	some, _ := children()
	return some
}

// children reports whether there are children of this process, and whether one has ended and is not waited for.
func children() (some, zombie bool) {
	var info unix.Siginfo
	err := unix.Waitid(unix.P_ALL, 0, &info, unix.WEXITED|unix.WNOHANG|unix.WNOWAIT, nil)
	return !errors.Is(err, unix.ECHILD), err == nil && info.Signo != 0
}

// holders returns the processes below this one that have the pipe open that is our descriptor own, as descriptor fd
// or, if that is negative, as any. Processes that cannot be looked into count as holders.
func holders(own uintptr, fd int) (pids []int) {
	if !hasChildren() {
		return nil
	}
	want, err := os.Readlink(fmt.Sprintf("/proc/self/fd/%d", own))
	if err != nil {
		return nil // own is closed
	}
	found, err := descendants()
	if err != nil {
		return nil
	}
	for _, p := range found {
		if p.ended() {
			continue
		}
		dir := fmt.Sprintf("/proc/%d/fd/", p.pid)
		names := []string{strconv.Itoa(fd)}
		if fd < 0 {
			entries, err := os.ReadDir(dir)
			if errors.Is(err, os.ErrPermission) {
				pids = append(pids, p.pid)
			}
			names = names[:0]
			for _, e := range entries {
				names = append(names, e.Name())
			}
		}
		for _, name := range names {
			if to, err := os.Readlink(dir + name); err == nil && to == want {
				pids = append(pids, p.pid)
				break
			}
		}
	}
	return pids
}
