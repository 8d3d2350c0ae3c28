package kernel

import (
	"context"

	"gokernel/kernel/jupyter"
)

// isComplete answers whether a console should run the code ("Code
// completeness").
func (k *Kernel) isComplete(_ context.Context, _ *request, c jupyter.IsCompleteRequest) (jupyter.Content, error) {
	reply := k.interp.IsComplete(c.Code)
	if reply.Status == "" {
		reply.Status = jupyter.Unknown
	}
	return reply, nil
}
