// Package faults holds the kernel, as it is built and started, to what it promises about cells that fail, wait for
// ever, print without end or kill their process, and about notebooks that come from other kernels.
//
// It has tests only. They build the program, start "gokernel kernel" and talk to it over its sockets, so that what they
// see is what a front end sees. A cell of a test marks the line that its error must name with a comment, see marks.
package faults
