package wire

import (
	"runtime/debug"
	"sync"
	"time"
)

// sweepAfter lets a burst pass before memory is returned, once for all of it.
const sweepAfter = 300 * time.Millisecond

// sweeper returns memory to the system after large messages and after abuse. Without it an idle kernel would
// keep the garbage of a flood until the runtime's periodic collection minutes later. It starts one goroutine,
// which stop ends.
type sweeper struct {
	asked chan struct{}
	done  chan struct{}
	wg    sync.WaitGroup
}

func newSweeper() *sweeper {
	s := &sweeper{asked: make(chan struct{}, 1), done: make(chan struct{})}
	s.wg.Go(s.run)
	return s
}

// ask makes the sweeper run soon. It does not block and may be called at any time.
func (s *sweeper) ask() {
	select {
	case s.asked <- struct{}{}:
	default:
	}
}

func (s *sweeper) run() {
	for {
		select {
		case <-s.asked:
		case <-s.done:
			return
		}
		select {
		case <-time.After(sweepAfter):
		case <-s.done:
			return
		}
		debug.FreeOSMemory()
	}
}

func (s *sweeper) stop() {
	close(s.done)
	s.wg.Wait()
}
