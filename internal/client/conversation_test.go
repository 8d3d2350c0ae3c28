package client

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"gokernel/kernel/jupyter"
)

// A line of a conversation: ">" sends on the channel, "<" receives.
type line struct {
	dir     byte
	channel jupyter.Channel
	content jupyter.Content
	change  func(*jupyter.Message) // a fault, may be nil
}

// hold plays a conversation and returns the violations.
func hold(t *testing.T, lines []line) []string {
	t.Helper()
	us, kernel := jupyter.NewSession("me"), jupyter.NewSession("kernel")
	c := newConversation(us.ID)
	c.listen()
	var request *jupyter.Message
	for _, l := range lines {
		if l.dir == '>' {
			m, err := us.New(nil, l.content)
			if err != nil {
				t.Fatal(err)
			}
			request = m
			c.sent(l.channel, m)
			continue
		}
		m, err := kernel.New(request, l.content)
		if err != nil {
			t.Fatal(err)
		}
		if l.change != nil {
			l.change(m)
		}
		c.received(l.channel, m)
	}
	c.finish()
	var found []string
	for _, v := range c.violations() {
		found = append(found, v.String())
	}
	return found
}

const (
	shell, iopub, control, stdin = jupyter.Shell, jupyter.IOPub, jupyter.Control, jupyter.Stdin
)

// cell is a conversation without fault that has every kind of output.
func cell() []line {
	text := jupyter.MIMEBundle{"text/plain": "x", "application/json": []int{1}}
	return []line{
		{'>', shell, jupyter.ExecuteRequest{Code: "x"}, nil},
		{'<', iopub, jupyter.Status{ExecutionState: jupyter.Busy}, nil},
		{'<', iopub, jupyter.ExecuteInput{Code: "x", ExecutionCount: 3}, nil},
		{'<', iopub, jupyter.Stream{Name: "stdout", Text: "a"}, nil},
		{'<', stdin, jupyter.InputRequest{Prompt: "?"}, nil},
		{'<', iopub, jupyter.DisplayData{Data: text, Transient: jupyter.Transient{DisplayID: "d"}}, nil},
		{'<', iopub, jupyter.UpdateDisplayData{Data: text, Transient: jupyter.Transient{DisplayID: "d"}}, nil},
		{'<', iopub, jupyter.ClearOutput{}, nil},
		{'<', iopub, jupyter.ExecuteResult{ExecutionCount: 3, Data: text}, nil},
		{'<', shell, jupyter.ExecuteReply{Status: "ok", ExecutionCount: 3}, nil},
		{'<', iopub, jupyter.Status{ExecutionState: jupyter.Idle}, nil},
		{'<', iopub, jupyter.Stream{Name: "stderr", Text: "late"}, nil},
	}
}

// set returns a change of one field of the content; nil removes it.
func set(field string, v any) func(*jupyter.Message) {
	return func(m *jupyter.Message) {
		var c map[string]any
		if err := json.Unmarshal(m.Content, &c); err != nil {
			panic(err)
		}
		if c[field] = v; v == nil {
			delete(c, field)
		}
		m.Content, _ = json.Marshal(c) // it was JSON before
	}
}

