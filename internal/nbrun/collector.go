package nbrun

import (
	"encoding/json"
	"fmt"
	"strings"

	"gokernel/internal/nbformat"
	"gokernel/kernel/jupyter"
)

// Streams says how the stream messages of a cell become outputs.
type Streams int

const (
	// Joined merges a stream with the output before it if that is the same stream, as JupyterLab does. What was
	// printed before and after a picture stays before and after it.
	Joined Streams = iota
	// Separate keeps each message, as nbclient does by default.
	Separate
	// Whole merges all of a cell's stdout, and all of its stderr, where each first appeared, stdout first, and
	// applies carriage returns, as nbclient does with coalesce_streams.
	Whole
)

// A collector turns iopub messages into the outputs of cells, as nbclient's process_message does.
type collector struct {
	streams  Streams
	displays map[string][]displayed  // by display id, over all cells
	clear    map[*nbformat.Cell]bool // clear_output(wait=true) came: the next output clears
}

// displayed is one place where a display id is shown.
type displayed struct {
	cell *nbformat.Cell
	out  *nbformat.Output
}

func newCollector(s Streams) *collector {
	return &collector{streams: s, displays: map[string][]displayed{}, clear: map[*nbformat.Cell]bool{}}
}

// begin empties the cell, whose messages come next.
func (c *collector) begin(cell *nbformat.Cell) {
	delete(c.clear, cell)
	c.empty(cell)
}

func (c *collector) empty(cell *nbformat.Cell) {
	cell.Outputs = nil
	for id, places := range c.displays {
		kept := places[:0]
		for _, p := range places {
			if p.cell != cell {
				kept = append(kept, p)
			}
		}
		c.displays[id] = kept
	}
}

// content holds the fields of all messages that make outputs.
type content struct {
	ExecutionCount *int `json:"execution_count"`
	Name, Text     string
	Data, Metadata map[string]any
	Transient      struct {
		DisplayID string `json:"display_id"`
	}
	EName, EValue string
	Traceback     []string
	Wait          bool
}

// message takes one iopub message of the cell, which may have ended.
func (c *collector) message(cell *nbformat.Cell, m *jupyter.Message) error {
	var v content
	d := json.NewDecoder(strings.NewReader(string(m.Content)))
	d.UseNumber() // numbers of JSON outputs are written as they came
	if err := d.Decode(&v); err != nil {
		return fmt.Errorf("%s: %w", m.Header.MsgType, err)
	}
	if v.ExecutionCount != nil {
		n := *v.ExecutionCount
		cell.ExecutionCount = &n
	}
	out := &nbformat.Output{Type: nbformat.OutputType(m.Header.MsgType)}
	switch m.Header.MsgType {
	case jupyter.StreamType:
		out.Name, out.Text = v.Name, v.Text
	case jupyter.ErrorType:
		out.EName, out.EValue, out.Traceback = v.EName, v.EValue, v.Traceback
	case jupyter.ExecuteResultType, jupyter.DisplayDataType:
		out.Data, out.Metadata = v.Data, v.Metadata
		c.update(v)
		if m.Header.MsgType == jupyter.ExecuteResultType {
			out.ExecutionCount = v.ExecutionCount
		}
	case jupyter.UpdateDisplayDataType:
		c.update(v)
		return nil
	case jupyter.ClearOutputType:
		if c.clear[cell] = v.Wait; !v.Wait {
			c.empty(cell)
		}
		return nil
	default:
		return nil
	}
	if c.clear[cell] {
		c.empty(cell)
		delete(c.clear, cell)
	}
	if out.Type == nbformat.Stream && c.streams == Joined && len(cell.Outputs) > 0 {
		if last := cell.Outputs[len(cell.Outputs)-1]; last.Type == nbformat.Stream && last.Name == out.Name {
			last.Text += out.Text
			return nil
		}
	}
	if id := v.Transient.DisplayID; id != "" {
		c.displays[id] = append(c.displays[id], displayed{cell, out})
	}
	cell.Outputs = append(cell.Outputs, out)
	return nil
}

// update changes what is shown under a display id, in every cell.
func (c *collector) update(v content) {
	if v.Transient.DisplayID == "" {
		return
	}
	for _, p := range c.displays[v.Transient.DisplayID] {
		p.out.Data, p.out.Metadata = v.Data, v.Metadata
	}
}

// end finishes the cell, again if something came late.
func (c *collector) end(cell *nbformat.Cell) {
	if c.streams == Whole {
		cell.Outputs = whole(cell.Outputs)
	}
}

// whole merges streams as nbclient's coalesce_streams does.
func whole(outs []*nbformat.Output) []*nbformat.Output {
	var merged []*nbformat.Output
	first := map[string]*nbformat.Output{}
	for _, o := range outs {
		if o.Type == nbformat.Stream {
			if f := first[o.Name]; f != nil {
				f.Text += o.Text
				continue
			}
			copied := *o
			o = &copied
			first[o.Name] = o
		}
		merged = append(merged, o)
	}
	for _, o := range first {
		o.Text = overwrite(o.Text)
	}
	for i := 0; i+1 < len(merged); i++ {
		a, b := merged[i], merged[i+1]
		if a.Type == nbformat.Stream && a.Name == jupyter.Stderr && b.Type == nbformat.Stream && b.Name == jupyter.Stdout {
			merged[i], merged[i+1] = b, a
		}
	}
	return merged
}

// overwrite drops what a carriage return within a line overwrites. Backspaces stay: the loop over them in
// nbclient 0.11 (execute_cell) never begins.
func overwrite(s string) string {
	if !strings.Contains(s, "\r") {
		return s
	}
	lines := strings.SplitAfter(s, "\n")
	for i, l := range lines {
		// The last carriage return that is neither before the newline nor at the end of the text.
		body := strings.TrimSuffix(strings.TrimSuffix(l, "\n"), "\r")
		lines[i] = l[strings.LastIndexByte(body, '\r')+1:]
	}
	return strings.Join(lines, "")
}
