// Package report reads what Go's tools and the runtime print about a program (the race detector's reports, tracebacks,
// results of tests and benchmarks, execution traces) and shows it as tables with the lines of the cells.
//
// Each report has a Text for every front end and an HTML for those that show it. Both name places as "cell [7] line 3" and
// show the source line there.
package report
