package nbformat

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// encode writes v as Python's json.dumps(indent=1, sort_keys=True, ensure_ascii=False) does.
// depth is the number of containers around v.
func encode(buf *bytes.Buffer, v any, depth int) error {
	switch v := v.(type) {
	case nil:
		buf.WriteString("null")
	case bool:
		buf.WriteString(strconv.FormatBool(v))
	case string:
		quote(buf, v)
	case int:
		buf.WriteString(strconv.Itoa(v))
	case float64:
		return number(buf, v)
	case json.Number:
		return literal(buf, string(v))
	case []any:
		if len(v) == 0 {
			buf.WriteString("[]")
			return nil
		}
		sep := byte('[')
		for _, e := range v {
			buf.WriteByte(sep)
			newline(buf, depth+1)
			if err := encode(buf, e, depth+1); err != nil {
				return err
			}
			sep = ','
		}
		newline(buf, depth)
		buf.WriteByte(']')
	case map[string]any:
		if len(v) == 0 {
			buf.WriteString("{}")
			return nil
		}
		keys := make([]string, 0, len(v))
		for k := range v {
			keys = append(keys, k)
		}
		slices.Sort(keys) // bytes of UTF-8 sort as code points do, and so Python's strings
		sep := byte('{')
		for _, k := range keys {
			buf.WriteByte(sep)
			newline(buf, depth+1)
			quote(buf, k)
			buf.WriteString(": ")
			if err := encode(buf, v[k], depth+1); err != nil {
				return fmt.Errorf("%s: %w", k, err)
			}
			sep = ','
		}
		newline(buf, depth)
		buf.WriteByte('}')
	default:
		// Metadata set by Go code may hold any type that encoding/json knows.
		tree, err := plain(v)
		if err != nil {
			return err
		}
		return encode(buf, tree, depth)
	}
	return nil
}

// plain turns v into the types that encode knows by a round trip through encoding/json.
func plain(v any) (any, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	var tree any
	if err := d.Decode(&tree); err != nil {
		return nil, err
	}
	return tree, nil
}

func newline(buf *bytes.Buffer, depth int) {
	buf.WriteByte('\n')
	for range depth {
		buf.WriteByte(' ')
	}
}

// quote writes a string as Python does with ensure_ascii=False: only the quote, the backslash and control
// characters below space are escaped. Bytes that are not UTF-8 become U+FFFD.
func quote(buf *bytes.Buffer, s string) {
	buf.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			buf.WriteByte('\\')
			buf.WriteByte(byte(r))
		case r >= ' ':
			buf.WriteRune(r)
		case r == '\n':
			buf.WriteString(`\n`)
		case r == '\r':
			buf.WriteString(`\r`)
		case r == '\t':
			buf.WriteString(`\t`)
		case r == '\b':
			buf.WriteString(`\b`)
		case r == '\f':
			buf.WriteString(`\f`)
		default:
			fmt.Fprintf(buf, `\u%04x`, r)
		}
	}
	buf.WriteByte('"')
}

// literal writes a number as it was read, in the form that Python gives it: integers of any size as they
// are, all others as the shortest text of the float64.
func literal(buf *bytes.Buffer, s string) error {
	if !strings.ContainsAny(s, ".eE") {
		if s == "-0" { // an integer in Python, where zero has no sign
			s = "0"
		}
		if !json.Valid([]byte(s)) { // a json.Number made by hand
			return fmt.Errorf("%q is no number", s)
		}
		buf.WriteString(s)
		return nil
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return fmt.Errorf("number %s is out of range", s)
	}
	return number(buf, f)
}

// number writes f as Python's repr does: an exponent below 1e-4 and from 1e16 on, else a decimal point.
func number(buf *bytes.Buffer, f float64) error {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return fmt.Errorf("%v has no form in JSON", f)
	}
	if a := math.Abs(f); a != 0 && (a < 1e-4 || a >= 1e16) {
		buf.WriteString(strconv.FormatFloat(f, 'e', -1, 64))
		return nil
	}
	s := strconv.FormatFloat(f, 'f', -1, 64)
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	buf.WriteString(s)
	return nil
}

// position returns the 1-based line and column (in characters) of a byte offset.
func position(b []byte, offset int64) (line, column int) {
	head := b[:min(max(offset, 0), int64(len(b)))]
	start := bytes.LastIndexByte(head, '\n') + 1
	return bytes.Count(head, []byte("\n")) + 1, utf8.RuneCount(head[start:]) + 1
}
