package nbrun

import (
	"fmt"
	"maps"
	"slices"

	"gokernel/internal/nbformat"
)

// update makes exact expectations say what the cells showed, by part. What is named nowhere must be absent, which is exact
// too. An error becomes what is expected only of a cell that may fail. The recorded outputs are done's anyway, and patterns
// are the author's to mend.
func update(done *nbformat.Notebook, expected []*Expectation, allowErrors bool) {
	for i, c := range done.Cells {
		e := expected[i]
		if e == nil {
			continue
		}
		u := updating{expect: expectMap(c), ignore: e.Ignore}
		s := ShownBy(c)
		u.part("stdout", e.Stdout, some(s.Stdout), "exact", "stdout")
		u.part("stderr", e.Stderr, some(s.Stderr), "stderr")
		u.part("result", e.Result, s.Result, "result")
		if s.Error == nil || e.Error != nil || allowErrors || mayFail(c) {
			u.part("error", e.Error, s.Error, "error")
		}
		u.displays(e.Shown, s.Displays)
		if u.changed {
			ours := maps.Clone(own(c))
			ours["expect"] = u.value()
			c.Metadata[metadataKey] = ours
		}
	}
}

// some returns a text that counts as absent if it is empty.
func some(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// expectMap returns the expectation of a cell's metadata as an object, which is the caller's.
func expectMap(c *nbformat.Cell) map[string]any {
	v := own(c)["expect"]
	if m, ok := v.(map[string]any); ok {
		return maps.Clone(m)
	}
	return map[string]any{string(Exact): v} // a text alone
}

// updating is one expectation on its way.
type updating struct {
	expect  map[string]any
	ignore  []string
	changed bool
}

// part makes one part what was shown, nil for nothing; it is written under the first of the keys under which it may stand.
func (u *updating) part(name string, t *Template, shown *string, keys ...string) {
	text, expectedText := "", ""
	if shown != nil {
		text = *shown
	}
	if t != nil {
		expectedText = t.text
	}
	if slices.Contains(u.ignore, name) || t != nil && t.mode != Exact || text == expectedText && (shown != nil) == (t != nil) {
		return
	}
	if shown == nil && name == "stdout" && expectedText == "" {
		return // an empty text says the same
	}
	u.changed = true
	for _, key := range keys {
		delete(u.expect, key)
	}
	if shown != nil {
		u.expect[keys[0]] = text
	}
}

// displays makes exact texts of displays what was shown in their places.
func (u *updating) displays(expected []map[string]*Template, shown []map[string]any) {
	list, ok := u.expect["display"].([]any)
	if !ok || slices.Contains(u.ignore, "display") {
		return
	}
	list = slices.Clone(list)
	for i := range min(len(expected), len(shown), len(list)) {
		for mime, t := range expected[i] {
			text, ok := shown[i][mime].(string)
			if one, isMap := list[i].(map[string]any); ok && isMap && t.mode == Exact && t.text != text {
				one = maps.Clone(one)
				one[mime] = text
				list[i], u.changed = one, true
			}
		}
	}
	u.expect["display"] = list
}

// value returns the expectation in its short form if it has one.
func (u *updating) value() any {
	if text, ok := u.expect[string(Exact)]; ok && len(u.expect) == 1 {
		return text
	}
	return u.expect
}

// updated judges the cells again by what the file expects now: those that failed and no longer do are updated.
func (f *FileReport) updated(done *nbformat.Notebook, allowErrors bool, failures map[int]error) error {
	for i := range f.Cells {
		r := &f.Cells[i]
		if r.Status != Failed {
			continue
		}
		cell := done.Cells[r.Number-1]
		e, err := Expected(cell)
		if err != nil {
			return fmt.Errorf("cell %d, as it is now: %w", r.Number, err) // it is our own
		}
		_, ran := failures[r.Number]
		if now := judge(r.Number, cell, cell, e, ran, allowErrors, 0, failures[r.Number]); now.Status != Failed {
			r.Status, r.Error = Updated, ""
		}
	}
	return nil
}
