package kernel

import (
	"context"

	"gokernel/kernel/jupyter"
)

// info says who the kernel is ("Kernel info"), on control as well as on shell.
func (k *Kernel) info(context.Context, *request, jupyter.KernelInfoRequest) (jupyter.Content, error) {
	reply := k.interp.Info()
	reply.Status = jupyter.StatusOK
	reply.ProtocolVersion = jupyter.ProtocolVersion
	return reply, nil
}

// Welcome tells a client that its subscription to a topic of iopub stands (JEP
// 65). Whoever sees subscriptions calls it, from any goroutine; it does not
// block.
func (k *Kernel) Welcome(topic string) {
	m, err := k.session.New(nil, jupyter.IOPubWelcome{Subscription: topic})
	if err != nil {
		k.log.Error("cannot welcome a subscriber", "err", err)
		return
	}
	// Only those who asked for the topic are to get it.
	m.Identities = [][]byte{[]byte(topic)}
	k.iopub.put(m)
}
