package life

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
	"time"
)

func wellFormed(t *testing.T, text string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(text))
	for {
		_, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatalf("%v in %s", err, text)
		}
	}
}

func TestFilm(t *testing.T) {
	film := Film{Grids: MustParse(glider).Generations(5), Delay: 200 * time.Millisecond}
	for name, svg := range map[string]string{
		"film": film.SVG(), "strip": film.Strip().SVG(), "player": film.player("p"), "one": Film{Grids: film.Grids[:1]}.SVG(),
		"tall": Film{Grids: NewGrid(500, 1).Generations(2)}.SVG(),
	} {
		wellFormed(t, svg)
		if name != "one" && name != "tall" {
			if got := strings.Count(svg, "M"); got < 25 { // five live cells in each of five generations
				t.Errorf("%s: %d cells are drawn", name, got)
			}
		}
	}
	if got := strings.Count(film.SVG(), ";visibility:visible"); got != 1 {
		t.Errorf("%d frames can be seen where nothing moves, want the first", got)
	}
	if got := film.SVG(); !strings.Contains(got, "1s step-end infinite") || strings.Count(got, "animation-delay") != 5 {
		t.Errorf("the film does not run as it should: %s", got)
	}
	if got := film.HTML(); strings.Contains(got, "<script") || strings.Contains(got, "<text") || !strings.Contains(got, "<img ") {
		t.Errorf("got %s", got)
	}
	if film.String() != Columns(film.Grids...) || film.Strip().String() != film.String() {
		t.Errorf("got %s", film)
	}
	other := film
	other.Delay = 0
	if film.id() == other.id() {
		t.Error("two films on one page have the same id")
	}
}

// TestPlayer checks what the buttons lead to: a click while a generation is shown makes the film stand at it, or at the next one.
func TestPlayer(t *testing.T) {
	film := Film{Grids: MustParse(glider).Generations(3)}
	player := film.player("p")
	for _, want := range []string{
		`role="group"`, `role="button" aria-label="Play"`, `role="button" aria-label="Hold at generation 2"`, `role="button" aria-label="Step to generation 0"`,
		`<set attributeName="display" to="inline" begin="phold1.mousedown;phold1.click;pstep0.mousedown;pstep0.click;pnext0.click" end="pnext1.click;pplay.click"/>`,
		`<set attributeName="class" to="from1" begin="phold1.mousedown;phold1.click;pstep0.mousedown;pstep0.click;pnext0.click"/>`,
		`#p .from1{--from:1}`,
	} {
		if !strings.Contains(player, want) {
			t.Errorf("there is no %s in %s", want, player)
		}
	}
	for _, n := range []string{"<script", "<title", "<text"} { // of which a page that trusts nobody would leave something
		if strings.Contains(player, n) {
			t.Errorf("there is %s> in the player", n)
		}
	}
}
