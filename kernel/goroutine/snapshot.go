package goroutine

import "strings"

// A snapshot is the reader's goroutines at one moment.
type snapshot struct {
	reader []observed
	whole  bool // nothing was left out
}

// An observed is one goroutine of a snapshot: a stack dump joined with a record.
type observed struct {
	dumped
	rec   *record // nil if no label told, or if its owner has ended
	owner bool    // rec is its own, rather than inherited through compiled code

	caller   string // the function that called the blocking operation; "" if go itself did
	plumbing bool   // carries a cell, but waits only for the interpreter that runs it
}

// takeSnapshot stops the world for the dump.
func takeSnapshot() snapshot {
	gs := process.dumps.take()
	s := snapshot{whole: gs != nil}
	for _, d := range gs {
		if d.cell == 0 && d.record != 0 || process.own[d.id] || d.systemic() {
			continue
		}
		g := observed{dumped: d, rec: process.records.get(d.record)}
		if g.rec != nil && g.rec.gone.Load() || g.ending() {
			continue
		}
		g.caller = d.caller()
		if state := standIn(d.calls); state != "" {
			g.state = state
		}
		g.classify()
		s.reader = append(s.reader, g)
	}
	return s
}

// ending reports whether the goroutine has left the reader's code for good, and only has to be given the time to end.
func (g *observed) ending() bool {
	return g.record != 0 && g.createdBy.fn == "gokernel/kernel/goroutine.(*record).start" && (g.rec == nil || g.rec.over.Load())
}

// systemic reports whether the standard library keeps the goroutine for the process as a whole.
func (d *dumped) systemic() bool {
	if len(d.calls) == 0 {
		return false
	}
	switch d.calls[len(d.calls)-1].fn {
	case "os/signal.loop", "runtime.runFinalizers", "runtime.runCleanups":
		return true
	}
	return false
}

// caller returns the innermost function outside the packages that implement waiting.
func (d *dumped) caller() string {
	for _, c := range d.calls {
		if !hasPrefix(c.fn, waiting) {
			return c.fn
		}
	}
	return ""
}

// waiting are the packages whose functions block on behalf of their caller.
var waiting = []string{"runtime.", "internal/runtime/", "sync.", "internal/sync.", "reflect.", foreverFunc}

// The packages that run cells. What a cell's goroutine waits for in there, with no interpreted call on its stack, is the
// interpreter on another goroutine.
var interpreters = []string{yaegi, "gokernel/kernel/interp."}

func (g *observed) classify() {
	interpreted := false
	for _, c := range g.calls {
		switch {
		case strings.HasPrefix(c.fn, yaegi+"runCfg"):
			interpreted = true
		case c.fn == "gokernel/kernel/goroutine.(*record).run":
			g.owner = true
		}
	}
	if hasPrefix(g.createdBy.fn, interpreters) {
		g.owner = true // the interpreter runs a cell on a goroutine of its own
	}
	// A goroutine of a go statement is the reader's even before its first interpreted call.
	started := g.owner && g.rec != nil && !g.rec.main
	g.plumbing = !interpreted && !started && hasPrefix(g.caller, interpreters)
}

func hasPrefix(s string, prefixes []string) bool {
	for _, p := range prefixes {
		if strings.HasPrefix(s, p) {
			return true
		}
	}
	return false
}

// info describes g in the reader's terms.
func (g *observed) info() Info {
	var i Info
	if g.rec != nil && g.owner {
		i = g.rec.info()
	} else {
		i.CellID, i.Cell = g.cell, process.name(g.cell)
		i.CreatedBy = g.createdBy.fn
		i.Told = g.rec != nil && g.rec.abandoned.Load()
	}
	i.ID, i.State, i.Minutes = g.id, g.state, g.minutes
	for _, c := range g.calls {
		if readers(c.fn) && c.file != OwnFile {
			i.Frames = append(i.Frames, Frame{Func: c.fn, File: c.file, Line: c.line})
		}
	}
	if n := len(i.Frames); n > 0 && strings.HasPrefix(i.CreatedBy, "sync.") {
		i.CreatedBy, _, _ = strings.Cut(i.Frames[n-1].Func, ".func") // who called WaitGroup.Go
	}
	i.Operation = g.operation()
	if g.rec != nil && g.owner {
		if at := site(g.rec.blocked.Load()); at.op().explains(g.state) {
			i.Blocked = at.frame(g.rec.cell)
			if i.Operation != "select (no cases)" && !strings.HasSuffix(i.Operation, "(nil chan)") {
				i.Operation = at.op().String()
			}
		}
	}
	if i.Blocked == (Frame{}) && i.Operation != "" && readers(g.caller) && len(i.Frames) > 0 {
		i.Blocked = i.Frames[0]
	}
	return i
}

// operation names what g waits in, as far as the stack tells.
func (g *observed) operation() string {
	fn, interpreted := strings.CutPrefix(g.caller, yaegi)
	if g.state == "select" && interpreted {
		// The functions of yaegi that execute channel operations, each of them a reflect.Select.
		fn, _, _ = strings.Cut(fn, ".")
		switch fn {
		case "recv", "recv2":
			return opReceive.String()
		case "send":
			return opSend.String()
		case "rangeChan":
			return opRange.String()
		}
	}
	switch g.state {
	case "sleep":
		return opSleep.String()
	case "running", "runnable", "syscall", "IO wait", "preempted":
		return ""
	}
	return g.state
}

// explains reports whether a goroutine about to do o can be in a state.
func (o op) explains(state string) bool {
	switch o {
	case opReceive, opRange:
		return strings.HasPrefix(state, "chan receive") || state == "select"
	case opSend:
		return strings.HasPrefix(state, "chan send") || state == "select"
	case opSelect:
		// The compiler makes plain operations of a select with one case.
		return strings.HasPrefix(state, "select") || strings.HasPrefix(state, "chan ")
	case opRWLock:
		return state == "sync.RWMutex.Lock" || state == "sync.Mutex.Lock"
	case opOnce:
		return state == "sync.Mutex.Lock"
	case opSleep:
		return state == "sleep"
	case opOther, opStart:
		return false
	}
	return state == o.String()
}
