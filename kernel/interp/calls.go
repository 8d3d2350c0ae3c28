package interp

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"gokernel/kernel/goroutine"
	"gokernel/kernel/worker"
)

// Stopped answers the call "stop".
type Stopped struct {
	Ended int `json:"ended"` // goroutines that have ended
	// Left are those that wait in compiled code: they end when they return from there.
	Left []worker.GoroutineInfo `json:"left,omitempty"`
}

// Call answers the small requests: "goroutines" with a []worker.GoroutineInfo, at any time; "steps" with the number of
// steps that the last cell has completed; "stop" with a [Stopped],
// "vars" with a [Vars], "snapshot" with a [Snapshot] and "restore" with a [Restored], all of them between cells only.
func (ev *Evaluator) Call(method string, params json.RawMessage) (any, error) {
	var r request
	if len(params) > 0 {
		if err := json.Unmarshal(params, &r); err != nil {
			return nil, fmt.Errorf("reading the parameters of %q: %w", method, err)
		}
	}
	switch method {
	case "goroutines":
		return ev.goroutines(), nil
	case "steps":
		ev.mu.Lock()
		defer ev.mu.Unlock()
		return ev.steps, nil
	case "stop":
		return between(ev, func() (Stopped, error) { return ev.stopAll(), nil })
	case "vars":
		return ev.vars(r), nil
	case "snapshot":
		return ev.snapshot(r)
	case "restore":
		return ev.restore(r)
	}
	return nil, fmt.Errorf("unknown method %q", method)
}

// errRunning is what calls answer that are for between cells.
var errRunning = errors.New("a cell is running")

// between calls f while no cell runs and none can start. It waits for other calls, which take no longer than snapshotWait.
func between[T any](ev *Evaluator, f func() (T, error)) (T, error) {
	for !ev.busy.TryLock() {
		if ev.evaluating.Load() {
			var zero T
			return zero, errRunning
		}
		time.Sleep(time.Millisecond)
	}
	defer ev.busy.Unlock()
	return f()
}

func (ev *Evaluator) goroutines() []worker.GoroutineInfo {
	ev.settled()
	infos := []worker.GoroutineInfo{}
	for _, g := range goroutine.List() {
		infos = append(infos, ev.goroutine(g))
	}
	return infos
}

// stopAll ends the goroutines that cells have left behind.
func (ev *Evaluator) stopAll() Stopped {
	before := len(goroutine.List())
	if before == 0 {
		return Stopped{}
	}
	ev.stop()
	ev.settled()
	var left []goroutine.Info
	for wait := time.Millisecond; wait < settle; wait *= 2 {
		time.Sleep(wait)
		if left = goroutine.List(); len(left) == 0 {
			break
		}
	}
	s := Stopped{Ended: max(0, before-len(left))}
	for _, g := range left {
		s.Left = append(s.Left, ev.goroutine(g))
	}
	return s
}
