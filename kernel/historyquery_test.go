package kernel

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestHistoryQueries(t *testing.T) {
	all := []HistoryEntry{
		{1, 1, "fmt.Println(1)", nil}, {1, 2, "x := 1", nil},
		{2, 1, "x := 1", nil}, {2, 2, "a/b", nil}, {2, 4, "x", nil},
	}
	const current = 2
	tests := []struct {
		name string
		got  []HistoryEntry
		want []HistoryEntry
	}{
		{"tail", historyTail(all, 2), all[3:]},
		{"longer tail than there is", historyTail(all, 9), all},
		{"no tail", historyTail(all, 0), all[5:]},
		{"negative tail", historyTail(all, -1), all[5:]},
		{"this session", historyRange(all, current, 0, 1, 0), all[2:]},
		{"the one before", historyRange(all, current, -1, 0, 0), all[:2]},
		{"by number", historyRange(all, current, 1, 2, 3), all[1:2]},
		{"one that was not", historyRange(all, current, 7, 0, 0), nil},
		{"from the end", historyRange(all, current, 2, -1, 0), all[4:]},
		{"up to the end", historyRange(all, current, 2, 1, -1), all[2:4]},
		{"over a gap", historyRange(all, current, 2, 2, 4), all[3:4]},
		{"search", historySearch(all, "x*", 0, false), []HistoryEntry{all[1], all[2], all[4]}},
		{"search for the newest", historySearch(all, "x*", 2, false), []HistoryEntry{all[2], all[4]}},
		{"search without duplicates", historySearch(all, "x*", 0, true), []HistoryEntry{all[2], all[4]}},
		{"search over a slash", historySearch(all, "a*b", 0, false), all[3:4]},
		{"search for nothing", historySearch(all, "", 0, false), nil},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(append([]HistoryEntry{}, tt.want...), append([]HistoryEntry{}, tt.got...)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

func TestGlobMatch(t *testing.T) {
	tests := []struct {
		pattern, text string
		want          bool
	}{
		{"", "", true}, {"", "a", false}, {"*", "", true}, {"*", "a\nb/c", true},
		{"a", "a", true}, {"a", "b", false}, {"a", "ab", false}, {"ab", "a", false},
		{"?", "ä", true}, {"?", "", false}, {"a*c", "abcbc", true}, {"a*c", "abcb", false},
		{"*a*b*", "xxaxxbxx", true}, {"[abc]x", "bx", true}, {"[a-c]", "b", true}, {"[a-c]", "d", false},
		{"[^a-c]", "d", true}, {"[^a-c]", "a", false}, {"[]]", "]", true}, {"[a-]", "-", true},
		{"[", "[", true}, {"x[1", "x[1", true}, {"x[1", "y[1", false}, {"*[0]*", "x[0]", true},
		{"a**b", "ab", true},
	}
	for _, tt := range tests {
		if got := globMatch([]rune(tt.pattern), []rune(tt.text)); got != tt.want {
			t.Errorf("globMatch(%q, %q): got %t, want %t", tt.pattern, tt.text, got, tt.want)
		}
	}
}
