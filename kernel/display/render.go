package display

import (
	"image"
	"reflect"
	"slices"
	"strings"
)

// The interfaces by which a type says how its values are shown. A type may have
// several: all forms are sent. A type need not name them, the method is enough.
type (
	// Renderer gives all forms, metadata and the display id.
	Renderer interface{ Render() Data }
	// SimpleRenderer gives forms by MIME type.
	SimpleRenderer interface{ SimpleRender() MIMEMap }
	// HTMLer gives a fragment of HTML.
	HTMLer interface{ HTML() string }
	// JavaScripter gives a script.
	JavaScripter interface{ JavaScript() string }
	// JPEGer gives the bytes of a JPEG file.
	JPEGer interface{ JPEG() []byte }
	// JSONer gives an object.
	JSONer interface{ JSON() map[string]any }
	// Latexer gives a formula with its dollar signs.
	Latexer interface{ Latex() string }
	// Markdowner gives Markdown.
	Markdowner interface{ Markdown() string }
	// PNGer gives the bytes of a PNG file.
	PNGer interface{ PNG() []byte }
	// PDFer gives the bytes of a PDF file.
	PDFer interface{ PDF() []byte }
	// SVGer gives the text of an <svg> element.
	SVGer interface{ SVG() string }
)

// Methods is a value together with methods of its type that decide how it is shown,
// as function values. It is for values whose methods compiled code cannot see, such as
// those of types declared in an interpreted cell. A nil field is a method that the type lacks.
type Methods struct {
	// Value is the value itself; its text/plain form is used where String and Error are nil.
	Value any

	Render       func() Data
	SimpleRender func() MIMEMap
	HTML         func() string
	JavaScript   func() string
	JPEG         func() []byte
	JSON         func() map[string]any
	Latex        func() string
	Markdown     func() string
	PNG          func() []byte
	PDF          func() []byte
	SVG          func() string
	String       func() string
	Error        func() string
}

// methodNames are the rendering methods in the order in which their forms are
// collected; later ones win.
var methodNames = [...]string{
	"Render", "SimpleRender", "HTML", "JavaScript", "JPEG", "JSON", "Latex", "Markdown", "PNG", "PDF", "SVG",
}

// results are the types that the rendering methods return.
var results = map[string]reflect.Type{
	"Render":       reflect.TypeFor[Data](),
	"SimpleRender": reflect.TypeFor[MIMEMap](),
	"HTML":         reflect.TypeFor[string](),
	"JavaScript":   reflect.TypeFor[string](),
	"JPEG":         reflect.TypeFor[[]byte](),
	"JSON":         reflect.TypeFor[map[string]any](),
	"Latex":        reflect.TypeFor[string](),
	"Markdown":     reflect.TypeFor[string](),
	"PNG":          reflect.TypeFor[[]byte](),
	"PDF":          reflect.TypeFor[[]byte](),
	"SVG":          reflect.TypeFor[string](),
}

// mimeTypes are the MIME types of the rendering methods that give one form.
var mimeTypes = map[string]string{
	"HTML":       MIMETypeHTML,
	"JavaScript": MIMETypeJavaScript,
	"JPEG":       MIMETypeJPEG,
	"Latex":      MIMETypeLatex,
	"Markdown":   MIMETypeMarkdown,
	"PNG":        MIMETypePNG,
	"PDF":        MIMETypePDF,
	"SVG":        MIMETypeSVG,
}

// Of returns the forms of v as the protocol carries them, text/plain always among
// them. Data gives its own; a value with rendering methods what they return; an image
// a PNG; anything else its text alone (see Text). A form that cannot be encoded is left out and text/plain says so.
// A panic in a rendering method is the caller's, as in any other call.
func Of(v any) MIMEMap {
	d := final(render(v))
	if _, ok := d.Data[MIMETypeText]; !ok {
		d.Data = merged(d.Data, MIMEMap{MIMETypeText: ""})
	}
	return d.Data
}

// final is Final with the error as part of the text.
func final(d Data) Data {
	d, err := Final(d)
	if err != nil {
		s, _ := d.Data[MIMETypeText].(string)
		d.Data = merged(d.Data, MIMEMap{MIMETypeText: s + "\n(" + err.Error() + ")"})
	}
	return d
}

