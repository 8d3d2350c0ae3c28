package concurrency

import (
	"fmt"
	"strings"
	"time"

	"gokernel/internal/concurrency/drawing"
)

// A Bar is one bar of a [BarChart].
type Bar struct {
	Name string
	Took time.Duration
}

// A BarChart compares how long things took. It is a picture where pictures are shown.
type BarChart struct {
	Title string
	Bars  []Bar
}

// Measure calls f, adds a bar for the time it took, and returns that time.
func (c *BarChart) Measure(name string, f func()) time.Duration {
	begin := time.Now()
	f()
	took := time.Since(begin)
	c.Bars = append(c.Bars, Bar{name, took})
	return took
}

// String returns a line for each bar, with its length in seconds.
func (c *BarChart) String() string {
	var b strings.Builder
	if c.Title != "" {
		b.WriteString(c.Title + "\n")
	}
	width := 0
	for _, bar := range c.Bars {
		width = max(width, len([]rune(bar.Name)))
	}
	for _, bar := range c.Bars {
		fmt.Fprintf(&b, "%-*s  %.3f s\n", width, bar.Name, bar.Took.Seconds())
	}
	return b.String()
}

func (c *BarChart) picture() *drawing.Picture {
	const bar, top = 26.0, 30.0
	left, most := 20.0, time.Microsecond
	for _, b := range c.Bars {
		left = max(left, 7.2*float64(len([]rune(b.Name)))+12)
		most = max(most, b.Took)
	}
	bottom := top + bar*float64(len(c.Bars))
	p := drawing.New(left+plotWidth+90, bottom+40, c.String())
	p.Text(left, 16, drawing.Start, drawing.Ink, c.Title)
	p.TimeAxis(left, top, bottom, plotWidth, most.Seconds())
	for i, b := range c.Bars {
		y, width := top+bar*float64(i), plotWidth*b.Took.Seconds()/most.Seconds()
		p.Text(left-8, y+17, drawing.End, drawing.Ink, b.Name)
		p.Rect(left, y+4, max(1, width), bar-8, drawing.Series()[i%len(drawing.Series())], "")
		p.Text(left+width+6, y+17, drawing.Start, drawing.Ink, fmt.Sprintf("%.3f s", b.Took.Seconds()))
	}
	return p
}

// SVG returns the chart as an <svg> element.
func (c *BarChart) SVG() string { return c.picture().SVG() }

// HTML returns the chart as an element that pages show which trust nobody.
func (c *BarChart) HTML() string { return c.picture().HTML() }
