package jupyter

import "encoding/json"

// ShutdownRequest asks the kernel to end (spec, "Kernel shutdown").
type ShutdownRequest struct {
	Restart bool `json:"restart"` // the client will start another at once
}

// MsgType implements [Content].
func (ShutdownRequest) MsgType() MsgType { return ShutdownRequestType }

// ShutdownReply confirms a [ShutdownRequest]; it is also published on iopub, for the other clients.
type ShutdownReply struct {
	Status  string `json:"status"`
	Restart bool   `json:"restart"`
}

// MsgType implements [Content].
func (ShutdownReply) MsgType() MsgType { return ShutdownReplyType }

// InterruptRequest stops the running cell, where the kernelspec's interrupt_mode is "message".
type InterruptRequest struct{}

// MsgType implements [Content].
func (InterruptRequest) MsgType() MsgType { return InterruptRequestType }

// InterruptReply confirms an [InterruptRequest].
type InterruptReply struct {
	Status string `json:"status"`
}

// MsgType implements [Content].
func (InterruptReply) MsgType() MsgType { return InterruptReplyType }

// DebugRequest carries a request of the Debug Adapter Protocol (spec, "Debug request").
type DebugRequest struct {
	Seq       int             `json:"seq"`
	Type      string          `json:"type"` // "request"
	Command   string          `json:"command"`
	Arguments json.RawMessage `json:"arguments,omitempty"`
}

// MsgType implements [Content].
func (DebugRequest) MsgType() MsgType { return DebugRequestType }

// DebugReply carries a response of the Debug Adapter Protocol, the failure of a request included.
type DebugReply struct {
	Seq        int             `json:"seq"`
	Type       string          `json:"type"` // "response"
	RequestSeq int             `json:"request_seq"`
	Success    bool            `json:"success"`
	Command    string          `json:"command"`
	Message    string          `json:"message,omitempty"` // why it failed
	Body       json.RawMessage `json:"body,omitempty"`
}

// MsgType implements [Content].
func (DebugReply) MsgType() MsgType { return DebugReplyType }
