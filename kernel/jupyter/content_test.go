package jupyter

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What the zero values and the ordinary values of contents look like on the wire: no field that the spec wants is
// missing, none is null.
func TestEncode(t *testing.T) {
	out := "42"
	for _, test := range []struct {
		content Content
		want    string
	}{
		{ExecuteReply{Status: StatusOK, ExecutionCount: 3}, `{"execution_count":3,"payload":[],"status":"ok","user_expressions":{}}`},
		{ExecuteReply{Status: StatusError, EName: "E", EValue: "v"}, `{"ename":"E","evalue":"v","execution_count":0,"status":"error","traceback":[]}`},
		{ExecuteReply{Status: StatusAborted}, `{"execution_count":0,"status":"aborted"}`},
		{
			ExecuteReply{Status: StatusOK, UserExpressions: map[string]ExpressionResult{
				"a": {Status: StatusOK, Data: MIMEBundle{"text/plain": "1"}}, "b": {Status: StatusError, EName: "E"},
			}},
			`{"execution_count":0,"payload":[],"status":"ok","user_expressions":{` +
				`"a":{"data":{"text/plain":"1"},"metadata":{},"status":"ok"},` +
				`"b":{"status":"error","ename":"E","evalue":"","traceback":[]}}}`,
		},
		{ExecuteResult{}, `{"execution_count":0,"data":{},"metadata":{}}`},
		{DisplayData{}, `{"data":{},"metadata":{},"transient":{}}`},
		{UpdateDisplayData{Transient: Transient{DisplayID: "d"}}, `{"data":{},"metadata":{},"transient":{"display_id":"d"}}`},
		{Error{}, `{"ename":"","evalue":"","traceback":[]}`},
		{CompleteReply{Status: StatusOK}, `{"status":"ok","matches":[],"cursor_start":0,"cursor_end":0,"metadata":{}}`},
		{InspectReply{Status: StatusOK}, `{"status":"ok","found":false,"data":{},"metadata":{}}`},
		{IsCompleteReply{Status: Complete, Indent: "\t"}, `{"status":"complete"}`},
		{IsCompleteReply{Status: Incomplete}, `{"status":"incomplete","indent":""}`},
		{HistoryReply{Status: StatusOK}, `{"status":"ok","history":[]}`},
		{
			HistoryReply{Status: StatusOK, History: []HistoryEntry{
				{Session: 1, Line: 2, Input: "x"}, {Session: 1, Line: 3, Input: "y", WithOutput: true},
				{Session: 1, Line: 4, Input: "z", WithOutput: true, Output: &out},
			}},
			`{"status":"ok","history":[[1,2,"x"],[1,3,["y",null]],[1,4,["z","42"]]]}`,
		},
		{CommInfoReply{Status: StatusOK}, `{"status":"ok","comms":{}}`},
		{CommOpen{CommID: "c", TargetName: "t"}, `{"comm_id":"c","target_name":"t","data":{}}`},
		{CommClose{CommID: "c"}, `{"comm_id":"c","data":{}}`},
		{
			KernelInfoReply{Status: StatusOK, ProtocolVersion: ProtocolVersion},
			`{"status":"ok","protocol_version":"5.5","implementation":"","implementation_version":"",` +
				`"language_info":{"name":"","version":"","mimetype":"","file_extension":""},` +
				`"banner":"","debugger":false,"help_links":[],"supported_features":[]}`,
		},
		{Failed{Type: CompleteReplyType}, `{"status":"error","ename":"","evalue":"","traceback":[]}`},
		{Failed{Type: CompleteReplyType, Status: StatusAborted}, `{"status":"aborted"}`},
		{IOPubWelcome{}, `{"subscription":""}`},
	} {
		m, err := (Session{}).New(nil, test.content)
		if err != nil {
			t.Errorf("%T: %v", test.content, err)
			continue
		}
		if diff := cmp.Diff(test.want, string(m.Content)); diff != "" {
			t.Errorf("%T (-want +got):\n%s", test.content, diff)
		}
	}
}

