package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"syscall"
	"time"
)

// parentInterval is how often the kernel looks whether its parent is still there.
const parentInterval = time.Second

// parentVariable holds the process id of who started the kernel, as jupyter_client sets it.
const parentVariable = "JPY_PARENT_PID"

// watchParent calls end once the process that parentVariable names has ended without having shut the kernel down. It returns when ctx is done, and at once if the variable names nobody.
func watchParent(ctx context.Context, end context.CancelCauseFunc) {
	pid, err := strconv.Atoi(os.Getenv(parentVariable))
	if err != nil || pid <= 1 {
		return
	}
	child := os.Getppid() == pid
	tick := time.NewTicker(parentInterval)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		// A parent of ours that has ended no longer is our parent, even if its number has been given away again.
		if child && os.Getppid() != pid || errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
			end(fmt.Errorf("%w: process %d, which started the kernel, has ended", errTerminated, pid))
			return
		}
	}
}
