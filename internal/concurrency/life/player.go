package life

import (
	"fmt"
	"strings"

	"gokernel/internal/concurrency/drawing"
)

// HTML returns the film with buttons to play it, to hold it, and to go through it step by step. It needs no script: the
// buttons are part of the picture. A page that does not trust what it shows takes the buttons out and shows the film
// running.
func (f Film) HTML() string {
	// The player is an <svg> without text, of which such a page leaves nothing; the style that hides the image goes with it.
	id := f.id()
	return fmt.Sprintf(`%s<style>.%s-still{display:none}</style><span class="%s-still">%s</span>%s`,
		drawing.Theme, id, id, f.still().Image(), f.player(id+"p"))
}

// Sizes of the buttons, in pixels.
const (
	button = 26.0
	space  = 8.0
)

// player returns the film with its buttons. Play and hold take the focus, and the frames run unless hold has it; step
// hides them and shows frames of its own, of which each is made visible by the click on the one before.
func (f Film) player(id string) string {
	cell, width, height := f.size()
	n := drawing.Num
	style, frames := f.running(id, cell)
	style += fmt.Sprintf(`#%[1]s:has(.hold:focus) .%[1]s{animation-play-state:paused}#%[1]s .button{cursor:pointer;outline:none}`+
		`#%[1]s .button rect{fill:%[2]s;fill-opacity:0.25}#%[1]s .button:hover rect,#%[1]s .button:focus rect{fill-opacity:0.5}`, id, drawing.Faint)

	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" id="%s" class="gokernel-drawing" width="%s" height="%s" role="img" aria-label="%s"><style>%s</style>`,
		id, n(max(width, 3*button+2*space)+2), n(height+button+space+2), f.alt(), style)
	top := height + space + 1
	icon := func(x float64, path string) string {
		return fmt.Sprintf(`<rect x="%s" y="%s" width="%s" height="%s" rx="4"/><path transform="translate(%s %s)" fill="%s" d="%s"/>`,
			n(x), n(top), n(button), n(button), n(x+5), n(top+5), drawing.Ink, path)
	}
	const play, hold, step = "M3 1v14l11-7z", "M2 1h4v14h-4zM9 1h4v14h-4z", "M1 1v14l8-7zM11 1h3v14h-3z"
	fmt.Fprintf(&b, `<g class="button play" id="%splay" tabindex="0">%s</g>`, id, icon(1, play))
	fmt.Fprintf(&b, `<g class="button hold" id="%shold" tabindex="0">%s</g>`, id, icon(1+button+space, hold))

	// Names have no hyphens, which begin="…" would take for minus signs. The step button of the running film shows the first frame, that of a frame the next one.
	at := 1 + 2*(button+space)
	fmt.Fprintf(&b, `<g>%s<g class="button" id="%sstep" tabindex="0">%s</g><set attributeName="display" to="none" begin="%[2]sstep.click" end="%[2]splay.click"/></g>`,
		frames, id, icon(at, step))
	for i, g := range f.Grids {
		begin := fmt.Sprintf("%snext%d.click", id, (i+len(f.Grids)-1)%len(f.Grids))
		if i == 0 {
			begin += fmt.Sprintf(";%sstep.click", id)
		}
		fmt.Fprintf(&b, `<g display="none">%s<g class="button" id="%snext%d" tabindex="0">%s</g>`+
			`<set attributeName="display" to="inline" begin="%s" end="%[2]snext%[3]d.click;%[2]splay.click"/></g>`,
			g.picture(1, 1, cell), id, i, icon(at, step), begin)
	}
	b.WriteString("</svg>")
	return b.String()
}
