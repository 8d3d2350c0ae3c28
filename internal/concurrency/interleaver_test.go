package concurrency

import (
	"errors"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// increment adds one to *n in the three steps that n++ takes.
func increment(n *int) func(*Actor) {
	return func(a *Actor) {
		a.Step("read")
		v := *n
		a.Step("add")
		v++
		a.Step("write")
		*n = v
	}
}

func lines(trace []Event) string {
	var b strings.Builder
	for _, e := range trace {
		b.WriteString(e.String() + "\n")
	}
	return b.String()
}

func TestInterleaverReplays(t *testing.T) {
	tests := []struct {
		schedule string
		want     int
	}{
		{"", 2}, // one after the other
		{"A A A B B B", 2},
		{"B B B A A A", 2},
		{"A B B B A A", 1},
		{"A B A B A B", 1},
		{"A A B A B B", 1},
		{"A A A", 2}, // what is missing is added
		{"A B", 1},
	}
	for _, tt := range tests {
		t.Run(tt.schedule, func(t *testing.T) {
			n := 0
			var il Interleaver
			il.Go("A", increment(&n))
			il.Go("B", increment(&n))
			if err := il.Run(strings.Fields(tt.schedule)...); err != nil {
				t.Fatal(err)
			}
			if n != tt.want {
				t.Errorf("got %d, want %d\n%s", n, tt.want, lines(il.Trace()))
			}
			if len(il.Trace()) != 6 {
				t.Errorf("got %d turns, want 6", len(il.Trace()))
			}
		})
	}
}

func locked(mu *sync.Mutex, n *int) func(*Actor) {
	return func(a *Actor) {
		a.Lock(mu)
		defer mu.Unlock()
		increment(n)(a)
	}
}

func TestInterleaverLock(t *testing.T) {
	n := 0
	var mu sync.Mutex
	var il Interleaver
	il.Go("A", locked(&mu, &n))
	il.Go("B", locked(&mu, &n))
	if err := il.Run(strings.Fields("A A B B A A B B B B")...); err != nil {
		t.Fatal(err)
	}
	want := `A: lock
A: read
B: lock (waits)
B: lock (waits)
A: add
A: write
B: lock
B: read
B: add
B: write
`
	if diff := cmp.Diff(want, lines(il.Trace())); diff != "" {
		t.Errorf("trace (-want +got):\n%s", diff)
	}
	if n != 2 {
		t.Errorf("got %d, want 2", n)
	}
}

func TestInterleaverDeadlock(t *testing.T) {
	var first, second sync.Mutex
	both := func(x, y *sync.Mutex) func(*Actor) {
		return func(a *Actor) {
			a.Lock(x)
			defer x.Unlock()
			a.Lock(y)
			defer y.Unlock()
		}
	}
	var il Interleaver
	il.Go("A", both(&first, &second))
	il.Go("B", both(&second, &first))
	err := il.Run("A", "B")
	if !errors.Is(err, ErrDeadlock) || err.Error() != "all actors wait for a lock: A at lock, B at lock" {
		t.Errorf("got error %v, want a deadlock of A and B", err)
	}
	if !first.TryLock() || !second.TryLock() {
		t.Error("a lock is still held, so deferred calls did not run")
	}
}

func TestInterleaverBadSchedules(t *testing.T) {
	tests := []struct {
		schedule, want string
	}{
		{"A C", `schedule cannot be replayed: turn 2 is for "C", who is not there`},
		{"A A A A", `schedule cannot be replayed: turn 4 is for "A", who has ended`},
	}
	for _, tt := range tests {
		n, ended := 0, 0
		var il Interleaver
		for _, name := range []string{"A", "B"} {
			il.Go(name, func(a *Actor) {
				defer func() { ended++ }()
				defer a.Step("a step after the end") // gives up there too
				increment(&n)(a)
			})
		}
		il.actors[0].f = increment(&n)
		err := il.Run(strings.Fields(tt.schedule)...)
		if !errors.Is(err, ErrSchedule) || err.Error() != tt.want {
			t.Errorf("%s: got error %v, want %s", tt.schedule, err, tt.want)
		}
		if ended != 1 {
			t.Errorf("%s: B's deferred call ran %d times, want once", tt.schedule, ended)
		}
		if err := il.Run(); !errors.Is(err, ErrSchedule) {
			t.Errorf("second Run: got error %v, want ErrSchedule", err)
		}
	}
}

func TestInterleaverPanic(t *testing.T) {
	n := 0
	var il Interleaver
	il.Go("A", func(a *Actor) {
		a.Step("fail")
		panic("A failed")
	})
	il.Go("B", increment(&n))
	if got := caught(func() { _ = il.Run("B", "A", "B") }); got != "A failed" {
		t.Errorf("got panic %v, want A's", got)
	}
	if n != 0 {
		t.Error("B went on after the panic")
	}
}

func TestInterleaverGoexit(t *testing.T) {
	n := 0
	var il Interleaver
	il.Go("A", func(a *Actor) {
		a.Step("leave")
		runtime.Goexit()
	})
	il.Go("B", increment(&n))
	if err := il.Run("B"); err != nil || n != 1 {
		t.Errorf("got %d and error %v, want 1 and none", n, err)
	}
}

func TestInterleaverMisuse(t *testing.T) {
	var il Interleaver
	il.Go("A", func(*Actor) {})
	if caught(func() { il.Go("A", func(*Actor) {}) }) == nil {
		t.Error("a second actor of that name was accepted")
	}
	if err := il.Run(); err != nil {
		t.Error(err)
	}
	if caught(func() { il.Go("B", func(*Actor) {}) }) == nil {
		t.Error("an actor was accepted after Run")
	}
}
