// Package nbformat reads, writes and validates Jupyter notebooks, version 4.5.
//
// [Read] accepts versions 4.0 to 4.5, brings older ones up to 4.5 and lists what it had to mend as
// [Quirk]s. [Notebook.Write] writes the canonical form: the very bytes that the Python package of the
// same name writes, so that a notebook which passed through both shows no difference in version control.
// [Validate] holds a file against the official JSON schema. Fields this package does not know are kept.
package nbformat

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
)

// The version of the format that this package writes.
const (
	Major = 4
	Minor = 5
)

// CellType tells code, markdown and raw cells apart. Others, of later versions, pass through unchanged.
type CellType string

// The cell types of nbformat 4.
const (
	Code     CellType = "code"
	Markdown CellType = "markdown"
	Raw      CellType = "raw"
)

// OutputType tells the outputs of a code cell apart. The values are those of the iopub messages they stem from.
type OutputType string

// The output types of nbformat 4.
const (
	Stream        OutputType = "stream"
	DisplayData   OutputType = "display_data"
	ExecuteResult OutputType = "execute_result"
	Error         OutputType = "error"
)

// A Notebook is a whole document. Multi-line text, which a file holds as lists of lines, is joined here.
// Values of the open maps are those of encoding/json, but numbers are json.Number when they were read.
type Notebook struct {
	Minor    int            // 5, or a later minor version that was read; 0 is written as 5
	Metadata map[string]any // nil is written as {}
	Cells    []*Cell
	Extra    map[string]any // top-level fields this package does not know

	// Quirks lists what Read mended or found odd. It is not written.
	Quirks []Quirk
}

// A Cell is one cell.
type Cell struct {
	ID             string // unique in the notebook; 1 to 64 of letters, digits, - and _
	Type           CellType
	Source         string
	Metadata       map[string]any // nil is written as {}
	ExecutionCount *int           // code cells: nil if the cell was not run
	Outputs        []*Output      // code cells only
	Attachments    map[string]any // markdown and raw cells: file name to MIME bundle; nil if absent
	Extra          map[string]any // fields this package does not know
}

// An Output is one output of a code cell. Type says which of the fields are meaningful.
type Output struct {
	Type           OutputType
	Name           string         // Stream: "stdout" or "stderr"
	Text           string         // Stream
	Data           map[string]any // DisplayData, ExecuteResult: the MIME bundle; nil is written as {}
	Metadata       map[string]any // DisplayData, ExecuteResult; nil is written as {}
	ExecutionCount *int           // ExecuteResult
	EName, EValue  string         // Error
	Traceback      []string       // Error: lines, usually with ANSI colours
	Extra          map[string]any // fields this package does not know; all of them for an unknown type
}

// A Quirk is something in a file that the format does not allow or that had to be changed on reading.
type Quirk struct {
	Cell int // 1-based number of the cell, 0 for the notebook itself
	Text string
}

// String returns the quirk as one line.
func (q Quirk) String() string {
	if q.Cell == 0 {
		return q.Text
	}
	return fmt.Sprintf("cell %d: %s", q.Cell, q.Text)
}

// Tags returns the tags of the cell, those of its metadata that are strings.
func (c *Cell) Tags() []string {
	list, _ := c.Metadata["tags"].([]any)
	var tags []string
	for _, t := range list {
		if s, ok := t.(string); ok {
			tags = append(tags, s)
		}
	}
	return tags
}

// HasTag reports whether the cell has one of the tags.
func (c *Cell) HasTag(tags ...string) bool {
	return slices.ContainsFunc(c.Tags(), func(t string) bool { return slices.Contains(tags, t) })
}

// StableID derives a cell id from what the cell is, so that notebooks without ids get the same ones each
// time they are read. taken reports ids that other cells have; the result is not among them.
func StableID(typ CellType, source string, taken func(id string) bool) string {
	for n := 0; ; n++ {
		sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%d\x00%s", typ, n, source))
		if id := hex.EncodeToString(sum[:4]); !taken(id) {
			return id
		}
	}
}

// Clone returns a copy that shares no cell, output or map of the top levels with nb. The values inside
// metadata and MIME bundles are shared and must not be changed in place.
func (nb *Notebook) Clone() *Notebook {
	c := *nb
	c.Metadata, c.Extra = clone(nb.Metadata), clone(nb.Extra)
	c.Quirks = slices.Clone(nb.Quirks)
	c.Cells = make([]*Cell, len(nb.Cells))
	for i, cell := range nb.Cells {
		c.Cells[i] = cell.Clone()
	}
	return &c
}

// Clone is Notebook.Clone for one cell.
func (c *Cell) Clone() *Cell {
	d := *c
	d.Metadata, d.Attachments, d.Extra = clone(c.Metadata), clone(c.Attachments), clone(c.Extra)
	d.ExecutionCount = clone1(c.ExecutionCount)
	d.Outputs = make([]*Output, len(c.Outputs))
	for i, o := range c.Outputs {
		p := *o
		p.Data, p.Metadata, p.Extra = clone(o.Data), clone(o.Metadata), clone(o.Extra)
		p.ExecutionCount = clone1(o.ExecutionCount)
		p.Traceback = slices.Clone(o.Traceback)
		d.Outputs[i] = &p
	}
	return &d
}

// clone copies one level of m and keeps nil nil, which an absent field means.
func clone(m map[string]any) map[string]any {
	if m == nil {
		return nil
	}
	c := make(map[string]any, len(m))
	for k, v := range m {
		c[k] = v
	}
	return c
}

func clone1(p *int) *int {
	if p == nil {
		return nil
	}
	n := *p
	return &n
}
