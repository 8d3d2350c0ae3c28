package kernel

import (
	"context"
	"testing"

	"gokernel/kernel/jupyter"
)

// notify is a memory transport that tells when a reply was sent on shell.
type notify struct {
	*memory
	replied chan struct{}
}

func (n notify) Send(_ context.Context, ch jupyter.Channel, _ *jupyter.Message) error {
	if ch == jupyter.Shell {
		n.replied <- struct{}{}
	}
	return nil
}

// BenchmarkCell is what the kernel itself adds to a trivial cell: no sockets,
// no interpreter.
func BenchmarkCell(b *testing.B) {
	transport := notify{newMemory(), make(chan struct{})}
	k := New(transport, Config{Interpreter: newScript(), Session: jupyter.NewSession("bench")})
	ctx, stop := context.WithCancel(b.Context())
	done := make(chan error, 1)
	go func() { done <- k.Run(ctx) }()
	request := clientMessage("m", jupyter.ExecuteRequestType, `{"code":"out x\nresult y"}`)
	b.ReportAllocs()
	for b.Loop() {
		transport.in[jupyter.Shell] <- request
		<-transport.replied
	}
	stop()
	<-done
}

// BenchmarkPrint is one small write of a cell that prints many.
func BenchmarkPrint(b *testing.B) {
	k := New(newMemory(), Config{Interpreter: newScript(), Session: jupyter.NewSession("bench")})
	k.iopub.send = func(context.Context, *jupyter.Message) error { return nil }
	ctx, stop := context.WithCancel(b.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		k.iopub.run(ctx)
	}()
	o := newCellOutput(k, clientMessage("m", jupyter.ExecuteRequestType, "{}"), false, false)
	b.ReportAllocs()
	for b.Loop() {
		o.Stream("stdout", "0123456789\n")
	}
	o.end()
	stop()
	<-done
}
