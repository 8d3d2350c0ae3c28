package nbformat

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// What is wrong with a file that is no notebook. The errors of Read wrap them.
var (
	ErrEmpty     = errors.New("the file is empty")
	ErrNotJSON   = errors.New("not a notebook: not JSON")
	ErrTruncated = errors.New("the file ends in the middle (was it cut off?)")
	ErrVersion   = errors.New("notebook format not supported")
	ErrShape     = errors.New("not a notebook")
)

// Read reads a notebook of version 4.0 to 4.5 and upgrades it to 4.5: cells without an id get one from
// [StableID]. Later minor versions are read as they are. What is merely odd is mended and listed in Quirks.
// Errors are one line and say where; they wrap one of the sentinels above or are r's.
func Read(r io.Reader) (*Notebook, error) {
	b, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("reading notebook: %w", err)
	}
	return Parse(b)
}

// Parse is Read for bytes.
func Parse(b []byte) (*Notebook, error) {
	nb := &Notebook{}
	if rest, ok := bytes.CutPrefix(b, []byte("\xef\xbb\xbf")); ok {
		b = rest
		nb.quirk(0, "starts with a byte order mark")
	}
	root, err := parseJSON(b)
	if err != nil {
		return nil, err
	}
	if err := nb.fill(root); err != nil {
		return nil, err
	}
	return nb, nil
}

// parseJSON parses b as one JSON object, with numbers kept as they are written.
func parseJSON(b []byte) (map[string]any, error) {
	if len(bytes.TrimSpace(b)) == 0 {
		return nil, ErrEmpty
	}
	if !utf8.Valid(b) {
		n := 0
		for n < len(b) {
			r, size := utf8.DecodeRune(b[n:])
			if r == utf8.RuneError && size == 1 {
				break
			}
			n += size
		}
		line, col := position(b, int64(n))
		return nil, fmt.Errorf("%w: line %d, column %d: not UTF-8 text", ErrNotJSON, line, col)
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	var v any
	err := d.Decode(&v)
	if err == nil {
		if _, extra := d.Token(); extra != io.EOF {
			line, col := position(b, d.InputOffset())
			return nil, fmt.Errorf("%w: line %d, column %d: text after the end of the document", ErrNotJSON, line, col)
		}
	}
	var syntax *json.SyntaxError
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		line, _ := position(b, int64(len(b)))
		return nil, fmt.Errorf("%w: line %d", ErrTruncated, line)
	case errors.As(err, &syntax):
		line, col := position(b, syntax.Offset-1)
		return nil, fmt.Errorf("%w: line %d, column %d: %s", ErrNotJSON, line, col, oneLine(syntax.Error()))
	case err != nil:
		return nil, fmt.Errorf("%w: %s", ErrNotJSON, oneLine(err.Error()))
	}
	root, ok := v.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("%w: the document is %s, want an object", ErrShape, typeName(v))
	}
	return root, nil
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// typeName names the JSON type of v for messages.
func typeName(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case bool:
		return "true or false"
	case json.Number:
		return "a number"
	case string:
		return "a string"
	case []any:
		return "a list"
	}
	return "an object"
}

func (nb *Notebook) quirk(cell int, format string, args ...any) {
	nb.Quirks = append(nb.Quirks, Quirk{Cell: cell, Text: fmt.Sprintf(format, args...)})
}

// fill takes the document's fields. It changes root.
func (nb *Notebook) fill(root map[string]any) error {
	f := fields{m: root, what: "notebook"}
	major, minor, err := version(root)
	if err != nil {
		return err
	}
	if major != Major {
		return fmt.Errorf("%w: version %d.%d, want 4.0 to 4.%d%s", ErrVersion, major, minor, Minor, oldHint(major))
	}
	f.drop("nbformat", "nbformat_minor")
	nb.Minor = max(minor, Minor)
	if minor > Minor {
		nb.quirk(0, "format 4.%d is newer than 4.%d: what it adds is kept as it is", minor, Minor)
	}
	if nb.Metadata = f.object("metadata"); nb.Metadata == nil && f.err == nil {
		nb.Metadata = map[string]any{}
		nb.quirk(0, "no metadata")
	}
	cells, ok := f.list("cells")
	if f.err != nil {
		return f.err
	}
	if !ok {
		return fmt.Errorf("%w: no cells", ErrShape)
	}
	for _, k := range []string{"orig_nbformat", "orig_nbformat_minor", "signature"} {
		delete(nb.Metadata, k)
	}
	for i, v := range cells {
		m, ok := v.(map[string]any)
		if !ok {
			return fmt.Errorf("%w: cell %d is %s, want an object", ErrShape, i+1, typeName(v))
		}
		c, err := nb.cell(i+1, m)
		if err != nil {
			return err
		}
		nb.Cells = append(nb.Cells, c)
	}
	nb.Extra = f.rest()
	for k := range nb.Extra {
		nb.quirk(0, "unknown field %q", k)
	}
	nb.fillIDs(minor)
	return nil
}

// version returns the format of the document. Version 1 had no field for it.
func version(root map[string]any) (major, minor int, err error) {
	v, has := root["nbformat"]
	if !has {
		return 0, 0, fmt.Errorf("%w: no field \"nbformat\"", ErrShape)
	}
	major, ok := integer(v)
	if !ok {
		return 0, 0, fmt.Errorf("%w: \"nbformat\" is %s, want a whole number", ErrShape, typeName(v))
	}
	if v, has := root["nbformat_minor"]; has {
		if minor, ok = integer(v); !ok {
			return 0, 0, fmt.Errorf("%w: \"nbformat_minor\" is %s, want a whole number", ErrShape, typeName(v))
		}
	}
	return major, minor, nil
}

func oldHint(major int) string {
	if major < Major {
		return " (convert it with: jupyter nbconvert --to notebook)"
	}
	return ""
}

// fillIDs gives an id to each cell that has none or another's, which formats before 4.5 never have.
func (nb *Notebook) fillIDs(minor int) {
	taken := make(map[string]bool, len(nb.Cells))
	for _, c := range nb.Cells {
		taken[c.ID] = true
	}
	seen := make(map[string]bool, len(nb.Cells))
	isTaken := func(id string) bool { return taken[id] }
	for i, c := range nb.Cells {
		switch {
		case c.ID == "":
			c.ID = StableID(c.Type, c.Source, isTaken)
			if minor >= 5 {
				nb.quirk(i+1, "no id; named %s", c.ID)
			}
		case seen[c.ID]:
			old := c.ID
			c.ID = StableID(c.Type, c.Source, isTaken)
			nb.quirk(i+1, "id %q is another cell's; renamed %s", old, c.ID)
		case !validID(c.ID):
			nb.quirk(i+1, "id %q is not 1 to 64 letters, digits, - or _", c.ID)
		}
		seen[c.ID], taken[c.ID] = true, true
	}
	if minor < Minor {
		nb.quirk(0, "upgraded from format 4.%d to 4.%d", minor, Minor)
	}
}

func validID(id string) bool {
	for _, r := range id {
		if r >= utf8.RuneSelf || !(r == '-' || r == '_' || '0' <= r && r <= '9' || 'a' <= r|0x20 && r|0x20 <= 'z') {
			return false
		}
	}
	return len(id) >= 1 && len(id) <= 64
}
