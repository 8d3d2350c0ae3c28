package nbformat

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// fields takes known fields out of a JSON object and remembers the first that has the wrong type.
// What nobody took is the rest.
type fields struct {
	m    map[string]any
	what string // for messages: "cell 3"
	err  error
}

func (f *fields) fail(key string, v any, want string) {
	if f.err == nil {
		f.err = fmt.Errorf("%w: %s: %q is %s, want %s", ErrShape, f.what, key, typeName(v), want)
	}
}

func (f *fields) drop(keys ...string) {
	for _, k := range keys {
		delete(f.m, k)
	}
}

func (f *fields) take(key string) (any, bool) {
	v, ok := f.m[key]
	delete(f.m, key)
	return v, ok
}

// text takes a string or a list of strings, which is joined.
func (f *fields) text(key string) (string, bool) {
	v, ok := f.take(key)
	if !ok {
		return "", false
	}
	s, isText := join(v)
	if !isText {
		f.fail(key, v, "text")
	}
	return s, true
}

// object takes an object; nil if absent.
func (f *fields) object(key string) map[string]any {
	v, ok := f.take(key)
	if !ok {
		return nil
	}
	m, ok := v.(map[string]any)
	if !ok {
		f.fail(key, v, "an object")
	}
	return m
}

func (f *fields) list(key string) ([]any, bool) {
	v, has := f.take(key)
	if !has {
		return nil, false
	}
	l, ok := v.([]any)
	if !ok {
		f.fail(key, v, "a list")
	}
	return l, true
}

// count takes a whole number or null; nil if absent or null.
func (f *fields) count(key string) *int {
	v, ok := f.take(key)
	if !ok || v == nil {
		return nil
	}
	n, ok := integer(v)
	if !ok {
		f.fail(key, v, "a whole number")
		return nil
	}
	return &n
}

// rest returns what was not taken, nil if nothing.
func (f *fields) rest() map[string]any {
	if len(f.m) == 0 {
		return nil
	}
	return f.m
}

// integer accepts 3 and, as JSON does not tell them apart, 3.0.
func integer(v any) (int, bool) {
	n, ok := v.(json.Number)
	if !ok {
		return 0, false
	}
	if i, err := strconv.Atoi(string(n)); err == nil {
		return i, true
	}
	x, err := n.Float64()
	if err != nil || x != math.Trunc(x) || math.Abs(x) > 1<<52 {
		return 0, false
	}
	return int(x), true
}

// join returns the text of a string or of a list of strings.
func join(v any) (string, bool) {
	if s, ok := v.(string); ok {
		return s, true
	}
	list, ok := v.([]any)
	if !ok {
		return "", false
	}
	var b strings.Builder
	for _, e := range list {
		s, ok := e.(string)
		if !ok {
			return "", false
		}
		b.WriteString(s)
	}
	return b.String(), true
}

// joinBundle joins the lists of lines of a MIME bundle in place, but for JSON types, whose lists are values.
func joinBundle(b map[string]any) {
	for k, v := range b {
		if k == "application/json" || strings.HasPrefix(k, "application/") && strings.HasSuffix(k, "+json") {
			continue
		}
		if _, isList := v.([]any); !isList {
			continue
		}
		if s, ok := join(v); ok {
			b[k] = s
		}
	}
}

// cell takes cell number n. It changes m.
func (nb *Notebook) cell(n int, m map[string]any) (*Cell, error) {
	f := fields{m: m, what: fmt.Sprintf("cell %d", n)}
	typ, ok := f.text("cell_type")
	if f.err == nil && (!ok || typ == "") {
		return nil, fmt.Errorf("%w: cell %d has no cell_type", ErrShape, n)
	}
	c := &Cell{Type: CellType(typ)}
	c.ID, _ = f.text("id")
	if c.Source, ok = f.text("source"); !ok {
		nb.quirk(n, "no source")
	}
	if c.Metadata = f.object("metadata"); c.Metadata == nil {
		c.Metadata = map[string]any{}
		nb.quirk(n, "no metadata")
	}
	delete(c.Metadata, "trusted")
	c.Attachments = f.object("attachments")
	for _, v := range c.Attachments {
		if b, ok := v.(map[string]any); ok {
			joinBundle(b)
		}
	}
	if c.Type == Code {
		if _, has := m["execution_count"]; !has {
			nb.quirk(n, "no execution_count")
		}
		c.ExecutionCount = f.count("execution_count")
		outs, has := f.list("outputs")
		if !has {
			nb.quirk(n, "no outputs")
		}
		for i, v := range outs {
			o, err := nb.output(n, i+1, v)
			if err != nil {
				return nil, err
			}
			c.Outputs = append(c.Outputs, o)
		}
	}
	if f.err != nil {
		return nil, f.err
	}
	if c.Extra = f.rest(); c.Extra != nil && slices.Contains([]CellType{Code, Markdown, Raw}, c.Type) {
		nb.quirk(n, "unknown fields %s", names(c.Extra))
	}
	return c, nil
}

// output takes output number i of cell n.
func (nb *Notebook) output(n, i int, v any) (*Output, error) {
	m, ok := v.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("%w: cell %d, output %d is %s, want an object", ErrShape, n, i, typeName(v))
	}
	f := fields{m: m, what: fmt.Sprintf("cell %d, output %d", n, i)}
	typ, _ := f.text("output_type")
	o := &Output{Type: OutputType(typ)}
	missing := func(key string) {
		if _, has := m[key]; !has {
			nb.quirk(n, "output %d has no %s", i, key)
		}
	}
	switch o.Type {
	case Stream:
		missing("name")
		if o.Name, ok = f.text("name"); !ok {
			o.Name = "stdout"
		}
		missing("text")
		o.Text, _ = f.text("text")
	case ExecuteResult:
		missing("execution_count")
		o.ExecutionCount = f.count("execution_count")
		fallthrough
	case DisplayData:
		missing("data")
		missing("metadata")
		if o.Data = f.object("data"); o.Data == nil {
			o.Data = map[string]any{}
		}
		if o.Metadata = f.object("metadata"); o.Metadata == nil {
			o.Metadata = map[string]any{}
		}
		joinBundle(o.Data)
	case Error:
		for _, k := range []string{"ename", "evalue", "traceback"} {
			missing(k)
		}
		o.EName, _ = f.text("ename")
		o.EValue, _ = f.text("evalue")
		tb, _ := f.list("traceback")
		o.Traceback = []string{}
		for _, v := range tb {
			s, ok := v.(string)
			if !ok {
				f.fail("traceback", v, "a list of strings")
			}
			o.Traceback = append(o.Traceback, s)
		}
	case "":
		return nil, fmt.Errorf("%w: %s has no output_type", ErrShape, f.what)
	default:
		nb.quirk(n, "output %d has the unknown type %q", i, typ)
		if s, ok := join(m["text"]); ok && m["text"] != nil {
			m["text"] = s
		}
		o.Extra = f.rest()
		return o, f.err
	}
	if o.Extra = f.rest(); o.Extra != nil {
		nb.quirk(n, "output %d has unknown fields %s", i, names(o.Extra))
	}
	return o, f.err
}

// names lists the keys of m in order.
func names(m map[string]any) string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, strconv.Quote(k))
	}
	slices.Sort(keys)
	return strings.Join(keys, ", ")
}
