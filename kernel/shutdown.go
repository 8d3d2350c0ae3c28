package kernel

import (
	"context"

	"gokernel/kernel/jupyter"
)

// shutdown confirms that the kernel ends ("Kernel shutdown"). Once the reply
// is sent Run ends, whatever a cell does; the last thing it does is to
// broadcast the same reply, as ipykernel does.
func (k *Kernel) shutdown(_ context.Context, req *request, c jupyter.ShutdownRequest) (jupyter.Content, error) {
	reply := jupyter.ShutdownReply{Status: jupyter.StatusOK, Restart: c.Restart}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.farewell = &farewell{parent: req.msg, reply: reply}
	return reply, nil
}

// said returns what is to be broadcast at the end, nil without a
// shutdown_request.
func (k *Kernel) said() *farewell {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.farewell
}
