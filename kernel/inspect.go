package kernel

import (
	"context"

	"gokernel/kernel/jupyter"
)

// inspect answers what stands at the cursor ("Introspection").
func (k *Kernel) inspect(_ context.Context, _ *request, c jupyter.InspectRequest) (jupyter.Content, error) {
	detail := max(0, min(c.DetailLevel, 1))
	data, found := k.interp.Inspect(c.Code, byteOffset(c.Code, c.CursorPos), detail)
	if !found {
		data = nil
	}
	return jupyter.InspectReply{Status: jupyter.StatusOK, Found: found, Data: data}, nil
}
