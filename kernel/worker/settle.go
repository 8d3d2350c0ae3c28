package worker

import (
	"os"
	"runtime"
	"time"
)

// How long settle waits. The parent takes some 20 µs to read a pipe on an idle machine; one that takes longer than
// settleLast is held up by its Sink, or the pipe is kept full by a process that the reader has started.
const (
	settleSpin  = 20 * time.Microsecond // busily, but letting other goroutines run
	settlePause = 50 * time.Microsecond // then between looks
	settleLast  = time.Second           // in all
)

// settle waits until the parent has read what is in one of a cell's pipes. It hands that over before it reads more, see
// pair, so what is written to the other pipe after settle comes after it. Where the system does not say what a pipe
// holds, it does not wait.
func settle(pipe *os.File) {
	raw, err := pipe.SyscallConn()
	if err != nil {
		return
	}
	empty := func() bool {
		n := 0
		// FIONREAD of the writing end counts the same bytes. Fd would make the pipe blocking.
		failed := raw.Control(func(fd uintptr) { n, err = buffered(int(fd)) })
		return failed != nil || err != nil || n == 0
	}
	for began := time.Now(); !empty(); {
		switch waited := time.Since(began); {
		case waited < settleSpin:
			runtime.Gosched()
		case waited < settleLast:
			time.Sleep(settlePause)
		default:
			return
		}
	}
}
