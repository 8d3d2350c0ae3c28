package jupyter

import "encoding/json"

// ExecuteRequest asks for a cell to be run (spec, "Execute").
type ExecuteRequest struct {
	Code            string            `json:"code"`
	Silent          bool              `json:"silent"`
	StoreHistory    *bool             `json:"store_history,omitempty"` // see StoresHistory
	UserExpressions map[string]string `json:"user_expressions,omitempty"`
	AllowStdin      *bool             `json:"allow_stdin,omitempty"`   // see AllowsStdin
	StopOnError     *bool             `json:"stop_on_error,omitempty"` // see StopsOnError
}

// MsgType implements [Content].
func (ExecuteRequest) MsgType() MsgType { return ExecuteRequestType }

// StoresHistory reports whether the cell is numbered and kept. The default is true; silent forces false.
func (r ExecuteRequest) StoresHistory() bool {
	return !r.Silent && (r.StoreHistory == nil || *r.StoreHistory)
}

// AllowsStdin reports whether the cell may ask for input. The default is true.
func (r ExecuteRequest) AllowsStdin() bool { return r.AllowStdin == nil || *r.AllowStdin }

// StopsOnError reports whether requests queued behind this one are aborted if it fails. The default is true.
func (r ExecuteRequest) StopsOnError() bool { return r.StopOnError == nil || *r.StopOnError }

// ExecuteReply answers an [ExecuteRequest]. Which fields are written depends on Status.
type ExecuteReply struct {
	Status          string                      `json:"status"`
	ExecutionCount  int                         `json:"execution_count"`
	Payload         []map[string]any            `json:"payload,omitempty"`          // ok
	UserExpressions map[string]ExpressionResult `json:"user_expressions,omitempty"` // ok
	EName           string                      `json:"ename,omitempty"`            // error
	EValue          string                      `json:"evalue,omitempty"`           // error
	Traceback       []string                    `json:"traceback,omitempty"`        // error
}

// MsgType implements [Content].
func (ExecuteReply) MsgType() MsgType { return ExecuteReplyType }

// MarshalJSON writes the fields that belong to the reply's status, and no nulls.
func (r ExecuteReply) MarshalJSON() ([]byte, error) {
	out := map[string]any{"status": r.Status, "execution_count": r.ExecutionCount}
	switch r.Status {
	case StatusOK:
		out["payload"] = list(r.Payload)
		out["user_expressions"] = object(r.UserExpressions)
	case StatusError:
		out["ename"], out["evalue"], out["traceback"] = r.EName, r.EValue, list(r.Traceback)
	}
	return json.Marshal(out)
}

// ExpressionResult is the value of one of an execute_request's user_expressions, or its error.
type ExpressionResult struct {
	Status    string         `json:"status"`
	Data      MIMEBundle     `json:"data,omitempty"`      // ok
	Metadata  map[string]any `json:"metadata,omitempty"`  // ok
	EName     string         `json:"ename,omitempty"`     // error
	EValue    string         `json:"evalue,omitempty"`    // error
	Traceback []string       `json:"traceback,omitempty"` // error
}

// MarshalJSON writes the fields that belong to the status, and no nulls.
func (r ExpressionResult) MarshalJSON() ([]byte, error) {
	if r.Status == StatusError {
		return json.Marshal(Failed{EName: r.EName, EValue: r.EValue, Traceback: r.Traceback})
	}
	return json.Marshal(map[string]any{"status": r.Status, "data": r.Data, "metadata": object(r.Metadata)})
}

// ExecuteInput tells every subscriber which code now runs, and as which number.
type ExecuteInput struct {
	Code           string `json:"code"`
	ExecutionCount int    `json:"execution_count"`
}

// MsgType implements [Content].
func (ExecuteInput) MsgType() MsgType { return ExecuteInputType }

// ExecuteResult is the value of a cell's last expression.
type ExecuteResult struct {
	ExecutionCount int            `json:"execution_count"`
	Data           MIMEBundle     `json:"data"`
	Metadata       map[string]any `json:"metadata"`
	Transient      *Transient     `json:"transient,omitempty"`
}

// MsgType implements [Content].
func (ExecuteResult) MsgType() MsgType { return ExecuteResultType }

// MarshalJSON writes nil metadata as {}.
func (r ExecuteResult) MarshalJSON() ([]byte, error) {
	type plain ExecuteResult
	r.Metadata = object(r.Metadata)
	return json.Marshal(plain(r))
}
