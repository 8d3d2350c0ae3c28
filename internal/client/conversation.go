package client

import (
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"gokernel/kernel/jupyter"
)

const (
	maxViolations = 1000
	maxRemembered = 20_000 // requests and message ids; older ones are forgotten
)

// A Violation is something the kernel did against the protocol.
type Violation struct {
	MsgType jupyter.MsgType // of the message, "" if it was not readable
	MsgID   string
	Text    string
}

// String returns one line.
func (v Violation) String() string {
	if v.MsgType == "" {
		return v.Text
	}
	return fmt.Sprintf("%s: %s", v.MsgType, v.Text)
}

// A conversation follows one connection and notes what is against the protocol: the content of each message
// against the reference, headers, parents, one reply to each request on its channel, busy and idle around it,
// the order of execute_input and outputs.
type conversation struct {
	ref     map[jupyter.MsgType][]field
	session string // ours

	mu        sync.Mutex
	found     []Violation
	requests  map[string]*exchange // by msg_id
	order     []string             // of requests
	ids       map[string]bool      // of messages received
	idOrder   []string
	listening bool   // iopub is heard from here on
	kernel    string // the kernel's session
}

// An exchange is one request with what followed it.
type exchange struct {
	request    *jupyter.Message
	channel    jupyter.Channel
	overheard  bool // iopub was heard when it was sent, so that its busy must come
	silent     bool
	replied    bool
	failed     bool // the reply says so
	busy, idle bool
	input      int // execution_count of execute_input, -1 if there was none
	errors     int // iopub errors before idle
}

func newConversation(session string) *conversation {
	return &conversation{ref: reference(), session: session, requests: map[string]*exchange{}, ids: map[string]bool{}}
}

// listen says that from now on nothing on iopub is lost.
func (c *conversation) listen() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.listening = true
}

func (c *conversation) violations() []Violation {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.found
}

// note adds a violation; m may be nil.
func (c *conversation) note(m *jupyter.Message, format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.noteLocked(m, format, args...)
}

func (c *conversation) noteLocked(m *jupyter.Message, format string, args ...any) {
	if len(c.found) >= maxViolations {
		return
	}
	v := Violation{Text: fmt.Sprintf(format, args...)}
	if m != nil {
		v.MsgType, v.MsgID = m.Header.MsgType, m.Header.MsgID
	}
	c.found = append(c.found, v)
}

// sent takes note of a message of ours.
func (c *conversation) sent(ch jupyter.Channel, m *jupyter.Message) {
	c.mu.Lock()
	defer c.mu.Unlock()
	x := &exchange{request: m, channel: ch, overheard: c.listening, input: -1}
	if _, ok := m.Header.MsgType.Reply(); !ok {
		x.replied = true // a comm message: nothing answers it
	}
	if r, err := jupyter.Decode[jupyter.ExecuteRequest](m); err == nil {
		x.silent = r.Silent
	}
	c.requests[m.Header.MsgID] = x
	c.order = append(c.order, m.Header.MsgID)
	if len(c.order) > maxRemembered {
		c.closeExchange(c.requests[c.order[0]])
		delete(c.requests, c.order[0])
		c.order = c.order[1:]
	}
}

// received checks a message of the kernel.
func (c *conversation) received(ch jupyter.Channel, m *jupyter.Message) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.header(m)
	for _, why := range checkContent(c.ref, m) {
		c.noteLocked(m, "%s", why)
	}
	x := c.parent(ch, m)
	switch ch {
	case jupyter.Shell, jupyter.Control:
		c.reply(ch, m, x)
	case jupyter.IOPub:
		c.published(m, x)
	case jupyter.Stdin:
		if m.Header.MsgType != jupyter.InputRequestType {
			c.noteLocked(m, "sent on stdin")
		}
		if x != nil && x.idle {
			c.noteLocked(m, "after the idle status")
		}
	}
}

// header checks what every message must carry (spec, "Message header").
func (c *conversation) header(m *jupyter.Message) {
	h := m.Header
	for _, f := range []struct{ name, value string }{{"msg_id", h.MsgID}, {"session", h.Session}, {"version", h.Version}, {"date", h.Date}} {
		if f.value == "" {
			c.noteLocked(m, "header has no %s", f.name)
		}
	}
	if h.Date != "" && !isDate(h.Date) {
		c.noteLocked(m, "header's date %q is not ISO 8601", h.Date)
	}
	if h.MsgID != "" {
		if c.ids[h.MsgID] {
			c.noteLocked(m, "msg_id %s was used before", h.MsgID)
		}
		c.ids[h.MsgID] = true
		c.idOrder = append(c.idOrder, h.MsgID)
		if len(c.idOrder) > maxRemembered {
			delete(c.ids, c.idOrder[0])
			c.idOrder = c.idOrder[1:]
		}
	}
	if c.kernel == "" {
		c.kernel = h.Session
	}
	if h.Session != "" && h.Session != c.kernel {
		c.noteLocked(m, "session %s, before it was %s", h.Session, c.kernel)
	}
}

func isDate(s string) bool {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02T15:04:05.999999999Z0700"} {
		if _, err := time.Parse(layout, s); err == nil {
			return true
		}
	}
	return false
}

