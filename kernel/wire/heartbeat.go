package wire

import (
	"sync"

	"github.com/go-zeromq/zmq4"
)

// heartbeat is the kernel's end of the heartbeat channel: one goroutine that sends back what comes in (spec,
// "Heartbeat for kernels"). Nothing else runs on it, so it answers whatever the kernel does; close ends it.
//
// To its peers it is a REP socket, as the guard tells them; to zmq4 it is a ROUTER, whose echo is true to the byte.
// zmq4's REP takes the last empty frame for the delimiter where the first is meant.
type heartbeat struct {
	*guard
	sock zmq4.Socket
	wg   sync.WaitGroup
}

func newHeartbeat(g *guard) (*heartbeat, error) {
	sock, err := listenGuarded(g, zmq4.NewRouter)
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
			h.log.Debug("heartbeat not answered", "err", err) // its client is gone
		}
	}
}

func (h *heartbeat) close() error {
	err := h.sock.Close()
	h.wg.Wait()
	return err
}
