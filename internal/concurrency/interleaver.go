package concurrency

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
)

// ErrSchedule is wrapped by errors of [Interleaver.Run] about a schedule that cannot be replayed.
var ErrSchedule = errors.New("schedule cannot be replayed")

// ErrDeadlock is wrapped by the error of [Interleaver.Run] when every actor that is left waits for a lock.
var ErrDeadlock = errors.New("all actors wait for a lock")

// An Interleaver runs several goroutines, its actors, one step at a time, in an order that is given beforehand. What a
// scheduler does once in a million runs can so be shown each time. The zero value has no actors. An Interleaver is used
// by one goroutine: Go for each actor, then Run, once.
//
// As only one actor runs at a time, and each turn happens before the next one, there is never a data race
// between actors, however wrong their results are.
type Interleaver struct {
	actors []*Actor
	trace  []Event
	ran    bool
}

// An Event is one turn of an actor.
type Event struct {
	Actor string
	Step  string // name of the step that the actor did; for a turn spent waiting, of the one it is kept from
	Waits bool   // the actor could not do the step, for another one holds the lock
}

// String returns the event as one line, such as "A: read" or "B: lock (waits)".
func (e Event) String() string {
	if e.Waits {
		return e.Actor + ": " + e.Step + " (waits)"
	}
	return e.Actor + ": " + e.Step
}

// An Actor is one goroutine of an [Interleaver], as its function sees it. Its methods may be called by that goroutine only.
type Actor struct {
	name string
	f    func(a *Actor)

	turn  chan bool // true: do the next step; false: give up
	ready chan struct{}

	// These belong to whoever has the turn.
	step  string // the step that the actor will do next
	waits bool   // it found the lock held in its last turn
	done  bool
	panic *PanicError
}

// Go adds an actor. f is called by Run, on a goroutine of its own. It calls [Actor.Step] before each of its
// steps and [Actor.Lock] to take a lock; what it does before the first such call belongs to no turn and must
// not touch what other actors use. Go panics if the name is taken or Run has been called.
func (il *Interleaver) Go(name string, f func(a *Actor)) {
	if il.ran {
		panic("concurrency: Interleaver.Go after Run")
	}
	if il.find(name) != nil {
		panic(fmt.Sprintf("concurrency: Interleaver has two actors %q", name))
	}
	il.actors = append(il.actors, &Actor{name: name, f: f, turn: make(chan bool), ready: make(chan struct{})})
}

// Run replays a schedule: each name gives that actor one turn, in which it does one step. A step goes on until the actor
// calls Step or Lock again, or ends. When the schedule is at its end, the actors that are not go on, one after the other in
// the order in which they were added, each until it ends or has to wait. Run returns when all goroutines have ended.
//
// A turn for an actor that is not there or has ended is an error that wraps ErrSchedule; if all that are left wait for
// locks the error wraps ErrDeadlock. The actors then end at the step where they are, deferred calls included. If an actor
// panics, the others end in the same way, and Run panics with its
// [PanicError].
//
// A step that waits for another actor by any other means than Lock, say by receiving from a channel, waits for ever.
func (il *Interleaver) Run(schedule ...string) error {
	if il.ran {
		return fmt.Errorf("%w: Run was called before", ErrSchedule)
	}
	il.ran = true
	var wg sync.WaitGroup
	for _, a := range il.actors {
		wg.Go(a.run)
		<-a.ready // so that even what precedes the first step is in order
	}
	err := il.replay(schedule)
	for _, a := range il.actors {
		for !a.done { // a deferred call may have steps too, which end it there
			il.give(a, false)
		}
	}
	wg.Wait()
	for _, a := range il.actors {
		if a.panic != nil {
			panic(a.panic)
		}
	}
	return err
}

// Trace returns what happened in each turn, in order.
func (il *Interleaver) Trace() []Event { return slices.Clone(il.trace) }

func (il *Interleaver) find(name string) *Actor {
	for _, a := range il.actors {
		if a.name == name {
			return a
		}
	}
	return nil
}

func (il *Interleaver) replay(schedule []string) error {
	for i, name := range schedule {
		a := il.find(name)
		switch {
		case a == nil:
			return fmt.Errorf("%w: turn %d is for %q, who is not there", ErrSchedule, i+1, name)
		case a.done:
			return fmt.Errorf("%w: turn %d is for %q, who has ended", ErrSchedule, i+1, name)
		}
		if il.give(a, true); a.panic != nil {
			return nil
		}
	}
	for {
		left, moved := false, false
		for _, a := range il.actors {
			for !a.done {
				left = true
				if il.give(a, true); a.panic != nil {
					return nil
				}
				if a.waits {
					break
				}
				moved = true
			}
		}
		switch {
		case !left:
			return nil
		case !moved:
			return fmt.Errorf("%w: %s", ErrDeadlock, il.waiting())
		}
	}
}

// waiting lists what the actors that have not ended are about to do.
func (il *Interleaver) waiting() string {
	text := ""
	for _, a := range il.actors {
		if !a.done {
			if text != "" {
				text += ", "
			}
			text += a.name + " at " + a.step
		}
	}
	return text
}

// give lets an actor do one step, or give up, and waits until it has.
func (il *Interleaver) give(a *Actor, on bool) {
	step := a.step
	a.waits = false
	a.turn <- on
	<-a.ready
	if on {
		il.trace = append(il.trace, Event{Actor: a.name, Step: step, Waits: a.waits})
	}
}

// run is the actor's goroutine.
func (a *Actor) run() {
	defer func() {
		a.done = true
		a.ready <- struct{}{}
	}()
	a.panic = Try(func() { a.f(a) })
}

// Name returns the name of the actor.
func (a *Actor) Name() string { return a.name }

// Step says what the actor is about to do and waits for its turn. If Run has given up, Step does not return: it ends the
// goroutine.
func (a *Actor) Step(name string) {
	a.step = name
	a.ready <- struct{}{}
	if !<-a.turn {
		runtime.Goexit()
	}
}

// Lock takes a lock in a step of its own, named "lock". If another actor holds it, the turn is over, and each further turn
// is spent in trying again. Release it as usual, by mu.Unlock. Locks that goroutines outside the Interleaver use must not be
// given to it.
func (a *Actor) Lock(mu *sync.Mutex) {
	a.Step("lock")
	for !mu.TryLock() {
		a.waits = true
		a.Step("lock")
	}
}
