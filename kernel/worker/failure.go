package worker

import (
	"context"
	"encoding/json"
	"strings"
)

// Cell is one piece of code to run.
type Cell struct {
	ID         int             // unique within a Process
	Name       string          // as it appears in positions: "cell [7]"
	Code       json.RawMessage // for the Evaluator; this package does not look inside
	AllowStdin bool            // whether reading os.Stdin may ask through Sink.Input
}

// Sink receives what a cell does beyond its result. Its methods may be called from several goroutines, also after Run
// has returned, for as long as a goroutine or child process of the cell can write. A method may block: the cell is
// then slowed, and nothing is dropped. All methods must return once the Sink's owner wants the Process closed.
type Sink interface {
	// Stream hands over output; name is "stdout" or "stderr". The text may split a UTF-8 sequence between two calls.
	Stream(name, text string)
	Display(data map[string]any, metadata map[string]any, displayID string, update bool)
	Clear(wait bool)
	// Input asks for one line, without its newline. An error of io.EOF gives the reader end of file, one of
	// context.Canceled nothing, for the interrupt itself comes too, any other an interrupted cell. ctx ends with the cell.
	Input(ctx context.Context, prompt string, password bool) (string, error)
	Payload(map[string]any)
	// Failure tells of a goroutine that failed after its cell had ended.
	Failure(*Failure)
}

// Failure kinds that this package makes; an Evaluator has more ("panic", "exit", "deadlock", "compile", ...).
const (
	Interrupted = "interrupted" // the cell was interrupted
	NoStdin     = "no stdin"    // the cell read os.Stdin where the front end cannot be asked
)

// Failure is the reader's program having failed, with the worker still alive.
type Failure struct {
	Kind       string          `json:"kind"`
	Name       string          `json:"name"`  // class of error, for the protocol's ename
	Value      string          `json:"value"` // message, for the protocol's evalue
	Frames     []Frame         `json:"frames,omitempty"`
	Goroutine  *GoroutineInfo  `json:"goroutine,omitempty"`  // the one that failed, if not the cell's own
	Goroutines []GoroutineInfo `json:"goroutines,omitempty"` // what all of them wait for, with a deadlock
	Notes      []string        `json:"notes,omitempty"`
}

func (f *Failure) Error() string { return join(f.Name, f.Value) }

// Frame is a place in the reader's code.
type Frame struct {
	Func   string `json:"func,omitempty"`
	File   string `json:"file,omitempty"`
	Line   int    `json:"line,omitempty"`   // from 1; 0: unknown
	Column int    `json:"column,omitempty"` // in bytes, from 1; 0: unknown
}

// GoroutineInfo describes one goroutine.
type GoroutineInfo struct {
	ID         int     `json:"id"`
	Cell       string  `json:"cell,omitempty"`
	State      string  `json:"state,omitempty"`
	WaitReason string  `json:"wait_reason,omitempty"`
	Frames     []Frame `json:"frames,omitempty"`
	Started    Frame   `json:"started,omitzero"` // its go statement
	By         string  `json:"by,omitempty"`     // the compiled function that started it, if no go statement of the reader's did
	Told       bool    `json:"told,omitempty"`   // that it is to end, which it does when it no longer waits
}

// Death is the end of the worker process, an error of the reader's program too. A new worker must be started.
type Death struct {
	Cause      string          // in the reader's terms: "concurrent map writes", "stack overflow", "killed (signal 9)"
	Exit       string          // as os.ProcessState says it: "exit status 2", "signal: killed"
	Stderr     string          // the end of what the runtime wrote, bounded
	Cell       string          // name of the cell that ran; if none, of the goroutine that died; "" if unknown
	Frames     []Frame         // of the goroutine that died, the Go runtime's own left out; in the reader's code first
	Goroutines []GoroutineInfo // those the runtime listed, bounded, that which died first
	// Last is where the goroutine that died, or if that is unknown the cell that ran, was last about to block or started a
	// goroutine. It may have come far since; where the interpreter tells more, that is the first of Frames.
	Last Frame
}

func (d *Death) Error() string { return join("the worker process ended", d.Cause) }

func join(parts ...string) string {
	kept := parts[:0:0]
	for _, p := range parts {
		if p != "" {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, ": ")
}
