package notebook

import (
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// stdinSeen tells that the system says whether a process waits for its stdin.
const stdinSeen = true

// readsStdin reports whether a thread of a process waits in read(2) of descriptor 0. A reader waits there only while the
// pipe is empty. See proc_pid_syscall(5).
func readsStdin(pid int) bool {
	tasks, err := os.ReadDir(fmt.Sprintf("/proc/%d/task", pid))
	if err != nil {
		return false
	}
	prefix := fmt.Sprintf("%d 0x0 ", unix.SYS_READ)
	for _, t := range tasks {
		b, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%s/syscall", pid, t.Name()))
		if err == nil && strings.HasPrefix(string(b), prefix) {
			return true
		}
	}
	return false
}
