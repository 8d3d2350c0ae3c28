package notebook

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"gokernel/kernel"
	"gokernel/kernel/check"
	"gokernel/kernel/jupyter"
	"gokernel/kernel/magic"
	"gokernel/kernel/native/program"
	"gokernel/kernel/native/report"
	"gokernel/kernel/native/toolchain"
	"gokernel/kernel/worker"
)

// programs is where the notebook's programs are built. The directory is made for the first one.
type programs struct {
	mu     sync.Mutex
	module *program.Module
}

// open returns the module.
func (ps *programs) open() (*program.Module, error) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	if ps.module == nil {
		m, err := program.NewModule()
		if err != nil {
			return nil, err
		}
		ps.module = m
	}
	return ps.module, nil
}

// close removes the module. There must be no build.
func (ps *programs) close() error {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	if ps.module == nil {
		return nil
	}
	err := ps.module.Close()
	ps.module = nil
	return err
}

// tools returns the module and the toolchain for it, as the reader's environment has it.
func (n *Notebook) tools(ctx context.Context) (*program.Module, *toolchain.Toolchain, error) {
	m, err := n.programs.open()
	if err != nil {
		return nil, nil, err
	}
	tc, err := m.Toolchain(ctx, n.environ(), n.dir())
	if err != nil {
		return nil, nil, err
	}
	return m, tc, nil
}

// A built program is one of a cell, ready to run.
type built struct {
	*program.Program
	*program.Executable
}

// checkBody checks the body of a cell magic, or Go in a line magic, as a cell.
func (n *Notebook) checkBody(call magic.Call, p piece) (*check.Cell, error) {
	if err := n.onlyGo(call); err != nil {
		return nil, err
	}
	text := strings.Repeat("\n", call.Line) + call.Body
	if call.Kind != magic.Cell { // the code keeps its place in the line
		text = strings.Repeat("\n", call.Line-1) + strings.Repeat(" ", column(call, p)) + call.Args
	}
	return check.Check(n.scope, n.next(), p.name, text)
}

// onlyGo returns the error for a magic in the body of a cell magic, which is a program.
func (n *Notebook) onlyGo(call magic.Call) error {
	if call.Kind != magic.Cell {
		return nil
	}
	inner, _, _ := magic.Parser{Known: n.known}.Parse(call.Body) // that one stands in a wrong place is what is said here
	for _, c := range inner {
		text, _, _ := strings.Cut(call.Body[c.Start:c.End], "\n")
		if strings.HasPrefix(text, "//") {
			continue // a comment to Go
		}
		advice := "put it in a line above " + call.Name
		if c.Kind == magic.Cell || c.Kind == magic.Main {
			advice = "give it a cell of its own"
		}
		return &magic.UsageError{Line: call.Line + c.Line, Message: fmt.Sprintf("the body of %s is a Go program, in which %s cannot stand: %s",
			call.Name, strings.TrimSpace(text), advice)}
	}
	return nil
}

// column returns how many bytes stand before the arguments of a call in their line.
func column(call magic.Call, p piece) int {
	line, _, _ := strings.Cut(p.raw[min(call.Start, len(p.raw)):], "\n")
	before := call.Start - strings.LastIndexByte(p.raw[:min(call.Start, len(p.raw))], '\n') - 1
	return before + max(strings.Index(line, call.Args), 0)
}

// slowBuild is after how long the reader is told why the first program of a kind takes so long.
const slowBuild = 4 * time.Second

// build makes a program of the body of a cell magic.
func (n *Notebook) build(ctx context.Context, call magic.Call, p piece, kind program.Kind, o program.Options) (*built, error) {
	if strings.TrimSpace(call.Body) == "" && kind != program.Tests {
		return nil, &magic.UsageError{Line: call.Line, Message: call.Name + " takes Go code in the lines below it"}
	}
	cell, err := n.checkBody(call, p)
	if err != nil {
		return nil, err
	}
	m, tc, err := n.tools(ctx)
	if err != nil {
		return nil, err
	}
	assemble := program.Assemble
	if o.Race || o.Experiment == leakExperiment {
		assemble = program.AssembleWithStarts
	}
	prog, err := assemble(cell, kind)
	if err != nil {
		return nil, err
	}
	patience := time.AfterFunc(slowBuild, func() {
		p.out.Stream(jupyter.Stderr, "Building what the cell imports for "+call.Name+"; this is done once, and may take a minute.\n")
	})
	exe, err := m.Build(ctx, tc, prog, o)
	patience.Stop()
	if err != nil {
		return nil, err
	}
	return &built{prog, exe}, nil
}

// start runs a program of a cell in the worker, to its end.
func (n *Notebook) start(ctx context.Context, l launch, p piece) (landed, error) {
	e, err := n.workers.current(ctx)
	if err != nil {
		return landed{}, n.uncompiled(err)
	}
	payload, err := json.Marshal(request{Launch: &l})
	if err != nil {
		return landed{}, fmt.Errorf("encoding a program's start: %w", err)
	}
	n.saved.settle()
	raw, err := e.proc.Run(ctx, worker.Cell{ID: n.next(), Name: p.name, Code: payload, AllowStdin: p.allowStdin}, p.out)
	var failure *worker.Failure
	var death *worker.Death
	switch {
	case errors.As(err, &failure):
		return landed{}, n.failed(failure)
	case errors.As(err, &death):
		return landed{}, n.revive(ctx, death)
	case err != nil:
		return landed{}, n.uncompiled(err)
	}
	var end landed
	if err := json.Unmarshal(raw, &end); err != nil {
		return landed{}, fmt.Errorf("decoding a program's end: %w", err)
	}
	return end, nil
}

