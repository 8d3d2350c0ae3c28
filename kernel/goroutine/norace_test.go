//go:build !race

package goroutine_test

// many is a number of goroutines that makes a dump of them dear.
const many = 10_000
