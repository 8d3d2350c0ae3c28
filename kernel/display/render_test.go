package display_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"image"
	"image/color"
	"image/gif"
	"image/png"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gokernel/kernel/display"
)

// picture returns a small image and its PNG bytes.
func picture(t testing.TB) (image.Image, []byte) {
	t.Helper()
	img := image.NewGray(image.Rect(0, 0, 3, 2))
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return img, b.Bytes()
}

type (
	page    struct{ n int }
	shape   struct{}
	all     struct{}
	foreign struct{}
	wrong   struct{}
	ptr     struct{ n int }
)

func (p page) HTML() string   { return "<b>page</b>" }
func (p page) String() string { return "page" }

func (shape) SVG() string                  { return "<svg/>" }
func (shape) SimpleRender() map[string]any { return map[string]any{"text/x-shape": "shape"} }
func (p *ptr) Markdown() string            { return strings.Repeat("*", p.n) }
func (wrong) HTML(int) string              { return "not this" }
func (wrong) PNG() string                  { return "nor this" }
func (all) HTML() string                   { return "h" }
func (all) JavaScript() string             { return "j" }
func (all) JPEG() []byte                   { return []byte("jpeg") }
func (all) JSON() map[string]interface{}   { return map[string]interface{}{"a": 1} }
func (all) Latex() string                  { return "$l$" }
func (all) Markdown() string               { return "m" }
func (all) PNG() []byte                    { return []byte("png") }
func (all) PDF() []byte                    { return []byte("pdf") }
func (all) SVG() string                    { return "<svg></svg>" }
func (all) Render() display.Data {
	return display.MIME(display.MIMEMap{"x/y": "xy", "text/html": "early"}, nil)
}
func (foreign) Render() struct{ Data, Metadata, Transient map[string]any } {
	return struct{ Data, Metadata, Transient map[string]any }{map[string]any{"text/html": "<i>"}, nil, nil}
}

