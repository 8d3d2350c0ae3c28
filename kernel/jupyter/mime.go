package jupyter

import "encoding/json"

// MIMEBundle is one value in several representations, by MIME type. Text is a string, JSON types any JSON value,
// binary types a string in base64 (spec, "Display data").
type MIMEBundle map[string]any

// MarshalJSON writes a nil bundle as {}, for clients do not expect null.
func (b MIMEBundle) MarshalJSON() ([]byte, error) { return json.Marshal(object(b)) }

// object is m, or an empty map if m is nil: {} where Go would write null.
func object[M ~map[string]V, V any](m M) map[string]V {
	if m == nil {
		return map[string]V{}
	}
	return m
}

// list is s, or an empty slice if s is nil: [] where Go would write null.
func list[E any](s []E) []E {
	if s == nil {
		return []E{}
	}
	return s
}
