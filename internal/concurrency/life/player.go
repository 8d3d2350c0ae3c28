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

// player returns the film with its buttons. It either runs or stands at one generation. While it runs, each frame has a hold and a
// step button of its own, which are there as long as the frame is: so it is known where the film was, and it stands there, or one
// further. Where it stands, step leads to the next generation, and play lets it run on from there.
//
// The buttons take no keys, since nothing but a script could tell one key from another; but a hold button that has the focus
// holds the film.
func (f Film) player(id string) string {
	cell, width, height := f.size()
	n, count := drawing.Num, len(f.Grids)
	style := fmt.Sprintf(`@keyframes %[1]s{0%%{visibility:visible}%[2]s%%{visibility:hidden}100%%{visibility:hidden}}`+
		`#%[1]s{pointer-events:none;--from:0}`+
		`#%[1]s .frame{visibility:hidden;animation:%[1]s %[3]ss step-end infinite;animation-delay:calc((var(--at) - var(--from))*%[4]ss)}`+
		`#%[1]s:has(.hold:focus) .frame{animation-play-state:paused}`+
		`#%[1]s .stands .frame{animation:none;visibility:hidden!important}`+ // and begins anew when it does not stand any more
		`#%[1]s .button{pointer-events:visible;cursor:pointer;outline:none;fill:%[5]s;fill-opacity:0.01}`+
		`#%[1]s .button:hover,#%[1]s .button:focus{fill-opacity:0.25}`,
		id, n(100/float64(count)), n(f.delay()*float64(count)), n(f.delay()), drawing.Faint)
	for i := range count {
		style += fmt.Sprintf("#%s .from%d{--from:%d}", id, i, i)
	}

	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" id="%s" class="gokernel-drawing" width="%s" height="%s" `+
		`role="group" aria-label="%s"><style>%s</style>`, id, n(max(width, 3*button+2*space)+2), n(height+button+space+2), f.alt(), style)
	top := height + space + 1
	place := func(k int) float64 { return 1 + float64(k)*(button+space) }
	const play, hold, step = "M3 1v14l11-7z", "M2 1h4v14h-4zM9 1h4v14h-4z", "M1 1v14l8-7zM11 1h3v14h-3z"
	for k, path := range []string{play, hold, step} {
		fmt.Fprintf(&b, `<rect x="%s" y="%s" width="%s" height="%s" rx="4" fill="%s" fill-opacity="0.25"/>`+
			`<path transform="translate(%s %s)" fill="%s" d="%s"/>`,
			n(place(k)), n(top), n(button), n(button), drawing.Faint, n(place(k)+5), n(top+5), drawing.Ink, path)
	}
	// Names have no hyphens, which begin="…" would take for minus signs.
	area := func(k int, class, name, label string) string {
		return fmt.Sprintf(`<rect class="button %s" id="%s%s" tabindex="0" role="button" aria-label="%s" x="%s" y="%s" width="%s" height="%s" rx="4"/>`,
			class, id, name, label, n(place(k)), n(top), n(button), n(button))
	}
	b.WriteString(area(0, "play", "play", "Play"))

	// stands returns the events that make the film stand at a generation. While it runs, pressing a button is enough: when it is let go, the
	// next frame may be there, and it was no click. Readers of the screen only click.
	stands := func(i int) string {
		before := (i + count - 1) % count
		return fmt.Sprintf("%[1]shold%[2]d.mousedown;%[1]shold%[2]d.click;%[1]sstep%[3]d.mousedown;%[1]sstep%[3]d.click;"+
			"%[1]snext%[3]d.click", id, i, before)
	}
	fmt.Fprintf(&b, `<g><set attributeName="class" to="stands" begin="%[1]srun.mousedown;%[1]srun.click" end="%[1]splay.click"/>`+
		`<g id="%[1]srun">`, id) // by a button in it
	for i, g := range f.Grids {
		still := "" // what shows no animation, such as print, shows the first frame
		if i == 0 {
			still = ";visibility:visible"
		}
		fmt.Fprintf(&b, `<g class="frame" style="--at:%d%s">%s%s%s</g>`, i, still, g.picture(1, 1, cell),
			area(1, "hold", fmt.Sprintf("hold%d", i), fmt.Sprintf("Hold at generation %d", i)),
			area(2, "step", fmt.Sprintf("step%d", i), fmt.Sprintf("Step to generation %d", (i+1)%count)))
	}
	for i := range f.Grids {
		fmt.Fprintf(&b, `<set attributeName="class" to="from%d" begin="%s"/>`, i, stands(i))
	}
	b.WriteString("</g></g>")
	for i, g := range f.Grids {
		fmt.Fprintf(&b, `<g display="none">%s%s<set attributeName="display" to="inline" begin="%s" end="%[4]snext%[5]d.click;%[4]splay.click"/></g>`,
			g.picture(1, 1, cell),
			area(2, "step", fmt.Sprintf("next%d", i), fmt.Sprintf("Step to generation %d", (i+1)%count)), stands(i), id, i)
	}
	b.WriteString("</svg>")
	return b.String()
}
