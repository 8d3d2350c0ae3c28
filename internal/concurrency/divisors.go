package concurrency

import "iter"

// Divisors yields every divisor of n from 1 to n, by trying all numbers in turn: work for a processor that takes a time
// in proportion to n and needs no memory. For n < 1 it yields nothing.
func Divisors(n int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := 1; i <= n; i++ {
			if n%i == 0 && !yield(i) {
				return
			}
		}
	}
}
