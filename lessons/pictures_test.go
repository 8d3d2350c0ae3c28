package lessons

import (
	"flag"
	"os"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update", false, "write the pictures that cells draw")

// TestPicturesAreRecorded checks that every cell that draws has its picture; with -update it runs the lesson and writes it.
func TestPicturesAreRecorded(t *testing.T) {
	for _, l := range all(t) {
		draws := false
		for _, c := range l.Cells {
			draws = draws || c.Draws
			if c.Draws && c.Picture == "" && !*update {
				t.Errorf("%s: cell %s has no picture; run go test ./lessons -update", l.Name, c.ID)
			}
		}
		if !draws || !*update {
			continue
		}
		done := execute(t, l.Notebook())
		for _, c := range l.Cells {
			for _, cell := range done.Cells {
				if !c.Draws || cell.ID != c.ID {
					continue
				}
				for _, out := range cell.Outputs {
					if svg, ok := out.Data[svgType].(string); ok {
						if err := os.WriteFile(filepath.Join(l.Dir, c.ID+".svg"), []byte(svg), 0o666); err != nil {
							t.Fatal(err)
						}
					}
				}
			}
		}
	}
}
