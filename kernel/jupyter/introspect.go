package jupyter

import "encoding/json"

// CompleteRequest asks what can stand at the cursor (spec, "Completion").
type CompleteRequest struct {
	Code      string `json:"code"`
	CursorPos int    `json:"cursor_pos"` // in Unicode code points
}

// MsgType implements [Content].
func (CompleteRequest) MsgType() MsgType { return CompleteRequestType }

// CompleteReply lists what may replace the text between CursorStart and CursorEnd.
type CompleteReply struct {
	Status      string         `json:"status"`
	Matches     []string       `json:"matches"`
	CursorStart int            `json:"cursor_start"` // in Unicode code points
	CursorEnd   int            `json:"cursor_end"`   // in Unicode code points
	Metadata    map[string]any `json:"metadata"`     // may hold TypedMatchesKey
}

// TypedMatchesKey is the metadata key under which clients look for a []TypedMatch: the matches with their kind.
const TypedMatchesKey = "_jupyter_types_experimental"

// TypedMatch is one completion with what is known of it.
type TypedMatch struct {
	Start     int    `json:"start"` // in Unicode code points
	End       int    `json:"end"`   // in Unicode code points
	Text      string `json:"text"`
	Type      string `json:"type"` // "function", "keyword", "module", "type", "variable", ...
	Signature string `json:"signature,omitempty"`
}

// MsgType implements [Content].
func (CompleteReply) MsgType() MsgType { return CompleteReplyType }

// MarshalJSON writes nil matches as [] and nil metadata as {}.
func (r CompleteReply) MarshalJSON() ([]byte, error) {
	type plain CompleteReply
	r.Matches, r.Metadata = list(r.Matches), object(r.Metadata)
	return json.Marshal(plain(r))
}

// InspectRequest asks what stands at the cursor (spec, "Introspection").
type InspectRequest struct {
	Code        string `json:"code"`
	CursorPos   int    `json:"cursor_pos"`   // in Unicode code points
	DetailLevel int    `json:"detail_level"` // 0: name?, 1: name??
}

// MsgType implements [Content].
func (InspectRequest) MsgType() MsgType { return InspectRequestType }

// InspectReply describes what stands at the cursor. That nothing is known there is Found false, not an error.
type InspectReply struct {
	Status   string         `json:"status"`
	Found    bool           `json:"found"`
	Data     MIMEBundle     `json:"data"`
	Metadata map[string]any `json:"metadata"`
}

// MsgType implements [Content].
func (InspectReply) MsgType() MsgType { return InspectReplyType }

// MarshalJSON writes nil metadata as {}.
func (r InspectReply) MarshalJSON() ([]byte, error) {
	type plain InspectReply
	r.Metadata = object(r.Metadata)
	return json.Marshal(plain(r))
}

// The answers to an [IsCompleteRequest].
const (
	Complete   = "complete"   // ready to run
	Incomplete = "incomplete" // the reader will go on typing
	Invalid    = "invalid"    // no continuation makes it right
	Unknown    = "unknown"    // run it and see
)

// IsCompleteRequest asks whether a console should run the code or show a continuation prompt.
type IsCompleteRequest struct {
	Code string `json:"code"`
}

// MsgType implements [Content].
func (IsCompleteRequest) MsgType() MsgType { return IsCompleteRequestType }

// IsCompleteReply answers an [IsCompleteRequest].
type IsCompleteReply struct {
	Status string `json:"status"` // Complete, Incomplete, Invalid or Unknown
	Indent string `json:"indent"` // for the next line, if Incomplete
}

// MsgType implements [Content].
func (IsCompleteReply) MsgType() MsgType { return IsCompleteReplyType }

// MarshalJSON writes the indent with an incomplete reply only, where alone it belongs.
func (r IsCompleteReply) MarshalJSON() ([]byte, error) {
	if r.Status != Incomplete {
		return json.Marshal(map[string]string{"status": r.Status})
	}
	type plain IsCompleteReply
	return json.Marshal(plain(r))
}
