//go:build !race

package concurrency

import "testing"

// underRace tells that the tests run under the race detector, where times mean little.
const underRace = false

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
