// Package interp is the evaluator of the worker process: it runs lowered cells with yaegi and tells how they ended.
//
// A cell comes as a [Program]: a file of package main whose functions and variables stay defined, and the name of the
// function that runs the cell. The packages that it imports are given to yaegi when first needed.
//
// # What is ours and what is yaegi's
//
// yaegi v0.16.1 is pinned. Where its interface does not reach, machine.go reaches into it, and New fails if the layout
// found there is another one. That is for four things. Variables of the notebook live in a frame that grows without being
// moved, since goroutines of earlier cells use it while a cell is defined. What is left of a finished cell is cut off, so
// that ten thousand cells fit. Interrupting is one step that ends every interpreted goroutine, with none started in
// between. And each operation that may panic notes its position, which yaegi itself does not know when it unwinds.
//
// # Panics
//
// Deferred functions and recover are this package's own, in compiled Go ([Call], [Recover]), and yaegi's panics are turned
// into those that compiled Go would have raised, see normalise.
package interp
