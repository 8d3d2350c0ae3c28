// Package logo draws gokernel's logo: the brackets of a notebook's prompt around Go's receive arrow.
//
// The drawing is a short list of shapes, from which both the SVG and the PNGs of any size are made; so they
// cannot differ, and no binary file needs to be kept beside its source.
package logo

import "image/color"

// side is the edge of the square the drawing is made on. All lengths below are in its units, with the
// origin at the top left and y growing downwards.
const side = 64

// A point is a place on the drawing.
type point struct{ x, y float64 }

// A tile is the rounded square behind the drawing.
type tile struct {
	inset, radius float64
	fill          color.NRGBA
}

// A stroke is a line through points with round joins and round ends.
type stroke struct {
	points []point
	width  float64
	paint  color.NRGBA
}

var (
	ink   = color.NRGBA{R: 0x12, G: 0x3b, B: 0x4a, A: 0xff} // deep teal
	paper = color.NRGBA{R: 0xf4, G: 0xf8, B: 0xf7, A: 0xff}
	spark = color.NRGBA{R: 0xff, G: 0xb3, B: 0x2e, A: 0xff} // amber
)

// ground returns the tile, which is drawn first.
func ground() tile { return tile{inset: 2, radius: 13, fill: ink} }

// strokes returns the lines in the order in which they are drawn: the brackets of In [ ], and a receive
// operation between them.
func strokes() []stroke {
	return []stroke{
		{points: []point{{20, 15}, {12, 15}, {12, 49}, {20, 49}}, width: 5, paint: paper},
		{points: []point{{44, 15}, {52, 15}, {52, 49}, {44, 49}}, width: 5, paint: paper},
		{points: []point{{22, 32}, {43, 32}}, width: 5.5, paint: spark},
		{points: []point{{30, 23}, {21, 32}, {30, 41}}, width: 5.5, paint: spark},
	}
}
