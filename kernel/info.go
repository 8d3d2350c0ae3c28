package kernel

import (
	"context"
	"fmt"

	"gokernel/kernel/jupyter"
)

// info says who the kernel is ("Kernel info"), on control as well as on shell.
func (k *Kernel) info(context.Context, *request, jupyter.KernelInfoRequest) (jupyter.Content, error) {
	reply := k.interp.Info()
	reply.Status = jupyter.StatusOK
	reply.ProtocolVersion = jupyter.ProtocolVersion
	return reply, nil
}

// Welcome is the message that tells a client that its subscription to a topic
// of iopub stands (JEP 65). It is for that subscriber alone, so the transport
// sends it and not the kernel.
func Welcome(s jupyter.Session, topic string) (*jupyter.Message, error) {
	m, err := s.New(nil, jupyter.IOPubWelcome{Subscription: topic})
	if err != nil {
		return nil, fmt.Errorf("welcoming a subscriber: %w", err)
	}
	m.Identities = [][]byte{[]byte(topic)}
	return m, nil
}
