package display

import (
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"os"
	"path/filepath"
	"strings"
)

// HTML returns a fragment of HTML.
func HTML(html string) Data { return MakeData(MIMETypeHTML, html) }

// Markdown returns text in Markdown, with $…$ and $$…$$ for mathematics.
func Markdown(markdown string) Data { return MakeData(MIMETypeMarkdown, markdown) }

// Latex returns a formula set in the running line. Dollar signs around it may be left out.
func Latex(latex string) Data {
	return MakeData3(MIMETypeLatex, latex, "$"+strings.Trim(latex, "$")+"$")
}

// Math returns a formula set on a line of its own. Dollar signs around it may be left out.
func Math(latex string) Data {
	return MakeData3(MIMETypeLatex, latex, "$$"+strings.Trim(latex, "$")+"$$")
}

// JavaScript returns a script that the front end runs if it trusts the notebook.
// Inside it, element is the output's element.
func JavaScript(javascript string) Data { return MakeData(MIMETypeJavaScript, javascript) }

// SVG returns a drawing, the text of an <svg> element.
func SVG(svg string) Data { return MakeData(MIMETypeSVG, svg) }

// PNG returns an image, the bytes of a PNG file.
func PNG(png []byte) Data { return MakeData(MIMETypePNG, png) }

// JPEG returns an image, the bytes of a JPEG file.
func JPEG(jpeg []byte) Data { return MakeData(MIMETypeJPEG, jpeg) }

// GIF returns an image, the bytes of a GIF file, which may be animated.
func GIF(gif []byte) Data { return MakeData(MIMETypeGIF, gif) }

// PDF returns a document, the bytes of a PDF file.
func PDF(pdf []byte) Data { return MakeData(MIMETypePDF, pdf) }

// JSON returns v as a tree that can be unfolded. v is any value that encoding/json
// accepts; json.RawMessage and []byte are taken for JSON text. v is encoded at once,
// so later changes do not show; JSON panics with an error that says why if it cannot be.
func JSON(v any) Data {
	raw := mustJSON("JSON", v)
	return MakeData3(MIMETypeJSON, Text(indented(raw)), raw)
}

// VegaLite returns a chart. spec is a Vega-Lite specification: JSON text as a string,
// []byte or json.RawMessage, or any value that encoding/json accepts, commonly a
// map[string]any. It is encoded at once. VegaLite panics with an error that says why
// if spec is not JSON or not an object.
func VegaLite(spec any) Data {
	if s, ok := spec.(string); ok {
		spec = []byte(s)
	}
	raw := mustJSON("VegaLite", spec)
	var fields struct {
		Mark  any `json:"mark"`
		Title any `json:"title"`
	}
	if err := json.Unmarshal(raw, &fields); err != nil {
		panic(fmt.Errorf("display.VegaLite: the specification is not a JSON object: %w", err))
	}
	text := "Vega-Lite chart"
	mark := fields.Mark
	if m, ok := mark.(map[string]any); ok {
		mark = m["type"]
	}
	if s, ok := mark.(string); ok {
		text += " (" + s + ")"
	}
	if s, ok := fields.Title.(string); ok {
		text += ": " + s
	}
	return MakeData3(MIMETypeVegaLite, text, raw)
}

// mustJSON encodes v for the constructor called name.
func mustJSON(name string, v any) json.RawMessage {
	if s, ok := v.(string); ok { // a string is a JSON value of its own here
		b, err := json.Marshal(s)
		if err == nil {
			return b
		}
	}
	e, err := encodeJSON(v)
	if err != nil {
		panic(fmt.Errorf("display.%s: %w", name, err))
	}
	return e.(json.RawMessage)
}

// indented returns JSON text with one entry a line if it is long, in one line if it is short.
func indented(raw json.RawMessage) string {
	if len(raw) <= 80 {
		return string(raw)
	}
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		return string(raw)
	}
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return string(raw)
	}
	return string(b)
}

// File returns the content of a file in the form mimeType. With an empty mimeType the
// file's name decides, and then its first bytes. It panics with an error that
// names the file if it cannot be read.
func File(mimeType string, path string) Data {
	b, err := os.ReadFile(path)
	if err != nil {
		panic(fmt.Errorf("display.File: %w", err))
	}
	if mimeType == "" {
		mimeType = byName(path)
	}
	return Any(mimeType, b)
}

// byName returns the MIME type for a file's name, without parameters, or "".
func byName(path string) string {
	switch ext := strings.ToLower(filepath.Ext(path)); ext {
	case ".md", ".markdown": // not in every system's table
		return MIMETypeMarkdown
	case ".js":
		return MIMETypeJavaScript
	case ".go", ".txt":
		return MIMETypeText
	default:
		t, _, err := mime.ParseMediaType(mime.TypeByExtension(ext))
		if err != nil {
			return ""
		}
		return t
	}
}

// Any returns data in the form mimeType. data may be a string, []byte, an io.Reader or
// io.WriterTo that is read to its end, an image, a value with rendering methods, or
// any other value. With an empty mimeType the bytes decide (a string is then plain
// text). It panics with an error that says why if reading fails.
func Any(mimeType string, data any) Data {
	if _, ok := data.(Data); ok || rendersItself(data) {
		return render(data)
	}
	switch v := data.(type) {
	case string:
		if mimeType == "" {
			mimeType = MIMETypeText
		}
		return MakeData(mimeType, v)
	case []byte:
		return anyBytes(mimeType, v)
	case io.Reader:
		b, err := io.ReadAll(v)
		if err != nil {
			panic(fmt.Errorf("display.Any: reading the data: %w", err))
		}
		return anyBytes(mimeType, b)
	case io.WriterTo:
		var b strings.Builder
		if _, err := v.WriteTo(&b); err != nil {
			panic(fmt.Errorf("display.Any: reading the data: %w", err))
		}
		return anyBytes(mimeType, []byte(b.String()))
	}
	if mimeType == "" {
		return render(data)
	}
	return MakeData(mimeType, data)
}

// Auto returns data in the form that fits its type or content, as Any("", data) does.
func Auto(data any) Data { return Any("", data) }

// anyBytes returns b in the form mimeType, or in the one its content shows.
func anyBytes(mimeType string, b []byte) Data {
	if mimeType == "" {
		mimeType = sniff(b)
	}
	if mimeType == MIMETypeText {
		return MakeData(MIMETypeText, string(b))
	}
	return MakeData(mimeType, b)
}

// sniff returns the MIME type that the content shows, without parameters.
func sniff(b []byte) string {
	head := strings.ToLower(string(b[:min(len(b), 512)]))
	if strings.HasPrefix(strings.TrimSpace(head), "<svg") ||
		strings.HasPrefix(head, "<?xml") && strings.Contains(head, "<svg") {
		return MIMETypeSVG // http.DetectContentType knows only text/xml
	}
	t, _, err := mime.ParseMediaType(http.DetectContentType(b))
	if err != nil {
		return "application/octet-stream"
	}
	return t
}
