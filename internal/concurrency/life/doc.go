// Package life is Conway's Game of Life on a grid whose edges meet, with as many ways to compute a generation as the lesson on
// fan-out needs.
//
// A [Grid] holds cells, [Parse] and its String method turn text into grids and back, and [CountNeighbors], [Conway] and
// [StepCell] work through functions, so that each can be looked at alone. [Step] computes a generation cell by cell.
// [FanOutCells], [FanOutRows], [FanOutBounded] and [FanOutPool] compute the same with many goroutines, for rules that
// take long because they wait for something. [Columns] prints grids side by side.
package life
