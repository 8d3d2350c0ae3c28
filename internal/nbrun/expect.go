package nbrun

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"gokernel/internal/nbformat"
	"gokernel/kernel/jupyter"
)

// metadataKey is where our own metadata stands in a cell's.
const metadataKey = "gokernel"

// An Expectation is what a cell must show. A part that it does not name must stay empty, unless it is ignored.
type Expectation struct {
	Stdout *Template              // nil: nothing
	Stderr *Template              // nil: nothing
	Result *Template              // text/plain of the cell's value; nil: no value
	Error  *Template              // "NAME: VALUE" of the error; nil: the cell succeeds
	Shown  []map[string]*Template // displays in their order, by MIME type; other types are not looked at
	Ignore []string               // parts that are not looked at: stdout, stderr, result, error, display
}

// partNames lists an expectation's parts in the order in which they are compared.
func partNames() []string { return []string{"error", "stdout", "stderr", "result", "display"} }

// own returns our metadata of the cell, nil if there is none.
func own(c *nbformat.Cell) map[string]any {
	m, _ := c.Metadata[metadataKey].(map[string]any)
	return m
}

// Listing returns the number of the listing that the cell shows, "" if it is none.
func Listing(c *nbformat.Cell) string {
	s, _ := own(c)["listing"].(string)
	return s
}

// IsTiming reports whether the cell measures time and so must run alone.
func IsTiming(c *nbformat.Cell) bool {
	b, _ := own(c)["timing"].(bool)
	return b || c.HasTag("timing")
}

// Expected returns what the metadata of the cell says it must show, nil if it says nothing. Errors are the
// author's: an unknown key, a pattern that cannot be read.
func Expected(c *nbformat.Cell) (*Expectation, error) {
	v, ok := own(c)["expect"]
	if !ok {
		return nil, nil
	}
	e, err := parseExpectation(v)
	if err != nil {
		return nil, fmt.Errorf("metadata %s.expect: %w", metadataKey, err)
	}
	return e, nil
}

func parseExpectation(v any) (*Expectation, error) {
	m, ok := v.(map[string]any)
	if !ok { // a text alone is what is printed
		t, err := parseTemplateValue(v)
		return &Expectation{Stdout: t}, err
	}
	e := &Expectation{}
	var errs []error
	for key, v := range m {
		var err error
		switch key {
		case "exact", "pattern", "unordered", "order":
			if e.Stdout != nil {
				err = errors.New("two expectations of stdout")
				break
			}
			e.Stdout, err = parseTemplateValue(map[string]any{key: v})
		case "stdout":
			if e.Stdout != nil {
				err = errors.New("two expectations of stdout")
				break
			}
			e.Stdout, err = parseTemplateValue(v)
		case "stderr":
			e.Stderr, err = parseTemplateValue(v)
		case "result":
			e.Result, err = parseTemplateValue(v)
		case "error":
			e.Error, err = parseTemplateValue(v)
		case "display":
			e.Shown, err = parseShown(v)
		case "ignore":
			e.Ignore, err = parseIgnore(v)
		default:
			err = errors.New("unknown key")
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", key, err))
		}
	}
	return e, errors.Join(errs...)
}

// parseTemplateValue reads a text, which is exact, or an object of one mode and its text.
func parseTemplateValue(v any) (*Template, error) {
	if s, ok := textOf(v); ok {
		return ParseTemplate(Exact, s)
	}
	m, ok := v.(map[string]any)
	if !ok || len(m) != 1 {
		return nil, errors.New(`want a text or {"MODE": text}`)
	}
	for mode, v := range m {
		s, ok := textOf(v)
		if !ok {
			return nil, fmt.Errorf("%s: want a text or a list of lines", mode)
		}
		return ParseTemplate(Mode(mode), s)
	}
	return nil, nil // not reached: m has one entry
}

