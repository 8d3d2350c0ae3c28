package worker

import (
	"bytes"
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"gokernel/kernel/goroutine"
)

// crashKept is how much of a dump the runtime prints is kept, in bytes. The goroutine that failed comes first.
const crashKept = 128 << 10

// crashStarts are beginnings of lines by which the runtime announces that it gives up.
var crashStarts = []string{"fatal error: ", "panic: ", "runtime: ", "SIGSEGV: ", "SIGBUS: ", "SIGFPE: ", "SIGILL: ", "SIGABRT: ",
	"SIGQUIT: ", "unexpected fault address ", "[signal ", "runtime/cgo: ", "fatal: morestack", "Unhandled exception", "fatal panic", "runtime stack:"}

// crashLog looks at what comes on descriptor 2 and keeps back what may be the runtime's last words. Its zero value is
// ready for use.
type crashLog struct {
	mu      sync.Mutex
	crashed bool
	start   []byte // an unfinished line that may yet become the start of a crash
	midline bool   // the line has gone out in part
	held    bytes.Buffer
	shown   string // what release returned last: a crash may have begun just then
}

// feed takes text and returns what is the reader's program's to show.
func (c *crashLog) feed(text string) (show string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	text = string(c.start) + text
	c.start = nil
	var out strings.Builder
	for text != "" && !c.crashed {
		ln, rest, whole := strings.Cut(text, "\n")
		if !c.midline {
			match, maybe := crashStart(ln)
			if match {
				c.crashed = true
				break
			}
			if maybe && !whole {
				c.start = []byte(ln)
				break
			}
		}
		out.WriteString(ln)
		if whole {
			out.WriteByte('\n')
		}
		c.midline = !whole
		text = rest
	}
	if c.crashed {
		c.held.WriteString(text[:min(len(text), crashKept-min(c.held.Len(), crashKept))])
	}
	return out.String()
}

// crashStart reports whether a line starts a crash, or may, once it is longer.
func crashStart(ln string) (match, maybe bool) {
	for _, s := range crashStarts {
		match = match || strings.HasPrefix(ln, s)
		maybe = maybe || strings.HasPrefix(s, ln)
	}
	return match, maybe
}

// release returns what was kept back, for the process lives: it was not a crash.
func (c *crashLog) release() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	text := string(c.start) + c.held.String()
	c.start, c.crashed = nil, false
	c.held.Reset()
	c.midline = text != "" && !strings.HasSuffix(text, "\n")
	c.shown = text
	return text
}

// words returns the last words of a process that has died.
func (c *crashLog) words() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	text := string(c.start) + c.held.String()
	if crashCause(text) == "" && crashCause(c.shown+text) != "" {
		return c.shown + text
	}
	return text
}

// autopsy says how the child died; err is from Wait. Called with p.mu held.
func (p *Process) autopsy(err error, cell string) *Death {
	d := &Death{Cell: cell, Exit: "exit status 0", Stderr: p.crash.words()}
	var killed syscall.Signal
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		d.Exit = exit.ProcessState.String()
		if ws, ok := exit.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
			killed = ws.Signal()
		}
	} else if err != nil {
		d.Exit = err.Error()
	}
	said := crashCause(d.Stderr)
	var died uint64
	d.Goroutines, died = parseGoroutines(d.Stderr, p.legacy.crumbs())
	if len(d.Goroutines) > 0 {
		d.Frames = d.Goroutines[0].Frames
	}
	crumb, known := p.legacy.crumbs().Find(died)
	if len(d.Goroutines) == 0 && cell != "" {
		crumb, known = p.legacy.crumbs().Main()
	}
	if known {
		d.Last = frameOf(crumb.Last)
		if d.Cell == "" {
			d.Cell = crumb.Cell // of a goroutine that has outlived it
		}
	}
	switch {
	case said != "":
		d.Cause = said
	case p.cause != "" && killed == syscall.SIGKILL:
		d.Cause = p.cause
	case killed == syscall.SIGKILL && outOfMemoryKills() > p.oom:
		d.Cause = "out of memory (killed by the system)"
	case killed != 0:
		d.Cause = fmt.Sprintf("killed (signal %d)", int(killed))
	default:
		d.Cause = d.Exit
	}
	return d
}

