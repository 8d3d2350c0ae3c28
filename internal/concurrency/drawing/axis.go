package drawing

import (
	"math"
	"strconv"
)

// Ticks returns some three to seven round numbers from 0 up to most, and that many digits behind the point as they need.
func Ticks(most float64) (ticks []float64, digits int) {
	if most <= 0 || math.IsInf(most, 0) || math.IsNaN(most) {
		return []float64{0}, 0
	}
	step := math.Pow(10, math.Floor(math.Log10(most)))
	switch n := most / step; {
	case n < 1.5:
		step /= 5
	case n < 3:
		step /= 2
	case n >= 7:
		step *= 2
	}
	digits = max(0, int(math.Ceil(-math.Log10(step)-1e-9)))
	for i := 0; float64(i)*step <= most*(1+1e-9); i++ {
		ticks = append(ticks, float64(i)*step)
	}
	return ticks, digits
}

// TimeAxis adds an axis from 0 to most seconds below a plot that is width wide, with fine lines up through it.
func (p *Picture) TimeAxis(x, top, bottom, width, most float64) {
	ticks, digits := Ticks(most)
	for _, t := range ticks {
		at := x + width*t/most
		p.Raw(`<g stroke-opacity="0.35">`)
		p.Line(at, top, at, bottom, Faint)
		p.Raw(`</g>`)
		p.Text(at, bottom+16, Middle, Ink, strconv.FormatFloat(t, 'f', digits, 64))
	}
	p.Text(x+width, bottom+32, End, Ink, "seconds")
}
