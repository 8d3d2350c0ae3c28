package exercise

import "sync/atomic"

// prefix is how a message begins.
const prefix = "not yet: %s"

// A catalog holds messages in one language.
type catalog struct {
	name     string
	messages map[string]string // format in English to format
}

// current is the catalog in use, nil for English. It belongs to the reader's process, as the standard streams do: a
// hidden cell sets it once for all checks.
var current atomic.Pointer[catalog]

// Language sets the language of what checks say. Messages leads from the English formats to those of the language; what
// is not in it stays English. The own messages of this package are listed by [Messages].
func Language(name string, messages map[string]string) {
	current.Store(&catalog{name, messages})
}

// Messages returns the formats of what this package itself says.
func Messages() []string {
	return []string{
		prefix,
		"%s has not returned after %v; does it wait for something that never comes?",
		"%d goroutines are still there; who tells them to stop?",
		"the check has not ended after %v; does a goroutine wait for something that never comes?",
	}
}

func translated(format string) string {
	if c := current.Load(); c != nil {
		if s, ok := c.messages[format]; ok {
			return s
		}
	}
	return format
}
