package logo

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
)

// PNG returns the logo as a PNG image of size × size pixels with a transparent ground.
// The size must be positive.
func PNG(size int) ([]byte, error) {
	if size <= 0 {
		return nil, fmt.Errorf("drawing the logo: size %d is not positive", size)
	}
	img := image.NewNRGBA(image.Rect(0, 0, size, size))
	unit := side / float64(size) // drawing units per pixel
	for y := range size {
		for x := range size {
			img.SetNRGBA(x, y, pixel(point{(float64(x) + 0.5) * unit, (float64(y) + 0.5) * unit}, unit))
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		return nil, fmt.Errorf("encoding the logo: %w", err)
	}
	return b.Bytes(), nil
}

// pixel returns the colour of the pixel around p, which is unit wide. Every shape knows its distance
// from p, so an edge is smoothed by how much of the pixel it covers.
func pixel(p point, unit float64) color.NRGBA {
	g := ground()
	at := g.fill
	at.A = uint8(math.Round(255 * cover(g.distance(p), unit)))
	for _, s := range strokes() {
		at = blend(at, s.paint, cover(s.distance(p), unit))
	}
	return at
}

// cover turns a signed distance from an edge into the share of a pixel that lies inside, from 0 to 1.
func cover(distance, unit float64) float64 {
	return math.Max(0, math.Min(1, 0.5-distance/unit))
}

// blend lays share of over upon under. Strokes lie within the tile, so its alpha stays.
func blend(under, over color.NRGBA, share float64) color.NRGBA {
	mix := func(a, b uint8) uint8 { return uint8(math.Round(float64(a)*(1-share) + float64(b)*share)) }
	return color.NRGBA{R: mix(under.R, over.R), G: mix(under.G, over.G), B: mix(under.B, over.B), A: under.A}
}

// distance returns how far p lies outside the tile; it is negative inside.
func (t tile) distance(p point) float64 {
	half := side/2 - t.inset - t.radius
	dx, dy := math.Abs(p.x-side/2)-half, math.Abs(p.y-side/2)-half
	outside := math.Hypot(math.Max(dx, 0), math.Max(dy, 0))
	return outside + math.Min(math.Max(dx, dy), 0) - t.radius
}

// distance returns how far p lies outside the stroke; it is negative inside.
func (s stroke) distance(p point) float64 {
	nearest := math.Inf(1)
	for i := 1; i < len(s.points); i++ {
		nearest = math.Min(nearest, fromSegment(p, s.points[i-1], s.points[i]))
	}
	return nearest - s.width/2
}

// fromSegment returns the distance of p from the segment between a and b.
func fromSegment(p, a, b point) float64 {
	dx, dy := b.x-a.x, b.y-a.y
	along := ((p.x-a.x)*dx + (p.y-a.y)*dy) / (dx*dx + dy*dy)
	along = math.Max(0, math.Min(1, along))
	return math.Hypot(p.x-a.x-along*dx, p.y-a.y-along*dy)
}
