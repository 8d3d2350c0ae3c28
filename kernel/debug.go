package kernel

import (
	"context"

	"gokernel/kernel/jupyter"
)

// debug refuses a debug_request in the words of the Debug Adapter Protocol:
// kernel_info says that there is no debugger, but a client may ask.
func (k *Kernel) debug(_ context.Context, _ *request, c jupyter.DebugRequest) (jupyter.Content, error) {
	return jupyter.DebugReply{
		Type: "response", RequestSeq: c.Seq, Command: c.Command,
		Message: "this kernel has no debugger",
	}, nil
}
