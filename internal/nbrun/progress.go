package nbrun

import (
	"fmt"
	"io"
	"strings"
	"sync"
)

// barWidth is the number of characters of a progress bar.
const barWidth = 24

// A bar shows progress on the last line of a terminal, with other output above it. On anything else than a
// terminal it writes the other output only. It is safe for concurrent use.
type bar struct {
	w        io.Writer
	terminal bool

	mu     sync.Mutex
	done   int
	total  int
	doing  string
	drawn  bool
	column bool // the output above did not end its last line
}

// add says that there are n more things to do.
func (b *bar) add(n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.total += n
}

// step says what is being done, after done more things are finished.
func (b *bar) step(done int, doing string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.done += done
	b.doing = doing
	b.draw()
}

// Write writes output above the bar.
func (b *bar) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.wipe()
	n, err := b.w.Write(p)
	if len(p) > 0 {
		b.column = p[len(p)-1] != '\n'
	}
	if !b.column { // a bar after half a line would tear it
		b.draw()
	}
	return n, err
}

// close removes the bar.
func (b *bar) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.wipe()
	b.terminal = false
}

func (b *bar) wipe() {
	if b.drawn {
		fmt.Fprint(b.w, "\r\x1b[K")
		b.drawn = false
	}
}

func (b *bar) draw() {
	if !b.terminal || b.column || b.total == 0 {
		return
	}
	b.wipe()
	full := min(barWidth, barWidth*b.done/b.total)
	fmt.Fprintf(b.w, "[%s%s] %d/%d %s", strings.Repeat("#", full), strings.Repeat(".", barWidth-full), b.done, b.total, b.doing)
	b.drawn = true
}
