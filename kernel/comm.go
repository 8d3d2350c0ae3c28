package kernel

import (
	"context"
	"fmt"

	"gokernel/kernel/jupyter"
)

// commInfo lists the open comms ("Comm info").
func (k *Kernel) commInfo(_ context.Context, _ *request, c jupyter.CommInfoRequest) (jupyter.Content, error) {
	return jupyter.CommInfoReply{Status: jupyter.StatusOK, Comms: k.comms.list(c.TargetName)}, nil
}

// commOpen opens a comm that a client asks for. If nobody takes it, it is
// closed at once, as the spec demands ("Opening a Comm").
func (k *Kernel) commOpen(_ context.Context, req *request, c jupyter.CommOpen) (jupyter.Content, error) {
	target := k.comms.target(c.TargetName)
	comm := &Comm{ID: c.CommID, Target: c.TargetName, comms: k.comms}
	if !k.comms.insert(comm) {
		return nil, fmt.Errorf("comm_open for comm %q, which is open", c.CommID)
	}
	opened := false
	defer func() { // also if target panics
		if !opened && k.comms.drop(c.CommID) != nil {
			k.publish(req.msg, jupyter.CommClose{CommID: c.CommID})
		}
	}()
	if target == nil {
		return nil, fmt.Errorf("comm_open for unknown target %q", c.TargetName)
	}
	defer k.comms.setParent(req.msg)()
	peer, err := target(comm, CommData{Data: c.Data, Metadata: req.msg.Metadata, Buffers: req.msg.Buffers})
	if err != nil {
		return nil, fmt.Errorf("opening comm with %q: %w", c.TargetName, err)
	}
	comm.setPeer(peer)
	opened = true
	return nil, nil
}

// commMsg hands on what a client sent over a comm.
func (k *Kernel) commMsg(_ context.Context, req *request, c jupyter.CommMsg) (jupyter.Content, error) {
	comm := k.comms.open(c.CommID)
	if comm == nil {
		return nil, fmt.Errorf("comm_msg for unknown comm %q", c.CommID)
	}
	defer k.comms.setParent(req.msg)()
	if peer := comm.peerOrNil(); peer != nil {
		peer.CommMsg(comm, CommData{Data: c.Data, Metadata: req.msg.Metadata, Buffers: req.msg.Buffers})
	}
	return nil, nil
}

// commClose ends a comm that a client has closed.
func (k *Kernel) commClose(_ context.Context, req *request, c jupyter.CommClose) (jupyter.Content, error) {
	comm := k.comms.drop(c.CommID)
	if comm == nil {
		return nil, fmt.Errorf("comm_close for unknown comm %q", c.CommID)
	}
	defer k.comms.setParent(req.msg)()
	if peer := comm.peerOrNil(); peer != nil {
		peer.CommClose(comm, CommData{Data: c.Data, Metadata: req.msg.Metadata, Buffers: req.msg.Buffers})
	}
	return nil, nil
}
