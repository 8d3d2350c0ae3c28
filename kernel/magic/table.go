package magic

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Command is what a magic does, and what there is to know about it.
type Command struct {
	// Name is as in Call.Name: "%cd", "%%bash", "!", "$".
	Name string
	// Usage is the form of a call: "%%writefile [-a] FILE".
	Usage string
	// Doc says what it does: first one short line for the table of %help, then more if needed.
	Doc string
	// Example is a call that fits on one line.
	Example string
	// Flags are what Usage shows in brackets, for completion.
	Flags []Flag
	// Arg says what the other arguments are, for completion.
	Arg Arg
	// Run does it. The error is the reader's: a *UsageError or *ExitError, or one that says by
	// itself what went wrong.
	Run func(ctx context.Context, h Host, c Call) error
}

// Flag is an argument that is written as it is.
type Flag struct{ Name, Doc string }

// Arg is a sort of argument.
type Arg int

// The sorts of arguments.
const (
	NoArg    Arg = iota
	AnyArg       // free text
	FileArg      // the name of a file
	DirArg       // the name of a directory
	EnvArg       // the name of an environment variable
	ShellArg     // a program, then file names
	MagicArg     // the name of a magic
	GoArg        // Go code
	NameArg      // a name declared in the notebook
)

// Host is where commands act. Its Local form is the process itself.
type Host interface {
	// Stdout and Stderr are where output goes. An *os.File is handed to child processes as it is.
	Stdout() io.Writer
	Stderr() io.Writer
	// Dir returns the working directory and Chdir changes it; a relative name is taken from Dir.
	Dir() (string, error)
	Chdir(dir string) error
	// Environ returns the environment as os.Environ does, Setenv changes it.
	Environ() []string
	Setenv(name, value string) error
}

// UsageError is a magic that was written wrongly.
type UsageError struct {
	Line    int // of the cell, from 1
	Message string
}

// Error returns the message with the line.
func (e *UsageError) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Message) }

// ExitError is a program run by a magic that did not end well.
type ExitError struct {
	Line    int // of the cell, from 1
	Command string
	Status  string // as os.ProcessState says it: "exit status 2", "signal: killed"
	Code    int    // the exit status, -1 after a signal
}

// Error returns the status with the command and the line.
func (e *ExitError) Error() string {
	return fmt.Sprintf("line %d: %s: %s", e.Line, e.What(), e.Status)
}

// What returns the beginning of the command.
func (e *ExitError) What() string { return shortened(e.Command) }

// shortened returns the first line of a command, and not much of it.
func shortened(command string) string {
	line, _, more := strings.Cut(command, "\n")
	if r := []rune(line); len(r) > 60 {
		line, more = string(r[:60]), true
	}
	if more {
		line += "…"
	}
	return line
}

// Table is a set of commands. It is immutable; the zero value is empty.
type Table struct{ commands []Command }

// NewTable returns the table of the commands; of two with one name the later one counts.
func NewTable(commands ...Command) Table { return Table{}.With(commands...) }

// With returns a table with more commands; they replace those of the same name.
func (t Table) With(commands ...Command) Table {
	all := slices.Clone(t.commands)
	for _, c := range commands {
		i, found := slices.BinarySearchFunc(all, c.Name, func(c Command, name string) int { return strings.Compare(c.Name, name) })
		if found {
			all[i] = c
		} else {
			all = slices.Insert(all, i, c)
		}
	}
	return Table{all}
}

// All returns the commands sorted by name. The slice is the caller's.
func (t Table) All() []Command { return slices.Clone(t.commands) }

// Lookup returns the command of that name.
func (t Table) Lookup(name string) (Command, bool) {
	for _, c := range t.commands {
		if c.Name == name {
			return c, true
		}
	}
	return Command{}, false
}

// Check returns a *UsageError for the first of the calls that no command does, or that has arguments although the
// command takes none. Calls of kinds Help and Main are not commands, and right unless a blank makes Main of a cell magic.
func (t Table) Check(calls []Call) error {
	for _, c := range calls {
		if c.Kind == Main {
			if like := "%%" + firstWord(c.Args); t.has(like) {
				return &UsageError{c.Line, fmt.Sprintf("%%%% begins func main, with %q as arguments; the magic is %s, without a blank", c.Args, like)}
			}
		}
		if c.Kind == Help || c.Kind == Main {
			continue
		}
		command, ok := t.Lookup(c.Name)
		switch {
		case !ok:
			return &UsageError{c.Line, t.unknown(c.Name)}
		case command.Arg == NoArg && len(command.Flags) == 0 && c.Args != "":
			return &UsageError{c.Line, fmt.Sprintf("%s takes no argument, not %q", c.Name, shortened(c.Args))}
		}
	}
	return nil
}

func (t Table) has(name string) bool { _, ok := t.Lookup(name); return ok }

// Run does one call. ctx ends it: the process groups of its programs are killed.
func (t Table) Run(ctx context.Context, h Host, c Call) error {
	if err := t.Check([]Call{c}); err != nil {
		return err
	}
	command, ok := t.Lookup(c.Name)
	if !ok {
		return fmt.Errorf("running %s: it is not a command", c.Name)
	}
	return command.Run(ctx, h, c)
}

// elsewhere are the magics of other kernels that have another name here.
var elsewhere = map[string]string{
	"%list": "%who", "%ls": "%who (or !ls for files)", "%rm": "%reset", "%remove": "%reset", "%whos": "%who",
	"%pip": "%get", "%%sh": "%%bash", "%%script": "%%bash", "%%shell": "%%bash", "%pwd": "%cd .", "%%file": "%%writefile",
	"%set_env": "%env", "%%capture": "%%writefile", "%%time": "%time", "%%timeit": "%timeit", "%lsmagic": "%help", "%magic": "%help",
}

// unknown says that there is no such magic and which is the nearest.
func (t Table) unknown(name string) string {
	for _, like := range []string{"%%" + strings.TrimLeft(name, "%"), "%" + strings.TrimLeft(name, "%")} {
		if _, ok := t.Lookup(like); ok {
			if strings.HasPrefix(like, "%%") {
				return fmt.Sprintf("unknown magic %s; %s is a cell magic, with two %%", name, like)
			}
			return fmt.Sprintf("unknown magic %s; %s is a line magic, with one %%", name, like)
		}
	}
	if other, ok := elsewhere[name]; ok {
		if _, ok := t.Lookup(firstWord(other)); ok {
			return fmt.Sprintf("unknown magic %s; here it is %s", name, other)
		}
	}
	bare := strings.TrimLeft(name, "%")
	best, least := "", 1+len(bare)/4 // as many letters may be wrong
	for _, c := range t.commands {
		other := strings.TrimLeft(c.Name, "%")
		if other == c.Name { // ! or $
			continue
		}
		d := distance(bare, other)
		alike := len(name)-len(bare) == len(c.Name)-len(other) // as many percent signs
		if d < least || d == least && (best == "" || alike) {
			best, least = c.Name, d
		}
	}
	if best == "" {
		return fmt.Sprintf("unknown magic %s; %%help lists those there are", name)
	}
	return fmt.Sprintf("unknown magic %s; did you mean %s? %%help lists all", name, best)
}

// distance returns how many letters must be put in, taken out, replaced or swapped with their
// neighbour to make a from b.
func distance(a, b string) int {
	before, row := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		next := make([]int, len(b)+1)
		next[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			next[j+1] = min(row[j+1]+1, next[j]+1, row[j]+cost)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				next[j+1] = min(next[j+1], before[j-1]+1)
			}
		}
		before, row = row, next
	}
	return row[len(b)]
}
