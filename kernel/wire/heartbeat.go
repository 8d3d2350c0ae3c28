package wire

import (
	"sync"

	"github.com/go-zeromq/zmq4"
)

// heartbeat is the kernel's end of the heartbeat channel: a REP socket of zmq4's behind a guard, and one goroutine
// that sends back what comes in (spec, "Heartbeat for kernels"). Nothing else runs on it, so it answers
// whatever the kernel does.
type heartbeat struct {
	*guard
	sock zmq4.Socket
	wg   sync.WaitGroup
}

func newHeartbeat(g *guard) (*heartbeat, error) {
	sock, err := listenGuarded(g, zmq4.NewRep)
	if err != nil {
		return nil, err
	}
	h := &heartbeat{guard: g, sock: sock}
	h.wg.Go(h.echo)
	return h, nil
}

func (h *heartbeat) echo() {
	for {
		msg, err := h.sock.Recv()
		if err == nil {
			err = h.sock.Send(msg)
		}
		if err == nil {
			continue
		}
		select {
		case <-h.closed:
			return
		default:
			// A message without the empty frame that REQ puts first has no place to be echoed to.
			h.log.Warn("heartbeat dropped", "err", err)
		}
	}
}

func (h *heartbeat) close() error {
	err := h.sock.Close()
	h.wg.Wait()
	return err
}
