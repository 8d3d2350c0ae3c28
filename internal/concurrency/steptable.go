package concurrency

import (
	"fmt"
	"html"
	"strings"
)

// Table returns what happened in each turn as a table with a column for each actor.
func (il *Interleaver) Table() StepTable {
	t := StepTable{Events: il.Trace()}
	for _, a := range il.actors {
		t.Actors = append(t.Actors, a.name)
	}
	return t
}

// A StepTable shows the turns of actors one below the other, each in the column of its actor.
type StepTable struct {
	Actors []string
	Events []Event
}

// cell returns what stands in the column of an actor.
func (t StepTable) cell(e Event, actor string) string {
	switch {
	case e.Actor != actor:
		return ""
	case e.Waits:
		return e.Step + " (waits)"
	}
	return e.Step
}

// String returns the table as text.
func (t StepTable) String() string {
	widths := make([]int, len(t.Actors))
	for i, actor := range t.Actors {
		widths[i] = len([]rune(actor))
		for _, e := range t.Events {
			widths[i] = max(widths[i], len([]rune(t.cell(e, actor))))
		}
	}
	var b strings.Builder
	row := func(turn string, cell func(actor string) string) {
		line := fmt.Sprintf("%4s", turn)
		for i, actor := range t.Actors {
			line += fmt.Sprintf("  %-*s", widths[i], cell(actor))
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	row("turn", func(actor string) string { return actor })
	for i, e := range t.Events {
		row(fmt.Sprint(i+1), func(actor string) string { return t.cell(e, actor) })
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// HTML returns the table as a <table> element.
func (t StepTable) HTML() string {
	var b strings.Builder
	b.WriteString("<table><thead><tr><th>turn</th>")
	for _, actor := range t.Actors {
		fmt.Fprintf(&b, "<th>%s</th>", html.EscapeString(actor))
	}
	b.WriteString("</tr></thead><tbody>")
	for i, e := range t.Events {
		fmt.Fprintf(&b, "<tr><td>%d</td>", i+1)
		for _, actor := range t.Actors {
			text := html.EscapeString(t.cell(e, actor))
			if e.Waits && text != "" {
				text = "<em>" + text + "</em>"
			}
			fmt.Fprintf(&b, "<td>%s</td>", text)
		}
		b.WriteString("</tr>")
	}
	b.WriteString("</tbody></table>")
	return b.String()
}
