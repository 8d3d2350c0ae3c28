package worker

import (
	"fmt"
	"os"
	"syscall"
	"time"

	"gokernel/kernel/goroutine"
)

// process is one entry of the table of processes.
type process struct {
	pid, parent int
	state       byte // 'Z' is a zombie, 'X' gone
}

// ended reports whether p is gone but for the notice that its parent has to take.
func (p process) ended() bool { return p.state == 'Z' || p.state == 'X' }

// below returns the processes of all that are roots or descend from one.
func below(all []process, roots []process) (found []process) {
	children := map[int][]process{}
	for _, p := range all {
		children[p.parent] = append(children[p.parent], p)
	}
	found = append(found, roots...)
	for i := 0; i < len(found); i++ {
		kids := children[found[i].pid]
		delete(children, found[i].pid) // a table read while it changes might have a circle
		found = append(found, kids...)
	}
	return found
}

// descendants returns all processes below this one.
func descendants() ([]process, error) {
	all, err := processes()
	if err != nil {
		return nil, err
	}
	self := process{pid: os.Getpid()}
	return below(all, []process{self})[1:], nil
}

// treeDeadline is how long killed processes may take to be gone. One that waits for a disk or another device may not be.
const treeDeadline = 2 * time.Second

// killDescendants ends all processes below this one and waits until they are gone, but for the zombies that
// package os will wait for.
func killDescendants() error {
	return killUntilGone(descendants)
}

// killUntilGone kills what list lists until that is nothing any more: processes may start others meanwhile.
func killUntilGone(list func() ([]process, error)) error {
	for end := time.Now().Add(treeDeadline); ; time.Sleep(time.Millisecond) {
		found, err := list()
		if err != nil {
			return err
		}
		alive := 0
		for _, p := range found {
			if !p.ended() {
				alive++
				// It may have ended by itself.
				_ = syscall.Kill(p.pid, syscall.SIGKILL)
			}
		}
		if alive == 0 {
			_, err := reapOrphans()
			return err
		}
		if time.Now().After(end) {
			return fmt.Errorf("%d processes did not end when killed", alive)
		}
	}
}

// How long an interrupted cell may take to come to rest.
const (
	restCPU  = 15 * time.Millisecond  // of what this process computes meanwhile: one that computes for ever starts nothing
	restWait = 15 * time.Millisecond  // for notices of the end of processes to be taken; the reader's program may never do so
	restLast = 500 * time.Millisecond // on a machine that is busy with other things
)

// killAll ends all processes that the reader's code has started. Those that were killed are gone once package os has waited
// for them, on goroutines of the cell; and one of these may be about to start another.
func killAll(c *goroutine.Cell) {
	began, cpu := time.Now(), cpuTime()
	kill := func() {
		if hasChildren() {
			// A process that cannot be killed is nothing the reader could be helped with.
			_ = killDescendants()
		}
	}
	defer kill() // once more: what it was about to start is there now
	for again := true; again; {
		kill()
		waited := time.Since(began)
		if c.Restless() {
			again = waited < restLast && (waited < restWait || cpuTime()-cpu < restCPU)
		} else {
			again = waited < restWait && hasChildren()
		}
		if again {
			time.Sleep(time.Millisecond)
		}
	}
}

// cpuTime returns how long this process has computed.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0 // then only the clock counts
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
