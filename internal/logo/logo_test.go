package logo

import (
	"bytes"
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the golden images")

// golden compares got with testdata/name, or rewrites it under -update.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s changed: look at the new drawing, then go test -update", name)
	}
}

func TestSVG(t *testing.T) {
	svg := SVG()
	for dec := xml.NewDecoder(bytes.NewReader(svg)); ; {
		if _, err := dec.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("not well-formed: %v\n%s", err, svg)
		}
	}
	golden(t, "logo-svg.svg", svg)
}

func TestPNG(t *testing.T) {
	for _, size := range []int{32, 64} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			data, err := PNG(size)
			if err != nil {
				t.Fatal(err)
			}
			img, err := png.Decode(bytes.NewReader(data))
			if err != nil {
				t.Fatal(err)
			}
			if got := img.Bounds().Size(); got.X != size || got.Y != size {
				t.Errorf("size is %v, want %d×%d", got, size, size)
			}
			if _, _, _, alpha := img.At(0, 0).RGBA(); alpha != 0 {
				t.Errorf("the corner has alpha %d, want 0", alpha)
			}
			if _, _, _, alpha := img.At(size/2, size/2).RGBA(); alpha != 0xffff {
				t.Errorf("the middle has alpha %d, want opaque", alpha)
			}
			golden(t, fmt.Sprintf("logo-%dx%d.png", size, size), data)
		})
	}
}

func TestPNGRefusesNoSize(t *testing.T) {
	if _, err := PNG(0); err == nil {
		t.Error("PNG(0) succeeded")
	}
}
