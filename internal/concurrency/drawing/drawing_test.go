package drawing

import (
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"testing"
)

// wellFormed fails the test if text is no XML.
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

func TestPicture(t *testing.T) {
	p := New(200, 100, `bars & "lines" <here>`)
	p.Define("<style>rect{opacity:1}</style>")
	p.Rect(1, 2.5, 3.125, 1.0/3, Blue, "")
	p.Rect(1, 2, 3, 4, Red, "1 < 2")
	p.Line(0, 0, 10, 10, Ink)
	p.Text(5, 5, Middle, Ink, "a < b")
	svg := p.SVG()
	wellFormed(t, svg)
	for _, want := range []string{
		`<svg xmlns="http://www.w3.org/2000/svg" width="200" height="100" viewBox="0 0 200 100"`,
		`<rect x="1" y="2.5" width="3.12" height="0.33" fill="#3f83c7"/>`, `<title>1 &lt; 2</title>`,
		`text-anchor="middle" fill="#757575">a &lt; b</text>`, `aria-label="bars &amp; &#34;lines&#34; &lt;here&gt;"`,
	} {
		if !strings.Contains(svg, want) {
			t.Errorf("there is no %s in %s", want, svg)
		}
	}
	_, data, _ := strings.Cut(p.HTML(), "base64,")
	data, _, _ = strings.Cut(data, `"`)
	if got, err := base64.StdEncoding.DecodeString(data); err != nil || string(got) != svg {
		t.Errorf("the image holds %s, error %v", got, err)
	}
}

// contrast is that of WCAG.
func contrast(a, b string) float64 {
	luminance := func(color string) (l float64) {
		var rgb [3]int
		if _, err := fmt.Sscanf(color, "#%02x%02x%02x", &rgb[0], &rgb[1], &rgb[2]); err != nil {
			panic(err)
		}
		for i, c := range rgb {
			v := float64(c) / 255
			if v <= 0.04045 {
				v /= 12.92
			} else {
				v = math.Pow((v+0.055)/1.055, 2.4)
			}
			l += v * []float64{0.2126, 0.7152, 0.0722}[i]
		}
		return l
	}
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// WCAG asks for 4.5:1 for text on one background, and 3:1 for graphics. On two backgrounds at once 4 is what can be had.
func TestContrast(t *testing.T) {
	for _, page := range []string{"#ffffff", "#111111"} {
		if c := contrast(Ink, page); c < 4 {
			t.Errorf("text on %s: %.2f", page, c)
		}
		for _, color := range Series() {
			if c := contrast(color, page); c < 2.5 {
				t.Errorf("%s on %s: %.2f", color, page, c)
			}
		}
	}
}

func TestTicks(t *testing.T) {
	tests := []struct {
		most float64
		want string
	}{
		{0, "[0] 0"}, {-1, "[0] 0"}, {1, "[0 0.2 0.4 0.6 0.8 1] 1"}, {2, "[0 0.5 1 1.5 2] 1"}, {4.2, "[0 1 2 3 4] 0"},
		{9, "[0 2 4 6 8] 0"}, {0.012, "[0 0.002 0.004 0.006 0.008 0.01 0.012] 3"}, {100, "[0 20 40 60 80 100] 0"}, {math.Inf(1), "[0] 0"},
	}
	for _, tt := range tests {
		ticks, digits := Ticks(tt.most)
		if got := fmt.Sprintf("%.4g %d", ticks, digits); got != tt.want {
			t.Errorf("%v: got %s, want %s", tt.most, got, tt.want)
		}
	}
}
