// Package introspect answers questions about code at a cursor from what the checker knows: what can stand there
// (completion) and what does stand there (inspection). It runs nothing and needs no worker, so it answers while a cell
// runs and after a crash, and it does with code that is unfinished and does not parse.
//
// For completion the cell is cut at the cursor, what is open there is closed, and declarations that follow are kept;
// what can then be typed gives the names in scope, the members of the operand before a dot, and the type that is
// expected, by which the matches are sorted.
package introspect
