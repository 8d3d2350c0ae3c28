package worker

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"

	"gokernel/kernel/goroutine"
)

// A legacy is memory that a worker shares with us, so that we know more of it when it has died: its crumbs, and the
// batches of text that its cells print. Its zero value has neither.
type legacy []byte

// batches is how many pairs of pipes can have a batch at a time. Others do without.
const batches = 8

const legacySize = goroutine.CrumbsSize + batches*goroutine.BatchSize

// newLegacy makes the memory and maps our side of it. The caller closes the file, and the mapping with close.
func newLegacy() (*os.File, legacy, error) {
	f, err := memoryFile("legacy")
	if err != nil {
		return nil, nil, fmt.Errorf("making shared memory: %w", err)
	}
	if err := f.Truncate(legacySize); err != nil {
		f.Close()
		return nil, nil, fmt.Errorf("making shared memory: %w", err)
	}
	l, err := mapLegacy(f)
	if err != nil {
		f.Close()
		return nil, nil, err
	}
	return f, l, nil
}

func mapLegacy(f *os.File) (legacy, error) {
	b, err := unix.Mmap(int(f.Fd()), 0, legacySize, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("mapping shared memory: %w", err)
	}
	return b, nil
}

// close ends the use of l.
func (l legacy) close() {
	if l != nil {
		_ = unix.Munmap(l) // fails only for what is no mapping
	}
}

// crumbs returns nil if there are none.
func (l legacy) crumbs() goroutine.Crumbs {
	if l == nil {
		return nil
	}
	return goroutine.Crumbs(l[:goroutine.CrumbsSize])
}

// batch returns the batch with a number from 1, and nil for 0.
func (l legacy) batch(n int) goroutine.Batch {
	if l == nil || n < 1 || n > batches {
		return nil
	}
	from := goroutine.CrumbsSize + (n-1)*goroutine.BatchSize
	return goroutine.Batch(l[from : from+goroutine.BatchSize])
}

// openLegacy makes this process, the child, leave crumbs. Cells run without it just as well.
func openLegacy() legacy {
	f := os.NewFile(legacyFD, "legacy")
	defer f.Close()
	l, err := mapLegacy(f)
	if err != nil {
		return nil
	}
	goroutine.KeepCrumbs(l.crumbs())
	return l
}

func frameOf(f goroutine.Frame) Frame {
	return Frame{Func: f.Func, File: f.File, Line: f.Line, Column: f.Column}
}

// enrich adds to a goroutine of a dump what its crumb says: what the runtime knows of it is the interpreter's.
func (g *GoroutineInfo) enrich(c goroutine.Crumb) {
	g.Cell = c.Cell
	if c.Started.Line > 0 || strings.HasPrefix(g.Started.Func, "gokernel/kernel/goroutine.") {
		g.Started = frameOf(c.Started) // else compiled code has started it
	}
	if len(g.Frames) > 0 && !filepath.IsAbs(g.Frames[0].File) {
		return // compiled code: the dump has the lines
	}
	if c.Here.Line > 0 {
		g.Frames = append([]Frame{frameOf(c.Here)}, g.Frames...)
	}
}
