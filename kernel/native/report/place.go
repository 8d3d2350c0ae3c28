package report

import (
	"fmt"
	"html"
	"regexp"
	"strconv"
	"strings"
)

// A Frame is one call in a stack.
type Frame struct {
	Func string // as the runtime names it, without arguments: "main.f", "main.(*T).M", "main.main.func1"
	File string // "cell [7]" for the reader's code
	Line int    // from 1
}

// starts reports whether a frame is that of a function through which a program calls WaitGroup.Go, see
// program.StartPrefix: it stands at the line of the call.
func (f Frame) starts() bool { return strings.HasPrefix(f.Func, "main."+startPrefix) }

// startPrefix is program.StartPrefix.
const startPrefix = "gk_start"

// Lines returns a line of a cell, counted from 1; ok is false for a place that is no cell's.
type Lines func(file string, line int) (text string, ok bool)

// own returns the frames in cells.
func (lines Lines) own(stack []Frame) []Frame {
	var own []Frame
	for _, f := range stack {
		if _, ok := lines(f.File, f.Line); ok {
			own = append(own, f)
		}
	}
	return own
}

// first returns the innermost frame in a cell, else the innermost of all.
func (lines Lines) first(stack []Frame) (Frame, bool) {
	if own := lines.own(stack); len(own) > 0 {
		return own[0], true
	}
	if len(stack) > 0 {
		return stack[0], true
	}
	return Frame{}, false
}

// At returns "cell [7] line 3".
func (f Frame) At() string {
	if f.File == "" {
		return "an unknown place"
	}
	return fmt.Sprintf("%s line %d", f.File, f.Line)
}

// Name returns the name of the function as the reader wrote it, "" for what is at the top of a cell.
func (f Frame) Name() string {
	name, ours := strings.CutPrefix(f.Func, "main.")
	if !ours {
		return name
	}
	for _, top := range []string{"main", "gk_m", "init", "init.0", "BenchmarkCell"} {
		if name == top {
			return ""
		}
		if rest, ok := strings.CutPrefix(name, top+"."); ok && (strings.HasPrefix(rest, "func") || strings.HasPrefix(rest, "gowrap")) {
			return "a function literal"
		}
	}
	if i := strings.Index(name, ".func"); i > 0 {
		return "a function literal in " + name[:i]
	}
	return name
}

// source returns the trimmed source line of a frame, "" if it is unknown.
func (lines Lines) source(f Frame) string {
	text, _ := lines(f.File, f.Line)
	return strings.TrimSpace(text)
}

// describe returns "cell [7] line 3, in f".
func (f Frame) describe() string {
	if name := f.Name(); name != "" {
		return f.At() + ", in " + name
	}
	return f.At()
}

// code returns a frame as a cell of a table: the place and below it the source line.
func (lines Lines) code(f Frame) string {
	s := html.EscapeString(f.describe())
	if text := lines.source(f); text != "" {
		s += "<br><code>" + html.EscapeString(text) + "</code>"
	}
	return s
}

// placeLine is the line of a stack below a function: "\tcell [7]:3 +0x1d", "      cell [7]:3 +0x1d".
var placeLine = regexp.MustCompile(`^\s+(.*?):(\d+)(?: \+0x[0-9a-f]+)?\s*$`)

// place reads such a line.
func place(line string) (file string, number int, ok bool) {
	m := placeLine.FindStringSubmatch(line)
	if m == nil {
		return "", 0, false
	}
	number, err := strconv.Atoi(m[2])
	return m[1], number, err == nil
}

// function returns the name in a line such as "main.f(0x1, ...)".
func function(line string) string {
	line = strings.TrimSpace(line)
	line, _, _ = strings.Cut(line, " in goroutine ")
	if strings.HasSuffix(line, ")") {
		if i := strings.LastIndexByte(line, '('); i > 0 {
			line = line[:i]
		}
	}
	return line
}

// A row is one line of a table, its cells already HTML.
type row []string

// table returns an HTML table. The style is what front ends give tables; only the alignment is ours.
func table(head []string, rows []row) string {
	var b strings.Builder
	b.WriteString("<table><thead><tr>")
	for _, h := range head {
		b.WriteString(`<th style="text-align:left">` + html.EscapeString(h) + "</th>")
	}
	b.WriteString("</tr></thead><tbody>")
	for _, r := range rows {
		b.WriteString("<tr>")
		for _, c := range r {
			b.WriteString(`<td style="text-align:left;vertical-align:top">` + c + "</td>")
		}
		b.WriteString("</tr>")
	}
	b.WriteString("</tbody></table>")
	return b.String()
}