// ended turns the end of a program that did not end well into the cell's error.
func (n *Notebook) ended(end landed, b *built) error {
	if end.Status == "" {
		return nil
	}
	f := &worker.Failure{Kind: kindExit, Name: end.Status}
	crash, ok := report.ParseCrash(program.Tidy(end.Crash, b.Dir))
	if !ok {
		return n.failed(f)
	}
	f.Kind, f.Name, f.Value = crash.Kind, crash.Kind, crash.Message
	for i, g := range crash.Goroutines {
		info := worker.GoroutineInfo{State: g.State, Frames: frames(g.Stack)}
		if n.texts.known(g.Started.File) {
			info.Started = frames([]report.Frame{g.Started})[0]
			info.Cell = g.Started.File
		}
		inCells := n.texts.known(info.Cell) || slices.ContainsFunc(g.Stack, func(f report.Frame) bool { return n.texts.known(f.File) })
		switch {
		case i == 0 && crash.Kind == "panic":
			f.Goroutine, f.Frames = &info, info.Frames
		case crash.Kind == "panic", !inCells && len(crash.Goroutines) > 1: // as those of package testing
		default:
			f.Goroutines = append(f.Goroutines, info)
		}
	}
	return n.failed(f)
}

// frames are the frames of a report as the notebook shows them.
func frames(stack []report.Frame) []worker.Frame {
	var all []worker.Frame
	for _, f := range stack {
		all = append(all, worker.Frame{Func: f.Name(), File: f.File, Line: f.Line})
	}
	return all
}

// lines is a report.Lines.
func (n *Notebook) lines(file string, line int) (string, bool) { return n.texts.line(file, line) }

// show shows a report under the cell.
func show(p piece, html, text string) {
	data := map[string]any{"text/plain": text}
	if html != "" {
		data["text/html"] = html
	}
	p.out.Display(data, nil, "", false)
}

// refusal is a line of a tool that refuses a program: "cell [7]:3:5: undefined: x".
var refusal = regexp.MustCompile(`^(cell \[\d+\]|` + unnumbered + `):(\d+)(?::(\d+))?: (.*)$`)

// refusals reads the complaints of the compiler, or of vet, about cells.
func refusals(output string) check.ErrorList {
	var list check.ErrorList
	for line := range strings.Lines(output) {
		line = strings.TrimRight(line, "\n")
		if m := refusal.FindStringSubmatch(line); m != nil {
			e := check.Error{Cell: m[1], Msg: m[4]}
			e.Line, _ = strconv.Atoi(m[2])   // digits
			e.Column, _ = strconv.Atoi(m[3]) // digits or nothing
			list = append(list, e)
		} else if strings.HasPrefix(line, "\t") && len(list) > 0 {
			list[len(list)-1].Msg += "\n" + line
		}
	}
	return list
}

// unbuilt turns the error of a magic that builds a program into what the reader sees.
func (n *Notebook) unbuilt(call magic.Call, p piece, err error) error {
	var usage *magic.UsageError
	var cell *program.Error
	var missing *toolchain.MissingError
	var said *toolchain.Error
	var shown *kernel.CellError
	var list check.ErrorList
	misused := func(message string) error {
		return n.misused(p.name, &magic.UsageError{Line: call.Line, Message: message})
	}
	switch {
	case err == nil:
		return nil
	case errors.As(err, &shown), errors.As(err, &list):
		return n.uncompiled(err)
	case errors.As(err, &usage):
		return n.misused(p.name, err)
	case errors.As(err, &cell) && cell.Line > 0:
		return n.uncompiled(check.ErrorList{{Cell: cell.Cell, Line: cell.Line, Column: max(cell.Column, 1), Msg: cell.Message}})
	case errors.As(err, &cell):
		return misused(call.Name + ": " + cell.Message)
	case errors.As(err, &missing):
		return misused(missing.Reason)
	case errors.As(err, &said):
		if list := refusals(said.Output); len(list) > 0 {
			return n.uncompiled(list)
		}
		return misused(call.Name + ": " + said.Reason())
	}
	return n.uncompiled(err)
}

// programMagics are the magics that need a whole cell rather than a magic.Host: those that build programs, and those that time.
func (n *Notebook) programMagics() map[string]func(context.Context, magic.Call, piece) error {
	return map[string]func(context.Context, magic.Call, piece) error{
		"%%race":  n.race,
		"%%test":  n.test,
		"%%bench": n.bench,
		"%%trace": n.trace,
		"%%leak":  n.leak,
		"%%vet":   n.vet,
		"%%fmt":   n.format,
		"%get":    n.get,
		"%mod":    n.showModules,
		"%use":    n.use,
		"%time":   n.time,
		"%timeit": n.timeit,
	}
}
