package check

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// An Error is one complaint about a cell, in the compiler's words.
type Error struct {
	Cell         string // "cell [7]"
	Line, Column int    // from 1; column in bytes
	Msg          string
	Hint         string // what to do about it, "" if nothing better than Msg is known
	Text         string // the source line, for the caret
}

// ErrorList is what Check returns for a cell that does not compile: all errors, in the order of their positions.
type ErrorList []Error

// Error returns the errors, a line each.
func (l ErrorList) Error() string {
	var b strings.Builder
	for i, e := range l {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(e.String())
	}
	return b.String()
}

// String returns "cell [7]:3:5: undefined: x (hint)".
func (e Error) String() string {
	s := fmt.Sprintf("%s:%d:%d: %s", e.Cell, e.Line, e.Column, e.Msg)
	if e.Hint != "" {
		s += " (" + e.Hint + ")"
	}
	return s
}

// Caret returns the source line and below it a caret under the column, "" if the line is unknown.
func (e Error) Caret() string {
	if e.Text == "" {
		return ""
	}
	before := e.Text[:min(e.Column-1, len(e.Text))]
	pad := strings.Map(func(r rune) rune {
		if r == '\t' {
			return r
		}
		return ' '
	}, before)
	return e.Text + "\n" + pad + "^"
}

// syntax reports whether l holds a syntax error: what has one is not worth checking further. Other complaints of the
// parser, such as one about a literal, are no hindrance.
func (l ErrorList) syntax() bool {
	return slices.ContainsFunc(l, func(e Error) bool { return strings.HasPrefix(e.Msg, "syntax error: ") })
}

// onLine reports whether l holds an error of that line.
func (l ErrorList) onLine(line int) bool {
	return slices.ContainsFunc(l, func(e Error) bool { return e.Line == line })
}

func (l ErrorList) sort() {
	slices.SortStableFunc(l, func(a, b Error) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
}

func (s *source) errorAt(line, col int, msg string) Error {
	lines := strings.Split(s.text, "\n")
	e := Error{Cell: s.name, Line: line, Column: col, Msg: msg}
	if line >= 1 && line <= len(lines) {
		e.Text = strings.TrimRight(lines[line-1], "\r")
	}
	return e
}

// nearest returns the candidate that is one letter off name: in another case, with two letters swapped, or, unless
// name is so short that this says little, with one letter more, less or other. It returns "" if there is none.
func nearest(name string, candidates []string) string {
	best := ""
	for _, c := range candidates {
		switch {
		case c == name:
		case swapped(strings.ToLower(name), strings.ToLower(c)), strings.EqualFold(name, c):
			return c
		case best == "" && len(name) > 3 && distance(strings.ToLower(name), strings.ToLower(c), 2) < 2:
			best = c
		}
	}
	return best
}

// swapped reports whether a and b differ only by two neighbouring letters.
func swapped(a, b string) bool {
	if len(a) != len(b) || a == b {
		return false
	}
	i := 0
	for a[i] == b[i] {
		i++
	}
	return i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:]
}

// distance is the Levenshtein distance of a and b in bytes, or limit if it is not below it.
func distance(a, b string, limit int) int {
	if len(a)-len(b) >= limit || len(b)-len(a) >= limit {
		return limit
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		prev := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := prev
			if a[i] != b[j] {
				cost = 1 + min(prev, row[j], row[j+1])
			}
			prev, row[j+1] = row[j+1], cost
		}
	}
	return min(row[len(b)], limit)
}
