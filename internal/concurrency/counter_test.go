package concurrency

import (
	"context"
	"errors"
	"fmt"
	"testing"
)

func TestCounterCountsForOneGoroutine(t *testing.T) {
	var c Counter
	for range 1000 {
		c.Increment()
	}
	c.Add(-1)
	if got := c.Value(); got != 999 {
		t.Errorf("got %d, want 999", got)
	}
}

func TestLockingCounterLosesNothing(t *testing.T) {
	var c LockingCounter
	const workers, times = 5, 10_000
	Parallel(workers, func(i int) {
		for range times {
			c.Increment()
			c.Add(i)
			c.Add(-i)
			_ = c.Value()
		}
	})
	if got := c.Value(); got != workers*times {
		t.Errorf("got %d after %d increments", got, workers*times)
	}
}

func TestGuarded(t *testing.T) {
	g := NewGuarded(map[string]int{})
	Parallel(8, func(i int) {
		for range 1000 {
			g.With(func(m *map[string]int) { (*m)["a"]++ })
		}
	})
	if got := g.Load()["a"]; got != 8000 {
		t.Errorf("got %d, want 8000", got)
	}
	var zero Guarded[int]
	if got := zero.Load(); got != 0 {
		t.Errorf("zero value holds %d", got)
	}
}

// TestPrinting prints what other goroutines use at the same time, with all kinds of verbs: the race detector must not see it.
func TestPrinting(t *testing.T) {
	guarded, counter, queue, group := NewGuarded(map[string]int{}), new(LockingCounter), NewQueue[int](2), NewGroup(t.Context())
	process, err := Start(t.Context(), Cmd("true"))
	if err != nil {
		t.Fatal(err)
	}
	all := []any{guarded, counter, queue, group, process}
	Parallel(4, func(i int) {
		for n := range 200 {
			guarded.With(func(m *map[string]int) { (*m)["a"]++ })
			counter.Increment()
			queue.TryPut(n)
			group.Go(func(context.Context) error { return nil })
			for _, v := range all {
				for _, verb := range []string{"%v", "%+v", "%#v", "%d", "%s", "%x"} {
					_ = fmt.Sprintf(verb, v)
				}
			}
		}
	})
	failure := errors.New("no network")
	group.Go(func(context.Context) error { return failure })
	_ = group.Wait()
	if _, err := process.Wait(t.Context()); err != nil {
		t.Error(err)
	}
	want := `map[a:800] 0800 [queue, length 2, capacity 2] "group: no network"`
	if got := fmt.Sprintf("%v %04d [%v] %q", guarded, counter, queue, group); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	guarded.With(func(*map[string]int) {
		if got := fmt.Sprintf("%v", guarded); got != "(locked)" {
			t.Errorf("under its lock it prints as %s", got)
		}
	})
}

func TestGuardedReleasesAfterPanic(t *testing.T) {
	g := NewGuarded(1)
	got := caught(func() {
		g.With(func(v *int) {
			*v = 2
			panic("in With")
		})
	})
	if got != "in With" {
		t.Errorf("got panic %v, want that of the function", got)
	}
	if v := g.Load(); v != 2 { // waits for ever if the lock is still held
		t.Errorf("got %d, want 2", v)
	}
}

func TestParallel(t *testing.T) {
	Parallel(0, func(int) { t.Error("called for n = 0") })
	seen := make([]int, 20)
	Parallel(len(seen), func(i int) { seen[i]++ })
	for i, n := range seen {
		if n != 1 {
			t.Errorf("f(%d) was called %d times", i, n)
		}
	}
}

func TestParallelPanics(t *testing.T) {
	var done LockingCounter
	got := caught(func() {
		Parallel(5, func(i int) {
			defer done.Increment()
			if i%2 == 1 {
				panic(i)
			}
		})
	})
	if got != 1 {
		t.Errorf("got panic %v, want that of the lowest, 1", got)
	}
	if n := done.Value(); n != 5 {
		t.Errorf("%d functions had ended, want all 5", n)
	}
}

func BenchmarkLockingCounter(b *testing.B) {
	var c LockingCounter
	for b.Loop() {
		c.Increment()
	}
}
