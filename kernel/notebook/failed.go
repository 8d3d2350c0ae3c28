package notebook

import (
	"fmt"
	"slices"
	"strings"

	"gokernel/kernel"
	"gokernel/kernel/worker"
)

// Kinds of failures that an evaluator reports.
const (
	kindExit     = "exit"
	kindDeadlock = "deadlock"
	kindCommand  = "command" // of a magic

	kindUnsupported = "unsupported" // by the interpreter, which noticed it while the cell ran
)

// failed turns what a cell failed of into what the reader sees: Go's own words, then the cell's own calls with their
// source lines, and the go statement that started the goroutine.
func (n *Notebook) failed(f *worker.Failure) *kernel.CellError {
	if f.Kind == worker.Interrupted {
		e := interrupted(f.Notes)
		e.Traceback = append(e.Traceback, n.calls(f.Frames)...)
		return e
	}
	e := &kernel.CellError{Name: f.Name, Value: f.Value}
	if e.Name == "" {
		e.Name = f.Kind
	}
	head := red + bold + e.Name + plain + ": " + f.Value
	if f.Kind == kindExit || f.Value == "" {
		head = red + bold + strings.TrimPrefix(e.Error(), e.Name+": ") + plain
	}
	e.Traceback = strings.Split(head, "\n")
	e.Traceback = append(e.Traceback, n.calls(f.Frames)...)
	if g := f.Goroutine; g != nil {
		if len(f.Frames) == 0 {
			e.Traceback = append(e.Traceback, n.calls(g.Frames)...)
		}
		e.Traceback = append(e.Traceback, n.started(*g, f.Frames)...)
	}
	cell := ""
	if len(f.Goroutines) > 0 {
		cell = f.Goroutines[0].Cell // the one that runs comes first
	}
	for _, g := range f.Goroutines {
		e.Traceback = append(e.Traceback, n.waiting(g, cell)...)
	}
	e.Traceback = append(e.Traceback, f.Notes...)
	if f.Kind == kindUnsupported {
		e.Traceback = append(e.Traceback, hint(firstOf(n.advice(), "%%native above the code has it compiled"))...)
	}
	return e
}

// Of many calls the first and the last ones are shown.
const (
	firstCalls = 12
	lastCalls  = 6
)

// calls shows the calls of a goroutine in the reader's code, innermost first. Those of a recursion that look alike are
// shown once.
func (n *Notebook) calls(frames []worker.Frame) []string {
	var own []worker.Frame
	var alike []int // how many there are of each of own
	for _, f := range frames {
		if _, ok := n.texts.line(f.File, f.Line); !ok {
			continue
		}
		if last := len(own) - 1; last >= 0 && own[last] == f {
			alike[last]++
			continue
		}
		own, alike = append(own, f), append(alike, 1)
	}
	skipped := len(own) - firstCalls - lastCalls
	var lines []string
	for i, f := range own {
		if skipped > 1 && i >= firstCalls && i < firstCalls+skipped {
			if i == firstCalls {
				lines = append(lines, fmt.Sprintf("  … %d more calls …", skipped))
			}
			continue
		}
		lines = append(lines, n.call(f)...)
		if alike[i] > 1 {
			lines = append(lines, fmt.Sprintf("  (%d such calls)", alike[i]))
		}
	}
	return lines
}

// call shows one place in a cell.
func (n *Notebook) call(f worker.Frame) []string {
	where := "  " + bold + at(f.File, f.Line) + plain
	if f.Func != "" && f.Func != f.File {
		where += ", in " + f.Func
	}
	lines := []string{where}
	if text, ok := n.texts.line(f.File, f.Line); ok {
		lines = append(lines, excerpt(text, f.Line, 0)...)
	}
	return lines
}

// started shows which go statement started a goroutine, or which compiled function. Its line is left out if it is among
// those of shown.
func (n *Notebook) started(g worker.GoroutineInfo, shown []worker.Frame) []string {
	switch {
	case g.Started.Line > 0:
	case g.By != "":
		return []string{fmt.Sprintf("in a goroutine that %s started", compiled(g.By))}
	default:
		return nil
	}
	where := g.Started
	if where.File == "" {
		where.File = g.Cell
	}
	lines := []string{fmt.Sprintf("in the goroutine that %s started", at(where.File, where.Line))}
	if slices.ContainsFunc(shown, func(f worker.Frame) bool { return f.File == where.File && f.Line == where.Line }) {
		return lines
	}
	lines[0] += ":"
	if text, ok := n.texts.line(where.File, where.Line); ok {
		lines = append(lines, excerpt(text, where.Line, 0)...)
	}
	return lines
}

// waiting shows what a goroutine waits for, and where. cell is the one that the report is about.
func (n *Notebook) waiting(g worker.GoroutineInfo, cell string) []string {
	who := "the cell itself"
	if g.Cell != cell {
		who = g.Cell + ", left behind,"
	}
	switch {
	case g.Started.Line > 0:
		who = "the goroutine that " + at(firstOf(g.Started.File, g.Cell), g.Started.Line) + " started"
	case g.By != "":
		who = "a goroutine that " + compiled(g.By) + " started"
	}
	what := firstOf(g.WaitReason, g.State, "something")
	lines := []string{fmt.Sprintf("%s waits: %s", who, what)}
	return append(lines, n.calls(g.Frames)...)
}

// compiled returns the name of a compiled function as stack dumps give it, without the path of its package.
func compiled(fn string) string { return fn[strings.LastIndexByte(fn, '/')+1:] }

// firstOf returns the first of the words that is not empty.
func firstOf(words ...string) string {
	for _, w := range words {
		if w != "" {
			return w
		}
	}
	return ""
}
