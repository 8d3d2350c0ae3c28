package faults

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"gokernel/kernel/jupyter"
)

// The comments that mark lines of a cell.
const (
	here    = "// here"    // the error names this line
	started = "// started" // the error names this line as the place of the go statement
)

// marks returns how an error of the cell must name the lines that are marked in it.
func marks(number int, code string) []string {
	var names []string
	for i, line := range strings.Split(code, "\n") {
		if strings.HasSuffix(line, here) {
			names = append(names, fmt.Sprintf("cell [%d] line %d", number, i+1))
		}
		if strings.HasSuffix(line, started) {
			names = append(names, fmt.Sprintf("cell [%d] line %d started", number, i+1))
		}
	}
	return names
}

// position matches a place as compile errors name it.
var position = regexp.MustCompile(`(cell \[\d+\]):(\d+):\d+`)

// wantError checks that a cell failed, and that its error says each of the words and names each marked line.
func wantError(t *testing.T, code string, o outcome, words ...string) {
	t.Helper()
	if o.Status != jupyter.StatusError {
		t.Errorf("cell %q: got status %q with %q, want an error", code, o.Status, o.stdout+o.shown())
		return
	}
	said := position.ReplaceAllString(o.said(), "$1 line $2")
	for _, word := range append(words, marks(o.ExecutionCount, code)...) {
		if !strings.Contains(said, word) {
			t.Errorf("cell %q: the error does not say %q:\n%s", code, word, o.said())
		}
	}
	if len(o.errors) != 1 || o.errors[0].EName != o.EName || o.errors[0].EValue != o.EValue {
		t.Errorf("cell %q: got errors %+v on iopub, want the one of the reply, %s: %s", code, o.errors, o.EName, o.EValue)
	}
}

// decode returns the content of a message.
func decode[C jupyter.Content](t *testing.T, m *jupyter.Message) C {
	c, err := jupyter.Decode[C](m)
	if err != nil {
		t.Errorf("%s: %v", m.Header.MsgType, err)
	}
	return c
}

// form is one MIME type of something displayed, and its content as text.
type form struct{ mime, text string }

// forms returns what is in a MIME bundle.
func forms(t *testing.T, data jupyter.MIMEBundle) []form {
	var all []form
	for mime, content := range data {
		text, ok := content.(string)
		if !ok {
			encoded, err := json.Marshal(content)
			if err != nil {
				t.Error(err)
			}
			text = string(encoded)
		}
		all = append(all, form{mime, text})
	}
	return all
}
