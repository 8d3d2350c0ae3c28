package nbrun

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"gokernel/internal/nbformat"
)

// What the author of a notebook asks of whoever runs it: the tags of nbclient ("raises-exception", "skip-execution", which
// nbmake uses too) and of nbval, whose directives may also be comments of the cell, such as # NBVAL_SKIP.

// skips reports whether a cell is not to be run.
func skips(c *nbformat.Cell) bool { return c.HasTag("skip-execution") || directs(c, "nbval-skip") }

// mayFail reports whether a cell may end with an error.
func mayFail(c *nbformat.Cell) bool {
	return c.HasTag("raises-exception") || directs(c, "nbval-raises-exception")
}

// ignoresOutput reports whether the recorded outputs of a cell are not to be compared.
func ignoresOutput(c *nbformat.Cell) bool {
	return directs(c, "nbval-ignore-output", "pytest-validate-ignore-output")
}

// directs reports whether a cell has one of the directives, as a tag or as a comment line in which it stands alone, in
// capitals and with underscores.
func directs(c *nbformat.Cell, directives ...string) bool {
	if c.HasTag(directives...) {
		return true
	}
	if !strings.Contains(c.Source, "NBVAL_") && !strings.Contains(c.Source, "PYTEST_VALIDATE_") {
		return false
	}
	for ln := range strings.Lines(c.Source) {
		ln = strings.TrimSpace(ln)
		comment := strings.TrimLeft(ln, "#/")
		name := strings.ToLower(strings.ReplaceAll(strings.TrimSpace(comment), "_", "-"))
		if comment != ln && slices.Contains(directives, name) {
			return true
		}
	}
	return false
}

// execution returns what nbmake reads from the metadata of a notebook, {"execution": {"timeout": SECONDS, "allow_errors":
// true}}. The timeout is 0 if there is none.
func execution(nb *nbformat.Notebook) (timeout time.Duration, allowErrors bool) {
	m, _ := nb.Metadata["execution"].(map[string]any)
	allowErrors, _ = m["allow_errors"].(bool)
	var seconds float64
	switch v := m["timeout"].(type) {
	case json.Number:
		seconds, _ = v.Float64() // what is no number is no timeout
	case float64:
		seconds = v
	}
	return time.Duration(max(0, seconds) * float64(time.Second)), allowErrors
}
