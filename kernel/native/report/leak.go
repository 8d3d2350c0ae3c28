package report

import (
	"fmt"
	"html"
	"strings"
)

// Leaks are the goroutines that a program had left when it was done.
type Leaks struct {
	Leaked []*Left // nothing can wake them any more
	Others []*Left
}

// Left are goroutines that were started and wait at the same places.
type Left struct {
	State   string // "chan send"
	At      Frame  // where they wait
	Started Frame
	Count   int
}

// ParseLeaks reads the stacks of all goroutines, as profile "goroutineleak" writes them with debug=2, and keeps those
// of the cells. The main goroutine is none of them.
func ParseLeaks(stacks string, lines Lines) *Leaks {
	l := &Leaks{}
	byPlace := map[Left]*Left{}
	for _, g := range ParseGoroutines(stacks) {
		if g.Started.File == "" {
			continue
		}
		at, _ := lines.first(g.Stack)
		_, started := lines(g.Started.File, g.Started.Line)
		if len(lines.own(g.Stack)) == 0 && !started {
			continue
		}
		state, leaked := strings.CutSuffix(g.State, " (leaked)")
		key := Left{State: g.State, At: at, Started: g.Started}
		if same := byPlace[key]; same != nil {
			same.Count++
			continue
		}
		left := &Left{State: state, At: at, Started: g.Started, Count: 1}
		byPlace[key] = left
		if leaked {
			l.Leaked = append(l.Leaked, left)
		} else {
			l.Others = append(l.Others, left)
		}
	}
	return l
}

// number returns how many goroutines there are.
func number(all []*Left) int {
	n := 0
	for _, l := range all {
		n += l.Count
	}
	return n
}

// summary says what was found.
func (l *Leaks) summary() string {
	leaked, others := number(l.Leaked), number(l.Others)
	switch {
	case leaked == 0 && others == 0:
		return "No goroutine is left."
	case leaked == 0:
		return fmt.Sprintf("No goroutine has leaked; %s when the program was done.", still(others))
	case others == 0:
		return fmt.Sprintf("Leaked goroutines: %d.", leaked)
	}
	return fmt.Sprintf("Leaked goroutines: %d; %s when the program was done.", leaked, still(others))
}

func still(n int) string {
	if n == 1 {
		return "1 other was still there"
	}
	return fmt.Sprintf("%d others were still there", n)
}

// Text returns the goroutines as plain text.
func (l *Leaks) Text(lines Lines) string {
	var b strings.Builder
	b.WriteString(l.summary() + "\n")
	write := func(what string, all []*Left) {
		for _, g := range all {
			fmt.Fprintf(&b, "%s: %s at %s, %s\n", what, g.State, g.At.describe(), plural(g.Count))
			if text := lines.source(g.At); text != "" {
				fmt.Fprintf(&b, "%6d | %s\n", g.At.Line, text)
			}
			fmt.Fprintf(&b, "  started at %s\n", g.Started.describe())
			if text := lines.source(g.Started); text != "" {
				fmt.Fprintf(&b, "%6d | %s\n", g.Started.Line, text)
			}
		}
	}
	write("leaked", l.Leaked)
	write("left", l.Others)
	return b.String()
}

// HTML returns the goroutines as a table.
func (l *Leaks) HTML(lines Lines) string {
	text := "<p>" + html.EscapeString(l.summary()) + "</p>"
	var rows []row
	add := func(what string, all []*Left) {
		for _, g := range all {
			rows = append(rows, row{what, html.EscapeString(g.State), lines.code(g.At), lines.code(g.Started), fmt.Sprint(g.Count)})
		}
	}
	add("<b>leaked</b>", l.Leaked)
	add("still there", l.Others)
	if len(rows) == 0 {
		return text
	}
	return text + table([]string{"", "waits for", "at", "started at", "goroutines"}, rows)
}
