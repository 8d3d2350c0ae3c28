// Package goroutine knows the reader's goroutines: which cell each belongs to, which go statement started it, where it
// blocks and why, what it panicked with, and whether anything can still wake it.
//
// It lives in the worker process, beside the code it watches. The front end rewrites go statements into [Go], puts [At]
// before operations that may block, and the symbol tables put the functions of this package in place of those of the
// standard library that start timers, subscribe to signals, print, or end the process.
//
// # How a goroutine is told
//
// A goroutine carries a pointer to its record as its profiler label, which the runtime hands down to every goroutine that
// it starts, through compiled code as well. The record looks to package runtime/pprof like a set of labels, so profiles
// of the worker stay readable, and the runtime prints the label in stack dumps (GODEBUG tracebacklabels), so a dump,
// taken while the world is stopped, can be joined with the records.
//
// # When a cell is deadlocked
//
// A cell is deadlocked when its main goroutine and every other goroutine of the reader's wait in channel operations or
// for locks, and nothing is left that could wake one: no timer, context with a deadline, signal subscription, goroutine
// in a system call or in network I/O, nothing running. That is the rule of the runtime's own detector, which cannot fire
// in the worker because the worker itself always waits for requests. Whatever is not understood counts as a waker, so
// the answer errs on the side of silence.
//
// The labels, the pending timers and the subscriptions belong to the process, as in the standard library whose functions
// are replaced here, so this package keeps them in one variable of the package rather than in values handed around.
package goroutine
