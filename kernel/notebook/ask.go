package notebook

import (
	"runtime"
	"strings"

	"gokernel/kernel/check"
	"gokernel/kernel/introspect"
	"gokernel/kernel/jupyter"
	"gokernel/kernel/magic"
)

// introspection returns what there is to know beside the scope.
func (n *Notebook) introspection() introspect.Config {
	return introspect.Config{Magics: n.table, Dir: n.dir(), Env: n.environ}
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
