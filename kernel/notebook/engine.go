package notebook

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"gokernel/kernel/check"
	"gokernel/kernel/engine"
	"gokernel/kernel/jupyter"
	"gokernel/kernel/magic"
	"gokernel/kernel/native/toolchain"
	"gokernel/kernel/worker"
)

// engine is %engine.
func (n *Notebook) engine(ctx context.Context, h magic.Host, c magic.Call) error {
	args := strings.Fields(c.Args)
	if len(args) > 1 {
		return &magic.UsageError{Line: c.Line, Message: "%engine: " + "it takes one of auto, native and interp"}
	}
	mode := n.mode
	if len(args) == 1 {
		mode = engine.Mode(args[0])
	}
	switch mode {
	case engine.Interp:
	case engine.Auto, engine.Native:
		if n.compiler == nil {
			return fmt.Errorf("this kernel was started to interpret only: start it with --engine %s", mode)
		}
		if _, err := n.compiler.Wait(ctx); err != nil {
			if len(args) == 1 {
				return err
			}
			_, err = fmt.Fprintf(h.Stdout(), "%s, but all is interpreted: %v\n", mode, err)
			return err
		}
	default:
		return &magic.UsageError{Line: c.Line, Message: "%engine: " + "there is no engine " + string(mode) + ": it is one of auto, native and interp"}
	}
	n.mode = mode
	_, err := fmt.Fprintln(h.Stdout(), mode)
	return err
}

// renewing returns the scope for a piece. If it may be compiled, a type that was interpreted is another one once its cell runs
// again, for the values of the old one are the interpreter's.
func (n *Notebook) renewing(p piece) *check.Scope {
	if n.compiler == nil || cmp.Or(p.mode, n.mode) == engine.Interp {
		return n.scope
	}
	types := n.compiler.Interpreted(n.scope.Live())
	if len(types) == 0 {
		return n.scope
	}
	return n.scope.Renewing(types)
}

// sayInterpreted says once why cells are not compiled, if somebody who has a toolchain may expect that they are.
func (n *Notebook) sayInterpreted(reason error, out worker.Sink) {
	var missing *toolchain.MissingError
	if reason == nil || n.told || errors.As(reason, &missing) && (missing.What == "go" || missing.What == toolchain.NotBuilt) {
		return
	}
	n.told = true
	out.Stream(jupyter.Stderr, fmt.Sprintf("Cells are interpreted, not compiled: %v\n", reason))
}

// advice says what would run a cell that the interpreter refuses, "" if nothing is known; it does not wait.
func (n *Notebook) advice() string {
	const compiled = "compiled code can do this: "
	switch {
	case n.compiler == nil:
		return compiled + "install Go and start the kernel with --engine auto"
	case n.mode == engine.Interp:
		return compiled + "%engine auto"
	}
	select {
	case <-n.compiler.Ready():
		if _, err := n.compiler.Wait(n.ctx); err != nil {
			return compiled + err.Error()
		}
	default:
	}
	return ""
}

// isNative reports whether a call is %%native.
func isNative(c magic.Call) bool { return c.Name == "%%native" }

// asNative returns the commands and the Go of a cell that is %%native, those of its body among them.
func (n *Notebook) asNative(ctx context.Context, calls []magic.Call) (all []magic.Call, code string, err error) {
	i := slices.IndexFunc(calls, isNative)
	c := calls[i]
	misuse := func(what string) error {
		return &magic.UsageError{Line: c.Line, Message: c.Name + ": " + what}
	}
	if c.Args != "" {
		return nil, "", misuse("it takes no arguments, and the code in the lines below")
	}
	if strings.TrimSpace(c.Body) == "" {
		return nil, "", misuse("there is no code below it")
	}
	if n.compiler == nil {
		return nil, "", misuse("this kernel was started to interpret only: start it with --engine auto")
	}
	if _, err := n.compiler.Wait(ctx); err != nil {
		return nil, "", misuse(err.Error())
	}
	inner, code, err := n.parse(strings.Repeat("\n", c.Line) + c.Body)
	if slices.ContainsFunc(inner, isNative) {
		return nil, "", misuse("it stands in a cell once")
	}
	return append(calls[:i:i], inner...), code, err
}
