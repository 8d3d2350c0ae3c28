package interp

import (
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"gokernel/kernel/goroutine"
	"gokernel/kernel/interp/dynamic"
	"gokernel/kernel/worker"
)

// kindUnsupported is the kind of the failure of a program at an operation that the interpreter cannot do rightly, where
// that could not be told before.
const kindUnsupported = "unsupported"

// failure says in the reader's terms how a cell or a goroutine ended.
func (ev *Evaluator) failure(p *goroutine.Panic) *worker.Failure {
	if v, _, ok := goroutine.Raised(p.Value); ok {
		p.Value = v
	}
	f := &worker.Failure{Kind: string(p.Kind), Frames: ev.frames(p.Calls())}
	switch p.Kind {
	case goroutine.KindExit:
		f.Name, f.Value = "Exit", "exit status "+strconv.Itoa(p.Code)
	case goroutine.KindDeadlock:
		f.Name, f.Value = "Deadlock", p.Error()
	case goroutine.KindGoexit:
		f.Name, f.Value = "Goexit", p.Error()
	case goroutine.KindInterrupted:
		f.Name, f.Value = "Interrupted", "the cell was interrupted"
	default:
		p.Value = panicked(recovered(p.Value, func() []runtime.Frame { return p.Stack }))
		if u, ok := p.Value.(dynamic.Unsupported); ok {
			f.Kind, f.Name, f.Value = kindUnsupported, "Unsupported", u.Error()
			break
		}
		f.Name, f.Value = "panic", p.Message()
		if err, ok := p.Value.(runtime.Error); ok {
			f.Value = err.Error()
		}
		f.Value = strings.TrimRight(f.Value, "\n")
	}
	if g := p.Goroutine; !g.Main && g.CellID != 0 {
		info := ev.goroutine(g)
		f.Goroutine = &info
	}
	for _, g := range p.Goroutines {
		f.Goroutines = append(f.Goroutines, ev.goroutine(g))
	}
	return f
}

// frames gives functions the names that the reader knows, and leaves out what is ours.
func (ev *Evaluator) frames(frames []goroutine.Frame) []worker.Frame {
	ev.mu.Lock()
	defer ev.mu.Unlock()
	var out []worker.Frame
	inner := "" // what the last frame is called in lowered code
	for _, f := range frames {
		if f.File == sourceName || f.File == "" && f.Line == 0 {
			continue
		}
		emitted, name := f.Func, ""
		if strings.HasPrefix(emitted, goroutine.UnitPath) {
			name = goroutine.CompiledName(emitted, f.File)
		} else {
			name = ev.readers(emitted)
		}
		// The body of a function that defers is a literal of its own, which the function calls.
		body := strings.HasPrefix(inner, "main.mk_") && emitted != inner && out[len(out)-1].Func == name
		inner = emitted
		if body {
			continue
		}
		out = append(out, worker.Frame{Func: name, File: f.File, Line: f.Line, Column: f.Column})
	}
	return out
}

// readers translates a function as yaegi names it, "main.f_5" or "main.f_5.func". Call it with mu held.
func (ev *Evaluator) readers(name string) string {
	name = strings.TrimPrefix(name, "main.")
	name, _, _ = strings.Cut(name, ".")
	if known, ok := ev.funcs[name]; ok {
		return known
	}
	return name
}

// goroutine describes a goroutine in the words of the worker's protocol.
func (ev *Evaluator) goroutine(g goroutine.Info) worker.GoroutineInfo {
	info := worker.GoroutineInfo{
		ID: g.ID, Cell: g.Cell, State: g.State, WaitReason: g.Operation, Frames: ev.frames(g.Frames),
		Started: worker.Frame(g.Started), By: g.CreatedBy, Told: g.Told,
	}
	if g.Blocked != (goroutine.Frame{}) && !slices.Contains(g.Frames, g.Blocked) {
		info.Frames = append(info.Frames, ev.frames([]goroutine.Frame{g.Blocked})...)
	}
	if info.State == "" && g.Main {
		info.State = fmt.Sprint("main goroutine of ", g.Cell)
	}
	return info
}

// panicked returns the value of a panic as the Go runtime prints it.
func panicked(v any) any {
	d, ok := dynamic.Bare(unwrap(v)).(dynamic.Value)
	if !ok {
		return unwrap(v)
	}
	return printable(d)
}