// textOf returns a text, which may be given as a list of lines with their ends, as in notebooks.
func textOf(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case []string:
		return strings.Join(v, ""), true
	case []any:
		var b strings.Builder
		for _, e := range v {
			s, ok := e.(string)
			if !ok {
				return "", false
			}
			b.WriteString(s)
		}
		return b.String(), true
	}
	return "", false
}

func parseShown(v any) ([]map[string]*Template, error) {
	list, ok := v.([]any)
	if !ok {
		return nil, errors.New("want a list of objects from MIME type to text")
	}
	var shown []map[string]*Template
	for i, e := range list {
		m, ok := e.(map[string]any)
		if !ok {
			return nil, fmt.Errorf("display %d: want an object from MIME type to text", i+1)
		}
		one := map[string]*Template{}
		for mime, v := range m {
			t, err := parseTemplateValue(v)
			if err != nil {
				return nil, fmt.Errorf("display %d: %s: %w", i+1, mime, err)
			}
			one[mime] = t
		}
		shown = append(shown, one)
	}
	return shown, nil
}

func parseIgnore(v any) ([]string, error) {
	var names []string
	switch v := v.(type) {
	case []string:
		names = v
	case []any:
		for _, e := range v {
			s, _ := e.(string)
			names = append(names, s)
		}
	default:
		return nil, errors.New("want a list of parts")
	}
	for _, n := range names {
		if !slices.Contains(partNames(), n) {
			return nil, fmt.Errorf("no part %q, want some of %s", n, strings.Join(partNames(), ", "))
		}
	}
	return names, nil
}

// Shown is what a cell showed, by part. The streams are whole: their order among each other does not count.
type Shown struct {
	Stdout, Stderr string
	Result, Error  *string // nil: none
	Displays       []map[string]any
}

// ShownBy collects the outputs of a cell.
func ShownBy(c *nbformat.Cell) Shown {
	var s Shown
	for _, o := range c.Outputs {
		switch o.Type {
		case nbformat.Stream:
			if o.Name == jupyter.Stderr {
				s.Stderr += o.Text
			} else {
				s.Stdout += o.Text
			}
		case nbformat.ExecuteResult:
			text, _ := o.Data["text/plain"].(string)
			s.Result = &text
		case nbformat.DisplayData:
			s.Displays = append(s.Displays, o.Data)
		case nbformat.Error:
			text := o.EName + ": " + o.EValue
			if s.Error != nil { // a goroutine failed as well
				text = *s.Error + "\n" + text
			}
			s.Error = &text
		}
	}
	return s
}

// A Difference is one part of a cell's output that is not as expected.
type Difference struct {
	Part string `json:"part"` // error, stdout, stderr, result, display 1, …
	Text string `json:"text"` // lines marked - (expected) and +, see Template.Match
}

// line returns the number of the first line that differs, counted in what was shown; 0 if nothing stands before it.
func (d Difference) line() int {
	n := 0
	for ln := range strings.Lines(d.Text) {
		var hidden int
		switch {
		case strings.HasPrefix(ln, "  - "), strings.HasPrefix(ln, "  + "):
			if n == 0 {
				return 0
			}
			return n + 1
		case matched(fmt.Sscanf(ln, "    ... %d lines as expected", &hidden)):
			n += hidden
		default:
			n++
		}
	}
	return 0
}

func matched(n int, err error) bool { return n == 1 && err == nil }

// Compare returns how what a cell showed differs from what is expected, nil if it does not.
func (e *Expectation) Compare(s Shown) []Difference {
	var found []Difference
	add := func(part, text string) {
		name, _, _ := strings.Cut(part, " ")
		if text != "" && !slices.Contains(e.Ignore, name) {
			found = append(found, Difference{part, text})
		}
	}
	add("error", compareMaybe(e.Error, s.Error))
	add("stdout", compareText(e.Stdout, s.Stdout))
	add("stderr", compareText(e.Stderr, s.Stderr))
	add("result", compareMaybe(e.Result, s.Result))
	for i := range max(len(e.Shown), len(s.Displays)) {
		name := fmt.Sprintf("display %d", i+1)
		switch {
		case i >= len(s.Displays):
			add(name, "  - nothing was shown\n")
		case i >= len(e.Shown):
			add(name, "  + shown, but not expected: "+strings.Join(mimes(s.Displays[i]), ", ")+"\n")
		default:
			add(name, compareBundle(e.Shown[i], s.Displays[i]))
		}
	}
	return found
}