var (
	fatalLine     = regexp.MustCompile(`(?m)^fatal error: (.*)$`)
	panicLine     = regexp.MustCompile(`(?m)^panic: (.*)$`)
	signalLine    = regexp.MustCompile(`(?m)^(SIG[A-Z]+): (.*)$`)
	goroutineLine = regexp.MustCompile(`^goroutine (\d+)(?: gp=\S+ m=\S+(?: mp=\S+)?)? \[([^\],]*?)(?:,[^\]]*?)?(?: labels:\{(.*)\})?\]:$`)
	placeLine     = regexp.MustCompile(`^\t(.*):(\d+)(?: \+0x[0-9a-f]+)?(?: fp=0x[0-9a-f]+ sp=0x[0-9a-f]+ pc=0x[0-9a-f]+)?$`)
)

// threadRefused is said when there is no telling which of the two limits was met.
const threadRefused = "the system refused another thread: there is no memory for it, or there are too many"

// crashCause finds the cause in the runtime's last words, "" if they have none.
func crashCause(text string) string {
	if strings.Contains(text, "pthread_create failed") {
		return threadRefused
	}
	if m := fatalLine.FindStringSubmatch(text); m != nil {
		said := strings.TrimSpace(m[1])
		switch {
		case strings.Contains(text, "stack exceeds"), said == "stack overflow", strings.Contains(said, "stack size"):
			return "stack overflow"
		case strings.Contains(said, "out of memory"), strings.Contains(said, "cannot allocate memory"), strings.Contains(text, "runtime: out of memory"),
			strings.Contains(said, "cannot map pages"), strings.Contains(said, "failed to reserve"), strings.Contains(said, "failed to allocate"):
			return "out of memory"
		case strings.HasPrefix(said, "thread exhaustion"):
			return "too many threads: every goroutine that waits in a system call has one"
		case strings.HasPrefix(said, "newosproc"), strings.Contains(text, "failed to create new OS thread"):
			return threadRefused
		case strings.HasPrefix(said, "all goroutines are asleep"):
			return "deadlock: all goroutines are asleep"
		}
		return strings.TrimPrefix(said, "sync: ")
	}
	if m := panicLine.FindStringSubmatch(text); m != nil {
		return "panic: " + m[1]
	}
	if m := signalLine.FindStringSubmatch(text); m != nil {
		return m[2] + " (" + m[1] + ")"
	}
	return ""
}

// goroutinesKept bounds how many goroutines of a dump are listed.
const goroutinesKept = 64

// parseGoroutines reads the dump of goroutines in the format of runtime.Stack. The runtime's own frames are left out; what
// crumbs know is added. died is the record of the first goroutine, 0 if it has none.
func parseGoroutines(text string, crumbs goroutine.Crumbs) (all []GoroutineInfo, died uint64) {
	var g *GoroutineInfo
	var records []uint64
	defer func() {
		for i, r := range records {
			if c, ok := crumbs.Find(r); ok {
				all[i].enrich(c)
			}
		}
	}()
	fn, created := "", false
	for ln := range strings.Lines(text) {
		ln = strings.TrimRight(ln, "\r\n")
		if m := goroutineLine.FindStringSubmatch(ln); m != nil {
			if len(all) == goroutinesKept {
				return all, records[0]
			}
			id, err := strconv.Atoi(m[1])
			if err != nil || id == 0 {
				g = nil // not a number that a goroutine can have, or a thread's own stack
				continue
			}
			all = append(all, GoroutineInfo{ID: id, State: m[2]})
			records = append(records, goroutine.Record(m[3]))
			g, fn = &all[len(all)-1], ""
			continue
		}
		if ln == "" {
			g = nil
		}
		if g == nil {
			continue
		}
		if m := placeLine.FindStringSubmatch(ln); m != nil && fn != "" {
			n, err := strconv.Atoi(m[2])
			f := Frame{Func: fn, File: m[1], Line: n}
			switch {
			case err != nil || strings.HasPrefix(fn, "runtime."):
			case created:
				g.Started = f
			default:
				if strings.HasPrefix(fn, goroutine.UnitPath) {
					f.Func = goroutine.CompiledName(fn, f.File)
				}
				g.Frames = append(g.Frames, f)
			}
			fn = ""
			continue
		}
		fn, created = ln, false
		if rest, ok := strings.CutPrefix(ln, "created by "); ok {
			fn, _, _ = strings.Cut(rest, " in goroutine ")
			created = true
		} else if i := strings.LastIndexByte(fn, '('); i > 0 {
			fn = fn[:i]
		}
	}
	if len(records) > 0 {
		died = records[0]
	}
	return all, died
}
