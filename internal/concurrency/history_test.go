package concurrency

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
)

// A queueModel is what a queue ought to do, written without goroutines: operations that wait stand in lists.
type queueModel struct {
	capacity         int
	items            []int
	putters, getters []*operation
	joiners          []*operation
	closed           bool
	taken            int
}

// An operation is one call, and what came of it: "" as long as it waits.
type operation struct {
	name   string
	item   int
	result string
}

func (m *queueModel) full() bool { return m.capacity > 0 && len(m.items) >= m.capacity }

// settle lets everything happen that can.
func (m *queueModel) settle() {
	for {
		switch {
		case len(m.putters) > 0 && m.closed:
			m.putters[0].result = "closed"
			m.putters = m.putters[1:]
		case len(m.putters) > 0 && !m.full():
			m.items = append(m.items, m.putters[0].item)
			m.putters[0].result = "ok"
			m.putters = m.putters[1:]
		case len(m.getters) > 0 && len(m.items) > 0:
			m.getters[0].result = fmt.Sprint(m.items[0])
			m.items, m.getters = m.items[1:], m.getters[1:]
			m.taken++
		case len(m.getters) > 0 && m.closed:
			m.getters[0].result = "closed"
			m.getters = m.getters[1:]
		case len(m.joiners) > 0 && len(m.items) == 0 && m.taken == 0:
			m.joiners[0].result = "ok"
			m.joiners = m.joiners[1:]
		default:
			return
		}
	}
}

func (m *queueModel) do(op *operation) {
	switch op.name {
	case "put":
		m.putters = append(m.putters, op)
	case "get":
		m.getters = append(m.getters, op)
	case "join":
		m.joiners = append(m.joiners, op)
	case "tryput":
		if op.result = "no"; !m.full() && !m.closed {
			op.result = "ok"
			m.items = append(m.items, op.item)
		}
	case "tryget":
		if op.result = "no"; len(m.items) > 0 {
			op.result = fmt.Sprint(m.items[0])
			m.items = m.items[1:]
			m.taken++
		}
	case "close":
		m.closed = true
		op.result = "ok"
	case "drop":
		op.result = fmt.Sprint(len(m.items))
		m.items, m.closed = nil, true
		if len(m.putters) > 0 { // they were not in the queue, and learn that it is closed
			for _, p := range m.putters {
				p.result = "closed"
			}
			m.putters = nil
		}
	case "done":
		if op.result = "panic"; m.taken > 0 {
			m.taken--
			op.result = "ok"
		}
	case "len":
		op.result = fmt.Sprint(len(m.items))
	}
	m.settle()
}

// cancel ends an operation that waits.
func (m *queueModel) cancel(op *operation) {
	if op.result != "" {
		return
	}
	op.result = "canceled"
	for _, list := range []*[]*operation{&m.putters, &m.getters, &m.joiners} {
		*list = slices.DeleteFunc(*list, func(o *operation) bool { return o == op })
	}
	m.settle()
}

// real does the operation with a queue.
func (op *operation) real(ctx context.Context, q *Queue[int]) {
	text := func(err error) string {
		switch err {
		case nil:
			return "ok"
		case ErrClosed:
			return "closed"
		case context.Canceled:
			return "canceled"
		}
		return err.Error()
	}
	switch op.name {
	case "put":
		op.result = text(q.Put(ctx, op.item))
	case "get":
		item, err := q.Get(ctx)
		if op.result = text(err); err == nil {
			op.result = fmt.Sprint(item)
		}
	case "join":
		op.result = text(q.Join(ctx))
	case "tryput":
		if op.result = "no"; q.TryPut(op.item) {
			op.result = "ok"
		}
	case "tryget":
		item, ok := q.TryGet()
		if op.result = "no"; ok {
			op.result = fmt.Sprint(item)
		}
	case "close":
		q.Close()
		op.result = "ok"
	case "drop":
		op.result = fmt.Sprint(q.Drop())
	case "done":
		if op.result = "ok"; caught(q.TaskDone) != nil {
			op.result = "panic"
		}
	case "len":
		op.result = fmt.Sprint(q.Len())
	}
}

var operations = []string{"put", "get", "join", "tryput", "tryget", "close", "drop", "done", "len", "cancel"}

// FuzzQueueHistory does operations, each on a goroutine of its own, waits until nothing moves any more, and compares what
// came of all of them with the model.
func FuzzQueueHistory(f *testing.F) {
	f.Add(uint8(1), []byte{0, 0, 0, 1, 1, 1, 5})
	f.Add(uint8(0), []byte{1, 1, 0, 0, 0, 2, 7, 7, 7})
	f.Add(uint8(2), []byte{0, 0, 0, 0, 9, 29, 1, 6, 1})
	f.Add(uint8(3), []byte{1, 1, 1, 9, 0, 19, 0, 5, 0})
	f.Add(uint8(1), []byte{3, 0, 2, 6, 7, 7, 5, 1})
	f.Fuzz(func(t *testing.T, capacity uint8, history []byte) {
		if len(history) > 100 {
			history = history[:100]
		}
		synctest.Test(t, func(t *testing.T) { replayHistory(t, int(capacity%5), history) })
	})
}

func replayHistory(t *testing.T, capacity int, history []byte) {
	q, m := NewQueue[int](capacity), &queueModel{capacity: capacity}
	var told strings.Builder
	var got, want []*operation
	var cancels []context.CancelFunc
	defer func() {
		for _, cancel := range cancels {
			cancel()
		}
	}()
	for i, b := range history {
		name, arg := operations[int(b)%len(operations)], int(b)/len(operations)
		fmt.Fprintf(&told, "%d: %s %d\n", i, name, arg)
		if name == "cancel" {
			if len(want) > 0 {
				n := len(want) - 1 - arg%len(want)
				cancels[n]()
				m.cancel(want[n])
			}
		} else {
			g, w := &operation{name: name, item: i}, &operation{name: name, item: i}
			ctx, cancel := context.WithCancel(context.Background())
			got, want, cancels = append(got, g), append(want, w), append(cancels, cancel)
			go g.real(ctx, q)
			m.do(w)
		}
		synctest.Wait()
		for n := range want {
			if *got[n] != *want[n] {
				t.Fatalf("capacity %d, after\n%s%s number %d: got %q, want %q", capacity, &told, got[n].name, n, got[n].result, want[n].result)
			}
		}
		if q.Len() != len(m.items) {
			t.Fatalf("capacity %d, after\n%sgot length %d, want %d", capacity, &told, q.Len(), len(m.items))
		}
	}
}
