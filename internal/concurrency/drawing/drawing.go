// Package drawing writes pictures as SVG that can be read on a light and on a dark page.
//
// Its colours are of middle brightness, so that they stand out from white and from black, and there is no background. For
// HTML a picture becomes an image element with the SVG in its address: that is left alone where a page takes elements it does not
// trust out of what it shows, as JupyterLab does in a notebook that has not been run. Where styles are
// allowed as well, one of them turns light and dark around for JupyterLab's dark theme. There are no scripts.
package drawing

import (
	"encoding/base64"
	"fmt"
	"html"
	"strconv"
	"strings"
)

// The colours. Text has a contrast of more than 4:1 on white and on JupyterLab's darkest grey.
const (
	Ink    = "#757575" // text and axes
	Faint  = "#9e9e9e" // what is of little interest
	Blue   = "#3f83c7"
	Orange = "#d9822b"
	Green  = "#2f9e6e"
	Red    = "#d1495b"
	Purple = "#8e6bbf"
)

// Series lists colours that can be told apart, in the order in which to use them.
func Series() []string { return []string{Blue, Orange, Green, Red, Purple, Faint} }

// An Anchor says which part of a text is at its place.
type Anchor string

// The anchors.
const (
	Start  Anchor = "start"
	Middle Anchor = "middle"
	End    Anchor = "end"
)

// A Picture is an SVG in the making. Lengths are in pixels, y grows downwards.
type Picture struct {
	width, height float64
	alt           string
	defs, body    strings.Builder
}

// New returns an empty picture. What it shows is said in words by alt.
func New(width, height float64, alt string) *Picture {
	return &Picture{width: width, height: height, alt: alt}
}

// String returns what the picture shows, in words.
func (p *Picture) String() string { return p.alt }

// Num writes a length, with two digits at most behind the point.
func Num(x float64) string {
	s := strconv.FormatFloat(x, 'f', 2, 64)
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}

// Raw adds elements as they are.
func (p *Picture) Raw(elements string) { p.body.WriteString(elements) }

// Define adds elements to the definitions, such as a <style>.
func (p *Picture) Define(elements string) { p.defs.WriteString(elements) }

// Rect adds a filled rectangle. tip is shown where a picture can be pointed at, "" for nothing.
func (p *Picture) Rect(x, y, width, height float64, fill, tip string) {
	fmt.Fprintf(&p.body, `<rect x="%s" y="%s" width="%s" height="%s" fill="%s"`, Num(x), Num(y), Num(width), Num(height), fill)
	if tip == "" {
		p.body.WriteString("/>")
		return
	}
	fmt.Fprintf(&p.body, `><title>%s</title></rect>`, html.EscapeString(tip))
}

// Line adds a straight line.
func (p *Picture) Line(x1, y1, x2, y2 float64, color string) {
	fmt.Fprintf(&p.body, `<line x1="%s" y1="%s" x2="%s" y2="%s" stroke="%s"/>`, Num(x1), Num(y1), Num(x2), Num(y2), color)
}

// Text adds a text whose base line is at y.
func (p *Picture) Text(x, y float64, anchor Anchor, color, text string) {
	fmt.Fprintf(&p.body, `<text x="%s" y="%s" text-anchor="%s" fill="%s">%s</text>`, Num(x), Num(y), anchor, color, html.EscapeString(text))
}

// SVG returns the picture as one <svg> element.
func (p *Picture) SVG() string {
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" width="%[1]s" height="%[2]s" viewBox="0 0 %[1]s %[2]s" role="img" aria-label="%[3]s" `+
		`font-family="system-ui, sans-serif" font-size="12"><defs>%[4]s</defs>%[5]s</svg>`,
		Num(p.width), Num(p.height), html.EscapeString(p.alt), p.defs.String(), p.body.String())
}

// Theme is a style that turns images of the class gokernel-drawing around on JupyterLab's dark pages.
const Theme = `<style>body[data-jp-theme-light="false"] .gokernel-drawing{filter:invert(1) hue-rotate(180deg)}</style>`

// Image returns the picture as an <img> element.
func (p *Picture) Image() string {
	return fmt.Sprintf(`<img class="gokernel-drawing" alt="%s" width="%s" height="%s" src="data:image/svg+xml;base64,%s">`,
		html.EscapeString(p.alt), Num(p.width), Num(p.height), base64.StdEncoding.EncodeToString([]byte(p.SVG())))
}

// HTML returns the picture as an element of HTML, with the style for dark pages.
func (p *Picture) HTML() string { return Theme + p.Image() }
