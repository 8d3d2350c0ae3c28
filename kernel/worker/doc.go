// Package worker runs the reader's code in a child process and survives whatever that code does to it.
//
// The parent half is [Process]: [Start] begins a worker, [Process.Run] runs one cell in it, [Process.Interrupt] stops
// that cell, [Process.Close] ends the worker and every process descended from it. The child half is [Serve], which
// hands cells to an [Evaluator]. The package knows nothing of Go source or of the interpreter.
//
// # Between the halves
//
// Two unix socket pairs carry length-prefixed JSON frames: descriptor 3 of the child for requests and answers,
// descriptor 4 for the events of cells. What the reader's program prints goes over ordinary pipes, so that child
// processes print the same way, a flood is slowed by the pipe itself and output outlives the worker. A cell has a pair
// of pipes to itself (passed as SCM_RIGHTS), so that late output of a goroutine is that cell's; a pair that nothing can
// write to any more serves the next cell. Order between output and events needs no markers in the stream: before the
// child sends an event all earlier output is in the pipe, and the parent empties the pipes before it handles the event.
// A cell that prints line after line would spend most of its time on system calls and on waking the parent. What it prints
// is gathered in shared memory for some milliseconds then, see [goroutine.Printer], and written before anything else that
// has to come after it. The parent finds there what a worker that was killed could not write any more.
//
// Descriptors 1 and 2 of the child catch what the Go runtime prints when it gives up; [Death] is made from that. The
// runtime knows the interpreter's functions only, so the child notes in memory shared with the parent where the reader's
// goroutines are in his code, see [goroutine.Crumbs]; the labels in a dump tell which of them has died. What is noted is
// what costs nanoseconds: go statements, operations that block, and what the interpreter passes to [goroutine.Here].
//
// # What ends with what
//
// The worker is the subreaper of its descendants, so that an interrupt finds those that called setsid as well. It ends
// them and itself when descriptor 3 reports end of file, that is when its parent is gone. The parent is a subreaper too
// and ends what a killed worker leaves behind.
package worker
