package magic

import "fmt"

// Kind says how a call is written.
type Kind int

// The kinds of calls.
const (
	Line  Kind = iota // %name args
	Cell              // %%name args, and a body
	Shell             // !command
	Exec              // $ command
	Help              // name?
	Main              // %% args, %main args
)

// Call is one use of a magic in a cell.
type Call struct {
	Kind Kind
	// Name is the command's name in a Table: "%cd", "%%bash", "!", "$", "?" or "%%".
	Name string
	// Args is what follows the name, without blanks around it; for Help the name asked about.
	Args string
	// Body is, for a cell magic, the cell after its first line, unchanged.
	Body string
	// Detail is, for Help, 0 for one question mark and 1 for two (messaging spec, detail_level).
	Detail int
	// Line is the line of the cell in which the call begins, from 1. The body of a cell magic
	// begins in the next.
	Line int
	// Start and End are the bytes of the cell that the call takes up, End without the last
	// line's end.
	Start, End int
}

// SyntaxError is a line that cannot be a magic where it stands.
type SyntaxError struct {
	Line    int // of the cell, from 1
	Message string
}

// Error returns the message with the line.
func (e *SyntaxError) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Message) }
