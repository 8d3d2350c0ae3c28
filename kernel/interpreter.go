package kernel

import (
	"context"
	"errors"
	"fmt"

	"gokernel/kernel/jupyter"
)

// Interpreter runs cells and answers questions about code. The kernel calls
// Execute and Expressions from one goroutine, one at a time; Complete,
// Inspect and IsComplete from that same goroutine; Interrupt and Info from any
// goroutine at any time, also during Execute. A panic of any of these becomes
// an error reply.
type Interpreter interface {
	// Execute runs one cell to its end. The error is a *CellError if the
	// reader's program failed, any other error if the kernel did. It must
	// return soon after ctx is done, which means that the kernel shuts down.
	// Goroutines of the cell may use out after Execute has returned.
	Execute(ctx context.Context, c Cell, out Output) (Result, error)

	// Expressions evaluates the user_expressions of a request, after an
	// Execute that succeeded. Each is answered for itself, with an error if
	// it fails.
	Expressions(ctx context.Context, exprs map[string]string) map[string]jupyter.ExpressionResult

	// Interrupt ends the cell that runs and returns at once. Without one it
	// may end goroutines that earlier cells left, or do nothing.
	Interrupt()

	// Complete says what can stand at cursor, a byte offset in code that is
	// at the start of a rune. The positions in its answer are byte offsets
	// too; the kernel turns them into the protocol's code points.
	Complete(code string, cursor int) jupyter.CompleteReply

	// Inspect describes what stands at cursor, a byte offset as in Complete.
	// The detail level is 0, or 1 for source code as well. It reports
	// whether there was something to describe.
	Inspect(code string, cursor, detail int) (jupyter.MIMEBundle, bool)

	// IsComplete says whether code can be run as it stands.
	IsComplete(code string) jupyter.IsCompleteReply

	// Info describes implementation, language and banner. The kernel fills
	// in the protocol version and the status.
	Info() jupyter.KernelInfoReply

	// Close ends whatever the interpreter started. The kernel calls it once,
	// at the end of Run, possibly while Execute has not returned yet.
	Close() error
}

// CommUser is an Interpreter that has comms: New hands it the kernel's table,
// before Run and once.
type CommUser interface {
	UseComms(*Comms)
}

// Cell is one execute_request that is to be run.
type Cell struct {
	// Number is the cell's execution count. Cells that are not stored have
	// the number of the last one that was, 0 if there was none.
	Number int
	// Code is the cell's source, never blank.
	Code string
	// Silent cells publish nothing; what they print is dropped.
	Silent bool
	// AllowStdin says whether Output.Input can ask anybody.
	AllowStdin bool
	// StoreHistory says whether the cell counts and is remembered. It is
	// false for silent cells.
	StoreHistory bool
}

// Result is what a cell that succeeded yields.
type Result struct {
	// Data is the value of the last expression. Nil means it has none, and
	// no execute_result is published.
	Data jupyter.MIMEBundle
	// Metadata goes with Data, by MIME type. Nil is allowed.
	Metadata map[string]any
}

// Output takes what one cell prints and shows. All methods may be called from
// any goroutine, until long after the cell has ended; everything appears under
// its cell. They block while the clients are slow, which slows the cell.
type Output interface {
	// Stream prints text on "stdout" or "stderr". A rune may be split over
	// calls.
	Stream(name, text string)
	// Display shows data. The displayID, if not empty, names it for later:
	// with update, what was shown under that name before is replaced.
	Display(data jupyter.MIMEBundle, metadata map[string]any, displayID string, update bool)
	// Clear removes the cell's output, with wait only once there is new.
	Clear(wait bool)
	// Input asks the reader for a line, without showing what is typed if
	// password is set. The line comes without a newline. Errors to match are
	// ErrNoStdin and ErrInterrupted.
	Input(ctx context.Context, prompt string, password bool) (string, error)
	// Payload adds to the payloads of the reply: a "page" for the pager, or
	// "set_next_input". It does nothing after the cell has ended.
	Payload(p map[string]any)
	// Error publishes the failure of a goroutine after its cell has ended.
	Error(e *CellError)
}

// CellError says that the reader's program failed. It becomes the error
// message on iopub and the reply's content.
type CellError struct {
	// Name is the kind of failure: "CompileError", "panic", "Interrupted".
	Name string
	// Value says what failed, in one line if possible.
	Value string
	// Traceback is what front ends show, line by line, ANSI colours allowed.
	Traceback []string
}

// Error returns name and value, without the traceback.
func (e *CellError) Error() string {
	if e.Value == "" {
		return e.Name
	}
	return e.Name + ": " + e.Value
}

// ErrNoStdin is returned by Output.Input if the client that sent the cell
// answers no questions (allow_stdin is false), or if the cell has ended.
var ErrNoStdin = errors.New("the front end does not allow input for this cell (allow_stdin is false)")

// ErrInterrupted is returned by Output.Input if an interrupt, or the end of
// its context or of the kernel, comes before the answer.
var ErrInterrupted = fmt.Errorf("interrupted while waiting for input: %w", context.Canceled)
