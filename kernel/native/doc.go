// Package native compiles what cells declare, and whole cells, with the reader's Go toolchain, into plugins that the
// worker loads beside its interpreter.
//
// What one build compiles is a [Unit]: a package that hands its types, functions and variables to the worker in a table, and
// to later units as any package does. The source is the reader's own, with line directives that lead back to the cells;
// what differs: names of the notebook that live elsewhere become qualified ones or pointers; go statements, recover, and
// the functions of the library that the worker has its own for are called through variables that the worker fills; loops
// look whether the cell has been interrupted. An [Engine] decides what belongs into a unit. The design is in
// docs/engines.md.
package native
