// Package program makes an ordinary Go program of a cell and of what the notebook has declared, and builds it.
//
// [Assemble] takes a checked cell and writes one file of package main: the declarations that the cell needs, directly or
// not, each in its present version, then the cell's own, its statements as the body of func main. Each piece stands behind a
// line directive that names its cell, so that the compiler's errors, tracebacks, and the reports of the race detector have
// the reader's positions. Variables of the notebook begin as the statement that declared them says; their values in
// the notebook are not the program's.
//
// A [Module] is the directory in which such programs are built: a module named like ours, so that the preloaded
// packages, of which some are internal, can be imported from it, with the modules that the notebook has asked for.
package program
