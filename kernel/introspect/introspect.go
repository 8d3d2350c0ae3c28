package introspect

import (
	"cmp"
	"slices"
	"strings"

	"gokernel/kernel/check"
	"gokernel/kernel/jupyter"
	"gokernel/kernel/magic"
)

// Config is what there is to know beside the scope. The zero value completes and inspects Go alone.
type Config struct {
	// Magics are the commands that cells know.
	Magics magic.Table
	// Dir is the directory that file names in strings and commands are taken from; "" is the process's.
	Dir string
	// Env lists the names of environment variables, for %env. Nil: none.
	Env func() []string
	// FlagValues returns what can stand behind a flag of a command, as far as that is known. Nil: nothing is.
	FlagValues func(command, flag string) []string
	// Value returns the current value of a variable of the notebook as text. Nil, or false: not known now.
	Value func(name string) (string, bool)
}

// Complete is Config{}.Complete.
func Complete(s *check.Scope, code string, cursor int) jupyter.CompleteReply {
	return Config{}.Complete(s, code, cursor)
}

// Inspect is Config{}.Inspect.
func Inspect(s *check.Scope, code string, cursor, detail int) (jupyter.MIMEBundle, bool) {
	return Config{}.Inspect(s, code, cursor, detail)
}

// Complete returns what can replace the text between two bytes of code around the byte cursor, best first. All
// positions in the reply are bytes; its metadata holds the matches with kind and signature under jupyter.TypedMatchesKey.
// A cursor outside of code is moved to its nearer end.
func (c Config) Complete(s *check.Scope, code string, cursor int) jupyter.CompleteReply {
	q := newQuestion(c, s, code, cursor)
	q.find()
	return q.reply()
}

// A match is one thing that can stand at the cursor.
type match struct {
	text      string
	kind      string // as in jupyter.TypedMatch
	signature string
	rank      int // lower is better
	typ       string
}

// Ranks of matches, before the expected type is looked at.
const (
	rankKey      = iota // keys of a struct literal
	rankLocal           // of the function or the cell around the cursor
	rankNotebook        // of earlier cells
	rankMember          // after a dot
	rankImported
	rankPredeclared
	rankKeyword
	rankPackage // not imported yet
	rankEmbedded
)

// maxMatches bounds a reply; clients show a few dozen.
const maxMatches = 1000

// reply sorts the matches that begin with the prefix, in whatever case.
func (q *question) reply() jupyter.CompleteReply {
	var fit []match
	seen := map[string]bool{}
	for _, m := range q.matches {
		if !q.wants(m.text) || m.text == "_" || strings.HasSuffix(m.text, placeholder) {
			continue
		}
		if !strings.HasPrefix(m.text, q.prefix) {
			m.rank += 100 // behind those that begin as typed
		}
		if q.expected != "" && m.typ == q.expected {
			m.rank -= 50
			if m.kind == "function" || m.kind == "method" {
				m.rank += rankEmbedded // behind what is a value already
			}
		}
		fit = append(fit, m)
	}
	slices.SortStableFunc(fit, func(a, b match) int {
		return cmp.Or(cmp.Compare(a.rank, b.rank), strings.Compare(a.text, b.text))
	})
	r := jupyter.CompleteReply{Status: jupyter.StatusOK, Matches: []string{}, CursorStart: q.start, CursorEnd: q.cursor}
	typed := []jupyter.TypedMatch{}
	for _, m := range fit {
		if seen[m.text] || len(typed) == maxMatches {
			continue
		}
		seen[m.text] = true
		r.Matches = append(r.Matches, m.text)
		typed = append(typed, jupyter.TypedMatch{Start: q.start, End: q.cursor, Text: m.text, Type: m.kind, Signature: m.signature})
	}
	r.Metadata = map[string]any{jupyter.TypedMatchesKey: typed}
	return r
}

// wants reports whether a name begins with the prefix, in whatever case.
func (q *question) wants(name string) bool {
	return len(name) >= len(q.prefix) && strings.EqualFold(name[:len(q.prefix)], q.prefix)
}
