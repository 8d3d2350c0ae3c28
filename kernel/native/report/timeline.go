package report

import (
	"fmt"
	"html"
	"strings"
	"text/tabwriter"
	"time"
)

// Sizes of a timeline, in pixels.
const (
	labelWidth = 230
	chartWidth = 700
	laneHeight = 18
	barHeight  = 12
	axisHeight = 24
	maxLanes   = 60
	maxWaits   = 15
)

// colours of the states. Blocked ones differ by what they wait for. They read on white and on black.
var stateColours = [...]string{Running: "#2e9e5b", Runnable: "#e39b2d", Blocked: "#8a94a6", Syscall: "#9b6bd3"}

// blockedColour tells what a goroutine waits for.
func blockedColour(reason string) string {
	switch {
	case strings.HasPrefix(reason, "chan"), reason == "select":
		return "#4f81c7"
	case strings.HasPrefix(reason, "sync"):
		return "#c7524f"
	case reason == "sleep":
		return "#b9c0cc"
	}
	return stateColours[Blocked]
}

// colour is that of a segment.
func (s Segment) colour() string {
	if s.State == Blocked {
		return blockedColour(s.Reason)
	}
	return stateColours[s.State]
}

// what says what a goroutine does in a segment.
func (s Segment) what() string {
	if s.State != Blocked {
		return s.State.String()
	}
	text := "blocked: " + s.Reason
	if s.At.File != "" {
		text += " at " + s.At.At()
	}
	return text
}

