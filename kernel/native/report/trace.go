package report

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"golang.org/x/exp/trace"
)

// A State is what a goroutine does.
type State int

// The states of a timeline.
const (
	Running  State = iota
	Runnable       // ready, and waiting for a processor
	Blocked        // waits for something that another goroutine, a timer or the network does
	Syscall        // in a call of the operating system
)

// String returns the word for a state.
func (s State) String() string { return [...]string{"running", "runnable", "blocked", "syscall"}[s] }

// A Segment is a time in which a goroutine's state did not change.
type Segment struct {
	State      State
	Start, End time.Duration // since the trace began
	Reason     string        // of Blocked: "chan receive", "sync", "sleep"
	At         Frame         // where it was blocked; zero if that is not in a cell
}

// A Lane is the life of a goroutine.
type Lane struct {
	ID       int64
	Main     bool
	Started  Frame // the go statement; zero if it is not in a cell
	Func     string
	Segments []Segment
}

// A Timeline is what a program did while it was traced.
type Timeline struct {
	Lanes []*Lane
	End   time.Duration
	Cut   bool // the trace goes on
}

// maxEvents is how many events of a trace are read: more than anybody can see.
const maxEvents = 1_000_000

// ParseTrace reads a trace of package runtime/trace, and keeps the goroutines of the cells. A trace that breaks off is read
// as far as it goes.
func ParseTrace(r io.Reader, lines Lines) (*Timeline, error) {
	reader, err := trace.NewReader(r)
	if err != nil {
		return nil, fmt.Errorf("reading the trace: %w", err)
	}
	p := &tracing{lines: lines, lanes: map[trace.GoID]*openLane{}, places: map[trace.Stack]Frame{}}
	for n := 0; ; n++ {
		if n == maxEvents {
			t := p.finish()
			t.Cut = true
			return t, nil
		}
		ev, err := reader.ReadEvent()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			if len(p.lanes) == 0 {
				return nil, fmt.Errorf("reading the trace: %w", err)
			}
			break
		}
		p.event(ev)
	}
	return p.finish(), nil
}

// tracing reads a trace.
type tracing struct {
	lines Lines
	begin trace.Time
	last  trace.Time
	begun bool
	lanes map[trace.GoID]*openLane

	places map[trace.Stack]Frame // what cell has found; the zero Frame for nothing
}

// An openLane is a goroutine whose last segment has not ended.
type openLane struct {
	Lane
	ours bool
	open bool
	now  Segment
}

// event takes in one event.
func (p *tracing) event(ev trace.Event) {
	if !p.begun {
		p.begin, p.begun = ev.Time(), true
	}
	p.last = ev.Time()
	if ev.Kind() != trace.EventStateTransition {
		return
	}
	st := ev.StateTransition()
	if st.Resource.Kind != trace.ResourceGoroutine {
		return
	}
	id := st.Resource.Goroutine()
	from, to := st.Goroutine()
	g := p.lanes[id]
	if g == nil {
		g = &openLane{Lane: Lane{ID: int64(id)}}
		p.lanes[id] = g
	}
	at, inCell := p.cell(st.Stack)
	g.ours = g.ours || inCell
	if from == trace.GoNotExist {
		// The event's stack is the creator's, that of the transition the new goroutine's.
		g.Started, _ = p.cell(ev.Stack())
		g.Func = outermost(st.Stack)
		at = Frame{}
	}
	g.Main = id == 1 // the runtime gives the main goroutine this number
	now := time.Duration(ev.Time().Sub(p.begin))
	if g.open {
		g.now.End = now
		g.Segments = append(g.Segments, g.now)
		g.open = false
	}
	next := Segment{Start: now, At: at}
	switch to {
	case trace.GoRunning:
		next.State, next.At = Running, Frame{}
	case trace.GoRunnable:
		next.State, next.At = Runnable, Frame{}
	case trace.GoWaiting:
		next.State, next.Reason = Blocked, st.Reason
	case trace.GoSyscall:
		next.State = Syscall
	default: // it has ended, or is not known
		return
	}
	g.open, g.now = true, next
}

// cell returns the innermost frame of a stack that is in a cell.
func (p *tracing) cell(s trace.Stack) (Frame, bool) {
	found, known := p.places[s]
	if !known {
		for f := range s.Frames() {
			at := Frame{Func: f.Func, File: f.File, Line: int(f.Line)}
			if _, ok := p.lines(at.File, at.Line); ok {
				found = at
				break
			}
		}
		p.places[s] = found
	}
	return found, found.File != ""
}

// outermost returns the name of the function with which a stack begins.
func outermost(s trace.Stack) string {
	name := ""
	for f := range s.Frames() {
		name = f.Func
	}
	return name
}

// finish ends what is open.
func (p *tracing) finish() *Timeline {
	t := &Timeline{End: time.Duration(p.last.Sub(p.begin))}
	for _, g := range p.lanes {
		if g.open {
			g.now.End = t.End
			g.Segments = append(g.Segments, g.now)
		}
		if len(g.Segments) > 0 && (g.ours || g.Main || g.Started.File != "") {
			lane := g.Lane
			t.Lanes = append(t.Lanes, &lane)
		}
	}
	slices.SortFunc(t.Lanes, func(a, b *Lane) int {
		if a.Main != b.Main {
			if a.Main {
				return -1
			}
			return 1
		}
		return cmp.Compare(a.ID, b.ID)
	})
	return t
}

// Name returns what a lane is called.
func (l *Lane) Name() string {
	if l.Main {
		return "main"
	}
	if l.Started.File != "" {
		return l.Started.At()
	}
	return l.Func
}

// in returns how long a goroutine was in a state.
func (l *Lane) in(s State) time.Duration {
	var sum time.Duration
	for _, seg := range l.Segments {
		if seg.State == s {
			sum += seg.End - seg.Start
		}
	}
	return sum
}

// A Wait is all the time that goroutines were blocked at one place on the same thing.
type Wait struct {
	Reason string
	At     Frame
	Count  int
	Total  time.Duration
}

// Waits returns where goroutines were blocked, the longest first.
func (t *Timeline) Waits() []*Wait {
	type key struct {
		reason, file string
		line         int
	}
	byPlace := map[key]*Wait{}
	var all []*Wait
	for _, l := range t.Lanes {
		for _, s := range l.Segments {
			if s.State != Blocked || s.Reason == "" { // it was blocked before the trace began
				continue
			}
			k := key{s.Reason, s.At.File, s.At.Line}
			w := byPlace[k]
			if w == nil {
				w = &Wait{Reason: s.Reason, At: s.At}
				byPlace[k] = w
				all = append(all, w)
			}
			w.Count++
			w.Total += s.End - s.Start
		}
	}
	slices.SortStableFunc(all, func(a, b *Wait) int { return cmp.Compare(b.Total, a.Total) })
	return all
}
