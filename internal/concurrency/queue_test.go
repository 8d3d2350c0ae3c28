package concurrency

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

func TestQueueIsFirstInFirstOut(t *testing.T) {
	for _, capacity := range []int{0, -1, 5000} {
		q := NewQueue[int](capacity)
		if q.Cap() != max(0, capacity) || q.Len() != 0 || q.Closed() {
			t.Errorf("capacity %d: got %d, %d items", capacity, q.Cap(), q.Len())
		}
		next := 0
		for i := range 3000 { // more come than go, so that the buffer grows while it is wrapped
			if err := q.Put(t.Context(), i); err != nil {
				t.Fatal(err)
			}
			if i%3 == 0 {
				if v, err := q.Get(t.Context()); v != next || err != nil {
					t.Fatalf("got %d, error %v, want %d", v, err, next)
				}
				next++
			}
		}
		if q.Len() != 3000-next {
			t.Errorf("got length %d, want %d", q.Len(), 3000-next)
		}
		q.Close()
		for v := range q.All() {
			if v != next {
				t.Fatalf("got %d, want %d", v, next)
			}
			next++
		}
		if next != 3000 {
			t.Errorf("%d were got", next)
		}
	}
}

func TestQueueClosed(t *testing.T) {
	var q Queue[string]
	if _, ok := q.TryGet(); ok || !q.TryPut("a") || q.Put(t.Context(), "b") != nil {
		t.Error("the zero value is no open queue without items")
	}
	q.Close()
	q.Close()
	if err := q.Put(t.Context(), "c"); err != ErrClosed || q.TryPut("c") || !q.Closed() {
		t.Errorf("put after close: error %v", err)
	}
	if v, err := q.Get(t.Context()); v != "a" || err != nil {
		t.Errorf("got %q, error %v, want what was in it", v, err)
	}
	if v, ok := q.TryGet(); v != "b" || !ok {
		t.Errorf("got %q, %t", v, ok)
	}
	if v, err := q.Get(t.Context()); v != "" || err != ErrClosed {
		t.Errorf("got %q, error %v", v, err)
	}
}

func TestQueueHoldsNil(t *testing.T) {
	q := NewQueue[error](0)
	q.TryPut(nil)
	q.TryPut(ErrClosed)
	if v, err := q.Get(t.Context()); v != nil || err != nil {
		t.Errorf("got %v, error %v", v, err)
	}
	if v, ok := q.TryGet(); v != ErrClosed || !ok {
		t.Errorf("got %v, %t", v, ok)
	}
}

func TestQueueWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := NewQueue[int](2)
		var got []int
		go func() {
			for v := range q.All() {
				got = append(got, v)
				time.Sleep(time.Second)
			}
		}()
		start := time.Now()
		for i := range 5 {
			if err := q.Put(t.Context(), i); err != nil {
				t.Error(err)
			}
		}
		// One is being treated, two are in the queue, so the fourth waits for a second, and the fifth for another one.
		if took := time.Since(start); took != 2*time.Second || q.Len() != 2 {
			t.Errorf("putting took %v, %d are left", took, q.Len())
		}
		if err := q.Join(t.Context()); err != nil || time.Since(start) != 5*time.Second {
			t.Errorf("all were done after %v, error %v", time.Since(start), err)
		}
		q.Close()
		synctest.Wait()
		if !slices.Equal(got, []int{0, 1, 2, 3, 4}) {
			t.Errorf("got %v", got)
		}
	})
}

func TestQueueGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var empty Queue[int]
		full := NewQueue[int](1)
		full.TryPut(1)
		for name, wait := range map[string]func(ctx context.Context) error{
			"get":  func(ctx context.Context) error { _, err := empty.Get(ctx); return err },
			"put":  func(ctx context.Context) error { return full.Put(ctx, 2) },
			"join": full.Join,
		} {
			start := time.Now()
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			if err := wait(ctx); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != time.Second {
				t.Errorf("%s: got error %v after %v", name, err, time.Since(start))
			}
			cancel()
		}
		done, cancel := context.WithCancel(t.Context())
		cancel()
		if err := empty.Put(done, 1); err != context.Canceled || empty.Len() != 0 {
			t.Errorf("put: got error %v though there is room", err)
		}
		if _, err := full.Get(done); err != context.Canceled || full.Len() != 1 {
			t.Errorf("get: got error %v", err)
		}
		if v, err := full.Get(t.Context()); v != 1 || err != nil {
			t.Errorf("got %d, error %v", v, err)
		}
	})
}

func TestQueueCloseWakes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var empty Queue[int]
		full := NewQueue[int](1)
		full.TryPut(1)
		var woken LockingCounter
		for range 3 {
			go func() {
				if _, err := empty.Get(t.Context()); err == ErrClosed {
					woken.Increment()
				}
			}()
			go func() {
				if full.Put(t.Context(), 2) == ErrClosed {
					woken.Increment()
				}
			}()
		}
		synctest.Wait()
		empty.Close()
		full.Close()
		synctest.Wait()
		if woken.Value() != 6 || full.Len() != 1 {
			t.Errorf("%d were woken, %d are in the queue", woken.Value(), full.Len())
		}
	})
}

func TestQueueAllIsLeft(t *testing.T) {
	q := NewQueue[int](0)
	for i := range 4 {
		q.TryPut(i)
	}
	for v := range q.All() {
		if v == 1 {
			break
		}
	}
	if q.Len() != 2 {
		t.Errorf("%d are left, want 2", q.Len())
	}
	if p := caught(func() {
		for range q.All() {
			panic("in the loop")
		}
	}); p != "in the loop" {
		t.Errorf("got panic %v", p)
	}
	if n := q.Drop(); n != 1 || q.Join(t.Context()) != nil || !q.Closed() {
		t.Errorf("%d were dropped, and not all are done", n)
	}
	if p := caught(q.TaskDone); p != "concurrency: TaskDone called more often than Get" {
		t.Errorf("got panic %v", p)
	}
}

// A queue that was long gives its memory back.
func TestQueueShrinks(t *testing.T) {
	var q AnyQueue
	for i := range 2 * keep {
		q.TryPut(i)
	}
	for range 2 * keep {
		q.TryGet()
	}
	if q.items.buf != nil {
		t.Errorf("%d are kept", len(q.items.buf))
	}
}

func BenchmarkQueue(b *testing.B) {
	q := NewQueue[int](64)
	for i := 0; b.Loop(); i++ {
		_ = q.Put(context.Background(), i)
		_, _ = q.Get(context.Background())
	}
}

func BenchmarkChannel(b *testing.B) {
	ch := make(chan int, 64)
	for i := 0; b.Loop(); i++ {
		ch <- i
		<-ch
	}
}

func BenchmarkQueueBetween(b *testing.B) {
	q := NewQueue[int](64)
	go func() {
		for i := range b.N {
			_ = q.Put(context.Background(), i)
		}
		q.Close()
	}()
	for range q.All() {
	}
}

func BenchmarkChannelBetween(b *testing.B) {
	ch := make(chan int, 64)
	go func() {
		for i := range b.N {
			ch <- i
		}
		close(ch)
	}()
	for range ch {
	}
}
