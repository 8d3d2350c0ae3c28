package kernel

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"gokernel/kernel/jupyter"
)

// shape says which keys a content has: a value of JSON's types by an example,
// nil for any. A key that ends in ? may be missing; no others are allowed.
type shape map[string]any

var (
	object  = map[string]any{}
	failure = shape{"status": "error", "ename": "", "evalue": "", "traceback": []any{}}
)

// shapes is the reference, written down from the spec and not from our types.
// A reply's shape is for status ok.
func shapes() map[jupyter.MsgType]shape {
	return map[jupyter.MsgType]shape{
		"status":              {"execution_state": ""},
		"execute_input":       {"code": "", "execution_count": 1.0},
		"stream":              {"name": "", "text": ""},
		"display_data":        {"data": object, "metadata": object, "transient": object},
		"update_display_data": {"data": object, "metadata": object, "transient": object},
		"execute_result":      {"execution_count": 1.0, "data": object, "metadata": object},
		"error":               {"ename": "", "evalue": "", "traceback": []any{}},
		"clear_output":        {"wait": true},
		"iopub_welcome":       {"subscription": ""},
		"comm_open":           {"comm_id": "", "target_name": "", "data": object},
		"comm_msg":            {"comm_id": "", "data": object},
		"comm_close":          {"comm_id": "", "data": object},
		"input_request":       {"prompt": "", "password": true},
		"execute_reply": {"status": "ok", "execution_count": 1.0, "payload": []any{},
			"user_expressions": object},
		"inspect_reply": {"status": "ok", "found": true, "data": object, "metadata": object},
		"complete_reply": {"status": "ok", "matches": []any{}, "cursor_start": 1.0, "cursor_end": 1.0,
			"metadata": object},
		"history_reply":     {"status": "ok", "history": []any{}},
		"is_complete_reply": {"status": "", "indent?": ""},
		"comm_info_reply":   {"status": "ok", "comms": object},
		"kernel_info_reply": {"status": "ok", "protocol_version": "", "implementation": "",
			"implementation_version": "", "language_info": object, "banner": "", "debugger": true,
			"help_links": []any{}, "supported_features": []any{}},
		"shutdown_reply":  {"status": "ok", "restart": true},
		"interrupt_reply": {"status": "ok"},
		"debug_reply": {"seq": 1.0, "type": "", "request_seq": 1.0, "success": true, "command": "",
			"message?": "", "body?": object},
	}
}

// channelOf says where each type is sent that is no reply.
func channelOf(typ jupyter.MsgType) jupyter.Channel {
	if typ == "input_request" {
		return jupyter.Stdin
	}
	return jupyter.IOPub
}

// checker holds every message that a kernel sends against the protocol.
type checker struct {
	t      *testing.T
	shapes map[jupyter.MsgType]shape
	ids    map[string]bool
	asks   map[string]*asked
	over   bool // the shutdown was broadcast
}

// asked is what a request has got so far.
type asked struct {
	typ        jupyter.MsgType
	channel    jupyter.Channel
	busy, idle int
	replies    int
	wantReply  bool
}

func newChecker(t *testing.T) *checker {
	return &checker{t: t, shapes: shapes(), ids: make(map[string]bool), asks: make(map[string]*asked)}
}

func (c *checker) asked(ch jupyter.Channel, m *jupyter.Message) {
	c.asks[m.Header.MsgID] = &asked{
		typ:       m.Header.MsgType,
		channel:   ch,
		wantReply: strings.HasSuffix(string(m.Header.MsgType), "_request"),
	}
}

// sent checks messages in the order in which they were sent.
func (c *checker) sent(log []sent) {
	for _, s := range log {
		c.message(s)
	}
}