func TestConversationWithoutFault(t *testing.T) {
	if got := hold(t, cell()); got != nil {
		t.Errorf("violations %q", got)
	}
	failed := []line{
		{'>', shell, jupyter.ExecuteRequest{Code: "x"}, nil},
		{'<', iopub, jupyter.Status{ExecutionState: jupyter.Busy}, nil},
		{'<', iopub, jupyter.ExecuteInput{Code: "x", ExecutionCount: 3}, nil},
		{'<', iopub, jupyter.Error{EName: "panic"}, nil},
		{'<', shell, jupyter.ExecuteReply{Status: "error", EName: "panic", ExecutionCount: 3}, nil},
		{'<', iopub, jupyter.Status{ExecutionState: jupyter.Idle}, nil},
	}
	if got := hold(t, failed); got != nil {
		t.Errorf("a failed cell: violations %q", got)
	}
	replies := []struct {
		channel    jupyter.Channel
		ask, reply jupyter.Content
	}{
		{shell, jupyter.InspectRequest{}, jupyter.InspectReply{Status: "ok"}},
		{shell, jupyter.CompleteRequest{}, jupyter.CompleteReply{Status: "ok", Matches: []string{"a"}}},
		{shell, jupyter.IsCompleteRequest{}, jupyter.IsCompleteReply{Status: "incomplete", Indent: "\t"}},
		{shell, jupyter.HistoryRequest{}, jupyter.HistoryReply{Status: "ok", History: []jupyter.HistoryEntry{{Session: 1, Line: 2, Input: "x"}, {WithOutput: true}}}},
		{shell, jupyter.CommInfoRequest{}, jupyter.CommInfoReply{Status: "ok", Comms: map[string]jupyter.CommInfo{"a": {TargetName: "t"}}}},
		{control, jupyter.KernelInfoRequest{}, jupyter.KernelInfoReply{Status: "ok", HelpLinks: []jupyter.HelpLink{{Text: "a", URL: "b"}}}},
		{control, jupyter.InterruptRequest{}, jupyter.InterruptReply{Status: "ok"}},
		{control, jupyter.ShutdownRequest{}, jupyter.ShutdownReply{Status: "ok"}},
		{control, jupyter.DebugRequest{}, jupyter.Failed{Type: jupyter.DebugReplyType}},
		{shell, jupyter.InspectRequest{}, jupyter.Failed{Type: jupyter.InspectReplyType, Status: "aborted"}},
	}
	for _, r := range replies {
		got := hold(t, []line{
			{'>', r.channel, r.ask, nil},
			{'<', iopub, jupyter.Status{ExecutionState: jupyter.Busy}, nil},
			{'<', r.channel, r.reply, nil},
			{'<', iopub, jupyter.Status{ExecutionState: jupyter.Idle}, nil},
		})
		if got != nil {
			t.Errorf("%s: violations %q", r.ask.MsgType(), got)
		}
	}
}

