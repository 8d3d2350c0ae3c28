package life

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
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

// To look at: go test -run Look -look DIR
func TestLook(t *testing.T) {
	dir := os.Getenv("LIFE_LOOK")
	if dir == "" {
		t.Skip("LIFE_LOOK names no directory")
	}
	film := Film{Grids: MustParse(glider).Generations(12)}
	page := func(theme, color string) string {
		return fmt.Sprintf(`<body data-jp-theme-light="%s" style="background:%s">%s<hr>%s</body>`, theme, color, film.HTML(), film.Strip().HTML())
	}
	for name, text := range map[string]string{"light.html": page("true", "#fff"), "dark.html": page("false", "#111")} {
		if err := os.WriteFile(dir+"/"+name, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}
