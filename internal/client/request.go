package client

import (
	"context"
	"encoding/json"
	"fmt"

	"gokernel/kernel/jupyter"
)

// A ReplyError is a reply whose status is not "ok".
type ReplyError struct {
	Request jupyter.MsgType
	jupyter.Failed
}

// Error returns one line.
func (e *ReplyError) Error() string {
	if e.Status == jupyter.StatusAborted {
		return fmt.Sprintf("%s: aborted", e.Request)
	}
	return fmt.Sprintf("%s: %s: %s", e.Request, e.EName, e.EValue)
}

// call sends a request and waits for its reply, which it decodes. A reply with the status "error" or
// "aborted" is returned as a *ReplyError.
func call[C jupyter.Content](ctx context.Context, t *talk, ch jupyter.Channel, req jupyter.Content) (C, error) {
	var none C
	m, p, err := t.send(ctx, ch, req, false)
	if err != nil {
		return none, err
	}
	defer t.forget(m, p, nil)
	select {
	case r := <-p.reply:
		return open[C](r, m.Header.MsgType)
	case <-ctx.Done():
		return none, fmt.Errorf("waiting for the reply to %s: %w", m.Header.MsgType, context.Cause(ctx))
	case <-t.ctx.Done():
		return none, context.Cause(t.ctx)
	}
}

// open decodes a reply.
func open[C jupyter.Content](r *jupyter.Message, request jupyter.MsgType) (C, error) {
	var none C
	var f struct {
		Status        string
		EName, EValue string
		Traceback     []string
	}
	// Content that this cannot decode, Decode cannot either, and says so better.
	if err := json.Unmarshal(r.Content, &f); err == nil && (f.Status == jupyter.StatusError || f.Status == jupyter.StatusAborted) {
		return none, &ReplyError{request, jupyter.Failed{Type: r.Header.MsgType, Status: f.Status, EName: f.EName, EValue: f.EValue, Traceback: f.Traceback}}
	}
	return jupyter.Decode[C](r)
}

// do is call on the client's current kernel.
func do[C jupyter.Content](ctx context.Context, c *Client, ch jupyter.Channel, req jupyter.Content) (C, error) {
	t, _, err := c.current()
	if err != nil {
		var none C
		return none, err
	}
	return call[C](ctx, t, ch, req)
}

// Request sends any request, shell or control, and returns the reply as it came.
func (c *Client) Request(ctx context.Context, ch jupyter.Channel, req jupyter.Content) (*jupyter.Message, error) {
	t, _, err := c.current()
	if err != nil {
		return nil, err
	}
	m, p, err := t.send(ctx, ch, req, false)
	if err != nil {
		return nil, err
	}
	defer t.forget(m, p, nil)
	select {
	case r := <-p.reply:
		return r, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("waiting for the reply to %s: %w", m.Header.MsgType, context.Cause(ctx))
	case <-t.ctx.Done():
		return nil, context.Cause(t.ctx)
	}
}

// KernelInfo asks the kernel who it is, on ch (Shell or Control).
func (c *Client) KernelInfo(ctx context.Context, ch jupyter.Channel) (jupyter.KernelInfoReply, error) {
	return do[jupyter.KernelInfoReply](ctx, c, ch, jupyter.KernelInfoRequest{})
}

// Complete asks what can stand at cursor, counted in code points.
func (c *Client) Complete(ctx context.Context, code string, cursor int) (jupyter.CompleteReply, error) {
	return do[jupyter.CompleteReply](ctx, c, jupyter.Shell, jupyter.CompleteRequest{Code: code, CursorPos: cursor})
}

// Inspect asks what stands at cursor, counted in code points. detail is 0 or 1.
func (c *Client) Inspect(ctx context.Context, code string, cursor, detail int) (jupyter.InspectReply, error) {
	return do[jupyter.InspectReply](ctx, c, jupyter.Shell, jupyter.InspectRequest{Code: code, CursorPos: cursor, DetailLevel: detail})
}

// IsComplete asks whether code can be run as it stands. Its reply has statuses of its own, none an error.
func (c *Client) IsComplete(ctx context.Context, code string) (jupyter.IsCompleteReply, error) {
	return do[jupyter.IsCompleteReply](ctx, c, jupyter.Shell, jupyter.IsCompleteRequest{Code: code})
}

// History asks for earlier cells.
func (c *Client) History(ctx context.Context, req jupyter.HistoryRequest) (jupyter.HistoryReply, error) {
	return do[jupyter.HistoryReply](ctx, c, jupyter.Shell, req)
}

// CommInfo asks which comms are open; target "" means all.
func (c *Client) CommInfo(ctx context.Context, target string) (jupyter.CommInfoReply, error) {
	return do[jupyter.CommInfoReply](ctx, c, jupyter.Shell, jupyter.CommInfoRequest{TargetName: target})
}

// Comm sends a comm_open, comm_msg or comm_close, which have no reply.
func (c *Client) Comm(ctx context.Context, content jupyter.Content) error {
	t, _, err := c.current()
	if err != nil {
		return err
	}
	m, err := t.session.New(nil, content)
	if err != nil {
		return err
	}
	t.check.sent(jupyter.Shell, m)
	if err := t.conn.Send(ctx, jupyter.Shell, m); err != nil {
		return fmt.Errorf("sending %s: %w", m.Header.MsgType, err)
	}
	return nil
}
