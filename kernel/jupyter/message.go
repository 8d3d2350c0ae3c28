package jupyter

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// ErrContent is matched by every error of [Decode]: the content is not what its msg_type promises.
var ErrContent = errors.New("malformed content")

// Content is the content of a message. Its Go type fixes the msg_type of the header.
type Content interface{ MsgType() MsgType }

// Header identifies a message (spec, "Message header").
type Header struct {
	MsgID    string  `json:"msg_id"`
	Session  string  `json:"session"`
	Username string  `json:"username"`
	Date     string  `json:"date"` // ISO 8601, UTC in ours; kept as it came in a peer's
	MsgType  MsgType `json:"msg_type"`
	Version  string  `json:"version"` // of the protocol

	// SubshellID is set by clients that use subshells (JEP 91) and else null or absent.
	SubshellID *string `json:"subshell_id,omitempty"`
}

// Message is one message in either direction (spec, "General message format").
type Message struct {
	// Identities route a message: on shell, control and stdin the ZeroMQ identities of the client it came from
	// or goes to; on iopub the topic.
	Identities [][]byte
	Header     Header
	// ParentHeader is the header of the request that this message answers or that caused it; nil, if there is
	// none, encodes as {}.
	ParentHeader *Header
	Metadata     map[string]any  // nil encodes as {}
	Content      json.RawMessage // valid JSON; see Decode
	Buffers      [][]byte        // raw bytes after the content, for comms; never signed
}

// Decode returns the content of m as a C.
//
// It fails, with an error that matches [ErrContent], if m's msg_type is not C's, or if the content is not a JSON
// object whose fields have C's types. Fields that C does not have are ignored, as the protocol asks.
func Decode[C Content](m *Message) (C, error) {
	var c C
	if want := c.MsgType(); m.Header.MsgType != want {
		return c, fmt.Errorf("%w: a %s is not a %s", ErrContent, m.Header.MsgType, want)
	}
	raw := bytes.TrimLeft(m.Content, " \t\r\n")
	if len(raw) == 0 || raw[0] != '{' {
		return c, fmt.Errorf("%w: content of %s is not a JSON object", ErrContent, m.Header.MsgType)
	}
	if err := json.Unmarshal(raw, &c); err != nil {
		return c, fmt.Errorf("%w: content of %s: %w", ErrContent, m.Header.MsgType, err)
	}
	return c, nil
}
