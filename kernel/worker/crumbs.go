package worker

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"

	"gokernel/kernel/goroutine"
)

// newCrumbs makes memory that a worker can share with us, and maps our side of it. The caller closes the file, and the
// mapping with closeCrumbs.
func newCrumbs() (*os.File, goroutine.Crumbs, error) {
	f, err := memoryFile("crumbs")
	if err != nil {
		return nil, nil, fmt.Errorf("making shared memory: %w", err)
	}
	if err := f.Truncate(goroutine.CrumbsSize); err != nil {
		f.Close()
		return nil, nil, fmt.Errorf("making shared memory: %w", err)
	}
	c, err := mapCrumbs(f)
	if err != nil {
		f.Close()
		return nil, nil, err
	}
	return f, c, nil
}

func mapCrumbs(f *os.File) (goroutine.Crumbs, error) {
	b, err := unix.Mmap(int(f.Fd()), 0, goroutine.CrumbsSize, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("mapping shared memory: %w", err)
	}
	return b, nil
}

// closeCrumbs ends the use of c.
func closeCrumbs(c goroutine.Crumbs) {
	if c != nil {
		_ = unix.Munmap(c) // fails only for what is no mapping
	}
}

// keepCrumbs makes this process, the child, leave crumbs. Cells run without them just as well.
func keepCrumbs() {
	f := os.NewFile(crumbFD, "crumbs")
	defer f.Close()
	if c, err := mapCrumbs(f); err == nil {
		goroutine.KeepCrumbs(c)
	}
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
