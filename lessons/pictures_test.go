package lessons

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gokernel/internal/nbformat"
)

var update = flag.Bool("update", false, "write the pictures that cells draw")

// largest is how many bytes a picture may add to a notebook, all forms together.
const largest = 100_000

// TestPicturesAreRecorded checks that every cell that draws has its picture, in a form that JupyterLab shows in a notebook that has not
// been run, with its content in words. With -update it runs the lesson and writes them.
func TestPicturesAreRecorded(t *testing.T) {
	for _, l := range all(t) {
		draws := false
		for _, c := range l.Cells {
			if !c.Draws {
				continue
			}
			draws = true
			if !*update {
				wellRecorded(t, l, c)
			}
		}
		if !draws || !*update {
			continue
		}
		done := execute(t, l.Notebook())
		for _, cell := range done.Cells {
			if c := lessonCell(l, cell.ID); c.Draws {
				writePicture(t, filepath.Join(l.Dir, c.ID+".json"), cell)
			}
		}
	}
}

// wellRecorded checks one picture.
func wellRecorded(t *testing.T, l Lesson, c Cell) {
	t.Helper()
	size := 0
	forms := c.Picture.forms()
	for _, form := range forms {
		s, _ := form.(string)
		size += len(s)
	}
	words, _ := forms["text/plain"].(string)
	page, isPage := forms["text/html"].(string)
	_, isPNG := forms["image/png"]
	switch {
	case size == 0:
		t.Errorf("%s: cell %s has no picture; run go test ./lessons -update", l.Name, c.ID)
	case size > largest:
		t.Errorf("%s: the picture of cell %s has %d bytes, want at most %d", l.Name, c.ID, size, largest)
	case words == "" || strings.HasPrefix(words, "<"):
		t.Errorf("%s: the picture of cell %s is %.20q as text", l.Name, c.ID, words)
	case !isPage && !isPNG:
		t.Errorf("%s: JupyterLab does not show the picture of cell %s in a notebook that has not been run", l.Name, c.ID)
	case strings.Contains(page, "<img") && (!strings.Contains(page, `alt="`) || strings.Contains(page, `alt=""`)):
		t.Errorf("%s: the picture of cell %s says nothing in words", l.Name, c.ID)
	}
	// A table that a cell prints and another one draws comes from one run.
	title, _, _ := strings.Cut(words, "\n")
	for _, other := range l.Cells {
		if printed, ok := strings.CutPrefix(other.Recorded, title+"\n"); ok && title != "" && title+"\n"+printed != words {
			t.Errorf("%s: cell %s prints\n%sand the picture of cell %s shows\n%s", l.Name, other.ID, other.Recorded, c.ID, words)
		}
	}
}

// writePicture writes what a cell has drawn.
func writePicture(t *testing.T, file string, cell *nbformat.Cell) {
	t.Helper()
	for _, out := range cell.Outputs {
		if out.Type != nbformat.DisplayData && out.Type != nbformat.ExecuteResult {
			continue
		}
		var b bytes.Buffer
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		e.SetIndent("", "\t")
		if err := e.Encode(Picture{out.Data, out.Metadata}); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, b.Bytes(), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	t.Errorf("%s: cell %s shows nothing", file, cell.ID)
}
