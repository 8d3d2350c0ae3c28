// Package concurrency holds the building blocks that the lessons talk about, ready for use in any cell.
//
// For locks there are a [Counter] that loses updates, as every counter without a lock does, a [LockingCounter] that
// does not, and [Guarded], a value that cannot be reached without its lock. An [Interleaver] replays a given order
// of the steps of several goroutines, so that what otherwise happens once in a million runs happens each time.
// [Parallel] runs a function on several goroutines and waits for them.
//
// Nothing here starts a goroutine that outlives the call that started it.
package concurrency
