package jupyter

import "encoding/json"

// CommInfoRequest asks which comms are open (spec, "Comm info").
type CommInfoRequest struct {
	TargetName string `json:"target_name,omitempty"` // "": all
}

// MsgType implements [Content].
func (CommInfoRequest) MsgType() MsgType { return CommInfoRequestType }

// CommInfo is what a [CommInfoReply] says of one comm.
type CommInfo struct {
	TargetName string `json:"target_name"`
}

// CommInfoReply lists the open comms by their ids.
type CommInfoReply struct {
	Status string              `json:"status"`
	Comms  map[string]CommInfo `json:"comms"`
}

// MsgType implements [Content].
func (CommInfoReply) MsgType() MsgType { return CommInfoReplyType }

// MarshalJSON writes nil comms as {}.
func (r CommInfoReply) MarshalJSON() ([]byte, error) {
	type plain CommInfoReply
	r.Comms = object(r.Comms)
	return json.Marshal(plain(r))
}

// CommOpen opens a comm with a target of the other side (spec, "Custom messages"). A side that does not know the
// target answers with [CommClose].
type CommOpen struct {
	CommID       string         `json:"comm_id"`
	TargetName   string         `json:"target_name"`
	TargetModule *string        `json:"target_module,omitempty"`
	Data         map[string]any `json:"data"`
}

// MsgType implements [Content].
func (CommOpen) MsgType() MsgType { return CommOpenType }

// MarshalJSON writes nil data as {}.
func (c CommOpen) MarshalJSON() ([]byte, error) {
	type plain CommOpen
	c.Data = object(c.Data)
	return json.Marshal(plain(c))
}

// CommMsg carries data over an open comm, in either direction and without a reply.
type CommMsg struct {
	CommID string         `json:"comm_id"`
	Data   map[string]any `json:"data"`
}

// MsgType implements [Content].
func (CommMsg) MsgType() MsgType { return CommMsgType }

// MarshalJSON writes nil data as {}.
func (c CommMsg) MarshalJSON() ([]byte, error) {
	type plain CommMsg
	c.Data = object(c.Data)
	return json.Marshal(plain(c))
}

// CommClose ends a comm.
type CommClose CommMsg

// MsgType implements [Content].
func (CommClose) MsgType() MsgType { return CommCloseType }

// MarshalJSON writes nil data as {}.
func (c CommClose) MarshalJSON() ([]byte, error) { return CommMsg(c).MarshalJSON() }