// TestConversationFaults makes one fault in the cell above: in the message at, which is changed, left out
// (drop), or sent twice (twice).
func TestConversationFaults(t *testing.T) {
	at := map[string]int{"busy": 1, "input": 2, "stream": 3, "ask": 4, "display": 5, "update": 6, "clear": 7, "result": 8, "reply": 9, "idle": 10}
	header := func(f func(*jupyter.Message)) func(*jupyter.Message) { return f }
	tests := []struct {
		at     string
		change func(*jupyter.Message)
		want   string
	}{
		{"stream", set("text", nil), "stream: no text"},
		{"stream", set("text", 3), "stream: text: want a string"},
		{"stream", set("name", "out"), "stream: name: want one of stdout, stderr"},
		{"display", set("metadata", nil), "display_data: no metadata"},
		{"display", set("data", map[string]any{"text/plain": 3}), "text/plain: want a string"},
		{"display", set("data", map[string]any{"text": "x"}), `"text" is no MIME type`},
		{"update", set("transient", map[string]any{}), "transient: no display_id"},
		{"clear", set("wait", nil), "clear_output: no wait"},
		{"result", set("execution_count", 1.5), "execution_count: want a whole number"},
		{"result", set("execution_count", 4), "execute_result: execution_count 4, but 3 in execute_input"},
		{"reply", set("execution_count", 4), "execute_reply: execution_count 4, but 3 in execute_input"},
		{"reply", set("status", "fine"), "status: want ok, error or aborted"},
		{"reply", set("user_expressions", map[string]any{"a": 1}), "user_expressions: a: want an object"},
		{"ask", set("password", "no"), "input_request: password: want true or false"},
		{"idle", set("execution_state", "done"), "execution_state: want one of busy, idle, starting"},
		{"stream", header(func(m *jupyter.Message) { m.ParentHeader = nil }), "stream: no parent header"},
		{"reply", header(func(m *jupyter.Message) { m.ParentHeader.Session = "x" }), "the parent header is not the request's header"},
		{"reply", header(func(m *jupyter.Message) { m.Header.MsgType = "inspect_reply" }), "answers execute_request, want execute_reply"},
		{"stream", header(func(m *jupyter.Message) { m.Header.MsgType = "print" }), "a message type that kernels do not send"},
		{"stream", header(func(m *jupyter.Message) { m.Header.MsgID = "" }), "header has no msg_id"},
		{"stream", header(func(m *jupyter.Message) { m.Header.Date = "yesterday" }), `date "yesterday" is not ISO 8601`},
		{"stream", header(func(m *jupyter.Message) { m.Header.Session = "other" }), "session other, before it was"},
		{"stream", header(func(m *jupyter.Message) { m.Content = []byte("[1]") }), "content is not an object"},
	}
	for _, tt := range tests {
		lines := cell()
		lines[at[tt.at]].change = tt.change
		if got := strings.Join(hold(t, lines), "\n"); !strings.Contains(got, tt.want) {
			t.Errorf("%s: got %q, want %q", tt.at, got, tt.want)
		}
	}
	for name, want := range map[string]string{
		"busy": "execute_input: before the busy status", "input": "stream: before execute_input",
		"reply": "execute_request: never answered", "idle": "execute_request: no idle status",
	} {
		lines := cell()
		lines = append(lines[:at[name]], lines[at[name]+1:]...)
		if got := strings.Join(hold(t, lines), "\n"); !strings.Contains(got, want) {
			t.Errorf("without %s: got %q, want %q", name, got, want)
		}
	}
	for name, want := range map[string]string{
		"busy": "busy twice", "idle": "idle twice", "reply": "a second reply", "input": "a second execute_input",
	} {
		lines := cell()
		lines = append(lines[:at[name]+1], lines[at[name]:]...)
		if got := strings.Join(hold(t, lines), "\n"); !strings.Contains(got, want) {
			t.Errorf("%s twice: got %q, want %q", name, got, want)
		}
	}
	moved := cell()
	moved[at["reply"]].channel = control
	late := append(cell(), cell()[at["input"]])
	unsaid := cell()
	unsaid[at["reply"]].content = jupyter.ExecuteReply{Status: "error", EName: "x", ExecutionCount: 3}
	for want, lines := range map[string][]line{
		"on control, but the request came on shell":     moved,
		"execute_input: after the idle status":          late,
		"the reply is an error, but none was published": unsaid,
	} {
		if got := strings.Join(hold(t, lines), "\n"); !strings.Contains(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// Every type of the reference is one that package jupyter knows, and what a kernel sends there is in it.
func TestReferenceIsComplete(t *testing.T) {
	ref := reference()
	for _, c := range []jupyter.Content{
		jupyter.ExecuteReply{}, jupyter.InspectReply{}, jupyter.CompleteReply{}, jupyter.HistoryReply{}, jupyter.IsCompleteReply{},
		jupyter.CommInfoReply{}, jupyter.KernelInfoReply{}, jupyter.ShutdownReply{}, jupyter.InterruptReply{}, jupyter.DebugReply{},
		jupyter.Stream{}, jupyter.DisplayData{}, jupyter.UpdateDisplayData{}, jupyter.ExecuteInput{}, jupyter.ExecuteResult{},
		jupyter.Error{}, jupyter.Status{}, jupyter.ClearOutput{}, jupyter.IOPubWelcome{}, jupyter.CommOpen{}, jupyter.CommMsg{},
		jupyter.CommClose{}, jupyter.InputRequest{},
	} {
		if _, ok := ref[c.MsgType()]; !ok {
			t.Errorf("%s is not in the reference", c.MsgType())
		}
		delete(ref, c.MsgType())
	}
	if len(ref) > 0 {
		t.Errorf("unknown types in the reference: %v", ref)
	}
}

func TestViolationsAreBounded(t *testing.T) {
	c := newConversation("us")
	for i := range 2 * maxViolations {
		c.note(nil, "fault %d", i)
	}
	if n := len(c.violations()); n != maxViolations {
		t.Errorf("%d violations kept, want %d", n, maxViolations)
	}
	for i := range maxRemembered + 10 {
		m := &jupyter.Message{Header: jupyter.Header{MsgID: fmt.Sprint(i), MsgType: jupyter.KernelInfoRequestType}, Content: []byte("{}")}
		c.sent(shell, m)
		c.received(shell, &jupyter.Message{Header: jupyter.Header{MsgID: fmt.Sprint("r", i)}, Content: []byte("{}")})
	}
	if len(c.requests) > maxRemembered || len(c.ids) > maxRemembered {
		t.Errorf("%d requests and %d ids kept, want at most %d", len(c.requests), len(c.ids), maxRemembered)
	}
}
