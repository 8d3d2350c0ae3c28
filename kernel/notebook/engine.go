package notebook

import (
	"context"
	"fmt"
	"strings"

	"gokernel/kernel/engine"
	"gokernel/kernel/magic"
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
