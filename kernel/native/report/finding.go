package report

import (
	"fmt"
	"html"
	"strings"
)

// A Finding is something that a checker found in a cell.
type Finding struct {
	At      Frame
	Message string
}

// FindingsText returns findings as plain text.
func FindingsText(all []Finding, lines Lines) string {
	if len(all) == 0 {
		return "Nothing was found.\n"
	}
	var b strings.Builder
	for _, f := range all {
		fmt.Fprintf(&b, "%s: %s\n", f.At.At(), f.Message)
		if text := lines.source(f.At); text != "" {
			fmt.Fprintf(&b, "%6d | %s\n", f.At.Line, text)
		}
	}
	return b.String()
}

// FindingsHTML returns findings as a table.
func FindingsHTML(all []Finding, lines Lines) string {
	if len(all) == 0 {
		return "<p>Nothing was found.</p>"
	}
	var rows []row
	for _, f := range all {
		rows = append(rows, row{lines.code(f.At), html.EscapeString(f.Message)})
	}
	return table([]string{"at", "finding"}, rows)
}
