package notebook

import (
	"context"
	"maps"
	"runtime"
	"slices"
	"strings"
	"time"

	"gokernel/kernel/check"
	"gokernel/kernel/introspect"
	"gokernel/kernel/jupyter"
	"gokernel/kernel/magic"
)

// introspection returns what there is to know beside the scope.
func (n *Notebook) introspection() introspect.Config {
	return introspect.Config{Magics: n.table, Dir: n.dir(), Env: n.environ, Value: n.value, FlagValues: n.flagValues}
}

// flagValues returns what %%bench -vs can compare with: the numbers of cells that were measured, and names.
func (n *Notebook) flagValues(command, flag string) []string {
	if command != "%%bench" || flag != "-vs" {
		return nil
	}
	var values []string
	for _, name := range slices.Sorted(maps.Keys(n.measurements)) {
		if number, ok := strings.CutPrefix(name, "cell ["); ok {
			name = strings.TrimSuffix(number, "]")
		}
		values = append(values, name)
	}
	return values
}

const (
	valueWait = 20 * time.Millisecond // for a value, which takes a fraction of one
	maxValue  = 300                   // runes of it
)

// values is what the worker answers to callVars.
type values struct {
	Vars map[string]struct {
		Text string `json:"text"`
	} `json:"vars"` // by lowered name; empty while code runs that may change them
}

// value returns the beginning of the value of a variable, false if it is not known now: while a cell runs, a snapshot
// is taken, or goroutines are there that may change the variable.
func (n *Notebook) value(name string) (string, bool) {
	d := n.scope.Lookup(name)
	if d == nil || d.Kind != check.Var {
		return "", false
	}
	ctx, cancel := context.WithTimeout(n.ctx, valueWait)
	defer cancel()
	e, err := n.workers.current(ctx)
	if err != nil {
		return "", false
	}
	var v values
	if err := e.proc.Call(ctx, callVars, selection{Names: []string{d.Emit}}, &v); err != nil {
		return "", false // whoever runs the next cell is told that the worker has died
	}
	found, ok := v.Vars[d.Emit]
	return short(found.Text), ok
}

// short returns at most maxValue runes of a text.
func short(text string) string {
	runes := 0
	for i := range text {
		if runes++; runes > maxValue {
			return text[:i] + "…"
		}
	}
	return text
}

// Complete implements kernel.Interpreter.
func (n *Notebook) Complete(code string, cursor int) jupyter.CompleteReply {
	return n.introspection().Complete(n.scope, code, cursor)
}

// Inspect implements kernel.Interpreter.
func (n *Notebook) Inspect(code string, cursor, detail int) (jupyter.MIMEBundle, bool) {
	return n.introspection().Inspect(n.scope, code, cursor, detail)
}

// IsComplete implements kernel.Interpreter. Commands are complete where they stand; the body of a cell magic is complete
// after an empty line.
func (n *Notebook) IsComplete(code string) jupyter.IsCompleteReply {
	calls, rest, err := magic.Parser{Known: n.known}.Parse(code)
	if err != nil {
		return jupyter.IsCompleteReply{Status: jupyter.Invalid}
	}
	for _, c := range calls {
		if c.Kind == magic.Cell && !strings.HasSuffix(c.Body, "\n\n") && !strings.HasSuffix(code, "\n\n") {
			return jupyter.IsCompleteReply{Status: jupyter.Incomplete}
		}
		if c.Kind == magic.Shell && c.End == len(code) && strings.HasSuffix(strings.TrimRight(code, " \t\r"), "\\") {
			return jupyter.IsCompleteReply{Status: jupyter.Incomplete} // the command goes on in the next line
		}
	}
	status, indent := check.Completeness(rest)
	return jupyter.IsCompleteReply{Status: string(status), Indent: indent}
}

// Info implements kernel.Interpreter.
func (n *Notebook) Info() jupyter.KernelInfoReply {
	version := strings.TrimPrefix(runtime.Version(), "go")
	return jupyter.KernelInfoReply{
		Implementation:        "gokernel",
		ImplementationVersion: n.version,
		Banner: "Go " + version + " in a notebook, by gokernel " + n.version +
			"\n%help lists the commands; NAME? shows help on a name.",
		LanguageInfo: jupyter.LanguageInfo{
			Name: "go", Version: version, MIMEType: "text/x-go", FileExtension: ".go",
			PygmentsLexer: "go", CodeMirrorMode: "go", NBConvertExporter: "script",
		},
		HelpLinks: []jupyter.HelpLink{
			{Text: "A Tour of Go", URL: "https://go.dev/tour/"},
			{Text: "The Go Programming Language Specification", URL: "https://go.dev/ref/spec"},
			{Text: "Effective Go", URL: "https://go.dev/doc/effective_go"},
			{Text: "Standard library", URL: "https://pkg.go.dev/std"},
		},
	}
}