// SVG draws the timeline: a row for each goroutine.
func (t *Timeline) SVG(lines Lines) string {
	lanes := t.Lanes[:min(len(t.Lanes), maxLanes)]
	height := axisHeight + len(lanes)*laneHeight + axisHeight
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="100%%" style="max-width:%dpx" font-family="sans-serif" font-size="11" fill="currentColor" role="img">`,
		labelWidth+chartWidth+10, height, labelWidth+chartWidth+10)
	fmt.Fprintf(&b, "<title>what %d goroutines did in %s</title>", len(t.Lanes), Duration(float64(t.End)))
	for i := 0; i <= 4; i++ { // a scale in quarters
		x := labelWidth + chartWidth*i/4
		fmt.Fprintf(&b, `<line x1="%d" y1="%d" x2="%d" y2="%d" stroke="currentColor" stroke-opacity="0.2"/>`, x, axisHeight-6, x, axisHeight+len(lanes)*laneHeight)
		fmt.Fprintf(&b, `<text x="%d" y="12" text-anchor="%s">%s</text>`, x, [...]string{"start", "middle", "middle", "middle", "end"}[i], Duration(float64(t.End)*float64(i)/4))
	}
	for i, l := range lanes {
		y := axisHeight + i*laneHeight
		label := l.Name()
		if text := lines.source(l.Started); text != "" {
			label += ": " + text
		}
		fmt.Fprintf(&b, `<text x="0" y="%d"><title>%s</title>%s</text>`, y+barHeight-2, html.EscapeString(label), html.EscapeString(shorten(label, 40)))
		for _, s := range t.drawn(l) {
			x := labelWidth + t.x(s.Start)
			width := max(t.x(s.End)-t.x(s.Start), 0.5)
			fmt.Fprintf(&b, `<rect x="%.1f" y="%d" width="%.1f" height="%d" fill="%s"><title>%s, %s</title></rect>`,
				x, y, width, barHeight, s.colour(), html.EscapeString(s.what()), Duration(float64(s.End-s.Start)))
		}
	}
	y := axisHeight + len(lanes)*laneHeight + 14
	x := labelWidth
	for _, k := range []struct{ name, colour string }{
		{"running", stateColours[Running]}, {"runnable", stateColours[Runnable]}, {"channel, select", blockedColour("chan")},
		{"sync", blockedColour("sync")}, {"sleep", blockedColour("sleep")}, {"syscall", stateColours[Syscall]}, {"blocked otherwise", stateColours[Blocked]},
	} {
		fmt.Fprintf(&b, `<rect x="%d" y="%d" width="10" height="10" fill="%s"/><text x="%d" y="%d">%s</text>`, x, y-9, k.colour, x+13, y, k.name)
		x += 26 + 6*len(k.name)
	}
	b.WriteString("</svg>")
	return b.String()
}

// x returns the place of a time in the chart, in pixels from its left.
func (t *Timeline) x(at time.Duration) float64 {
	if t.End <= 0 {
		return 0
	}
	return float64(chartWidth) * float64(at) / float64(t.End)
}

// drawn returns the segments of a lane so that each is wide enough to be seen: of several in one pixel the longest is drawn.
func (t *Timeline) drawn(l *Lane) []Segment {
	if len(l.Segments) <= chartWidth/2 {
		return l.Segments
	}
	var out []Segment
	for i := 0; i < len(l.Segments); {
		pixel := int(t.x(l.Segments[i].Start))
		longest, end := l.Segments[i], l.Segments[i].End
		j := i + 1
		for ; j < len(l.Segments) && int(t.x(l.Segments[j].Start)) == pixel; j++ {
			s := l.Segments[j]
			end = s.End
			if s.End-s.Start > longest.End-longest.Start {
				longest = s
			}
		}
		if n := len(out); n > 0 && out[n-1].State == longest.State && out[n-1].Reason == longest.Reason && out[n-1].At == longest.At {
			out[n-1].End = end
		} else {
			start := l.Segments[i].Start
			longest.Start, longest.End = start, end
			out = append(out, longest)
		}
		i = j
	}
	return out
}

func shorten(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}

// HTML returns the drawing, and a table of what goroutines were blocked on.
func (t *Timeline) HTML(lines Lines) string {
	var b strings.Builder
	b.WriteString(t.SVG(lines))
	if hidden := len(t.Lanes) - maxLanes; hidden > 0 {
		fmt.Fprintf(&b, "<p>%d more goroutines are not drawn.</p>", hidden)
	}
	var rows []row
	for i, w := range t.Waits() {
		if i == maxWaits {
			break
		}
		at := ""
		if w.At.File != "" {
			at = lines.code(w.At)
		}
		rows = append(rows, row{html.EscapeString(w.Reason), at, fmt.Sprint(w.Count), Duration(float64(w.Total))})
	}
	if len(rows) > 0 {
		b.WriteString(table([]string{"blocked on", "at", "times", "altogether"}, rows))
	}
	return b.String()
}

// Text returns the timeline as a table: what each goroutine did how long, and where they were blocked.
func (t *Timeline) Text(lines Lines) string {
	var b strings.Builder
	goroutines := "goroutines"
	if len(t.Lanes) == 1 {
		goroutines = "goroutine"
	}
	fmt.Fprintf(&b, "%d %s in %s\n", len(t.Lanes), goroutines, Duration(float64(t.End)))
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "goroutine\trunning\trunnable\tblocked\tsyscall")
	for _, l := range t.Lanes[:min(len(t.Lanes), maxLanes)] {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", l.Name(), Duration(float64(l.in(Running))), Duration(float64(l.in(Runnable))), Duration(float64(l.in(Blocked))), Duration(float64(l.in(Syscall))))
	}
	w.Flush() // a strings.Builder does not fail
	for i, w := range t.Waits() {
		if i == maxWaits {
			break
		}
		at := ""
		if w.At.File != "" {
			at = " at " + w.At.describe()
		}
		fmt.Fprintf(&b, "blocked %s: %s%s, %s\n", Duration(float64(w.Total)), w.Reason, at, plural(w.Count))
		if text := lines.source(w.At); text != "" {
			fmt.Fprintf(&b, "%6d | %s\n", w.At.Line, text)
		}
	}
	return b.String()
}

func plural(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}
