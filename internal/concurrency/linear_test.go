package concurrency

import (
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
)

// A call is what a goroutine asked of a queue, a reply what it was told.
type call struct {
	name string
	item int
}

type reply struct {
	item int
	ok   bool
	err  error
}

type queueState struct {
	items  []int
	closed bool
}

// sequential is a queue that is used by one goroutine, as porcupine wants it: may this reply be given in this state?
func sequential(capacity int) porcupine.Model {
	return porcupine.Model{
		Init: func() any { return queueState{} },
		Step: func(state, input, output any) (bool, any) {
			return state.(queueState).step(capacity, input.(call), output.(reply))
		},
		Equal: func(a, b any) bool {
			x, y := a.(queueState), b.(queueState)
			return x.closed == y.closed && slices.Equal(x.items, y.items)
		},
	}
}

func (s queueState) step(capacity int, c call, r reply) (bool, queueState) {
	full := capacity > 0 && len(s.items) >= capacity
	switch c.name {
	case "put", "tryput":
		switch {
		case r.ok:
			return !s.closed && !full, queueState{append(slices.Clip(s.items), c.item), s.closed}
		case r.err == ErrClosed:
			return s.closed, s
		}
		return c.name == "put" || s.closed || full, s // a put was given up
	case "get", "tryget":
		switch {
		case r.ok:
			if len(s.items) == 0 || s.items[0] != r.item {
				return false, s
			}
			return true, queueState{s.items[1:], s.closed}
		case r.err == ErrClosed:
			return s.closed && len(s.items) == 0, s
		}
		return c.name == "get" || len(s.items) == 0, s
	case "len":
		return r.item == len(s.items), s
	}
	return c.name == "close", queueState{s.items, true}
}

// Whatever several goroutines do with a queue at once, there is an order in which one could have done the same.
func TestQueueIsLinearizable(t *testing.T) {
	const rounds, clients, steps = 100, 5, 30
	for round := range rounds {
		capacity := round % 4
		q := NewQueue[int](capacity)
		var mu sync.Mutex
		var history []porcupine.Operation
		begin := time.Now()
		Parallel(clients, func(client int) {
			r := rand.New(rand.NewPCG(uint64(round), uint64(client)))
			for step := range steps {
				c := call{[]string{"put", "get", "tryput", "tryget", "len"}[r.IntN(5)], client*steps + step}
				if round%3 == 0 && client == 0 && step == steps/2 {
					c.name = "close"
				}
				ctx, cancel := context.WithTimeout(context.Background(), time.Duration(r.IntN(300))*time.Microsecond)
				op := porcupine.Operation{ClientId: client, Input: c, Call: int64(time.Since(begin))}
				op.Output = ask(ctx, q, c)
				op.Return = int64(time.Since(begin))
				cancel()
				mu.Lock()
				history = append(history, op)
				mu.Unlock()
			}
		})
		if got := porcupine.CheckOperationsTimeout(sequential(capacity), history, time.Minute); got != porcupine.Ok {
			t.Fatalf("round %d, capacity %d: %v\n%v", round, capacity, got, history)
		}
	}
}

func ask(ctx context.Context, q *Queue[int], c call) (r reply) {
	switch c.name {
	case "put":
		r.err = q.Put(ctx, c.item)
		r.ok = r.err == nil
	case "get":
		r.item, r.err = q.Get(ctx)
		r.ok = r.err == nil
	case "tryput":
		r.ok = q.TryPut(c.item)
	case "tryget":
		r.item, r.ok = q.TryGet()
	case "len":
		r.item = q.Len()
	case "close":
		q.Close()
	}
	return r
}

// What no queue would do is found out.
func TestLinearizabilityIsChecked(t *testing.T) {
	op := func(at int64, c call, r reply) porcupine.Operation {
		return porcupine.Operation{ClientId: int(at), Input: c, Output: r, Call: at, Return: at + 15}
	}
	put := func(at int64, item int) porcupine.Operation { return op(at, call{"put", item}, reply{ok: true}) }
	get := func(at int64, item int) porcupine.Operation {
		return op(at, call{name: "get"}, reply{item: item, ok: true})
	}
	tests := map[string]struct {
		history []porcupine.Operation
		want    bool
	}{
		"overlapping puts": {[]porcupine.Operation{put(0, 1), put(10, 2), get(30, 2), get(50, 1)}, true},
		"wrong order":      {[]porcupine.Operation{put(0, 1), put(20, 2), get(40, 2), get(60, 1)}, false},
		"got twice":        {[]porcupine.Operation{put(0, 1), get(20, 1), get(20, 1)}, false},
		"lost":             {[]porcupine.Operation{put(0, 1), op(20, call{name: "tryget"}, reply{})}, false},
		"overfull":         {[]porcupine.Operation{put(0, 1), put(0, 2), put(0, 3)}, false},
		"put after close":  {[]porcupine.Operation{op(0, call{name: "close"}, reply{}), put(20, 1)}, false},
		"still open":       {[]porcupine.Operation{op(0, call{"put", 1}, reply{err: ErrClosed})}, false},
	}
	for name, tt := range tests {
		if got := porcupine.CheckOperations(sequential(2), tt.history); got != tt.want {
			t.Errorf("%s: got %t", name, got)
		}
	}
}
