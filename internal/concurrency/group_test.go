package concurrency

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestGroup(t *testing.T) {
	g := NewGroup(t.Context())
	var n LockingCounter
	for range 10 {
		g.Go(func(context.Context) error { n.Increment(); return nil })
	}
	if err := g.Wait(); err != nil || n.Value() != 10 || g.Context().Err() == nil {
		t.Errorf("got %d, error %v, context %v", n.Value(), err, g.Context().Err())
	}
	if err := g.Wait(); err != nil {
		t.Errorf("the second time: error %v", err)
	}
}

func TestGroupFails(t *testing.T) {
	failed := errors.New("failed")
	synctest.Test(t, func(t *testing.T) {
		g := NewGroup(t.Context())
		var stopped LockingCounter
		for range 3 {
			g.Go(func(ctx context.Context) error {
				<-ctx.Done()
				stopped.Increment()
				return ctx.Err()
			})
		}
		g.Go(func(context.Context) error { time.Sleep(time.Second); return failed })
		if err := g.Wait(); err != failed || stopped.Value() != 3 {
			t.Errorf("got error %v, %d were stopped", err, stopped.Value())
		}
	})
}

func TestGroupPanics(t *testing.T) {
	g := NewGroup(t.Context())
	var ended atomic.Bool
	g.Go(func(ctx context.Context) error { <-ctx.Done(); ended.Store(true); return ctx.Err() })
	g.Go(func(context.Context) error { panic("in a goroutine") })
	if p := caught(func() { _ = g.Wait() }); p != "in a goroutine" || !ended.Load() {
		t.Errorf("got panic %v, the other has ended: %t", p, ended.Load())
	}
}

func TestGroupStops(t *testing.T) {
	parent, cancel := context.WithCancel(t.Context())
	for name, stop := range map[string]func(*Group){"Stop": (*Group).Stop, "parent": func(*Group) { cancel() }} {
		g := NewGroup(parent)
		g.Go(func(ctx context.Context) error { <-ctx.Done(); return nil })
		g.Go(func(ctx context.Context) error { <-ctx.Done(); runtime.Goexit(); return nil })
		stop(g)
		if err := g.Wait(); err != nil {
			t.Errorf("%s: got error %v", name, err)
		}
		if name == "parent" {
			parent, cancel = context.WithCancel(t.Context())
		}
	}
	cancel()
}

// count yields 0, 1, … n-1 and notes how many it has yielded.
func count(n int, yielded *atomic.Int32) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := range n {
			if !yield(i) {
				return
			}
			yielded.Add(1)
		}
	}
}

func TestPipelineLosesNothing(t *testing.T) {
	for _, widths := range [][3]int{{1, 1, 1}, {3, 4, 5}, {20, 0, 2}} {
		g := NewGroup(t.Context())
		var drawn atomic.Int32
		numbers := Source(g, 4, count(1000, &drawn))
		squares := Stage(g, widths[0], numbers, func(_ context.Context, n int) (int, error) { return n * n, nil })
		texts := Stage(g, widths[1], squares, func(_ context.Context, n int) (string, error) { return fmt.Sprintf("%07d", n), nil })
		all := NewGuarded([]string(nil))
		Sink(g, widths[2], texts, func(_ context.Context, s string) error {
			all.With(func(list *[]string) { *list = append(*list, s) })
			return nil
		})
		if err := g.Wait(); err != nil {
			t.Fatal(err)
		}
		got := all.Load()
		if widths[0] > 1 {
			slices.Sort(got)
		}
		if len(got) != 1000 {
			t.Fatalf("widths %v: got %d items", widths, len(got))
		}
		for i, s := range got {
			if s != fmt.Sprintf("%07d", i*i) {
				t.Fatalf("widths %v: item %d is %s", widths, i, s)
			}
		}
		for _, err := range []error{numbers.Join(t.Context()), squares.Join(t.Context()), texts.Join(t.Context())} {
			if err != nil {
				t.Error(err)
			}
		}
	}
}

// Whatever stands still at the end, the stages before draw no more than what queues and goroutines hold.
func TestPipelineHoldsBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewGroup(t.Context())
		var drawn atomic.Int32
		numbers := Source(g, 4, count(1000, &drawn))
		same := Stage(g, 3, numbers, func(_ context.Context, n int) (int, error) { return n, nil })
		Sink(g, 2, same, func(ctx context.Context, _ int) error { <-ctx.Done(); return ctx.Err() })
		synctest.Wait()
		if got := drawn.Load(); got != 4+3+3+2 { // in numbers, in hands of the stage, in its queue, in hands of the sink
			t.Errorf("%d were drawn", got)
		}
		g.Stop()
		if err := g.Wait(); !errors.Is(err, context.Canceled) {
			t.Errorf("got error %v", err)
		}
	})
}

// Wherever it fails, everything ends, and nobody goes on putting.
func TestPipelineFails(t *testing.T) {
	failed := errors.New("failed")
	for at := range 4 {
		for _, panics := range []bool{false, true} {
			synctest.Test(t, func(t *testing.T) {
				fail := func(stage, n int) error {
					if stage != at || n < 7 {
						return nil
					}
					if panics {
						panic(failed)
					}
					return failed
				}
				g := NewGroup(t.Context())
				first := NewQueue[int](2)
				var put error
				outside := make(chan struct{})
				go func() { // it is not in the group, nor does it know its context
					defer close(outside)
					for i := 0; put == nil; i++ {
						put = first.Put(context.Background(), i)
					}
				}()
				f := func(stage int) func(context.Context, int) (int, error) {
					return func(_ context.Context, n int) (int, error) { return n, fail(stage, n) }
				}
				last := Stage(g, 2, Stage(g, 3, Stage(g, 1, first, f(0)), f(1)), f(2))
				Sink(g, 2, last, func(_ context.Context, n int) error { return fail(3, n) })
				var err error
				p := caught(func() { err = g.Wait() })
				if panics && p != failed || !panics && err != failed {
					t.Errorf("stage %d: got panic %v, error %v", at, p, err)
				}
				<-outside
				if put != ErrClosed || !last.Closed() {
					t.Errorf("stage %d: outside the error is %v", at, put)
				}
				if err := first.Join(t.Context()); err != nil {
					t.Errorf("stage %d: not all is done: %v", at, err)
				}
			})
		}
	}
}

func TestSourceEndsEarly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewGroup(t.Context())
		var drawn atomic.Int32
		q := Source(g, 2, count(1000, &drawn))
		synctest.Wait()
		g.Stop()
		if err := g.Wait(); !errors.Is(err, context.Canceled) || drawn.Load() != 2 || !q.Closed() {
			t.Errorf("got error %v, %d were drawn", err, drawn.Load())
		}
	})
}
