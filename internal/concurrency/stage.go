package concurrency

import (
	"context"
	"iter"
)

// Source begins a pipeline: a goroutine of the group puts the items of a sequence into a new queue of that
// capacity, and closes it at their end. It waits while the queue is full, so the sequence is
// drawn from only as fast as the next stage works. If the group is stopped, it ends early.
func Source[T any](g *Group, capacity int, items iter.Seq[T]) *Queue[T] {
	out := NewQueue[T](capacity)
	g.Go(func(ctx context.Context) error {
		defer out.Close()
		for item := range items {
			if err := out.Put(ctx, item); err != nil {
				return err
			}
		}
		return nil
	})
	return out
}

// Stage is one step of a pipeline: so many goroutines of the group, its width, get items from a queue, call f with each, and
// put what it returns into a new queue, which holds as many items as the stage has goroutines. While that is full they
// wait, and with them the stages before. When the queue in is closed and empty, and all of it done, the new queue
// is closed. The order of items is kept only if the width is one.
//
// If f returns an error or panics, the whole group is stopped, the queue in is closed and what is left in it dropped. The new
// queue is closed then too; [Group.Wait] tells whether all went well. An item counts as done in the queue
// in when its result is in the next one.
func Stage[In, Out any](g *Group, width int, in *Queue[In], f func(ctx context.Context, item In) (Out, error)) *Queue[Out] {
	out := NewQueue[Out](max(1, width))
	g.Serve(width, &in.items, func(ctx context.Context, got any) error {
		item, _ := got.(In)
		result, err := f(ctx, item)
		if err != nil {
			return err
		}
		return out.Put(ctx, result)
	}, out.Close)
	return out
}

// Sink ends a pipeline: so many goroutines of the group get items from a queue and call f with each, until the queue is closed
// and empty. Errors and panics of f do what they do in [Stage].
func Sink[T any](g *Group, width int, in *Queue[T], f func(ctx context.Context, item T) error) {
	g.Serve(width, &in.items, func(ctx context.Context, got any) error {
		item, _ := got.(T)
		return f(ctx, item)
	}, nil)
}