func TestOf(t *testing.T) {
	img, raw := picture(t)
	b64 := base64.StdEncoding.EncodeToString
	for _, test := range []struct {
		name  string
		value any
		want  display.MIMEMap
	}{
		{"nil", nil, display.MIMEMap{"text/plain": "<nil>"}},
		{"int", 7, display.MIMEMap{"text/plain": "7"}},
		{"no data", display.Data{}, display.MIMEMap{"text/plain": ""}},
		{"html", display.HTML("<p>"), display.MIMEMap{"text/plain": "<p>", "text/html": "<p>"}},
		{"latex", display.Latex("x^2"), display.MIMEMap{"text/plain": "x^2", "text/latex": "$x^2$"}},
		{"math", display.Math("$$x$$"), display.MIMEMap{"text/plain": "$$x$$", "text/latex": "$$x$$"}},
		{"image", img, display.MIMEMap{"text/plain": "PNG image, 3 × 2, " + num(len(raw)) + " bytes", "image/png": b64(raw)}},
		{"bad png", display.PNG([]byte("no")), display.MIMEMap{"text/plain": "PNG image, 2 bytes", "image/png": b64([]byte("no"))}},
		{"json", display.JSON(map[string]any{"a": []int{1}}), display.MIMEMap{"text/plain": `{"a":[1]}`, "application/json": json.RawMessage(`{"a":[1]}`)}},
		{"vega", display.VegaLite(`{"mark":{"type":"bar"},"title":"T"}`), display.MIMEMap{"text/plain": "Vega-Lite chart (bar): T", "application/vnd.vegalite.v5+json": json.RawMessage(`{"mark":{"type":"bar"},"title":"T"}`)}},
		{"svg bytes", display.Any(display.MIMETypeSVG, []byte("<svg/>")), display.MIMEMap{"text/plain": "SVG image, 6 bytes", "image/svg+xml": "<svg/>"}},
		{"method", page{1}, display.MIMEMap{"text/plain": "page", "text/html": "<b>page</b>"}},
		{"two methods", shape{}, display.MIMEMap{"text/plain": "{}", "image/svg+xml": "<svg/>", "text/x-shape": "shape"}},
		{"pointer method", &ptr{2}, display.MIMEMap{"text/plain": "&{2}", "text/markdown": "**"}},
		{"pointer method on value", ptr{2}, display.MIMEMap{"text/plain": "{2}"}},
		{"nil pointer", (*ptr)(nil), display.MIMEMap{"text/plain": "<nil>"}},
		{"other signatures", wrong{}, display.MIMEMap{"text/plain": "{}"}},
		{"all methods", all{}, display.MIMEMap{"text/plain": "{}", "text/html": "h", "application/javascript": "j", "image/jpeg": b64([]byte("jpeg")),
			"application/json": json.RawMessage(`{"a":1}`), "text/latex": "$l$", "text/markdown": "m", "image/png": b64([]byte("png")),
			"application/pdf": b64([]byte("pdf")), "image/svg+xml": "<svg></svg>", "x/y": "xy"}},
		{"foreign data", foreign{}, display.MIMEMap{"text/plain": "{}", "text/html": "<i>"}},
		{"methods", display.Methods{Value: 3, HTML: func() string { return "<3>" }}, display.MIMEMap{"text/plain": "3", "text/html": "<3>"}},
		{"interpreted", _htmler{point{1, 2}, func() string { return "<w>" }}, display.MIMEMap{"text/plain": "{1 2}", "text/html": "<w>"}},
		{"text made up", display.MIME(display.MIMEMap{"text/html": "<q>"}, nil), display.MIMEMap{"text/plain": "<q>", "text/html": "<q>"}},
		{"cannot encode", display.MakeData3("application/json", "chan", make(chan int)), display.MIMEMap{"text/plain": "chan\n(display: application/json: json: unsupported type: chan int)"}},
		{"endless image", image.NewUniform(color.Black), nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := display.Of(test.value)
			if _, ok := got["text/plain"].(string); !ok {
				t.Errorf("no text/plain in %v", got)
			}
			if _, err := json.Marshal(got); err != nil {
				t.Errorf("not JSON: %v", err)
			}
			if diff := cmp.Diff(test.want, got); test.want != nil && diff != "" {
				t.Errorf("Of (-want +got):\n%s", diff)
			}
		})
	}
}

// num is a number under 1000 as text.
func num(n int) string { return display.Text(n) }

func TestOfEndlessImage(t *testing.T) {
	got := display.Of(image.NewUniform(color.Black))
	if _, ok := got["image/png"]; ok || !strings.Contains(got["text/plain"].(string), "too large to show: 2000000000 × 2000000000") {
		t.Errorf("Of = %v, want text that says it is too large", got)
	}
}

func TestResults(t *testing.T) {
	record(t)
	handle, err := display.Show("x")
	for _, test := range []struct {
		name   string
		values []any
		want   display.MIMEMap // nil: no result
	}{
		{"none", nil, nil},
		{"nil", []any{nil}, nil},
		{"nils", []any{nil, nil}, nil},
		{"empty data", []any{display.Data{}}, nil},
		{"one", []any{5}, display.MIMEMap{"text/plain": "5"}},
		{"empty string", []any{""}, display.MIMEMap{"text/plain": ""}},
		{"value and nil error", []any{5, nil}, display.MIMEMap{"text/plain": "5 <nil>"}},
		{"rich and nil error", []any{page{}, nil}, display.MIMEMap{"text/plain": "page", "text/html": "<b>page</b>"}},
		{"two", []any{page{}, 1}, display.MIMEMap{"text/plain": "page 1"}},
		{"bar", []any{display.Progress(3)}, nil},
		{"handle and error", []any{handle, err}, nil},
		{"no handle and error", []any{(*display.Handle)(nil), display.ErrNoNotebook}, display.MIMEMap{"text/plain": display.ErrNoNotebook.Error()}},
	} {
		got, ok := display.Results(test.values...)
		if ok != (test.want != nil) {
			t.Errorf("%s: Results has a result: %v, want %v", test.name, ok, !ok)
		}
		if diff := cmp.Diff(test.want, got.Data); diff != "" {
			t.Errorf("%s: Results (-want +got):\n%s", test.name, diff)
		}
	}
}

