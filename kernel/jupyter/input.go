package jupyter

// InputRequest asks the reader, through the client that sent the execute_request, for a line (spec, "Messages on
// the stdin channel").
type InputRequest struct {
	Prompt   string `json:"prompt"`
	Password bool   `json:"password"` // do not show what is typed
}

// MsgType implements [Content].
func (InputRequest) MsgType() MsgType { return InputRequestType }

// InputReply answers an [InputRequest].
type InputReply struct {
	Value string `json:"value"` // without a newline at its end
}

// MsgType implements [Content].
func (InputReply) MsgType() MsgType { return InputReplyType }
