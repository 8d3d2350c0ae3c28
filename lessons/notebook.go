package lessons

import (
	"encoding/base64"
	"fmt"
	"maps"
	"regexp"
	"strings"

	"gokernel/internal/exercise"
	"gokernel/internal/nbformat"
)

// An Edition is who a notebook is for.
type Edition string

// The editions. Each is made from the same lesson.
const (
	Reader  Edition = "reader"  // recorded outputs; solutions are folded away
	Student Edition = "student" // no outputs; starters in place of solutions, no hidden checks
	Teacher Edition = "teacher" // all of it
)

// Notebook returns the reader's edition in English.
func (l Lesson) Notebook() *nbformat.Notebook { return l.Edition(Reader, &Translation{}) }

// Edition returns the notebook for somebody, in a language. Outputs are those recorded in the lesson. Text that the
// translation does not have stays English.
func (l Lesson) Edition(e Edition, t *Translation) *nbformat.Notebook {
	nb := &nbformat.Notebook{
		Metadata: map[string]any{
			"kernelspec": map[string]any{"name": "gokernel", "display_name": "Go", "language": "go"},
			"language_info": map[string]any{
				"name": "go", "file_extension": ".go", "mimetype": "text/x-go", "pygments_lexer": "go", "codemirror_mode": "go",
			},
			"gokernel": map[string]any{"generated": "from lessons/" + l.Dir + " by go generate ./lessons; changes belong there"},
		},
	}
	for i, c := range l.Cells {
		if c.Role == Task && len(l.Exercises) > 0 && c.ID == l.Exercises[0].Task {
			used := append(exercise.Messages(), l.Messages...)
			nb.Cells = append(nb.Cells, (Cell{
				ID: languageID, Type: nbformat.Code, Source: t.languageCell(used), Hidden: true,
			}).notebookCell(e, nbgraderOf(Cell{ID: languageID})))
		}
		if text, ok := t.Text[c.ID]; ok && c.Type == nbformat.Markdown {
			c.Source = text
		}
		grading := map[string]any(nil)
		if c.Role != "" {
			grading = nbgraderOf(c)
		}
		switch {
		case e == Student && c.Role == Solution:
			c.Source = c.Starter()
		case e == Student && c.Role == Check:
			c.Source = c.shownToStudents()
		case e == Reader && c.Role == Solution:
			c.Hidden = true
		case e == Reader && c.Role == Task:
			starter := strings.ReplaceAll(l.solution(i).Starter(), "\t", "    ") // as wide as in a cell
			c.Source += "\n\n" + startWith(t.Language) + "\n\n```go\n" + starter + "\n```"
		}
		nb.Cells = append(nb.Cells, c.notebookCell(e, grading))
	}
	return nb
}

// solution returns the first solution after a cell.
func (l Lesson) solution(after int) Cell {
	for _, c := range l.Cells[after:] {
		if c.Role == Solution {
			return c
		}
	}
	return Cell{}
}

// startWith introduces the starter in the reader's edition, whose next cell holds the solution.
func startWith(language string) string {
	if language == "zh" {
		return "从这里开始，写在下面折起来的答案之后的新单元格里："
	}
	return "Start from this, in a new cell below the folded solution:"
}

// nbgraderOf returns nbgrader's metadata, schema 3, for a cell of an exercise.
func nbgraderOf(c Cell) map[string]any {
	m := map[string]any{
		"schema_version": 3, "grade_id": c.ID, "grade": c.Role == Check, "solution": c.Role == Solution,
		"locked": c.Role != Solution, "task": false,
	}
	if c.Role == Check {
		m["points"] = c.Points
	}
	return m
}

// notebookCell returns the cell as it stands in an edition.
func (c Cell) notebookCell(e Edition, nbgrader map[string]any) *nbformat.Cell {
	cell := &nbformat.Cell{ID: c.ID, Type: c.Type, Source: c.Source, Metadata: c.metadata()}
	if nbgrader != nil {
		cell.Metadata["nbgrader"] = nbgrader
	}
	if c.Type == nbformat.Code && e != Student {
		cell.Outputs = c.outputs()
	}
	return cell
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
	if len(c.Ignore) > 0 {
		e["ignore"] = toAny(c.Ignore)
	}
	if c.Display.Mode != "" {
		e["display"] = []any{map[string]any{"text/plain": map[string]any{c.Display.Mode: byLines(c.Display.Text)}}}
	}
	if c.Draws && c.Result.Mode == "" {
		e["display"] = []any{map[string]any{svgType: map[string]any{"pattern": "{lines 1..}"}}}
	}
	return e
}

// svgType is the MIME type of the pictures that cells draw.
const svgType = "image/svg+xml"

// outputs returns the recorded outputs. They have no execution counts, for the cells have not been run in this notebook.
func (c Cell) outputs() []*nbformat.Output {
	var outs []*nbformat.Output
	if c.RecordedDisplay != "" {
		outs = append(outs, &nbformat.Output{Type: nbformat.DisplayData, Data: map[string]any{"text/plain": c.RecordedDisplay}})
	}
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
	picture := nbformat.Output{Type: nbformat.DisplayData, Data: c.Picture.forms(), Metadata: c.Picture.Metadata}
	switch {
	case c.Result.Mode != "" && c.Draws:
		picture.Type = nbformat.ExecuteResult
		outs = append(outs, &picture)
	case c.Result.Mode == "exact":
		outs = append(outs, &nbformat.Output{
			Type: nbformat.ExecuteResult, Data: map[string]any{"text/plain": c.Result.Text},
		})
	case len(picture.Data) > 0:
		outs = append(outs, &picture)
	}
	return outs
}

// label is what an SVG picture shows, in words.
var label = regexp.MustCompile(`aria-label="([^"]*)"`)

// forms returns the data of the picture. JupyterLab does not show SVG in a notebook that has not been run, but does show images.
func (p Picture) forms() map[string]any {
	svg, drawn := p.Data[svgType].(string)
	if _, ok := p.Data["text/html"]; ok || !drawn {
		return p.Data
	}
	forms := maps.Clone(p.Data)
	alt := ""
	if found := label.FindStringSubmatch(svg); found != nil {
		alt = found[1]
	}
	forms["text/html"] = fmt.Sprintf(`<img alt="%s" src="data:image/svg+xml;base64,%s">`, alt, base64.StdEncoding.EncodeToString([]byte(svg)))
	return forms
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
