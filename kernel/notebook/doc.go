// Package notebook runs the cells of a Go notebook: it is the kernel's Interpreter.
//
// A cell goes one way: package magic takes the commands off, package check types what is left in the notebook's scope,
// package lower rewrites it, and a worker, a child process, runs it. The scope is immutable and becomes the next one only
// when the cell has run; of a cell that failed half-way stays what it had set.
//
// Commands such as %cd, %env, !ls and %%bash act in the worker as well, so that they and Go code share one directory and
// one environment, and so that an interrupt ends their processes like those of Go code: [Evaluator] adds them to the
// evaluator that a worker serves. Commands about the notebook, such as %who, run here.
//
// When a worker has died, the one kept warm takes its place. It is taught the live declarations, without running any
// statement anew, and gets back the variables of the last snapshot, which is taken after every cell that may have changed
// one. Variables that cannot come back are marked in the scope, so that a cell that uses one is told which cell to run.
package notebook
