package concurrency

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"gokernel/internal/concurrency/drawing"
)

// Places in charts, in pixels.
const (
	plotWidth = 640.0
	rowHeight = 22.0
	mostRows  = 60 // goroutines that are drawn
)

// colorOf is the colour of a state.
func colorOf(s State) string {
	return [...]string{drawing.Green, "none", drawing.Faint, drawing.Orange, drawing.Red, drawing.Purple}[s]
}

func (t *Timeline) picture() *drawing.Picture {
	rows := t.Goroutines[:min(mostRows, len(t.Goroutines))]
	left := 20.0
	for _, g := range rows {
		left = max(left, 7.2*float64(len(g.Name))+12)
	}
	bottom := 24 + rowHeight*float64(len(rows))
	p := drawing.New(left+plotWidth+24, bottom+40, "timeline: "+t.String())
	seconds := t.Duration.Seconds()
	at := func(d time.Duration) float64 { return left + plotWidth*d.Seconds()/seconds }

	x, used := left, map[State]bool{}
	for _, g := range rows {
		for _, phase := range g.Phases {
			used[phase.State] = true
		}
	}
	for s := Running; s <= ChildWait; s++ {
		if used[s] {
			p.Raw(fmt.Sprintf(`<rect x="%s" y="4" width="11" height="11" fill="%s" stroke="%s" stroke-opacity="0.6"/>`, drawing.Num(x), colorOf(s), drawing.Faint))
			p.Text(x+16, 14, drawing.Start, drawing.Ink, s.String())
			x += 34 + 6.4*float64(len(s.String()))
		}
	}
	p.TimeAxis(left, 22, bottom, plotWidth, seconds)
	for i, g := range rows {
		y := 24 + rowHeight*float64(i)
		p.Text(left-8, y+15, drawing.End, drawing.Ink, g.Name)
		for _, phase := range g.Phases {
			from, to := at(phase.Start), at(min(phase.End, t.Duration))
			tip := fmt.Sprintf("%s: %v, %.3f s", g.Name, phase.State, (phase.End - phase.Start).Seconds())
			if phase.For != "" {
				tip = fmt.Sprintf("%s: waiting for %s, %.3f s", g.Name, phase.For, (phase.End - phase.Start).Seconds())
			}
			if phase.State == Asleep {
				p.Line(from, y+rowHeight/2, to, y+rowHeight/2, drawing.Faint)
				continue
			}
			p.Rect(from, y+4, max(0.5, to-from), rowHeight-8, colorOf(phase.State), tip)
			if width := 6.4 * float64(len(phase.For)); phase.For != "" && to-from > width+8 {
				p.Text((from+to)/2, y+15, drawing.Middle, "#ffffff", phase.For)
			}
		}
	}
	if n := len(t.Goroutines) - len(rows); n > 0 {
		p.Text(left, bottom+32, drawing.Start, drawing.Ink, fmt.Sprintf("and %d more", n))
	}
	return p
}

// SVG returns the timeline as an <svg> element.
func (t *Timeline) SVG() string { return t.picture().SVG() }

// HTML returns the timeline as an element that pages show which trust nobody.
func (t *Timeline) HTML() string { return t.picture().HTML() }

// Lengths returns how many items the queues held that were used during the trace.
func (t *Timeline) Lengths() *LengthChart { return &LengthChart{t.Duration, t.lengths} }

// A LengthChart shows how long queues were over time.
type LengthChart struct {
	duration time.Duration
	lengths  map[string][]length
}

// Most returns the greatest length that a queue had, 0 if there is none of that name.
func (c *LengthChart) Most(queue string) int {
	most := 0
	for _, l := range c.lengths[queue] {
		most = max(most, l.items)
	}
	return most
}

// counted returns a number of things: "1 item", "2 items".
func counted(n int, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return fmt.Sprintf("%d %s", n, thing)
}

// String returns a line for each queue.
func (c *LengthChart) String() string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(c.lengths)) {
		fmt.Fprintf(&b, "%s: %s at most\n", name, counted(c.Most(name), "item"))
	}
	return b.String()
}

func (c *LengthChart) picture() *drawing.Picture {
	const left, top, height = 44.0, 28.0, 180.0
	names := slices.Sorted(maps.Keys(c.lengths))
	most := 1
	for _, name := range names {
		most = max(most, c.Most(name))
	}
	p := drawing.New(left+plotWidth+24, top+height+40, "queue lengths: "+c.String())
	ticks, _ := drawing.Ticks(float64(most))
	for _, tick := range ticks {
		if tick == float64(int(tick)) {
			p.Text(left-8, top+height*(1-tick/float64(most))+4, drawing.End, drawing.Ink, fmt.Sprint(int(tick)))
		}
	}
	p.Text(4, 14, drawing.Start, drawing.Ink, "items")
	p.TimeAxis(left, top, top+height, plotWidth, c.duration.Seconds())
	x := left + 40
	for i, name := range names {
		color := drawing.Series()[i%len(drawing.Series())]
		p.Rect(x, 8, 16, 3, color, "")
		p.Text(x+21, 14, drawing.Start, drawing.Ink, name)
		x += 42 + 6.6*float64(len(name))
		p.Raw(c.steps(c.lengths[name], left, top, height, float64(most), color))
	}
	return p
}

// steps draws lengths as a line of steps. Several in one pixel become a line from the least to the greatest.
func (c *LengthChart) steps(lengths []length, left, top, height, most float64, color string) string {
	var b strings.Builder
	y := func(items int) string { return drawing.Num(top + height*(1-float64(items)/most)) }
	fmt.Fprintf(&b, `<path fill="none" stroke="%s" stroke-width="1.5" d="M%s %s`, color, drawing.Num(left), y(0))
	for i := 0; i < len(lengths); {
		pixel := int(plotWidth * lengths[i].at.Seconds() / c.duration.Seconds())
		low, high, last := lengths[i].items, lengths[i].items, lengths[i].items
		for ; i < len(lengths) && int(plotWidth*lengths[i].at.Seconds()/c.duration.Seconds()) == pixel; i++ {
			last = lengths[i].items
			low, high = min(low, last), max(high, last)
		}
		fmt.Fprintf(&b, "H%s V%s V%s V%s", drawing.Num(left+float64(pixel)), y(low), y(high), y(last))
	}
	fmt.Fprintf(&b, `H%s"/>`, drawing.Num(left+plotWidth))
	return b.String()
}

// SVG returns the chart as an <svg> element.
func (c *LengthChart) SVG() string { return c.picture().SVG() }

// HTML returns the chart as an element that pages show which trust nobody.
func (c *LengthChart) HTML() string { return c.picture().HTML() }
