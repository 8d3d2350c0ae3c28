package jupyter

import (
	"encoding/json"
	"fmt"
)

// The ways of a [HistoryRequest] to select entries.
const (
	HistoryRange  = "range"
	HistoryTail   = "tail"
	HistorySearch = "search"
)

// HistoryRequest asks for earlier cells (spec, "History").
type HistoryRequest struct {
	Output         bool   `json:"output"` // outputs too
	Raw            bool   `json:"raw"`
	HistAccessType string `json:"hist_access_type"`
	Session        int    `json:"session,omitempty"` // range: 0 is this session, -1 the one before
	Start          int    `json:"start,omitempty"`   // range: first line
	Stop           *int   `json:"stop,omitempty"`    // range: line after the last; nil: to the end
	N              int    `json:"n,omitempty"`       // tail, search: at most so many; 0: no bound given
	Pattern        string `json:"pattern,omitempty"` // search: a glob with * and ?
	Unique         bool   `json:"unique,omitempty"`  // search: no duplicates
}

// MsgType implements [Content].
func (HistoryRequest) MsgType() MsgType { return HistoryRequestType }

// HistoryEntry is one earlier cell. On the wire it is [session, line, input], or [session, line, [input, output]]
// if the request asked for outputs.
type HistoryEntry struct {
	Session, Line int
	Input         string
	WithOutput    bool    // write the second form
	Output        *string // nil: there was none
}

// MarshalJSON writes the triple.
func (e HistoryEntry) MarshalJSON() ([]byte, error) {
	if e.WithOutput {
		return json.Marshal([]any{e.Session, e.Line, []any{e.Input, e.Output}})
	}
	return json.Marshal([]any{e.Session, e.Line, e.Input})
}

// UnmarshalJSON reads either triple.
func (e *HistoryEntry) UnmarshalJSON(data []byte) error {
	var triple []json.RawMessage
	if err := json.Unmarshal(data, &triple); err != nil {
		return err
	}
	if len(triple) != 3 {
		return fmt.Errorf("history entry has %d elements, not 3", len(triple))
	}
	*e = HistoryEntry{}
	if err := json.Unmarshal(triple[0], &e.Session); err != nil {
		return err
	}
	if err := json.Unmarshal(triple[1], &e.Line); err != nil {
		return err
	}
	if json.Unmarshal(triple[2], &e.Input) == nil {
		return nil
	}
	var pair []*string
	if err := json.Unmarshal(triple[2], &pair); err != nil {
		return err
	}
	if len(pair) != 2 || pair[0] == nil {
		return fmt.Errorf("history entry %s is neither input nor [input, output]", triple[2])
	}
	e.Input, e.Output, e.WithOutput = *pair[0], pair[1], true
	return nil
}

// HistoryReply answers a [HistoryRequest], oldest entry first.
type HistoryReply struct {
	Status  string         `json:"status"`
	History []HistoryEntry `json:"history"`
}

// MsgType implements [Content].
func (HistoryReply) MsgType() MsgType { return HistoryReplyType }

// MarshalJSON writes nil history as [].
func (r HistoryReply) MarshalJSON() ([]byte, error) {
	type plain HistoryReply
	r.History = list(r.History)
	return json.Marshal(plain(r))
}
