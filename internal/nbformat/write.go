package nbformat

import (
	"bytes"
	"fmt"
	"io"
	"strings"
)

// Write writes the canonical form: one space of indentation, sorted keys, UTF-8 unescaped, text as lists of
// lines, one newline at the end. Metadata that must not be stored (trust marks, signatures) is left out.
// nb is not changed. The error is w's, or says which value has no form in JSON.
func (nb *Notebook) Write(w io.Writer) error {
	b, err := nb.Bytes()
	if err != nil {
		return err
	}
	_, err = w.Write(b)
	return err
}

// Bytes returns what Write writes.
func (nb *Notebook) Bytes() ([]byte, error) {
	var buf bytes.Buffer
	if err := encode(&buf, nb.tree(), 0); err != nil {
		return nil, fmt.Errorf("encoding notebook: %w", err)
	}
	buf.WriteByte('\n')
	return buf.Bytes(), nil
}

// tree returns the document as maps and lists, in the shape of the file.
func (nb *Notebook) tree() map[string]any {
	t := open(nb.Extra)
	cells := make([]any, len(nb.Cells))
	for i, c := range nb.Cells {
		cells[i] = c.tree()
	}
	minor := max(nb.Minor, Minor)
	t["cells"], t["metadata"] = cells, without(nb.Metadata, "orig_nbformat", "orig_nbformat_minor", "signature")
	t["nbformat"], t["nbformat_minor"] = Major, minor
	return t
}

func (c *Cell) tree() map[string]any {
	t := open(c.Extra)
	t["id"], t["cell_type"] = c.ID, string(c.Type)
	t["source"] = lines(c.Source)
	t["metadata"] = without(c.Metadata, "trusted")
	if c.Attachments != nil {
		att := make(map[string]any, len(c.Attachments))
		for name, v := range c.Attachments {
			if bundle, ok := v.(map[string]any); ok {
				v = splitBundle(bundle)
			}
			att[name] = v
		}
		t["attachments"] = att
	}
	if c.Type == Code {
		outs := make([]any, len(c.Outputs))
		for i, o := range c.Outputs {
			outs[i] = o.tree()
		}
		t["outputs"], t["execution_count"] = outs, count(c.ExecutionCount)
	}
	return t
}

func (o *Output) tree() map[string]any {
	t := open(o.Extra)
	t["output_type"] = string(o.Type)
	switch o.Type {
	case Stream:
		t["name"], t["text"] = o.Name, lines(o.Text)
	case ExecuteResult:
		t["execution_count"] = count(o.ExecutionCount)
		fallthrough
	case DisplayData:
		t["data"], t["metadata"] = splitBundle(o.Data), without(o.Metadata)
	case Error:
		tb := make([]any, len(o.Traceback))
		for i, s := range o.Traceback {
			tb[i] = s
		}
		t["ename"], t["evalue"], t["traceback"] = o.EName, o.EValue, tb
	}
	return t
}

// open returns a copy of m to add the known fields to.
func open(m map[string]any) map[string]any {
	c := make(map[string]any, len(m)+8)
	for k, v := range m {
		c[k] = v
	}
	return c
}

// without returns a copy of m that lacks the keys. It is never nil: metadata is written as {}, not as null.
func without(m map[string]any, keys ...string) map[string]any {
	c := open(m)
	for _, k := range keys {
		delete(c, k)
	}
	return c
}

func count(n *int) any {
	if n == nil {
		return nil
	}
	return *n
}

// splitBundle turns the text entries of a MIME bundle into lists of lines, those that nbformat's
// v4/rwbase.py splits: text/*, JavaScript and SVG.
func splitBundle(b map[string]any) map[string]any {
	c := open(b)
	for k, v := range c {
		s, ok := v.(string)
		if ok && (strings.HasPrefix(k, "text/") || k == "application/javascript" || k == "image/svg+xml") {
			c[k] = lines(s)
		}
	}
	return c
}

// lines splits s where Python's str.splitlines(True) does, and keeps the ends. "" has no lines.
func lines(s string) []any {
	list := []any{}
	start := 0
	for i, r := range s {
		end := i
		switch r {
		case '\n', '\v', '\f', 0x1c, 0x1d, 0x1e:
			end = i + 1
		case '\r':
			end = i + 1
			if end < len(s) && s[end] == '\n' {
				continue // the pair ends at its newline
			}
		case 0x85:
			end = i + 2
		case 0x2028, 0x2029:
			end = i + 3
		default:
			continue
		}
		list = append(list, s[start:end])
		start = end
	}
	if start < len(s) {
		list = append(list, s[start:])
	}
	return list
}
