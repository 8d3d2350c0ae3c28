package concurrency_test

import (
	"fmt"
	"slices"
	"testing"

	"gokernel/internal/concurrency"
)

func ExampleDivisors() {
	fmt.Println(slices.Collect(concurrency.Divisors(12)))
	// Output: [1 2 3 4 6 12]
}

func TestDivisorsOfNothing(t *testing.T) {
	if got := slices.Collect(concurrency.Divisors(0)); len(got) != 0 {
		t.Errorf("got %v, want none", got)
	}
	for first := range concurrency.Divisors(6) { // a reader may stop early
		if first != 1 {
			t.Errorf("got %d first, want 1", first)
		}
		break
	}
}