// parent returns the exchange that m belongs to, nil if it is another client's or nobody's.
func (c *conversation) parent(ch jupyter.Channel, m *jupyter.Message) *exchange {
	if m.ParentHeader == nil || m.ParentHeader.MsgID == "" {
		switch m.Header.MsgType {
		case jupyter.IOPubWelcomeType, jupyter.CommOpenType, jupyter.CommMsgType, jupyter.CommCloseType, jupyter.ShutdownReplyType:
		case jupyter.StatusType: // starting; xeus and ipykernel also tell idle without a parent at start
		default:
			c.noteLocked(m, "no parent header")
		}
		return nil
	}
	x := c.requests[m.ParentHeader.MsgID]
	if x == nil {
		if ch != jupyter.IOPub && m.ParentHeader.Session == c.session {
			c.noteLocked(m, "the parent is no request of ours")
		}
		return nil
	}
	want := x.request.Header
	if got := *m.ParentHeader; got.Session != want.Session || got.MsgType != want.MsgType || got.Username != want.Username {
		c.noteLocked(m, "the parent header is not the request's header")
	}
	return x
}

// reply checks a message on shell or control.
func (c *conversation) reply(ch jupyter.Channel, m *jupyter.Message, x *exchange) {
	if x == nil {
		return
	}
	want, _ := x.request.Header.MsgType.Reply()
	switch {
	case m.Header.MsgType != want:
		c.noteLocked(m, "answers %s, want %s", x.request.Header.MsgType, want)
	case x.channel != ch:
		c.noteLocked(m, "on %s, but the request came on %s", ch, x.channel)
	case x.replied:
		c.noteLocked(m, "a second reply to one request")
	}
	x.replied = true
	if r, err := jupyter.Decode[jupyter.ExecuteReply](m); err == nil {
		x.failed = r.Status == jupyter.StatusError
		if x.input >= 0 && r.Status != jupyter.StatusAborted && r.ExecutionCount != x.input {
			c.noteLocked(m, "execution_count %d, but %d in execute_input", r.ExecutionCount, x.input)
		}
	}
	if x.overheard && x.idle {
		c.closeExchange(x)
	}
}

// published checks a message on iopub.
func (c *conversation) published(m *jupyter.Message, x *exchange) {
	if x == nil || !x.overheard {
		return
	}
	typ := m.Header.MsgType
	if typ == jupyter.StatusType {
		c.status(m, x)
		return
	}
	if !x.busy {
		c.noteLocked(m, "before the busy status")
	}
	switch typ {
	case jupyter.ExecuteInputType:
		var in jupyter.ExecuteInput
		if json.Unmarshal(m.Content, &in) == nil {
			if x.input >= 0 {
				c.noteLocked(m, "a second execute_input")
			}
			x.input = in.ExecutionCount
		}
		if x.silent {
			c.noteLocked(m, "published although the request was silent")
		}
		if x.idle {
			c.noteLocked(m, "after the idle status")
		}
	case jupyter.ExecuteResultType:
		var r jupyter.ExecuteResult
		if json.Unmarshal(m.Content, &r) == nil && x.input >= 0 && r.ExecutionCount != x.input {
			c.noteLocked(m, "execution_count %d, but %d in execute_input", r.ExecutionCount, x.input)
		}
		if x.idle {
			c.noteLocked(m, "after the idle status")
		}
	case jupyter.ErrorType:
		if !x.idle { // later it is a goroutine's
			x.errors++
		}
	}
	isOutput := typ == jupyter.StreamType || typ == jupyter.DisplayDataType || typ == jupyter.ExecuteResultType || typ == jupyter.ErrorType
	if isOutput && x.input < 0 && !x.silent && x.request.Header.MsgType == jupyter.ExecuteRequestType {
		c.noteLocked(m, "before execute_input")
		x.input = 0 // once is enough
	}
}

func (c *conversation) status(m *jupyter.Message, x *exchange) {
	var s jupyter.Status
	if json.Unmarshal(m.Content, &s) != nil {
		return
	}
	switch {
	case s.ExecutionState == jupyter.Busy && x.busy:
		c.noteLocked(m, "busy twice for one request")
	case s.ExecutionState == jupyter.Busy:
		x.busy = true
	case s.ExecutionState == jupyter.Idle && x.idle:
		c.noteLocked(m, "idle twice for one request")
	case s.ExecutionState == jupyter.Idle:
		if !x.busy {
			c.noteLocked(m, "idle without busy")
		}
		x.idle = true
		if x.replied {
			c.closeExchange(x)
		}
	}
}

// closeExchange checks what can be said once reply and idle are there, or will not come any more.
func (c *conversation) closeExchange(x *exchange) {
	if x == nil || x.request.Header.MsgType != jupyter.ExecuteRequestType || !x.replied || x.silent || !x.idle {
		return
	}
	switch {
	case x.failed && x.errors == 0:
		c.noteLocked(x.request, "the reply is an error, but none was published")
	case !x.failed && x.errors > 0:
		c.noteLocked(x.request, "an error was published, but the reply is none")
	}
	x.errors, x.failed = 0, false // said once
}

// finish notes what is missing at the end of the conversation. The shutdown's own idle may be lost with the
// kernel; a kernel that died owes nothing, but that is for the caller to see.
func (c *conversation) finish() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, id := range c.order {
		x := c.requests[id]
		typ := x.request.Header.MsgType
		switch {
		case !x.replied:
			c.noteLocked(x.request, "never answered")
		case typ == jupyter.ShutdownRequestType || !x.overheard:
		case !x.busy:
			c.noteLocked(x.request, "no busy status")
		case !x.idle:
			c.noteLocked(x.request, "no idle status")
		}
	}
}
