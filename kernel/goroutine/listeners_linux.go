package goroutine

import (
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// hangup makes all sockets of this process refuse that wait for connections: who accepts them gets an error.
func hangup() {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return // without /proc, servers go on
	}
	for _, e := range entries {
		fd, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		if listens, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_ACCEPTCONN); err == nil && listens != 0 {
			_ = unix.Shutdown(fd, unix.SHUT_RDWR) // it may have been closed just now
		}
	}
}
