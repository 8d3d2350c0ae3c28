package kernel

import (
	"maps"
	"slices"
	"sync"
	"time"
	"unicode/utf8"

	"gokernel/kernel/jupyter"
)

// How printed text becomes stream messages: it is sent once nothing more has
// come for streamPause, streamDelay after its first byte at the latest, and
// whenever streamSize bytes are there.
//
// A cell that has printed within the last streamDelay has to pause for
// streamLull: a busy machine stops a flooding cell for some milliseconds over
// and over, and each of these stops would make a message.
const (
	streamPause = 3 * time.Millisecond
	streamLull  = 10 * time.Millisecond
	streamDelay = 50 * time.Millisecond
	streamSize  = 64 << 10
)

// A cell may print streamBurst bytes as fast as clients take them, and then streamRate bytes a second: an endless loop
// that prints would otherwise fill the memory of the server and freeze the page, so that nobody could interrupt it.
const (
	streamBurst = 64 << 20
	streamRate  = 2 << 20
)

// cellOutput is the Output of one cell. It keeps working after the cell has
// ended: everything goes out with the cell's request as parent.
//
// It starts no goroutine that lives on; a timer calls tick, which never
// blocks, while text waits to be sent.
type cellOutput struct {
	k          *Kernel
	parent     *jupyter.Message
	silent     bool
	allowStdin bool
	ended      chan struct{} // closed by end

	mu      sync.Mutex
	name    string            // the stream that text was printed on
	text    []byte            // printed and not sent
	split   map[string][]byte // the first bytes of a rune on the other streams
	first   time.Time         // when text began
	last    time.Time         // when text grew last
	flushed time.Time         // when text was sent last
	armed   bool              // tick will be called
	payload []map[string]any
	printed int // bytes of text so far
}

func newCellOutput(k *Kernel, parent *jupyter.Message, silent, allowStdin bool) *cellOutput {
	return &cellOutput{
		k: k, parent: parent, silent: silent, allowStdin: allowStdin,
		ended: make(chan struct{}),
		split: make(map[string][]byte),
	}
}

// Stream implements Output.
func (o *cellOutput) Stream(name, text string) {
	for len(text) > 0 && !o.silent {
		o.k.iopub.waitRoom()
		n := o.print(name, text)
		text = text[n:]
		o.slow(n)
	}
}

// slow holds up a cell that has printed n more bytes and too much by now. The printing goroutine is the worker's reader.
func (o *cellOutput) slow(n int) {
	o.mu.Lock()
	o.printed += n
	over := o.printed > streamBurst
	o.mu.Unlock()
	if !over {
		return
	}
	time.Sleep(time.Duration(n) * time.Second / streamRate)
}

// print takes as much of text as one message holds and returns how much.
func (o *cellOutput) print(name, text string) int {
	o.mu.Lock()
	defer o.mu.Unlock()
	if name != o.name {
		o.flush()
		if len(o.text) > 0 {
			o.split[o.name] = o.text
		}
		o.name, o.text = name, o.split[name]
		delete(o.split, name)
	}
	o.last = time.Now()
	if unfinished(o.text) == len(o.text) {
		o.first = o.last
	}
	n := min(len(text), streamSize-len(o.text))
	o.text = append(o.text, text[:n]...)
	if len(o.text) >= streamSize {
		o.flush()
	} else if !o.armed {
		o.armed = true
		o.k.waiting.set(o, true)
		time.AfterFunc(o.pause(), o.tick)
	}
	return n
}

// tick sends what was printed if it is time, else it comes again. While iopub
// is full it sends nothing: that would pile up what slow clients do not take.
func (o *cellOutput) tick() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.armed = false
	if unfinished(o.text) == len(o.text) {
		o.k.waiting.set(o, false)
		return
	}
	now := time.Now()
	next := min(o.last.Add(o.pause()).Sub(now), o.first.Add(streamDelay).Sub(now))
	if next <= 0 {
		if !o.k.iopub.full() {
			o.k.waiting.set(o, false)
			o.flush()
			return
		}
		next = streamDelay
	}
	o.armed = true
	time.AfterFunc(next, o.tick)
}

// waiting are the outputs whose tick will be called.
type waiting struct {
	mu   sync.Mutex
	outs map[*cellOutput]bool
}

func (w *waiting) set(o *cellOutput, waits bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !waits {
		delete(w.outs, o)
		return
	}
	if w.outs == nil {
		w.outs = make(map[*cellOutput]bool)
	}
	w.outs[o] = true
}

// flush sends what was printed so far, by whatever cell: goroutines of one may print while another runs, whose end then
// tells that this is out.
func (w *waiting) flush(iopub *publisher) {
	w.mu.Lock()
	outs := slices.Collect(maps.Keys(w.outs))
	w.mu.Unlock()
	for _, o := range outs {
		iopub.waitRoom()
		o.mu.Lock()
		o.flush()
		o.mu.Unlock()
	}
}

// pause is how long nothing must come for the text to be sent.
func (o *cellOutput) pause() time.Duration {
	if o.first.Sub(o.flushed) < streamDelay {
		return streamLull
	}
	return streamPause
}

// flush sends what was printed, with mu held, but for the first bytes of a
// rune whose others have not come.
func (o *cellOutput) flush() {
	whole := len(o.text) - unfinished(o.text)
	if whole == 0 {
		return
	}
	o.k.publish(o.parent, jupyter.Stream{Name: o.name, Text: string(o.text[:whole])})
	o.text = append(o.text[:0], o.text[whole:]...)
	o.flushed = o.last
}

// publish sends c after all that was printed before.
func (o *cellOutput) publish(c jupyter.Content) {
	if o.silent {
		return
	}
	o.k.iopub.waitRoom()
	o.mu.Lock()
	defer o.mu.Unlock()
	o.flush()
	o.k.publish(o.parent, c)
}

// end sends all that was printed, torn runes too, and returns the payloads.
func (o *cellOutput) end() []map[string]any {
	o.mu.Lock()
	defer o.mu.Unlock()
	close(o.ended)
	o.flush()
	o.split[o.name] = o.text
	for _, name := range []string{jupyter.Stdout, jupyter.Stderr} {
		if rest := o.split[name]; len(rest) > 0 {
			o.k.publish(o.parent, jupyter.Stream{Name: name, Text: string(rest)})
		}
	}
	clear(o.split)
	o.text = nil
	return o.payload
}

// Display implements Output.
func (o *cellOutput) Display(data jupyter.MIMEBundle, metadata map[string]any, displayID string, update bool) {
	shown := jupyter.DisplayData{Data: data, Metadata: metadata, Transient: jupyter.Transient{DisplayID: displayID}}
	if update {
		o.publish(jupyter.UpdateDisplayData(shown))
		return
	}
	o.publish(shown)
}

// Clear implements Output.
func (o *cellOutput) Clear(wait bool) { o.publish(jupyter.ClearOutput{Wait: wait}) }

// Error implements Output.
func (o *cellOutput) Error(e *CellError) {
	o.publish(jupyter.Error{EName: e.Name, EValue: e.Value, Traceback: e.Traceback})
}

// Payload implements Output.
func (o *cellOutput) Payload(p map[string]any) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.payload = append(o.payload, p)
}

// unfinished returns how many bytes at the end of b, at most three, begin a
// rune that is not whole.
func unfinished(b []byte) int {
	for n := 1; n < utf8.UTFMax && n <= len(b); n++ {
		tail := b[len(b)-n:]
		if utf8.RuneStart(tail[0]) {
			if utf8.FullRune(tail) {
				return 0
			}
			return n
		}
	}
	return 0
}
