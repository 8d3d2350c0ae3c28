package jupyter

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
)

// dateLayout is ISO 8601 in UTC to the microsecond, as other kernels write it.
const dateLayout = "2006-01-02T15:04:05.000000Z"

// Session is what the headers of one process have in common. The zero Session writes headers without session
// id, which the protocol does not allow; use [NewSession]. A Session is a value and safe for concurrent use.
type Session struct {
	ID       string // unique for each start of a kernel or client
	Username string
}

// NewSession returns a session with a fresh id.
func NewSession(username string) Session {
	return Session{ID: uuid.NewString(), Username: username}
}

// New returns a message with content c, caused by parent.
//
// The message carries parent's header and, so that a reply finds its way, parent's identities; both are empty
// if parent is nil. It fails only if c cannot be encoded.
func (s Session) New(parent *Message, c Content) (*Message, error) {
	raw, err := json.Marshal(c)
	if err != nil {
		return nil, fmt.Errorf("encoding content of %s: %w", c.MsgType(), err)
	}
	m := &Message{
		Header: Header{
			MsgID:    uuid.NewString(),
			Session:  s.ID,
			Username: s.Username,
			Date:     time.Now().UTC().Format(dateLayout),
			MsgType:  c.MsgType(),
			Version:  ProtocolVersion,
		},
		Content: raw,
	}
	if parent != nil {
		header := parent.Header
		m.ParentHeader = &header
		m.Identities = parent.Identities
	}
	return m, nil
}
