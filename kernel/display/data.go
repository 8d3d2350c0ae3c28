package display

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"strings"
)

// The MIME types that the constructors use.
const (
	MIMETypeGIF        = "image/gif"
	MIMETypeHTML       = "text/html"
	MIMETypeJavaScript = "application/javascript"
	MIMETypeJPEG       = "image/jpeg"
	MIMETypeJSON       = "application/json"
	MIMETypeLatex      = "text/latex"
	MIMETypeMarkdown   = "text/markdown"
	MIMETypePDF        = "application/pdf"
	MIMETypePNG        = "image/png"
	MIMETypeSVG        = "image/svg+xml"
	MIMETypeText       = "text/plain"
	MIMETypeVegaLite   = "application/vnd.vegalite.v5+json"
)

// MIMEMap maps MIME types to data of that type: a string for text, []byte or its
// base64 form for binary types, any value that encoding/json accepts for JSON types.
type MIMEMap = map[string]any

// Data is one thing to show, in one or more forms of which the front end picks the
// richest it knows. The zero value shows nothing.
type Data struct {
	// Data holds the forms by MIME type.
	Data MIMEMap
	// Metadata holds hints for the front end by MIME type, such as width and height
	// in pixels for images.
	Metadata MIMEMap
	// Transient is not kept in the notebook. Its key display_id, a string, names the
	// display for later calls of Update; see WithID.
	Transient MIMEMap
}

// displayID is the key of Data.Transient that names a display (messaging spec, display_data).
const displayID = "display_id"

// MakeData returns data in the form mimeType, with a text/plain form beside it.
func MakeData(mimeType string, data any) Data {
	if mimeType == MIMETypeText {
		return Data{Data: MIMEMap{MIMETypeText: data}}
	}
	return MakeData3(mimeType, describe(mimeType, data), data)
}

// MakeData3 returns data in the form mimeType and plaintext as its text/plain form.
func MakeData3(mimeType string, plaintext string, data any) Data {
	return Data{Data: MIMEMap{MIMETypeText: plaintext, mimeType: data}}
}

// MIME returns Data with the given forms and metadata, both by MIME type.
func MIME(data, metadata MIMEMap) Data {
	return Data{Data: data, Metadata: metadata}
}

// WithID returns v as Data that carries a display id: once it has been shown,
// Update(id, …) replaces it in place, wherever in the notebook it stands.
func WithID(id string, v any) Data {
	d := render(v)
	d.Transient = maps.Clone(d.Transient)
	if d.Transient == nil {
		d.Transient = MIMEMap{}
	}
	d.Transient[displayID] = id
	return d
}

// id returns the display id of d, or "".
func (d Data) id() string {
	s, _ := d.Transient[displayID].(string)
	return s
}

// merge adds the forms, metadata and transient entries of o to d; those of o win.
// The maps of d must be its own.
func (d *Data) merge(o Data) {
	d.Data = merged(d.Data, o.Data)
	d.Metadata = merged(d.Metadata, o.Metadata)
	d.Transient = merged(d.Transient, o.Transient)
}

// merged adds the entries of b to a, which may be nil.
func merged(a, b MIMEMap) MIMEMap {
	if len(b) == 0 {
		return a
	}
	if a == nil {
		a = make(MIMEMap, len(b))
	}
	maps.Copy(a, b)
	return a
}

// encoded returns d with every form as the protocol carries it (messaging spec,
// display_data): text as a string, binary data as base64, JSON types as JSON. It
// has a text/plain form if it has any. The error names the form that cannot be encoded;
// the other forms are there all the same.
func (d Data) encoded() (Data, error) {
	if len(d.Data) == 0 {
		return Data{}, nil
	}
	out := Data{Data: make(MIMEMap, len(d.Data)+1), Transient: d.Transient}
	var firstErr error
	for mimeType, v := range d.Data {
		e, err := encode(mimeType, v)
		if err != nil {
			if firstErr == nil {
				firstErr = fmt.Errorf("display: %s: %w", mimeType, err)
			}
			continue
		}
		out.Data[mimeType] = e
	}
	if s, _ := out.Data[MIMETypeText].(string); s == "" && len(d.Data) > 0 {
		if _, ok := d.Data[MIMETypeText]; !ok {
			for mimeType, v := range d.Data {
				out.Data[MIMETypeText] = describe(mimeType, v)
			}
		}
	}
	if len(d.Metadata) > 0 {
		if _, err := json.Marshal(d.Metadata); err != nil && firstErr == nil {
			firstErr = fmt.Errorf("display: metadata: %w", err)
		} else if err == nil {
			out.Metadata = d.Metadata
		}
	}
	return out, firstErr
}

// encode returns v as the protocol carries data of the given type.
func encode(mimeType string, v any) (any, error) {
	switch {
	case isJSON(mimeType):
		return encodeJSON(v)
	case isText(mimeType):
		switch v := v.(type) {
		case string:
			return v, nil
		case []byte:
			return string(v), nil
		case []string: // multi-line text as a notebook file has it
			return strings.Join(v, ""), nil
		}
		return Text(v), nil
	}
	switch v := v.(type) {
	case string: // by convention base64 already
		return v, nil
	case []byte:
		return base64.StdEncoding.EncodeToString(v), nil
	}
	return encodeJSON(v)
}

// encodeJSON encodes v, taking bytes and raw messages for JSON that is ready; a string is that if it parses.
func encodeJSON(v any) (any, error) {
	var raw []byte
	switch v := v.(type) {
	case json.RawMessage:
		raw = v
	case []byte:
		raw = v
	case string:
		if !json.Valid([]byte(v)) {
			return v, nil
		}
		raw = []byte(v)
	default:
		b, err := json.Marshal(v)
		if err != nil {
			return nil, err
		}
		return json.RawMessage(b), nil
	}
	if !json.Valid(raw) {
		var x any
		return nil, json.Unmarshal(raw, &x)
	}
	return json.RawMessage(raw), nil
}

// isJSON reports whether data of the type is JSON and not text or binary.
func isJSON(mimeType string) bool {
	return mimeType == MIMETypeJSON || strings.HasSuffix(mimeType, "+json")
}

// isText reports whether data of the type travels as a plain string.
func isText(mimeType string) bool {
	return strings.HasPrefix(mimeType, "text/") || strings.HasSuffix(mimeType, "+xml") ||
		mimeType == MIMETypeJavaScript || mimeType == "application/xml"
}

// describe returns a text/plain form for data that has none of its own.
func describe(mimeType string, v any) string {
	switch v := v.(type) {
	case string:
		if mimeType == MIMETypeSVG {
			return fmt.Sprintf("SVG image, %s", size(len(v)))
		}
		if isText(mimeType) || isJSON(mimeType) {
			return Text(v)
		}
		return fmt.Sprintf("%s (%s, base64)", mimeType, size(len(v)))
	case []byte:
		if isText(mimeType) || isJSON(mimeType) {
			return describe(mimeType, string(v))
		}
		return describeBytes(mimeType, v)
	case json.RawMessage:
		return Text(string(v))
	}
	return Text(v)
}

// size returns a number of bytes for people.
func size(n int) string {
	switch {
	case n < 1000:
		return fmt.Sprintf("%d bytes", n)
	case n < 1_000_000:
		return fmt.Sprintf("%.1f kB", float64(n)/1e3)
	case n < 1_000_000_000:
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	}
	return fmt.Sprintf("%.1f GB", float64(n)/1e9)
}