func TestAny(t *testing.T) {
	img, raw := picture(t)
	var gifBytes bytes.Buffer
	if err := gif.Encode(&gifBytes, img, nil); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name     string
		mimeType string
		data     any
		want     string // the MIME type beside text/plain, or text/plain if alone
	}{
		{"png bytes", "", raw, "image/png"},
		{"gif reader", "", bytes.NewReader(gifBytes.Bytes()), "image/gif"},
		{"writer to", "", writerTo("<html><body>x"), "text/html"},
		{"svg", "", []byte("\n <svg width='1'/>"), "image/svg+xml"},
		{"svg with prolog", "", []byte("<?xml version='1.0'?><svg/>"), "image/svg+xml"},
		{"text", "", []byte("plain words"), "text/plain"},
		{"string", "", "<p>", "text/plain"},
		{"html string", "text/html", "<p>", "text/html"},
		{"image", "", img, "image/png"},
		{"data", "", display.HTML("x"), "text/html"},
		{"renderer", "image/png", page{}, "text/html"},
		{"struct", "", point{}, "text/plain"},
		{"struct as json", "application/json", point{1, 2}, "application/json"},
		{"unknown bytes", "", []byte{0, 1, 2, 255}, "application/octet-stream"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := display.Of(display.Any(test.mimeType, test.data))
			if _, ok := got[test.want]; !ok {
				t.Errorf("Any = %v, want a form %s", got, test.want)
			}
			if want := 2; test.want != "text/plain" && len(got) != want {
				t.Errorf("Any has %d forms, want %d: %v", len(got), want, got)
			}
		})
	}
}

// writerTo is an io.WriterTo and no io.Reader.
type writerTo string

func (w writerTo) WriteTo(dst io.Writer) (int64, error) {
	n, err := io.WriteString(dst, string(w))
	return int64(n), err
}

func TestFile(t *testing.T) {
	dir := t.TempDir()
	_, raw := picture(t)
	for name, content := range map[string]string{"a.png": string(raw), "b": string(raw), "c.md": "# c", "d.svg": "<svg/>", "e.json": `{"a":1}`, "f.html": "<p>"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string]string{"a.png": "image/png", "b": "image/png", "c.md": "text/markdown", "d.svg": "image/svg+xml", "e.json": "application/json", "f.html": "text/html"} {
		if got := display.Of(display.File("", filepath.Join(dir, name))); got[want] == nil {
			t.Errorf("File(%s) = %v, want a form %s", name, got, want)
		}
	}
	defer func() {
		err, ok := recover().(error)
		if !ok || !strings.Contains(err.Error(), "display.File: open") || !strings.Contains(err.Error(), "missing.png") {
			t.Errorf("File of a missing file panics with %v, want an error that names it", err)
		}
	}()
	display.File("image/png", filepath.Join(dir, "missing.png"))
}

func TestConstructorsPanicClearly(t *testing.T) {
	for want, f := range map[string]func(){
		"display.JSON: json: unsupported type: func()":                                       func() { display.JSON(func() {}) },
		"display.JSON: json: unsupported value: NaN":                                         func() { display.JSON(math.NaN()) },
		"display.JSON: invalid character 'x' looking for beginning of value":                 func() { display.JSON([]byte("x")) },
		"display.VegaLite: invalid character 'm' looking for beginning of object key string": func() { display.VegaLite("{mark}") },
		"display.VegaLite: the specification is not a JSON object":                           func() { display.VegaLite("[1]") },
		"display.Image: the image is nil":                                                    func() { display.Image(nil) },
		"display.Image: the image is empty":                                                  func() { display.Image(image.NewGray(image.Rectangle{})) },
	} {
		func() {
			defer func() {
				if err, ok := recover().(error); !ok || !strings.HasPrefix(err.Error(), want) {
					t.Errorf("panic is %v, want %q", err, want)
				}
			}()
			f()
		}()
	}
}
