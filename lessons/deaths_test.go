package lessons

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gokernel/internal/nbformat"
)

// colours are control sequences of a terminal.
var colours = regexp.MustCompile(`\x1b\[[0-9;]*m`)

// whichAccess is what differs from death to death: which of the two noticed.
var whichAccess = regexp.MustCompile(`concurrent map (writes|read and map write)`)

// deaths is how often a cell may survive in a row what ends it.
const deaths = 5

// TestRecordedDeaths checks that what is recorded of a cell that ends the process is all that is said by the engine that readers
// have: what of the variables came back, and what is lost.
func TestRecordedDeaths(t *testing.T) {
	if testing.Short() {
		t.Skip("a lesson is compiled")
	}
	for _, l := range all(t) {
		for _, c := range l.Cells {
			if !c.Dies {
				continue
			}
			t.Run(c.ID, func(t *testing.T) {
				t.Parallel()
				nb := l.Notebook()
				at := slices.IndexFunc(nb.Cells, func(n *nbformat.Cell) bool { return n.ID == c.ID })
				want := said(nb.Cells[at])
				nb.Cells = nb.Cells[:at+1]
				got := ""
				for try := 0; got == "" && try < deaths; try++ { // the runtime does not notice every time
					got = said(execute(t, nb, "GOKERNEL_ENGINE=auto").Cells[at])
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("the cell's error (-recorded +said):\n%s", diff)
				}
			})
		}
	}
}

// said returns the report of a cell's error without colours.
func said(c *nbformat.Cell) string {
	for _, out := range c.Outputs {
		if out.Type == nbformat.Error {
			text := colours.ReplaceAllString(strings.Join(out.Traceback, "\n"), "")
			return whichAccess.ReplaceAllString(text, "concurrent map access")
		}
	}
	return ""
}
