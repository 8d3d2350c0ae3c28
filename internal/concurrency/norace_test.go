//go:build !race

package concurrency

import "testing"

// This one races on purpose, so the race detector is not to see it.
func TestCounterLosesUpdates(t *testing.T) {
	var c Counter
	const workers, times = 5, 10_000
	Parallel(workers, func(int) {
		for range times {
			c.Increment()
		}
	})
	if got := c.Value(); got >= workers*times || got < 1 {
		t.Errorf("got %d after %d increments, want fewer and some", got, workers*times)
	}
}

// Put and Get together cost at most three times a send and a receive of a buffered channel.
func TestQueueCost(t *testing.T) {
	ch, q := make(chan int, 64), NewQueue[int](64)
	ctx := t.Context()
	var best float64
	for range 20 { // other tests run beside this one
		channel := testing.Benchmark(func(b *testing.B) {
			for i := 0; b.Loop(); i++ {
				ch <- i
				<-ch
			}
		})
		queue := testing.Benchmark(func(b *testing.B) {
			for i := 0; b.Loop(); i++ {
				_ = q.Put(ctx, i)
				_, _ = q.Get(ctx)
			}
		})
		ratio := float64(queue.NsPerOp()) / float64(channel.NsPerOp())
		if best == 0 || ratio < best {
			best = ratio
		}
		if best <= 3 {
			t.Logf("%.1f times: %v and %v", best, queue, channel)
			return
		}
	}
	t.Errorf("it is %.1f times", best)
}
