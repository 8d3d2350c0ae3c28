package notebook

import (
	"context"
	"errors"
	"regexp"

	"gokernel/kernel"
	"gokernel/kernel/check"
	"gokernel/kernel/jupyter"
	"gokernel/kernel/worker"
)

// Expressions implements kernel.Interpreter. An expression is evaluated like a cell of which nothing stays.
func (n *Notebook) Expressions(ctx context.Context, exprs map[string]string) map[string]jupyter.ExpressionResult {
	ctx, end := n.begin(ctx)
	defer end()
	results := make(map[string]jupyter.ExpressionResult, len(exprs))
	for name, expr := range exprs {
		r, err := n.expression(ctx, expr)
		var failure *kernel.CellError
		switch {
		case err == nil:
			if r.Data == nil {
				r.Data = jupyter.MIMEBundle{"text/plain": ""}
			}
			results[name] = jupyter.ExpressionResult{Status: jupyter.StatusOK, Data: r.Data, Metadata: r.Metadata}
		case errors.As(err, &failure):
			results[name] = jupyter.ExpressionResult{Status: jupyter.StatusError,
				EName: failure.Name, EValue: failure.Value, Traceback: failure.Traceback}
		default:
			n.log.Error("evaluating an expression", "error", err)
			results[name] = jupyter.ExpressionResult{Status: jupyter.StatusError, EName: "KernelError", EValue: err.Error(),
				Traceback: []string{"KernelError: " + err.Error()}}
		}
	}
	return results
}

// expression evaluates one expression.
func (n *Notebook) expression(ctx context.Context, expr string) (reply, error) {
	const name = "user expression"
	n.texts.keep(name, expr)
	if err := check.ParseExpr(expr); err != nil {
		return reply{}, &kernel.CellError{Name: compileError, Value: err.Error(), Traceback: []string{err.Error()}}
	}
	cell, err := check.Check(n.scope, n.next(), name, expr)
	if err != nil {
		return reply{}, n.uncompiled(err)
	}
	r, _, err := n.run(ctx, cell, piece{name: name, out: silence{}})
	var failure *worker.Failure
	var death *worker.Death
	switch {
	case err == nil:
		return r, nil
	case errors.As(err, &failure):
		return reply{}, n.failed(failure)
	case errors.As(err, &death):
		return reply{}, n.revive(ctx, death)
	}
	return reply{}, n.uncompiled(err)
}

// preludeName is the name of the cell that declares what every notebook has.
const preludeName = "prelude"

// prelude is that cell: gophernotes knows Display without a package.
const prelude = "func Display(values ...any) error { return display.Display(values...) }"

// usesPrelude matches code that may call what the prelude declares.
var usesPrelude = regexp.MustCompile(`(?:^|[^.\pL\pN_])Display\b`)

// prelude declares what the prelude has before code that uses it, unless the reader has declared it himself. Until then
// it costs nothing.
func (n *Notebook) prelude(ctx context.Context, code string) error {
	if n.scope.Lookup("Display") != nil || !usesPrelude.MatchString(code) {
		return nil
	}
	before := n.scope
	cell, err := check.Check(n.scope, n.next(), preludeName, prelude)
	if err != nil {
		return nil // the name display means something else here; the cell's own check says so
	}
	_, _, err = n.run(ctx, cell, piece{name: preludeName, out: silence{}})
	var death *worker.Death
	switch {
	case err == nil:
		n.scope = cell.Scope
		return nil
	case errors.As(err, &death):
		n.scope = before
		return n.revive(ctx, death)
	}
	return n.uncompiled(err)
}