func compareText(t *Template, got string) string {
	if t == nil {
		t = &Template{mode: Exact}
	}
	return t.Match(got)
}

// compareMaybe compares a part that can be absent, which is not the same as empty.
func compareMaybe(t *Template, got *string) string {
	switch {
	case t == nil && got == nil:
		return ""
	case t == nil:
		return compareText(nil, *got+"\n")
	case got == nil:
		return "  - " + strings.ReplaceAll(strings.TrimSuffix(t.text, "\n"), "\n", "\n  - ") + "   (there is none)\n"
	}
	return t.Match(*got)
}

func compareBundle(want map[string]*Template, got map[string]any) string {
	var b strings.Builder
	for _, mime := range mimes(want) {
		v, has := got[mime]
		text, isText := v.(string)
		if has && !isText { // JSON types are compared in their shortest form, keys sorted
			raw, err := json.Marshal(v)
			if err != nil {
				raw = []byte(err.Error())
			}
			text = string(raw)
		}
		if !has {
			fmt.Fprintf(&b, "  - %s   (only %s)\n", mime, strings.Join(mimes(got), ", "))
		} else if diff := want[mime].Match(text); diff != "" {
			fmt.Fprintf(&b, "  %s:\n%s", mime, diff)
		}
	}
	return b.String()
}

func mimes[V any](m map[string]V) []string {
	names := make([]string, 0, len(m))
	for k := range m {
		names = append(names, k)
	}
	slices.Sort(names)
	return names
}

// Recorded returns the expectation that a cell shows again what its outputs in the file say, as nbval has it:
// streams, the value, the error's name, and the text of displays; images may differ.
func Recorded(c *nbformat.Cell) *Expectation {
	exact := func(s string) *Template { return &Template{mode: Exact, text: s} }
	s := ShownBy(c)
	e := &Expectation{Stdout: exact(s.Stdout), Stderr: exact(s.Stderr)}
	if s.Result != nil {
		e.Result = exact(*s.Result)
	}
	if s.Error != nil {
		e.Error = exact(*s.Error)
	}
	for _, d := range s.Displays {
		one := map[string]*Template{}
		for mime, v := range d {
			if text, ok := v.(string); ok && strings.HasPrefix(mime, "text/") {
				one[mime] = exact(text)
			}
		}
		e.Shown = append(e.Shown, one)
	}
	return e
}

// Diff compares the outputs of two notebooks cell by cell, want's expectations first, where it has none its
// recorded outputs. It returns "" if got is as expected.
func Diff(want, got *nbformat.Notebook) string {
	var b strings.Builder
	for i := range max(len(want.Cells), len(got.Cells)) {
		switch {
		case i >= len(want.Cells):
			fmt.Fprintf(&b, "cell %d: not expected\n", i+1)
		case i >= len(got.Cells):
			fmt.Fprintf(&b, "cell %d: missing\n", i+1)
		case want.Cells[i].Type != nbformat.Code:
		default:
			e, err := Expected(want.Cells[i])
			if err != nil {
				fmt.Fprintf(&b, "cell %d: %v\n", i+1, err)
				continue
			}
			if e == nil {
				e = Recorded(want.Cells[i])
			}
			for _, d := range e.Compare(ShownBy(got.Cells[i])) {
				fmt.Fprintf(&b, "cell %d, %s:\n%s", i+1, d.Part, d.Text)
			}
		}
	}
	return b.String()
}
