package display

import (
	"crypto/rand"
	"errors"
	"sync/atomic"
	"time"
)

// ErrNoNotebook is what Display and the rest return where no front end listens, as in a
// program that was compiled and runs by itself.
var ErrNoNotebook = errors.New("display: nothing shows the output here: not running in a notebook")

// Emitter carries displays to the front end. Its methods may be called from any
// goroutine, and find out by themselves whose cell that goroutine belongs to.
type Emitter interface {
	// Display shows data, whose maps must not be changed afterwards. A displayID other than "" names
	// the display; with update, what was shown under that id is replaced.
	Display(data, metadata map[string]any, displayID string, update bool) error
	// Clear empties the cell's output, with wait only once more output comes.
	Clear(wait bool) error
	// Later calls f once and returns without waiting for it: after d, or before that when a cell ends. f is given an
	// emitter for the cell of the goroutine that called Later.
	Later(d time.Duration, f func(Emitter))
}

// emitter is the one that SetEmitter installed.
var emitter atomic.Pointer[Emitter]

// SetEmitter installs the way to the front end. The process that runs cells calls it
// once before the first cell; nil takes it away. It is not for cells.
func SetEmitter(e Emitter) {
	if e == nil {
		emitter.Store(nil)
		return
	}
	emitter.Store(&e)
}

// Display shows values at once, one below the other, each in its richest form; see Of.
// It may be called from any goroutine, also after the cell has ended. The error says why a value could not be
// shown; those before it have been.
func Display(values ...any) error {
	for _, v := range values {
		if err := emit(render(v), false); err != nil {
			return err
		}
	}
	return nil
}

// Update replaces, in place, what was shown under id, with v. See WithID and Show.
func Update(id string, v any) error {
	if id == "" {
		return errors.New("display.Update: the display id is empty")
	}
	d := render(v)
	d.Transient = MIMEMap{displayID: id}
	return emit(d, true)
}

// Clear empties the output of the cell. With wait it does so only when the next output
// comes, so that what follows replaces what was there without a flicker.
func Clear(wait bool) error {
	e := emitter.Load()
	if e == nil {
		return ErrNoNotebook
	}
	return (*e).Clear(wait)
}

// Handle is a display that can be replaced in place. It may be used from any goroutine.
type Handle struct{ id string }

// Show shows v at once and returns a handle by which it can be replaced.
func Show(v any) (*Handle, error) {
	h := &Handle{id: rand.Text()}
	if err := emit(WithID(h.id, v), false); err != nil {
		return nil, err
	}
	return h, nil
}

// ID returns the display id.
func (h *Handle) ID() string { return h.id }

// Update replaces what is shown with v.
func (h *Handle) Update(v any) error { return Update(h.id, v) }

// emit sends d to the front end. Data without any form shows nothing.
func emit(d Data, update bool) error {
	e := emitter.Load()
	if e == nil {
		return ErrNoNotebook
	}
	return emitTo(*e, d, update)
}

// emitTo is emit by way of e.
func emitTo(e Emitter, d Data, update bool) error {
	id := d.id()
	d, err := Final(d)
	if err != nil {
		return err
	}
	if len(d.Data) == 0 {
		return nil
	}
	return e.Display(d.Data, d.Metadata, id, update)
}
