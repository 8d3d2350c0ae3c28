package worker

import "golang.org/x/sys/unix"

// buffered returns how many bytes wait in the pipe.
func buffered(fd int) (int, error) {
	return ignoringEINTR(func() (int, error) { return unix.IoctlGetInt(fd, fionread) })
}
