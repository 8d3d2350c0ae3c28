package worker

import (
	"fmt"
	"os"
	"time"
)

// guardInterval is how often the memory of the processes that the reader's code has started is looked at. It is what bounds
// them together; each alone is bounded by the system.
const (
	guardInterval = 200 * time.Millisecond
	guardAtRest   = 2 * time.Second // while no cell runs and no process is there
)

// guard ends the processes below this one when they and it take more memory than the limit that comes over s.limit, and says so
// under the running cell. It returns when the parent is gone.
func (s *server) guard() {
	var limit int64
	select {
	case limit = <-s.limit:
	case <-s.lost:
		return
	}
	if limit <= 0 {
		return
	}
	next := time.NewTimer(guardAtRest)
	defer next.Stop()
	for {
		select {
		case <-next.C:
		case <-s.begun:
		case <-s.lost:
			return
		}
		children := hasChildren()
		if children || s.running() {
			next.Reset(guardInterval)
		} else {
			next.Reset(guardAtRest)
		}
		if !children {
			continue
		}
		// A table that cannot be read now can be the next time.
		found, err := descendants()
		if err != nil || !exceeds(append(found, process{pid: os.Getpid()}), limit) {
			continue
		}
		s.warn(fmt.Sprintf("The processes that the notebook has started are ended: with it they took more than %d MiB, the limit of memory (%s).\n", limit>>20, MemoryVariable))
		// A process that does not end is nothing the reader could be helped with.
		_ = killDescendants()
	}
}

// running reports whether a cell runs.
func (s *server) running() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.current != nil
}

// warnPatience is how long a warning may wait for the readers of a cell that floods them.
const warnPatience = 50 * time.Millisecond

// warn writes text under the running cell, if there is one.
func (s *server) warn(text string) {
	s.mu.Lock()
	e := s.current
	s.mu.Unlock()
	if e == nil {
		return
	}
	written := make(chan struct{})
	go func() {
		defer close(written)
		_, _ = e.cell.Stderr.WriteString(text) // if it is closed the cell is over
	}()
	select {
	case <-written:
	case <-time.After(warnPatience):
	}
}

// exceeds reports whether the processes have more memory of their own than limit.
func exceeds(all []process, limit int64) bool {
	for _, p := range all {
		if limit -= ownMemory(p.pid); limit < 0 {
			return true
		}
	}
	return false
}
