package concurrency_test

import (
	"fmt"

	"gokernel/internal/concurrency"
)

// Two goroutines add one to a variable, and one of the additions is lost: B reads before A has written.
func ExampleInterleaver() {
	n := 0
	increment := func(a *concurrency.Actor) {
		a.Step("read")
		value := n
		a.Step("write")
		n = value + 1
	}

	var il concurrency.Interleaver
	il.Go("A", increment)
	il.Go("B", increment)
	if err := il.Run("A", "B", "B", "A"); err != nil {
		fmt.Println(err)
	}
	for _, event := range il.Trace() {
		fmt.Println(event)
	}
	fmt.Println("n is", n)
	// Output:
	// A: read
	// B: read
	// B: write
	// A: write
	// n is 1
}

func ExampleGuarded() {
	seats := concurrency.NewGuarded(map[int]string{})
	concurrency.Parallel(2, func(i int) {
		seats.With(func(m *map[int]string) { (*m)[i] = "taken" })
	})
	seats.With(func(m *map[int]string) { fmt.Println(len(*m), "seats are taken") })
	// Output:
	// 2 seats are taken
}
