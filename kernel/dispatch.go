package kernel

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"gokernel/kernel/jupyter"
)

// request is a message that a client sent on shell or control.
type request struct {
	channel jupyter.Channel
	msg     *jupyter.Message
	seq     uint64 // on shell: how many requests had come, this one included
	weight  int64  // bytes it takes of the queue
	began   time.Time
}

// handler does what a request asks and returns the content of its reply, nil
// if its type has none. An error becomes an error reply. Handlers publish
// output, but never send replies.
type handler func(context.Context, *request) (jupyter.Content, error)

// table says who handles which request on which channel. As in ipykernel,
// cells and questions about code are answered on shell in their order;
// control has what must be answered while a cell runs.
func (k *Kernel) table() map[jupyter.Channel]map[jupyter.MsgType]handler {
	control := map[jupyter.MsgType]handler{
		jupyter.KernelInfoRequestType: decoded(k.info),
		jupyter.InterruptRequestType:  decoded(k.interrupt),
		jupyter.ShutdownRequestType:   decoded(k.shutdown),
		jupyter.DebugRequestType:      decoded(k.debug),
		jupyter.CommInfoRequestType:   decoded(k.commInfo),
	}
	shell := map[jupyter.MsgType]handler{
		jupyter.ExecuteRequestType:    decoded(k.execute),
		jupyter.CompleteRequestType:   decoded(k.complete),
		jupyter.InspectRequestType:    decoded(k.inspect),
		jupyter.IsCompleteRequestType: decoded(k.isComplete),
		jupyter.HistoryRequestType:    decoded(k.searchHistory),
		jupyter.CommOpenType:          decoded(k.commOpen),
		jupyter.CommMsgType:           decoded(k.commMsg),
		jupyter.CommCloseType:         decoded(k.commClose),
	}
	for t, h := range control {
		shell[t] = h
	}
	return map[jupyter.Channel]map[jupyter.MsgType]handler{
		jupyter.Shell:   shell,
		jupyter.Control: control,
	}
}

// decoded makes a handler of one that takes its content decoded.
func decoded[C jupyter.Content](handle func(context.Context, *request, C) (jupyter.Content, error)) handler {
	return func(ctx context.Context, req *request) (jupyter.Content, error) {
		c, err := jupyter.Decode[C](req.msg)
		if err != nil {
			return nil, err
		}
		return handle(ctx, req, c)
	}
}

// serve answers one request, between busy and idle ("Kernel status"). This is
// the only place that sends replies, and the only one that publishes either
// state. The handler's work ends with ctx; what there is to send is sent
// until sendCtx is done.
func (k *Kernel) serve(ctx, sendCtx context.Context, req *request) {
	req.began = time.Now()
	k.publish(req.msg, jupyter.Status{ExecutionState: jupyter.Busy})
	defer k.publish(req.msg, jupyter.Status{ExecutionState: jupyter.Idle})

	content, err := k.handle(ctx, req)
	if err != nil {
		content = k.refuse(req, err)
	}
	if content == nil {
		return
	}
	reply, err := k.session.New(req.msg, content)
	if err != nil {
		// An answer of the interpreter that JSON cannot express.
		if reply, err = k.session.New(req.msg, k.refuse(req, err)); err != nil {
			k.log.Error("cannot answer", "msg_type", req.msg.Header.MsgType, "err", err)
			return
		}
	}
	reply.Metadata = map[string]any{"started": req.began.UTC().Format("2006-01-02T15:04:05.000000Z")}
	if req.channel == jupyter.Shell {
		// A client that has the reply has the output. Control must not
		// wait for slow subscribers.
		k.iopub.flush()
	}
	if err := k.transport.Send(sendCtx, req.channel, reply); err != nil {
		k.log.Warn("cannot reply", "msg_type", reply.Header.MsgType, "err", err)
	}
}

// handle calls the handler of a request. A panic in it is an error.
func (k *Kernel) handle(ctx context.Context, req *request) (c jupyter.Content, err error) {
	defer func() {
		if p := recover(); p != nil {
			c, err = nil, k.panicked(p)
		}
	}()
	if ctx.Err() != nil && req.msg.Header.MsgType != jupyter.ExecuteRequestType {
		return nil, errStopping
	}
	h := k.handlers[req.channel][req.msg.Header.MsgType]
	if h == nil {
		return nil, fmt.Errorf("%w %s on the %s channel", errUnknown, req.msg.Header.MsgType, req.channel)
	}
	return h(ctx, req)
}

// errUnknown is the error of a request that no handler takes, errStopping of
// one that comes too late.
var (
	errUnknown  = errors.New("this kernel does not answer")
	errStopping = errors.New("the kernel shuts down")
)

// refuse is the reply to a request that was not served; nil, and a line in
// the log, if messages of its type are not answered.
func (k *Kernel) refuse(req *request, err error) jupyter.Content {
	name := "KernelError"
	switch {
	case errors.Is(err, errUnknown):
		name = "UnknownRequest"
	case errors.Is(err, jupyter.ErrContent):
		name = "BadRequest"
	}
	k.log.Warn("request refused", "msg_type", req.msg.Header.MsgType, "err", err)
	typ, ok := req.msg.Header.MsgType.Reply()
	if !ok {
		return nil
	}
	return jupyter.Failed{Type: typ, EName: name, EValue: err.Error(), Traceback: []string{name + ": " + err.Error()}}
}

// panicked logs a panic of the interpreter or of ours with its stack, and
// returns it as an error. It is to be called by the function that recovered.
func (k *Kernel) panicked(p any) error {
	k.log.Error("panic in the kernel", "panic", p, "stack", string(debug.Stack()))
	return fmt.Errorf("the kernel failed: panic: %v", p)
}
