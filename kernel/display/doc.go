// Package display turns values into MIME bundles and shows them in a notebook.
//
// It is known to every cell. The constructors (HTML, Markdown, PNG, VegaLite and
// the rest) return Data; a cell whose last expression is Data, or a value that
// has a rendering method such as HTML() string, is shown in that form. Display
// shows a value at once, from anywhere, in goroutines too:
//
//	display.Display(display.Markdown("**done**"))
//
// Clear empties the cell's output, Update replaces what was shown under an id,
// and Progress draws a bar that moves in place.
//
// Every name of the display package of gophernotes is here with its meaning, so
// that its notebooks run unchanged: there Display is also a function known by
// itself. What differs is what only a bug could rely on: the text/plain form of
// an image is a description and not its bytes in decimal, and Auto and Any
// accept every value.
//
// The package keeps one piece of state, the Emitter, which the process that runs
// cells installs before the first cell.
package display
