package notebook

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/types"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"gokernel/kernel/check"
	"gokernel/kernel/jupyter"
	"gokernel/kernel/magic"
	"gokernel/kernel/worker"
)

// commands returns the table of all commands: those that act in the worker, and those about the notebook.
func (n *Notebook) commands() magic.Table {
	own := []magic.Command{
		{
			Name: "%who", Usage: "%who [NAME…]", Example: "%who", Arg: magic.NameArg, Run: n.who,
			Doc: "lists what the notebook declares, with types and cells\n\nWith names, only these.",
		},
		{
			Name: "%engine", Usage: "%engine [auto|native|interp]", Example: "%engine native", Run: n.engine,
			Flags: []magic.Flag{{Name: "auto", Doc: "compiled or interpreted, whichever is right for the cell"}, {Name: "native", Doc: "all is compiled"}, {Name: "interp", Doc: "all is interpreted"}},
			Doc:   "says what runs cells, or changes it\n\nauto: a cell that declares types or functions is compiled, and so is one that the interpreter could not run rightly; all others are interpreted, at once. native: every cell is compiled. interp: every cell is interpreted.",
		},
		{
			Name: "%reset", Usage: "%reset", Example: "%reset", Run: n.reset,
			Doc: "forgets all declarations, imports and variables, and ends what still runs\n\nThe notebook is then as it was when it was opened; the numbers of cells go on.",
		},
		{
			Name: "%goroutines", Usage: "%goroutines", Example: "%goroutines", Run: n.goroutines,
			Doc: "lists the goroutines that still run, with the cell and line of their go statement",
		},
		{
			Name: "%stop", Usage: "%stop", Example: "%stop", Run: n.stopAll,
			Doc: "ends the goroutines that still run, and the processes they have started",
		},
	}
	return magic.NewTable(magic.Commands()...).With(own...).With(programCommands()...).
		With(magic.HelpCommand(func() magic.Table { return n.table }))
}

// aboutNotebook lists the commands that run in this process.
var aboutNotebook = []string{"%who", "%engine", "%reset", "%goroutines", "%stop", "%help"}

// about is the magic.Host of the commands that run in this process. They only print.
type about struct {
	magic.Local
	out worker.Sink
}

// Stdout prints to the cell.
func (a about) Stdout() io.Writer { return stream{a.out, jupyter.Stdout} }

// Stderr prints to the cell.
func (a about) Stderr() io.Writer { return stream{a.out, jupyter.Stderr} }

// stream writes to one of a cell's streams.
type stream struct {
	out  worker.Sink
	name string
}

func (s stream) Write(b []byte) (int, error) {
	s.out.Stream(s.name, string(b))
	return len(b), nil
}

// command does one call of a magic.
func (n *Notebook) command(ctx context.Context, call magic.Call, p piece) error {
	switch {
	case call.Kind == magic.Main:
		return n.arguments(ctx, call, p) // what is left of the cell is func main
	case call.Kind == magic.Help:
		n.page(call, p.out)
		return nil
	}
	if do := n.programMagics()[call.Name]; do != nil {
		return do(ctx, call, p)
	}
	if !slices.Contains(aboutNotebook, call.Name) {
		return n.delegate(ctx, call, p)
	}
	if err := n.table.Run(ctx, about{out: p.out}, call); err != nil {
		return n.commandFailed(p.name, call, err)
	}
	return nil
}

// arguments gives the program that a cell is its arguments.
func (n *Notebook) arguments(ctx context.Context, call magic.Call, p piece) error {
	args, err := magic.Words(call)
	if err != nil {
		return n.misused(p.name, err)
	}
	e, err := n.workers.current(ctx)
	if err != nil {
		return n.uncompiled(err)
	}
	var death *worker.Death
	if err := e.proc.Call(ctx, callArgs, args, nil); errors.As(err, &death) {
		return n.revive(ctx, death)
	} else if err != nil {
		return fmt.Errorf("setting the arguments of a program: %w", err)
	}
	return nil
}

// commandFailed turns the error of a command into what the reader sees; errors of ours stay as they are.
func (n *Notebook) commandFailed(cell string, call magic.Call, err error) error {
	var usage *magic.UsageError
	switch {
	case errors.As(err, &usage):
		return n.misused(cell, err)
	case errors.Is(err, errInterrupted):
		return interrupted(nil)
	}
	return fmt.Errorf("%s: %w", call.Name, err)
}

// delegate has the worker do a call.
func (n *Notebook) delegate(ctx context.Context, call magic.Call, p piece) error {
	e, err := n.workers.current(ctx)
	if err != nil {
		return n.uncompiled(err)
	}
	payload, err := json.Marshal(request{Command: &call})
	if err != nil {
		return fmt.Errorf("encoding %s: %w", call.Name, err)
	}
	n.saved.settle()
	raw, err := e.proc.Run(ctx, worker.Cell{ID: n.next(), Name: p.name, Code: payload}, p.out)
	var failure *worker.Failure
	var death *worker.Death
	switch {
	case errors.As(err, &failure):
		for i := range failure.Frames {
			failure.Frames[i].File = p.name
		}
		return n.failed(failure)
	case errors.As(err, &death):
		return n.revive(ctx, death)
	case err != nil:
		return n.uncompiled(err)
	}
	var s surroundings
	if err := json.Unmarshal(raw, &s); err != nil {
		return fmt.Errorf("decoding the result of %s: %w", call.Name, err)
	}
	if s.Dir != "" || s.Env != nil {
		n.place = &s
	}
	return nil
}

