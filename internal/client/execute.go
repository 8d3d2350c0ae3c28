package client

import (
	"context"
	"fmt"
	"time"

	"gokernel/kernel/jupyter"
)

// iopubGrace is how long Execute waits for the idle status after the reply, as nbclient does.
const iopubGrace = 4 * time.Second

// A Handler receives what happens while a cell runs, from the goroutine of Execute, in the order it came.
type Handler struct {
	// Message gets each iopub message of the cell: execute_input, outputs, status. nil ignores them.
	Message func(*jupyter.Message)

	// Late gets the iopub messages of the cell that come after Execute has returned: what its goroutines print, and
	// how they fail. It is called from one goroutine at a time, of the client's, until the client is closed, and must
	// return soon. nil leaves them to Config.Unclaimed.
	Late func(*jupyter.Message)

	// Input answers an input_request of the cell. nil: the cell may not ask (allow_stdin is false).
	Input func(ctx context.Context, req jupyter.InputRequest) (string, error)
}

// Execute runs a cell and returns its reply once the kernel is idle again, so that all output of the cell has
// been handled. The error is not nil only if there is no reply: ctx is done, the kernel died (*Death), the
// client was closed. That the cell failed is in the reply. A ctx that is done does not stop the cell:
// Interrupt does.
func (c *Client) Execute(ctx context.Context, req jupyter.ExecuteRequest, h Handler) (jupyter.ExecuteReply, error) {
	var none jupyter.ExecuteReply
	t, _, err := c.current()
	if err != nil {
		return none, err
	}
	if h.Input == nil {
		no := false
		req.AllowStdin = &no
	}
	m, p, err := t.send(ctx, jupyter.Shell, req, true)
	if err != nil {
		return none, err
	}
	defer t.forget(m, p, h.Late)

	var reply *jupyter.Message
	replies := p.reply
	var late <-chan time.Time // set once the reply is there
	for idle := false; reply == nil || !idle; {
		select {
		case r := <-replies:
			reply, replies, late = r, nil, time.After(iopubGrace)
		case r := <-p.inbox:
			if r.Header.MsgType == jupyter.InputRequestType {
				if err := t.answer(ctx, r, h); err != nil {
					return none, err
				}
				continue
			}
			if h.Message != nil {
				h.Message(r)
			}
			if s, err := jupyter.Decode[jupyter.Status](r); err == nil && s.ExecutionState == jupyter.Idle {
				idle = true
			} else if late != nil {
				late = time.After(iopubGrace) // output keeps coming: idle is still on its way
			}
		case <-late:
			t.check.note(m, "no idle status within %s of the reply", iopubGrace)
			idle = true
		case <-ctx.Done():
			return none, fmt.Errorf("waiting for the cell: %w", context.Cause(ctx))
		case <-t.ctx.Done():
			for h.Message != nil && len(p.inbox) > 0 { // what the cell printed before the kernel died
				h.Message(<-p.inbox)
			}
			return none, context.Cause(t.ctx)
		}
	}
	return jupyter.Decode[jupyter.ExecuteReply](reply)
}

// answer serves an input_request. An answer that the handler cannot give is left out; the cell then waits
// until it is interrupted.
func (t *talk) answer(ctx context.Context, r *jupyter.Message, h Handler) error {
	if h.Input == nil {
		t.check.note(r, "asked for input although allow_stdin is false")
		return nil
	}
	req, err := jupyter.Decode[jupyter.InputRequest](r)
	if err != nil {
		return fmt.Errorf("input request: %w", err)
	}
	value, err := h.Input(ctx, req)
	if err != nil {
		return fmt.Errorf("input for the cell: %w", err)
	}
	m, err := t.session.New(r, jupyter.InputReply{Value: value})
	if err != nil {
		return err
	}
	m.Identities = nil // those of the request are the kernel's way to us
	if err := t.conn.Send(ctx, jupyter.Stdin, m); err != nil {
		return fmt.Errorf("sending input: %w", err)
	}
	return nil
}