// Final returns d with every form as the protocol carries it: strings for text, base64
// for binary data, JSON for JSON types, and a text/plain form where there is any form. If a
// form cannot be encoded it is left out and the error names it.
func Final(d Data) (Data, error) { return d.encoded() }

// Results returns what a cell shows whose last expression has these values: nothing
// (false) if there are none or all are nil, the rich form if just one is not nil, else
// their texts separated by blanks. A Bar or a Handle is shown already and does not count.
// The Data is as Final returns it.
func Results(values ...any) (Data, bool) {
	values = slices.DeleteFunc(slices.Clone(values), isShown)
	var only any
	n := 0
	for _, v := range values {
		if !isNil(v) {
			only = v
			n++
		}
	}
	if n == 0 {
		return Data{}, false
	}
	if n == 1 && (len(values) == 1 || rendersItself(only)) {
		d := render(only)
		if len(d.Data) == 0 { // Data{} shows nothing
			return Data{}, false
		}
		return final(d), true
	}
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = Text(v)
	}
	return Data{Data: MIMEMap{MIMETypeText: strings.Join(texts, " ")}}, true
}

// isNil reports whether v is nil itself; a nil pointer in v is a value.
func isNil(v any) bool { return v == nil }

// isShown reports whether v stands for something that is shown already, wherever that is.
func isShown(v any) bool {
	switch v.(type) {
	case *Bar, *Handle:
		return true
	}
	return false
}

// rendersItself reports whether v has a richer form than text.
func rendersItself(v any) bool {
	switch v.(type) {
	case nil:
		return false
	case Data, image.Image:
		return true
	}
	for _, name := range methodNames {
		if method(v, name).IsValid() {
			return true
		}
	}
	return false
}

// render collects the forms of v. Its maps are its own.
func render(v any) Data {
	var d Data
	if own, ok := v.(Data); ok {
		d.merge(own)
		return d
	}
	if isShown(v) {
		return d
	}
	if isNil(v) {
		return Data{Data: MIMEMap{MIMETypeText: Text(v)}}
	}
	if img, ok := v.(image.Image); ok {
		if i, err := imageData(img); err != nil {
			d = Data{Data: MIMEMap{MIMETypeText: Text(v) + "\n(" + err.Error() + ")"}}
		} else {
			d = i
		}
	}
	for _, name := range methodNames {
		if m := method(v, name); m.IsValid() {
			d.merge(form(name, m.Call(nil)[0]))
		}
	}
	if _, ok := d.Data[MIMETypeText]; !ok {
		d.Data = merged(d.Data, MIMEMap{MIMETypeText: Text(v)})
	}
	return d
}

// form returns what the rendering method called name returned as Data.
func form(name string, result reflect.Value) Data {
	switch x := result.Convert(results[name]).Interface().(type) {
	case Data:
		return x
	case MIMEMap:
		if name != "JSON" {
			return Data{Data: x}
		}
		return Data{Data: MIMEMap{MIMETypeJSON: x}}
	default:
		return Data{Data: MIMEMap{mimeTypes[name]: x}}
	}
}

// method returns the rendering method of v called name, with no parameters and one result
// that converts to what the interfaces above say; the zero Value if there is none.
// A nil pointer has none: its methods would most likely panic.
func method(v any, name string) reflect.Value {
	rv := reflect.ValueOf(v)
	if rv.Kind() == reflect.Pointer && rv.IsNil() {
		return reflect.Value{}
	}
	var m reflect.Value
	if ms, ok := v.(Methods); ok {
		if m = reflect.ValueOf(ms).FieldByName(name); !m.IsValid() || m.IsNil() {
			return reflect.Value{}
		}
	} else {
		m = rv.MethodByName(name)
	}
	if !m.IsValid() || m.Type().NumIn() != 0 || m.Type().NumOut() != 1 ||
		!m.Type().Out(0).ConvertibleTo(results[name]) || m.Type().Out(0).Kind() != results[name].Kind() {
		return reflect.Value{}
	}
	return m
}
