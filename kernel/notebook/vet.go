package notebook

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"gokernel/kernel/check"
	"gokernel/kernel/magic"
	"gokernel/kernel/native/program"
	"gokernel/kernel/native/report"
	"gokernel/kernel/native/toolchain"
)

// vet is %%vet.
func (n *Notebook) vet(ctx context.Context, call magic.Call, p piece) error {
	return n.unbuilt(call, p, n.runVet(ctx, call, p))
}

func (n *Notebook) runVet(ctx context.Context, call magic.Call, p piece) error {
	if o, err := (flags{}).parse(call); err != nil {
		return err
	} else if err := o.none(); err != nil {
		return err
	}
	if strings.TrimSpace(call.Body) == "" {
		return &magic.UsageError{Line: call.Line, Message: "%%vet takes Go code in the lines below it"}
	}
	cell, err := n.checkBody(call, p)
	if err != nil {
		return err
	}
	m, tc, err := n.tools(ctx)
	if err != nil {
		return err
	}
	prog, err := program.Assemble(cell, program.Tests)
	if err != nil {
		return err
	}
	said, err := m.Vet(ctx, tc, prog)
	if err != nil {
		return err
	}
	list := refusals(said)
	if len(list) == 0 && said != "" {
		return &toolchain.Error{Tool: "go vet", Output: said}
	}
	var findings []report.Finding
	for _, e := range list {
		findings = append(findings, report.Finding{At: report.Frame{File: e.Cell, Line: e.Line}, Message: e.Msg})
	}
	show(p, report.FindingsHTML(findings, n.lines), report.FindingsText(findings, n.lines))
	return nil
}

// format is %%fmt.
func (n *Notebook) format(_ context.Context, call magic.Call, p piece) error {
	o, err := flags{}.parse(call)
	if err == nil {
		err = o.none()
	}
	if err != nil {
		return n.misused(p.name, err)
	}
	text, err := n.formatted(call)
	var list check.ErrorList
	switch {
	case errors.As(err, &list):
		for i := range list {
			list[i].Cell, list[i].Line = p.name, list[i].Line+call.Line
		}
		return n.uncompiled(list)
	case err != nil:
		return n.misused(p.name, err)
	}
	p.out.Payload(map[string]any{"source": "set_next_input", "text": text, "replace": true})
	return nil
}

// formatted returns the body of %%fmt as gofmt writes it. Lines that are magics stay as they are.
func (n *Notebook) formatted(call magic.Call) (string, error) {
	body := call.Body
	calls, _, err := magic.Parser{}.Parse(body)
	var syntax *magic.SyntaxError
	if errors.As(err, &syntax) {
		return "", &magic.UsageError{Line: call.Line + syntax.Line, Message: "%%fmt: " + syntax.Message}
	}
	if err != nil {
		return "", err
	}
	if i := slices.IndexFunc(calls, func(c magic.Call) bool { return c.Kind == magic.Cell }); i >= 0 {
		if c, ok := n.table.Lookup(calls[i].Name); !ok || c.Arg != magic.GoArg {
			return "", &magic.UsageError{Line: call.Line + calls[i].Line, Message: "%%fmt formats Go, which the body of " + calls[i].Name + " is not"}
		}
		head, rest := body[:calls[i].End-len(calls[i].Body)], calls[i].Body
		lines := strings.Count(head, "\n")
		text, err := check.Format(rest)
		var list check.ErrorList
		if errors.As(err, &list) {
			for i := range list {
				list[i].Line += lines
			}
		}
		return head + text, err
	}
	// Comments keep the places of the magics.
	var b strings.Builder
	at := 0
	for i, c := range calls {
		b.WriteString(body[at:c.Start] + placeholder(i))
		at = c.End
	}
	b.WriteString(body[at:])
	text, err := check.Format(b.String())
	if err != nil {
		return "", err
	}
	for i, c := range calls {
		text = strings.Replace(text, placeholder(i), body[c.Start:c.End], 1)
	}
	return text, nil
}

// placeholder is a comment that no reader writes.
func placeholder(i int) string { return fmt.Sprintf("//gokernel:magic %d\x01", i) }
