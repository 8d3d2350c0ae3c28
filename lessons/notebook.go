package lessons

import (
	"strings"

	"gokernel/internal/nbformat"
)

// Notebook returns the reader's edition: the outputs are those recorded in the lesson.
func (l Lesson) Notebook() *nbformat.Notebook {
	nb := &nbformat.Notebook{
		Metadata: map[string]any{
			"kernelspec": map[string]any{"name": "gokernel", "display_name": "Go", "language": "go"},
			"language_info": map[string]any{
				"name": "go", "file_extension": ".go", "mimetype": "text/x-go", "pygments_lexer": "go", "codemirror_mode": "go",
			},
			"gokernel": map[string]any{"generated": "from lessons/" + l.Dir + " by go generate ./lessons; changes belong there"},
		},
	}
	for _, c := range l.Cells {
		cell := &nbformat.Cell{ID: c.ID, Type: c.Type, Source: c.Source, Metadata: c.metadata()}
		if c.Type == nbformat.Code {
			cell.Outputs = c.outputs()
		}
		nb.Cells = append(nb.Cells, cell)
	}
	return nb
}

// metadata returns the metadata of the cell, in the form that docs/expected-outputs.md describes.
func (c Cell) metadata() map[string]any {
	m := map[string]any{}
	if len(c.Tags) > 0 {
		m["tags"] = toAny(c.Tags)
	}
	if c.Hidden {
		m["jupyter"] = map[string]any{"source_hidden": true}
	}
	if c.Type != nbformat.Code {
		return m
	}
	own := map[string]any{"expect": c.expect()}
	if c.Listing != "" {
		own["listing"] = c.Listing
	}
	if c.Timing {
		own["timing"] = true
	}
	m["gokernel"] = own
	return m
}

// expect returns what the cell must show; a cell that shows nothing must show nothing.
func (c Cell) expect() any {
	e := map[string]any{}
	if c.Output.Mode != "" {
		e[c.Output.Mode] = byLines(c.Output.Text)
	}
	if c.Error.Mode != "" {
		e["error"] = map[string]any{c.Error.Mode: byLines(c.Error.Text)}
	}
	if c.Result.Mode != "" {
		e["result"] = map[string]any{c.Result.Mode: byLines(c.Result.Text)}
	}
	return e
}

// outputs returns the recorded outputs. They have no execution counts, for the cells have not been run in this notebook.
func (c Cell) outputs() []*nbformat.Output {
	var outs []*nbformat.Output
	if c.Recorded != "" {
		outs = append(outs, &nbformat.Output{Type: nbformat.Stream, Name: "stdout", Text: c.Recorded})
	}
	if c.RecordedError != "" {
		said, traceback, _ := strings.Cut(c.RecordedError, "\n")
		name, value, _ := strings.Cut(said, ": ")
		out := &nbformat.Output{Type: nbformat.Error, EName: name, EValue: value, Traceback: []string{said}}
		if traceback != "" {
			out.Traceback = strings.Split(traceback, "\n")
		}
		outs = append(outs, out)
	}
	if c.Result.Mode == "exact" {
		outs = append(outs, &nbformat.Output{
			Type: nbformat.ExecuteResult, Data: map[string]any{"text/plain": c.Result.Text},
		})
	}
	return outs
}

// byLines returns a text as one string, or as a list of its lines if there are several.
func byLines(text string) any {
	if strings.Count(text, "\n") < 2 {
		return text
	}
	var list []string
	for ln := range strings.Lines(text) {
		list = append(list, ln)
	}
	return toAny(list)
}

func toAny(list []string) []any {
	out := make([]any, len(list))
	for i, s := range list {
		out[i] = s
	}
	return out
}
