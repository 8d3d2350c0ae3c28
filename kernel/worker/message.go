package worker

import (
	"encoding/json"
	"fmt"
)

// kind says what a frame is.
type kind byte

// The control connection (descriptor 3 of the child) carries requests and their answers, both quick; the event
// connection (descriptor 4) carries what belongs to cells, in order, and may be slow where a Sink is.
const (
	// Parent to child, control.
	kindSetup     kind = iota + 1 // setup: the first frame
	kindRun                       // run, with two descriptors if the pair is new
	kindInterrupt                 // interrupt
	kindCall                      // call
	kindLine                      // line: an answer to kindInput
	kindAck                       // ack: an event has been handed to its Sink
	kindKill                      // no body: end every process the reader's code has started
	// Child to parent, control.
	kindHello // hello: set up, ready for cells
	kindReply // reply: an answer to kindCall
	// Child to parent, events.
	kindDisplay // show
	kindClear   // clearOutput
	kindPayload // payload
	kindInput   // input
	kindFailure // failure: of a goroutine whose cell has ended
	kindEnd     // end of a cell
)

func (k kind) String() string {
	names := [...]string{"", "setup", "run", "interrupt", "call", "line", "ack", "kill", "hello", "reply", "display", "clear",
		"payload", "input", "failure", "end"}
	if int(k) < len(names) && k > 0 {
		return names[k]
	}
	return fmt.Sprintf("unknown (%d)", byte(k))
}

type setup struct {
	Memory int64 `json:"memory"` // bytes; 0: no limit
	Stack  int64 `json:"stack"`  // bytes of one goroutine; 0: the runtime's own limit
	Legacy bool  `json:"legacy"` // legacyFD is memory for a legacy
}

type hello struct {
	PID int `json:"pid"`
}

type run struct {
	Cell       int             `json:"cell"`
	Name       string          `json:"name"`
	AllowStdin bool            `json:"allow_stdin"`
	Pair       int             `json:"pair"`
	Batch      int             `json:"batch"` // of the pair, if it is new; 0: none
	Code       json.RawMessage `json:"code"`
}

type interrupt struct {
	Cell int `json:"cell"`
}

type call struct {
	ID     int             `json:"id"`
	Method string          `json:"method"`
	Params json.RawMessage `json:"params"`
}

type reply struct {
	ID     int             `json:"id"`
	Result json.RawMessage `json:"result"`
	Error  string          `json:"error"`
}

// line answers an input event.
type line struct {
	Seq  int    `json:"seq"`
	Text string `json:"text"`
	EOF  bool   `json:"eof"`
	Err  string `json:"err"`
}

type ack struct {
	Seq int `json:"seq"`
}

type show struct {
	Cell      int            `json:"cell"`
	Seq       int            `json:"seq"`
	Data      map[string]any `json:"data"`
	Metadata  map[string]any `json:"metadata"`
	DisplayID string         `json:"display_id"`
	Update    bool           `json:"update"`
}

type clearOutput struct {
	Cell int  `json:"cell"`
	Seq  int  `json:"seq"`
	Wait bool `json:"wait"`
}

type payload struct {
	Cell    int            `json:"cell"`
	Seq     int            `json:"seq"`
	Payload map[string]any `json:"payload"`
}

type input struct {
	Cell     int    `json:"cell"`
	Seq      int    `json:"seq"`
	Prompt   string `json:"prompt"`
	Password bool   `json:"password"`
}

type lateFailure struct {
	Cell    int      `json:"cell"`
	Seq     int      `json:"seq"`
	Failure *Failure `json:"failure"`
}

type end struct {
	Cell    int             `json:"cell"`
	Result  json.RawMessage `json:"result"`
	Failure *Failure        `json:"failure"`
	Error   string          `json:"error"` // of ours, not of the reader's program
	Free    bool            `json:"free"`  // nothing can write to the pair any more but the next cell
}