func TestDecode(t *testing.T) {
	for _, test := range []struct {
		name, content string
		want          ExecuteRequest
		fails         bool
	}{
		{name: "all there", content: ` {"code":"x","silent":true,"user_expressions":{"a":"b"}}`, want: ExecuteRequest{Code: "x", Silent: true, UserExpressions: map[string]string{"a": "b"}}},
		{name: "nothing there", content: `{}`},
		{name: "unknown field", content: `{"code":"x","cellId":"1"}`, want: ExecuteRequest{Code: "x"}},
		{name: "null", content: `null`, fails: true},
		{name: "list", content: `[]`, fails: true},
		{name: "number", content: `1`, fails: true},
		{name: "empty", content: ``, fails: true},
		{name: "wrong type", content: `{"code":1}`, fails: true},
		{name: "breaks off", content: `{"code":`, fails: true},
	} {
		t.Run(test.name, func(t *testing.T) {
			m := &Message{Header: Header{MsgType: ExecuteRequestType}, Content: json.RawMessage(test.content)}
			got, err := Decode[ExecuteRequest](m)
			if test.fails {
				if !errors.Is(err, ErrContent) {
					t.Errorf("got %+v, %v; want %v", got, err, ErrContent)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	if _, err := Decode[InputReply](&Message{Header: Header{MsgType: ExecuteRequestType}, Content: json.RawMessage(`{}`)}); !errors.Is(err, ErrContent) {
		t.Errorf("an execute_request as input_reply: %v, want %v", err, ErrContent)
	}
}

func TestExecuteRequestDefaults(t *testing.T) {
	no := false
	type flags struct{ Stores, Asks, Stops bool }
	for name, test := range map[string]struct {
		req  ExecuteRequest
		want flags
	}{
		"nothing said": {ExecuteRequest{}, flags{true, true, true}},
		"silent":       {ExecuteRequest{Silent: true}, flags{false, true, true}},
		"all refused":  {ExecuteRequest{StoreHistory: &no, AllowStdin: &no, StopOnError: &no}, flags{}},
	} {
		got := flags{test.req.StoresHistory(), test.req.AllowsStdin(), test.req.StopsOnError()}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestHistoryEntryDecodes(t *testing.T) {
	out := "42"
	for in, want := range map[string]HistoryEntry{
		`[1,2,"x"]`:          {Session: 1, Line: 2, Input: "x"},
		`[1,2,["x",null]]`:   {Session: 1, Line: 2, Input: "x", WithOutput: true},
		`[1,2,["x","42"]]`:   {Session: 1, Line: 2, Input: "x", WithOutput: true, Output: &out},
		`[-1,0,"multi\nl."]`: {Session: -1, Input: "multi\nl."},
	} {
		var got HistoryEntry
		if err := json.Unmarshal([]byte(in), &got); err != nil {
			t.Errorf("%s: %v", in, err)
		} else if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", in, diff)
		}
	}
	for _, in := range []string{`[]`, `[1,2]`, `[1,2,3]`, `[1,2,["x"]]`, `[1,2,[null,"x"]]`, `{}`, `["a",2,"x"]`} {
		var got HistoryEntry
		if err := json.Unmarshal([]byte(in), &got); err == nil {
			t.Errorf("%s decoded as %+v, want an error", in, got)
		}
	}
}

func TestReplyType(t *testing.T) {
	for in, want := range map[MsgType]MsgType{ExecuteRequestType: ExecuteReplyType, "odd_request": "odd_reply"} {
		if got, ok := in.Reply(); !ok || got != want {
			t.Errorf("reply to %s is %s, %t; want %s", in, got, ok, want)
		}
	}
	for _, in := range []MsgType{StatusType, "", "_request", CommOpenType} {
		if got, ok := in.Reply(); ok {
			t.Errorf("%q has a reply %q, want none", in, got)
		}
	}
}

func TestConnectionFile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "kernel.json")
	want := ConnectionInfo{
		Transport: TCP, IP: "127.0.0.1", ShellPort: 1, ControlPort: 2, StdinPort: 3, IOPubPort: 4, HeartbeatPort: 5,
		SignatureScheme: HMACSHA256, Key: "k", KernelName: "gokernel",
	}
	// What an earlier writer left open to others must not stay so.
	if err := os.WriteFile(name, []byte("old"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := WriteConnectionFile(name, want); err != nil {
		t.Fatal(err)
	}
	st, err := os.Stat(name)
	if err != nil {
		t.Fatal(err)
	}
	if got := st.Mode().Perm(); got != 0o600 {
		t.Errorf("mode is %v, want 0600", got)
	}
	got, err := ReadConnectionFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	const ports = `"shell_port":1,"control_port":2,"stdin_port":3,"iopub_port":4`
	for _, content := range []string{"", "{", "[]", "null", "{}", `{"cells":[],"metadata":{},"nbformat":4}`, `{"shell_port":"x"}`,
		`{"shell_port":65536}`, "{" + ports + "}", "{" + ports + `,"hb_port":-1}`} {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := ReadConnectionFile(name); !errors.Is(err, ErrConnectionFile) {
			t.Errorf("%q read as %+v, %v; want %v", content, got, err, ErrConnectionFile)
		}
	}
	if _, err := ReadConnectionFile(name + ".not"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("missing file: %v, want %v", err, os.ErrNotExist)
	}
}

func TestSessionNew(t *testing.T) {
	s := NewSession("me")
	parent := &Message{Identities: [][]byte{{1}}, Header: Header{MsgID: "p", MsgType: ExecuteRequestType}}
	m, err := s.New(parent, Status{ExecutionState: Busy})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(&parent.Header, m.ParentHeader); diff != "" {
		t.Errorf("parent header (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(parent.Identities, m.Identities); diff != "" {
		t.Errorf("identities (-want +got):\n%s", diff)
	}
	other, err := s.New(nil, Status{})
	if err != nil {
		t.Fatal(err)
	}
	if m.Header.MsgID == other.Header.MsgID || m.Header.MsgID == "" {
		t.Errorf("msg_ids %q and %q are not two", m.Header.MsgID, other.Header.MsgID)
	}
	if m.Header.Session != s.ID || other.ParentHeader != nil {
		t.Errorf("header %+v, parent %+v", m.Header, other.ParentHeader)
	}
	if _, err := s.New(nil, ExecuteResult{Data: MIMEBundle{"x": func() {}}}); err == nil {
		t.Error("content that cannot be encoded was accepted")
	}
}
