package worker

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

const fionread = unix.TIOCINQ // FIONREAD by its other name

// duplicate makes to another name of from, which stays open in programs that this process executes.
func duplicate(from, to int) error { return unix.Dup3(from, to, 0) }

// memoryFile returns an empty file that is memory only, close-on-exec. See memfd_create(2).
func memoryFile(name string) (*os.File, error) {
	fd, err := unix.MemfdCreate(name, unix.MFD_CLOEXEC)
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(fd), name), nil
}

// readBlocks reports whether a thread of this process waits in read(2) of fd; known is false where the system does not
// say. See proc_pid_syscall(5).
func readBlocks(fd int) (blocks, known bool) {
	tasks, err := os.ReadDir("/proc/self/task")
	if err != nil {
		return false, false
	}
	prefix := fmt.Sprintf("%d 0x%x ", unix.SYS_READ, fd)
	for _, t := range tasks {
		b, err := os.ReadFile("/proc/self/task/" + t.Name() + "/syscall")
		if err != nil {
			continue
		}
		known = true
		if strings.HasPrefix(string(b), prefix) {
			return true, true
		}
	}
	return false, known
}

// move puts what the pipe from holds into the pipe to, which must be as large and empty. It does not wait.
func move(from, to int) error {
	n, err := buffered(from)
	if err != nil || n == 0 {
		return err
	}
	_, err = unix.Splice(from, nil, to, nil, n, unix.SPLICE_F_NONBLOCK)
	if errors.Is(err, unix.EAGAIN) {
		return nil // somebody has read it meanwhile
	}
	return err
}