func (c *checker) message(s sent) {
	c.t.Helper()
	h := s.msg.Header
	if h.MsgID == "" || c.ids[h.MsgID] {
		c.t.Errorf("%s: msg_id %q is empty or used before", h.MsgType, h.MsgID)
	}
	c.ids[h.MsgID] = true
	if h.Session != "kernel-session" || h.Username == "" || h.Version != "5.5" {
		c.t.Errorf("%s: header %+v", h.MsgType, h)
	}
	if _, err := time.Parse(time.RFC3339Nano, h.Date); err != nil {
		c.t.Errorf("%s: date: %v", h.MsgType, err)
	}
	c.content(s)

	if c.over && s.channel == jupyter.IOPub {
		c.t.Errorf("%s after the shutdown was broadcast", h.MsgType)
	}
	isReply := strings.HasSuffix(string(h.MsgType), "_reply")
	var a *asked
	if p := s.msg.ParentHeader; p != nil {
		if a = c.asks[p.MsgID]; a == nil {
			c.t.Errorf("%s: its parent %s is no request", h.MsgType, p.MsgID)
		}
	}
	switch {
	case isReply && s.channel != jupyter.IOPub:
		if a == nil {
			c.t.Errorf("%s without a parent", h.MsgType)
			return
		}
		if want, _ := a.typ.Reply(); h.MsgType != want {
			c.t.Errorf("%s answers %s", h.MsgType, a.typ)
		}
		if string(s.msg.Identities[0]) != "client" {
			c.t.Errorf("%s goes to %q", h.MsgType, s.msg.Identities)
		}
		if s.channel == jupyter.Shell && (a.busy != 1 || a.idle != 0) {
			c.t.Errorf("%s outside busy and idle", h.MsgType)
		}
		a.replies++
	case isReply: // the broadcast of a shutdown
		if h.MsgType != "shutdown_reply" {
			c.t.Errorf("%s on iopub", h.MsgType)
		}
		c.over = true
	case s.channel != channelOf(h.MsgType):
		c.t.Errorf("%s on %s", h.MsgType, s.channel)
	case a != nil:
		c.caused(a, s)
	}
}

// caused checks a message with a parent that is not its reply.
func (c *checker) caused(a *asked, s sent) {
	c.t.Helper()
	if s.msg.Header.MsgType == "status" {
		status, err := jupyter.Decode[jupyter.Status](s.msg)
		if err != nil {
			c.t.Error(err)
		}
		switch status.ExecutionState {
		case "busy":
			a.busy++
		case "idle":
			if a.wantReply && a.replies != 1 && s.channel == jupyter.Shell {
				c.t.Errorf("idle of %s before its reply", a.typ)
			}
			a.idle++
		}
		if a.busy != 1 || a.idle > 1 {
			c.t.Errorf("%s: %d busy and %d idle", a.typ, a.busy, a.idle)
		}
		return
	}
	if a.busy != 1 {
		c.t.Errorf("%s before busy of its %s", s.msg.Header.MsgType, a.typ)
	}
	if a.replies > 0 && a.idle == 0 && a.typ == "execute_request" {
		c.t.Errorf("%s between reply and idle", s.msg.Header.MsgType)
	}
}

// content checks the keys and the types of their values.
func (c *checker) content(s sent) {
	c.t.Helper()
	typ := s.msg.Header.MsgType
	var content map[string]any
	if err := json.Unmarshal(s.msg.Content, &content); err != nil {
		c.t.Errorf("%s: %v", typ, err)
		return
	}
	want, known := c.shapes[typ]
	switch {
	case content["status"] == "error":
		want = maps.Clone(failure)
		if typ == "execute_reply" {
			want["execution_count?"] = 1.0
		}
	case content["status"] == "aborted":
		want = shape{"status": ""}
	case !known:
		c.t.Errorf("%s is no message of the protocol", typ)
		return
	}
	for key, example := range want {
		name, optional := strings.CutSuffix(key, "?")
		v, ok := content[name]
		if !ok && !optional {
			c.t.Errorf("%s has no %s: %s", typ, name, s.msg.Content)
		}
		if ok && !sameKind(v, example) {
			c.t.Errorf("%s: %s is %v", typ, name, v)
		}
		delete(content, name)
	}
	if len(content) > 0 {
		c.t.Errorf("%s has unknown keys %q", typ, slices.Sorted(maps.Keys(content)))
	}
}

func sameKind(v, example any) bool {
	switch example.(type) {
	case string:
		_, ok := v.(string)
		return ok
	case float64:
		n, ok := v.(float64)
		return ok && n >= 0 && n == float64(int(n))
	case bool:
		_, ok := v.(bool)
		return ok
	case []any:
		_, ok := v.([]any)
		return ok
	case map[string]any:
		_, ok := v.(map[string]any)
		return ok
	}
	return true
}

// finished checks that every request has what it must have.
func (c *checker) finished() {
	c.t.Helper()
	for id, a := range c.asks {
		if a.busy != 1 || a.idle != 1 {
			c.t.Errorf("%s %s: %d busy, %d idle", a.typ, id, a.busy, a.idle)
		}
		want := 0
		if a.wantReply {
			want = 1
		}
		if a.replies != want {
			c.t.Errorf("%s %s: %d replies, want %d", a.typ, id, a.replies, want)
		}
	}
}
