package goroutine

import (
	"reflect"
	"slices"
	"sync"
	"unsafe"
	"weak"
)

// Channels have no way to be told who waits on them. Goroutines of compiled code wait as in any Go program, and one that has been
// told to end would take, whenever it comes, what a later cell sends. So the channels that cells make are noted, and [Release]
// wakes who waits on one.

// A channel that the reader's code has made. It may be gone.
type channel struct {
	typ reflect.Type
	at  weak.Pointer[byte] // what a value of the type points to
}

type channels struct {
	mu   sync.Mutex
	made []channel
	trim int // how many there are when those that are gone are dropped next
}

// minTrim is how many channels are noted before one looks which of them are gone.
const minTrim = 1024

// Made notes c, a channel that the reader's code has made.
func Made(c any) { process.channels.note(reflect.ValueOf(c)) }

func (cs *channels) note(v reflect.Value) {
	c := channel{v.Type(), weak.Make((*byte)(v.UnsafePointer()))}
	cs.mu.Lock()
	defer cs.mu.Unlock()
	if len(cs.made) >= max(cs.trim, minTrim) {
		cs.drop()
	}
	cs.made = append(cs.made, c)
}

// drop forgets channels that are gone.
func (cs *channels) drop() {
	kept := cs.made[:0]
	for _, c := range cs.made {
		if c.at.Value() != nil {
			kept = append(kept, c)
		}
	}
	clear(cs.made[len(kept):])
	cs.made, cs.trim = kept, 2*len(kept)
}

// Release lets all go on that wait to send to a channel, or to receive from one, or sleep long, and reports whether there were
// any. Those who receive get a zero value; what is in the channels, and their order, stays. It is for when all code of the reader's has been
// told to end and the rest is at rest: nothing else may use the channels meanwhile.
func Release() bool { return process.channels.release() }

func (cs *channels) release() bool {
	cs.mu.Lock()
	cs.drop()
	made := slices.Clone(cs.made)
	cs.mu.Unlock()
	woken := wake(reflect.ValueOf(forever))
	for _, c := range made {
		if p := c.at.Value(); p != nil && c.typ.ChanDir() == reflect.BothDir {
			if wake(reflect.NewAt(c.typ, unsafe.Pointer(&p)).Elem()) {
				woken = true
			}
		}
	}
	return woken
}

// wake wakes who waits on c. Receivers wait only if it is empty, senders only if it is full.
func wake(c reflect.Value) (woken bool) {
	defer func() {
		// A channel that is closed: nobody waits on it. Nothing has been taken from it yet.
		_ = recover()
	}()
	zero := reflect.Zero(c.Type().Elem())
	if c.Len() == 0 {
		for c.TrySend(zero) {
			if c.Len() > 0 {
				c.TryRecv() // there was nobody
				break
			}
			woken = true
		}
	}
	if c.Len() < c.Cap() || c.TrySend(zero) {
		return woken
	}
	var taken []reflect.Value
	for {
		v, ok := c.TryRecv()
		if !ok {
			break
		}
		taken = append(taken, v)
	}
	for _, v := range taken[:min(len(taken), c.Cap())] {
		c.TrySend(v)
	}
	return woken || len(taken) > c.Cap()
}

// forever is what waits that only Release ends wait on.
var forever = make(chan struct{})

// Forever is select {} in compiled code: it waits until the calling goroutine is to end.
func Forever() { <-forever }

const foreverFunc = "gokernel/kernel/goroutine.Forever"

// standIn returns the state of a goroutine that waits in one of our functions in place of the runtime's, as the runtime would
// call it, "" for any other goroutine.
func standIn(calls []call) string {
	if len(calls) == 0 {
		return ""
	}
	switch calls[0].fn {
	case foreverFunc:
		return "select (no cases)"
	case "gokernel/kernel/goroutine.TimeSleep":
		return "sleep"
	}
	return ""
}
