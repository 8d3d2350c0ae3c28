package notebook

import (
	"fmt"
	"strings"
	"sync"
)

// Colours of tracebacks. Front ends show errors on a ground that is light red in one theme and dark red in the other,
// on which no one colour reads well: red has a ground of its own, and white on it.
const (
	red   = "\x1b[38;5;231;48;5;124m"
	bold  = "\x1b[1m"
	plain = "\x1b[0m"
)

// texts are the sources of the cells, for messages that show a line.
type texts struct {
	mu     sync.Mutex
	byName map[string]string
}

// keep remembers the text of a cell. Of cells with one name, as those that are not counted have, the last one counts.
func (t *texts) keep(name, text string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.byName == nil {
		t.byName = map[string]string{}
	}
	t.byName[name] = text
}

// line returns a line of a cell, counted from 1.
func (t *texts) line(name string, line int) (string, bool) {
	t.mu.Lock()
	text := t.byName[name]
	t.mu.Unlock()
	if line < 1 || text == "" {
		return "", false
	}
	for ; line > 1; line-- {
		i := strings.IndexByte(text, '\n')
		if i < 0 {
			return "", false
		}
		text = text[i+1:]
	}
	text, _, _ = strings.Cut(text, "\n")
	return strings.TrimRight(text, "\r"), true
}

// known reports whether there is a cell of that name.
func (t *texts) known(name string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	_, ok := t.byName[name]
	return ok
}

// excerpt returns a source line with its number and, if column is not 0, a caret below that byte.
func excerpt(text string, line, column int) []string {
	number := fmt.Sprintf("%6d", line)
	lines := []string{number + " | " + text}
	if column > 0 {
		pad := strings.Map(func(r rune) rune {
			if r == '\t' {
				return r
			}
			return ' '
		}, text[:min(column-1, len(text))])
		lines = append(lines, strings.Repeat(" ", len(number))+" | "+pad+red+bold+"^"+plain)
	}
	return lines
}

// at returns "cell [7] line 3".
func at(cell string, line int) string {
	switch {
	case cell == "":
		return "an unknown place"
	case line <= 0:
		return cell
	}
	return fmt.Sprintf("%s line %d", cell, line)
}

// whole returns the text of a cell.
func (t *texts) whole(name string) (string, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	text, ok := t.byName[name]
	return text, ok
}
