//go:build race

package goroutine_test

// many is a number of goroutines that makes a dump of them dear; under the race detector it takes less of them.
const many = 500
