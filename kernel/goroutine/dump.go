package goroutine

import (
	"bytes"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	_ "unsafe" // for linkname
)

// runtimeSetenv tells the runtime of a change of the environment without making it. It is how tracebacklabels is switched
// on with the environment of the reader's program, and of the children it starts, left alone.
//
//go:linkname runtimeSetenv syscall.runtimeSetenv
func runtimeSetenv(key, value string)

// dumper takes stack dumps. Its buffer is kept, for a cell that waits is looked at again and again.
type dumper struct {
	mu  sync.Mutex
	buf []byte
}

// maxDump bounds the size of a dump in bytes. A goroutine takes about 1 KiB, more under the interpreter.
const maxDump = 256 << 20

// A dumped is one goroutine of a stack dump.
type dumped struct {
	id      int
	state   string // without "(scan)" and the like
	minutes int
	record  uint64 // from the label; 0 if it has none of ours
	cell    int    // from the label; 0 for the worker's own and for the unlabelled

	calls     []call // innermost first; nil if it was running
	createdBy call
	elided    bool // calls in the middle are missing
}

// A call is one line pair of a stack dump.
type call struct {
	fn, args, file string // args as the runtime prints them: "0xc000012345, 0x1?"
	line           int
}

// take returns all goroutines but the runtime's own, as they are at one moment, the calling one first. It returns nil if
// there are too many to write down.
func (d *dumper) take() []dumped {
	d.mu.Lock()
	defer d.mu.Unlock()
	// The reader may have set GODEBUG meanwhile, which switches the labels off.
	env := os.Getenv("GODEBUG")
	if env != "" {
		env += ","
	}
	runtimeSetenv("GODEBUG", env+"tracebacklabels=1")
	if d.buf == nil {
		d.buf = make([]byte, 64<<10)
	}
	for {
		n := runtime.Stack(d.buf, true)
		if n < len(d.buf) {
			gs := parseDump(d.buf[:n])
			if len(d.buf) > 4<<20 {
				d.buf = nil
			}
			return gs
		}
		if len(d.buf) >= maxDump {
			d.buf = nil
			return nil
		}
		d.buf = make([]byte, 4*len(d.buf))
	}
}

// parseDump reads what runtime.Stack writes. Lines that it does not know are skipped.
func parseDump(b []byte) []dumped {
	var gs []dumped
	for block := range bytes.SplitSeq(b, []byte("\n\n")) {
		// One copy of the text for all the strings of a goroutine.
		if g, ok := parseGoroutine(string(block)); ok {
			gs = append(gs, g)
		}
	}
	return gs
}

func parseGoroutine(s string) (g dumped, ok bool) {
	header, s, _ := strings.Cut(s, "\n")
	if !g.parseHeader(header) {
		return g, false
	}
	for s != "" {
		var line, where string
		line, s, _ = strings.Cut(s, "\n")
		if !strings.HasPrefix(s, "\t") {
			g.elided = g.elided || strings.HasPrefix(line, "...") // "...23 frames elided..."
			continue
		}
		where, s, _ = strings.Cut(s, "\n")
		c := call{}
		c.file, c.line = parseWhere(where)
		if by, created := strings.CutPrefix(line, "created by "); created {
			c.fn, _, _ = strings.Cut(by, " in goroutine ")
			g.createdBy = c
			break
		}
		c.fn = line
		if i := strings.LastIndexByte(line, '('); i > 0 {
			c.fn, c.args = line[:i], strings.TrimSuffix(line[i+1:], ")")
		}
		g.calls = append(g.calls, c)
	}
	return g, true
}

// parseHeader reads a line as in
//
//	goroutine 19 [chan receive, 2 minutes, locked to thread labels:{"gokernel": "12 7"}]:
func (g *dumped) parseHeader(s string) bool {
	s, ok := strings.CutPrefix(s, "goroutine ")
	if !ok {
		return false
	}
	id, s, ok := strings.Cut(s, " ")
	if !ok {
		return false
	}
	var err error
	if g.id, err = strconv.Atoi(id); err != nil {
		return false
	}
	if _, s, ok = strings.Cut(s, "["); !ok {
		return false
	}
	s = strings.TrimSuffix(strings.TrimSuffix(s, ":"), "]")
	s, labels, _ := strings.Cut(s, " labels:{")
	g.parseLabels(labels)
	state, more, _ := strings.Cut(s, ", ")
	for _, suffix := range []string{" (scan)", " (durable)", " (leaked)"} {
		state = strings.TrimSuffix(state, suffix)
	}
	g.state = state
	if n, _, ok := strings.Cut(more, " minutes"); ok {
		g.minutes, _ = strconv.Atoi(n) // 0 if the wording changes
	}
	return true
}

// parseLabels reads the numbers that newRecord has written.
func (g *dumped) parseLabels(s string) {
	s, ok := strings.CutPrefix(s, strconv.Quote(labelKey)+`: "`)
	if !ok {
		return
	}
	s, _, _ = strings.Cut(s, `"`)
	rec, cell, _ := strings.Cut(s, " ")
	n, err := strconv.ParseUint(rec, 10, 64)
	if err != nil {
		return
	}
	g.record = n
	g.cell, _ = strconv.Atoi(cell) // written by us
}

// parseWhere reads a line as in "\t/dir/file.go:12 +0x1c".
func parseWhere(s string) (file string, line int) {
	s = strings.TrimPrefix(s, "\t")
	if i := strings.LastIndex(s, " +0x"); i >= 0 {
		s = s[:i]
	}
	i := strings.LastIndexByte(s, ':')
	if i < 0 {
		return s, 0
	}
	n, err := strconv.Atoi(s[i+1:])
	if err != nil {
		return s, 0
	}
	return s[:i], n
}
