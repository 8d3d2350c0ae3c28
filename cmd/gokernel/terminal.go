package main

import (
	"io"
	"os"
	"regexp"
)

// isTerminal reports whether f is a device that shows characters, which is what a progress bar needs.
func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// forPeople returns w for text that may be coloured. Where w is no terminal, or the variable NO_COLOR is set, colours are taken
// away.
func forPeople(w io.Writer) io.Writer {
	if f, ok := w.(*os.File); ok && isTerminal(f) && os.Getenv("NO_COLOR") == "" {
		return w
	}
	return colourless{w}
}

// colourless is a writer that leaves out colours and the like. One that is split between two writes stays.
type colourless struct{ w io.Writer }

// rendition is the escape sequence for colours and the like (ECMA-48, SGR).
var rendition = regexp.MustCompile("\x1b\\[[0-9;:]*m")

func (c colourless) Write(p []byte) (int, error) {
	if _, err := c.w.Write(rendition.ReplaceAll(p, nil)); err != nil {
		return 0, err
	}
	return len(p), nil
}
