// Package concurrency holds the building blocks that the lessons talk about, ready for use in any cell.
//
// Children: [Run] runs a program to its end, [Start] starts one that can be polled, waited for with a deadline, and stopped
// with its whole process group; [Pipe] chains several, [RunAll] runs many.
//
// Locks: a [Counter] that loses updates, as every counter without a lock does, a [LockingCounter] that does not, and
// [Guarded], a value that cannot be reached without its lock. An [Interleaver] replays a given order of the steps of
// several goroutines, so that what otherwise happens once in a million runs happens each time.
//
// Queues: a [Queue] can be bounded, closed, iterated over and joined. A [Group] is goroutines that stop together when one
// fails; [Source], [Stage] and [Sink] make pipelines of queues and a group. [Parallel] runs a function on several
// goroutines and waits for them.
//
// Goroutines that outlive the call that started them are those of a Group, until its Wait returns, and those that
// belong to a child, until it has ended. A panic in a function that is called on another goroutine comes out where
// that goroutine is waited for: of Parallel, of Interleaver.Run, of Group.Wait.
package concurrency
