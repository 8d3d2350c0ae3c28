package life

import (
	"fmt"
	"hash/fnv"
	"strings"
	"time"

	"gokernel/internal/concurrency/drawing"
)

// A Film shows generations of a grid. It is what a cell shows whose last expression it is. The grids should be of the same size,
// and there must be one at least.
type Film struct {
	Grids []*Grid
	// Delay is how long [Film.HTML] shows a generation; 0 stands for 0.4 seconds.
	Delay time.Duration
}

// String returns the generations as text, side by side.
func (f Film) String() string { return Columns(f.Grids...) }

// side returns the length of a cell's side in pixels, so that a grid is some size wide or high at most.
func side(g *Grid, size float64) float64 {
	return max(1, min(18, size/float64(max(g.height, g.width))))
}

// picture returns the elements that draw the live cells of a grid, and its frame, from x and y on.
func (g *Grid) picture(x, y, side float64) string {
	var b strings.Builder
	n := drawing.Num
	fmt.Fprintf(&b, `<rect x="%s" y="%s" width="%s" height="%s" fill="none" stroke="%s" stroke-opacity="0.6"/><path fill="%s" d="`,
		n(x), n(y), n(side*float64(g.width)), n(side*float64(g.height)), drawing.Faint, drawing.Green)
	gap := side / 12
	for row := range g.height {
		for column := range g.width {
			if g.Get(row, column) == Alive {
				fmt.Fprintf(&b, "M%s %sh%sv%sh-%sz", n(x+side*float64(column)+gap), n(y+side*float64(row)+gap),
					n(side-2*gap), n(side-2*gap), n(side-2*gap))
			}
		}
	}
	b.WriteString(`"/>`)
	return b.String()
}

// Strip returns the generations as a picture: side by side, in rows, each with its number.
func (f Film) Strip() Strip { return Strip{f.Grids} }

// A Strip is a film whose generations are shown side by side.
type Strip struct{ grids []*Grid }

// String returns the generations as text, side by side.
func (s Strip) String() string { return Columns(s.grids...) }

func (s Strip) picture() *drawing.Picture {
	const gap, most = 12.0, 860.0
	cell := side(s.grids[0], 150)
	width, height := cell*float64(s.grids[0].width), cell*float64(s.grids[0].height)
	columns := max(1, min(len(s.grids), int((most+gap)/(width+gap))))
	rows := (len(s.grids) + columns - 1) / columns
	p := drawing.New(float64(columns)*(width+gap)-gap+2, float64(rows)*(height+18+gap)-gap+2,
		fmt.Sprintf("%d generations of the Game of Life, side by side", len(s.grids)))
	for i, g := range s.grids {
		x, y := 1+float64(i%columns)*(width+gap), 1+float64(i/columns)*(height+18+gap)
		p.Raw(g.picture(x, y, cell))
		p.Text(x+width/2, y+height+15, drawing.Middle, drawing.Ink, fmt.Sprint(i))
	}
	return p
}

// SVG returns the picture as an <svg> element.
func (s Strip) SVG() string { return s.picture().SVG() }

// HTML returns the picture as an element that pages show which trust nobody.
func (s Strip) HTML() string { return s.picture().HTML() }

func (f Film) delay() float64 {
	if f.Delay <= 0 {
		return 0.4
	}
	return f.Delay.Seconds()
}

func (f Film) size() (cell, width, height float64) {
	cell = side(f.Grids[0], 400)
	return cell, cell * float64(f.Grids[0].width), cell * float64(f.Grids[0].height)
}

// running returns the frames of the film, which a style shows one after the other, without end. id tells the film from others
// on the page.
func (f Film) running(id string, cell float64) (style, frames string) {
	n := len(f.Grids)
	var s, b strings.Builder
	fmt.Fprintf(&s, `@keyframes %s{0%%{visibility:visible}%s%%{visibility:hidden}100%%{visibility:hidden}}`, id, drawing.Num(100/float64(n)))
	fmt.Fprintf(&s, `.%s{visibility:hidden;animation:%s %ss step-end infinite}`, id, id, drawing.Num(f.delay()*float64(n)))
	for i, g := range f.Grids {
		if n == 1 {
			b.WriteString(g.picture(1, 1, cell))
			break
		}
		still := "" // what shows no animation, such as print, shows the first frame
		if i == 0 {
			still = ";visibility:visible"
		}
		fmt.Fprintf(&b, `<g class="%s" style="animation-delay:%ss%s">%s</g>`, id, drawing.Num(f.delay()*float64(i)), still, g.picture(1, 1, cell))
	}
	return s.String(), b.String()
}

// id returns a name for a film that depends on what it shows.
func (f Film) id() string {
	h := fnv.New32a()
	fmt.Fprint(h, f.delay())
	for _, g := range f.Grids {
		h.Write([]byte(g.String()))
	}
	return fmt.Sprintf("life%08x", h.Sum32())
}

func (f Film) alt() string {
	return fmt.Sprintf("%d generations of the Game of Life, as a film", len(f.Grids))
}

// still returns the film as a picture that runs and takes no clicks.
func (f Film) still() *drawing.Picture {
	cell, width, height := f.size()
	p := drawing.New(width+2, height+2, f.alt())
	style, frames := f.running(f.id(), cell)
	p.Define("<style>" + style + "</style>")
	p.Raw(frames)
	return p
}

// SVG returns the film as an <svg> element, which runs by itself.
func (f Film) SVG() string { return f.still().SVG() }