// page shows help on a name in the front end's pager.
func (n *Notebook) page(call magic.Call, out worker.Sink) {
	n.saved.settle() // it keeps the worker from telling values
	data, ok := n.Inspect(call.Args, len(call.Args), call.Detail)
	if !ok {
		data = jupyter.MIMEBundle{"text/plain": "Nothing is known about " + call.Args + ".\n"}
	}
	out.Payload(map[string]any{"source": "page", "data": data, "start": 0})
}

// who is %who.
func (n *Notebook) who(_ context.Context, h magic.Host, c magic.Call) error {
	wanted := strings.Fields(c.Args)
	for _, name := range wanted {
		if n.scope.Lookup(name) == nil {
			return &magic.UsageError{Line: c.Line, Message: fmt.Sprintf("%%who: %s is not declared", name)}
		}
	}
	var b bytes.Buffer
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, d := range n.scope.Live() {
		for _, name := range d.Names {
			if n.scope.Lookup(name) != d || d.Where == preludeName || len(wanted) > 0 && !slices.Contains(wanted, name) {
				continue
			}
			fmt.Fprintf(w, "%s\t%s\t%s\n", name, describe(d), d.Where)
		}
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("writing a table: %w", err) // a bytes.Buffer does not fail
	}
	if b.Len() == 0 {
		b.WriteString("Nothing is declared yet.\n")
	}
	_, err := h.Stdout().Write(b.Bytes())
	return err
}

// describe says what a declaration declares.
func describe(d *check.Decl) string {
	switch d.Kind {
	case check.Const:
		return "const"
	case check.Type:
		return "type"
	case check.Func:
		return "func"
	case check.Method:
		return "method"
	}
	return types.TypeString(d.Type, func(p *types.Package) string {
		if p.Path() == "main" {
			return ""
		}
		return p.Name()
	})
}

// reset is %reset.
func (n *Notebook) reset(context.Context, magic.Host, magic.Call) error {
	n.saved.settle()
	n.workers.replace()
	n.scope, n.place = n.empty, &surroundings{}
	n.saved.forget()
	if n.compiler != nil {
		n.compiler.Forget()
	}
	n.library.reset()
	clear(n.measurements)
	return n.programs.close()
}

// goroutines is %goroutines.
func (n *Notebook) goroutines(ctx context.Context, h magic.Host, _ magic.Call) error {
	e, err := n.workers.current(ctx)
	if err != nil {
		return err
	}
	var all []worker.GoroutineInfo
	if err := e.proc.Call(ctx, callGoroutines, nil, &all); err != nil {
		return err
	}
	var alive, ending []worker.GoroutineInfo
	for _, g := range all {
		if g.Told {
			ending = append(ending, g)
		} else {
			alive = append(alive, g)
		}
	}
	text := n.listed(alive) + n.ending(ending)
	if text == "" {
		text = "No goroutine runs.\n"
	}
	_, err = io.WriteString(h.Stdout(), text)
	return err
}

// ending lists goroutines that have been told to end, "" if there are none.
func (n *Notebook) ending(all []worker.GoroutineInfo) string {
	if len(all) == 0 {
		return ""
	}
	return "These end when what they wait for does:\n" + n.listed(all)
}

// listed shows goroutines, with the cell and line of their go statements and what they wait for.
func (n *Notebook) listed(all []worker.GoroutineInfo) string {
	var b strings.Builder
	for _, g := range all {
		from := firstOf(g.Started.File, g.Cell)
		fmt.Fprintf(&b, "%s", at(from, g.Started.Line))
		if g.By != "" {
			fmt.Fprintf(&b, ", started by %s", compiled(g.By))
		}
		fmt.Fprintf(&b, ": %s", firstOf(g.WaitReason, g.State, "running"))
		if len(g.Frames) > 0 && n.texts.known(g.Frames[0].File) {
			fmt.Fprintf(&b, " at %s", at(g.Frames[0].File, g.Frames[0].Line))
		}
		b.WriteByte('\n')
		if text, ok := n.texts.line(from, g.Started.Line); ok {
			fmt.Fprintf(&b, "    %s\n", strings.TrimSpace(text))
		}
	}
	return b.String()
}

// stopAll is %stop.
func (n *Notebook) stopAll(ctx context.Context, h magic.Host, _ magic.Call) error {
	s, err := n.stopGoroutines(ctx)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(h.Stdout(), "Goroutines ended: %d\n%s", s.Ended, n.ending(s.Left))
	return err
}
