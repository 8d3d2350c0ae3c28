package jupyter

import "encoding/json"

// The status of a reply (spec, "Request-Reply").
const (
	StatusOK      = "ok"
	StatusError   = "error"
	StatusAborted = "aborted" // the request was not executed, because one before it failed
)

// The execution states of a kernel (spec, "Kernel status").
const (
	Busy     = "busy"
	Idle     = "idle"
	Starting = "starting" // published once, at start
)

// Status says on iopub what the kernel does. A request is handled between a busy and an idle with it as parent.
type Status struct {
	ExecutionState string `json:"execution_state"`
}

// MsgType implements [Content].
func (Status) MsgType() MsgType { return StatusType }

// Failed answers any request that was not served: Status is [StatusError] or [StatusAborted].
type Failed struct {
	Type      MsgType  // the msg_type of the reply, see [MsgType.Reply]; not in the content
	Status    string   // "" means StatusError
	EName     string   // name of the error
	EValue    string   // its message
	Traceback []string // may hold ANSI colours
}

// MsgType implements [Content].
func (f Failed) MsgType() MsgType { return f.Type }

// MarshalJSON writes the fields that the spec asks of a failed reply.
func (f Failed) MarshalJSON() ([]byte, error) {
	if f.Status == StatusAborted {
		return json.Marshal(struct {
			Status string `json:"status"`
		}{f.Status})
	}
	return json.Marshal(struct {
		Status    string   `json:"status"`
		EName     string   `json:"ename"`
		EValue    string   `json:"evalue"`
		Traceback []string `json:"traceback"`
	}{StatusError, f.EName, f.EValue, list(f.Traceback)})
}

// IOPubWelcome greets a new subscriber of iopub (JEP 65), so that a client knows when its subscription stands.
type IOPubWelcome struct {
	Subscription string `json:"subscription"` // the topic prefix it subscribed to
}

// MsgType implements [Content].
func (IOPubWelcome) MsgType() MsgType { return IOPubWelcomeType }
