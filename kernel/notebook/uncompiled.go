package notebook

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"gokernel/kernel"
	"gokernel/kernel/check"
	"gokernel/kernel/lower"
	"gokernel/kernel/magic"
)

// compileError is the name of the error of a cell that was not run.
const compileError = "compile error"

// uncompiled turns the errors of the checker and the lowerer, and the end of a context, into what the reader sees. Other
// errors stay as they are.
func (n *Notebook) uncompiled(err error) error {
	var list check.ErrorList
	var unsupported *lower.Unsupported
	switch {
	case errors.As(err, &list) && len(list) > 0:
	case errors.As(err, &unsupported):
		e := check.Error{Cell: unsupported.Cell, Line: unsupported.Line, Column: unsupported.Column, Msg: unsupported.What, Hint: cmp.Or(unsupported.Advice, n.advice())}
		e.Text, _ = n.texts.line(e.Cell, e.Line)
		list = check.ErrorList{e}
	case errors.Is(err, errInterrupted):
		return interrupted(nil)
	default:
		return err
	}
	first, _, _ := strings.Cut(list[0].Msg, "\n")
	failure := &kernel.CellError{Name: compileError, Value: fmt.Sprintf("%s:%d:%d: %s", list[0].Cell, list[0].Line, list[0].Column, first)}
	if more := len(list) - 1; more > 0 {
		failure.Value += fmt.Sprintf(" (and %d more)", more)
	}
	for i, e := range list {
		if i > 0 {
			failure.Traceback = append(failure.Traceback, "")
		}
		failure.Traceback = append(failure.Traceback, n.complaint(e)...)
	}
	return failure
}

// complaint returns the lines that show one error of the checker.
func (n *Notebook) complaint(e check.Error) []string {
	msg, details, _ := strings.Cut(e.Msg, "\n")
	lines := []string{fmt.Sprintf("%s%s%s:%d:%d:%s %s", red, bold, e.Cell, e.Line, e.Column, plain, msg)}
	for detail := range strings.Lines(details) {
		lines = append(lines, strings.TrimRight(detail, "\n"))
	}
	text := e.Text
	if original, ok := n.texts.line(e.Cell, e.Line); ok {
		text = original
	}
	if text != "" {
		lines = append(lines, excerpt(text, e.Line, e.Column)...)
	}
	return append(lines, hint(e.Hint)...)
}

// hint returns the line that says what to do, none if that is not known.
func hint(text string) []string {
	if text == "" {
		return nil
	}
	return []string{bold + "hint:" + plain + " " + text}
}

// misused turns the error of a magic into what the reader sees.
func (n *Notebook) misused(cell string, err error) error {
	line := 0
	var syntax *magic.SyntaxError
	var usage *magic.UsageError
	msg := err.Error()
	switch {
	case errors.As(err, &syntax):
		line, msg = syntax.Line, syntax.Message
	case errors.As(err, &usage):
		line, msg = usage.Line, usage.Message
	}
	failure := &kernel.CellError{Name: "magic error", Value: msg}
	failure.Traceback = []string{fmt.Sprintf("%s%s:%s %s", red+bold, at(cell, line), plain, msg)}
	if text, ok := n.texts.line(cell, line); ok {
		failure.Traceback = append(failure.Traceback, excerpt(text, line, 0)...)
	}
	return failure
}

// interrupted is the error of a cell that was interrupted. Notes say what ended with it.
func interrupted(notes []string) *kernel.CellError {
	const name = "Interrupted"
	e := &kernel.CellError{Name: name, Value: "the cell was interrupted"}
	e.Traceback = append([]string{red + bold + name + plain + ": " + e.Value}, notes...)
	return e
}
