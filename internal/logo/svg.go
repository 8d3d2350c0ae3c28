package logo

import (
	"fmt"
	"image/color"
	"strings"
)

// SVG returns the logo as an SVG document.
func SVG() []byte {
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" role="img" aria-label="gokernel">`+"\n", side, side)
	g := ground()
	edge := side - 2*g.inset
	fmt.Fprintf(&b, `  <rect x="%g" y="%g" width="%g" height="%g" rx="%g" fill="%s"/>`+"\n", g.inset, g.inset, edge, edge, g.radius, hex(g.fill))
	for _, s := range strokes() {
		var pts []string
		for _, p := range s.points {
			pts = append(pts, fmt.Sprintf("%g,%g", p.x, p.y))
		}
		fmt.Fprintf(&b, `  <polyline points="%s" fill="none" stroke="%s" stroke-width="%g" stroke-linecap="round" stroke-linejoin="round"/>`+"\n",
			strings.Join(pts, " "), hex(s.paint), s.width)
	}
	b.WriteString("</svg>\n")
	return []byte(b.String())
}

// hex returns c as SVG writes colours.
func hex(c color.NRGBA) string { return fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B) }
