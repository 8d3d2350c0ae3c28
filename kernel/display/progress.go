package display

import (
	"crypto/rand"
	"fmt"
	"html"
	"io"
	"strings"
	"sync"
	"time"
)

// redraw is the least time between two drawings of a bar, those at the end of the bar and of a cell excepted.
const redraw = 100 * time.Millisecond

// Bar is a progress bar that moves in place. Its methods may be called from any goroutine. Errors of
// the display are kept for Err: a loop should not end because its bar cannot be drawn.
type Bar struct {
	id    string
	label string
	start time.Time
	total int64 // not positive: unknown

	mu    sync.Mutex
	now   int64
	bytes bool // count bytes and not things
	ended bool
	drawn time.Time // zero: never
	stale bool      // it has moved since, and will be drawn later
	err   error
}

// Progress returns a bar for total steps and shows it; a total that is not positive means
// that the number is not known. The label stands before the bar.
//
//	bar := display.Progress(len(files), "reading")
//	for _, f := range files {
//		read(f)
//		bar.Add(1)
//	}
//
//	for i := range display.Progress(100).Range() { … }
//
//	io.Copy(dst, display.Progress(size, "download").Reader(src))
func Progress(total int, label ...string) *Bar {
	b := &Bar{id: rand.Text(), label: strings.Join(label, " "), start: time.Now(), total: int64(total)}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.draw(b.start)
	return b
}

// Add moves the bar by n steps.
func (b *Bar) Add(n int) { b.move(func() { b.now += int64(n) }) }

// Set moves the bar to step n.
func (b *Bar) Set(n int) { b.move(func() { b.now = int64(n) }) }

// Done ends the bar where it is and draws it a last time. A bar that has reached its total
// is done by itself; calling Done again does nothing.
func (b *Bar) Done() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.ended {
		b.ended = true
		b.draw(time.Now())
	}
}

// Err returns the first error that drawing the bar met, or nil.
func (b *Bar) Err() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.err
}

// Range returns an iterator over 0 … total-1, as a range over the integer does it, that moves the bar
// after each round and ends it with the loop. Over an unknown total it counts until the loop is left.
func (b *Bar) Range() func(yield func(int) bool) {
	return func(yield func(int) bool) {
		defer b.Done()
		for i := 0; b.total <= 0 || int64(i) < b.total; i++ {
			if !yield(i) {
				return
			}
			b.Add(1)
		}
	}
}

// Reader returns a reader of r that moves the bar by the bytes read and ends it at the end
// of r or at an error. The total is then a number of bytes.
func (b *Bar) Reader(r io.Reader) io.Reader {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.bytes = true
	return &barReader{r, b}
}

// barReader is the reader that Bar.Reader returns.
type barReader struct {
	r   io.Reader
	bar *Bar
}

// Read reads from the underlying reader and moves the bar.
func (r *barReader) Read(p []byte) (int, error) {
	n, err := r.r.Read(p)
	if n > 0 {
		r.bar.Add(n)
	}
	if err != nil {
		r.bar.Done()
	}
	return n, err
}

// move changes the bar's position by f and draws it if it is time to, else later.
func (b *Bar) move(f func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ended {
		return
	}
	f()
	b.ended = b.total > 0 && b.now >= b.total
	now := time.Now()
	wait := b.drawn.Add(redraw).Sub(now)
	if b.ended || wait <= 0 {
		b.draw(now)
		return
	}
	if e := emitter.Load(); e != nil && !b.stale {
		b.stale = true
		(*e).Later(wait, b.catchUp)
	}
}

// catchUp draws the bar where it is now, unless that has been done since it was asked for.
func (b *Bar) catchUp(e Emitter) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.stale {
		b.drawTo(e, time.Now())
	}
}

// draw shows the bar. b.mu is held.
func (b *Bar) draw(now time.Time) {
	if e := emitter.Load(); e != nil {
		b.drawTo(*e, now)
	} else {
		b.failed(ErrNoNotebook)
	}
}

// drawTo shows the bar by way of e, the first time anew and then in place. b.mu is held.
func (b *Bar) drawTo(e Emitter, now time.Time) {
	again := !b.drawn.IsZero()
	b.drawn, b.stale = now, false
	b.failed(emitTo(e, WithID(b.id, b.data(now.Sub(b.start))), again))
}

// failed keeps the first error. b.mu is held.
func (b *Bar) failed(err error) {
	if b.err == nil {
		b.err = err
	}
}

// data returns the bar as it looks after the time elapsed.
func (b *Bar) data(elapsed time.Duration) Data {
	var text strings.Builder
	if b.label != "" {
		text.WriteString(b.label + " ")
	}
	width := -1.0 // of the bar, in hundredths; negative if the total is unknown
	if b.total > 0 {
		width = 100 * min(1, max(0, float64(b.now)/float64(b.total)))
		full := int(width / 5)
		fmt.Fprintf(&text, "%3.0f%% [%s%s] %s/%s", width, strings.Repeat("#", full), strings.Repeat("-", 20-full),
			b.amount(b.now), b.amount(b.total))
	} else {
		text.WriteString(b.amount(b.now))
	}
	text.WriteString(" in " + clock(elapsed))
	if !b.ended && b.total > 0 && b.now > 0 {
		left := time.Duration(float64(elapsed) * float64(b.total-b.now) / float64(b.now))
		text.WriteString(", about " + clock(left) + " left")
	}
	attrs := ""
	switch {
	case width >= 0:
		attrs = fmt.Sprintf(` max="100" value="%.1f"`, width)
	case b.ended:
		attrs = ` max="1" value="1"`
	}
	after := strings.TrimPrefix(text.String(), b.label)
	if i := strings.LastIndex(after, "] "); i >= 0 {
		after = after[i+2:]
	}
	markup := fmt.Sprintf(`<div>%s <progress%s style="width:20em"></progress> %s</div>`,
		html.EscapeString(b.label), attrs, html.EscapeString(strings.TrimSpace(after)))
	return MakeData3(MIMETypeHTML, text.String(), markup)
}

// amount returns a count of steps or bytes for people.
func (b *Bar) amount(n int64) string {
	if b.bytes {
		return size(int(n))
	}
	return group(int(n))
}

// clock returns a time for people: 0.3s, 12s, 3m20s.
func clock(d time.Duration) string {
	if d < 10*time.Second {
		return fmt.Sprintf("%.1fs", d.Seconds())
	}
	return d.Round(time.Second).String()
}
