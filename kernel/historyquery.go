package kernel

import (
	"cmp"
	"slices"
)

// HistoryEntry is one cell that was run.
type HistoryEntry struct {
	// Session counts the sessions of this user from 1; Line is the cell's
	// execution count in its session.
	Session, Line int
	// Input is the cell as the reader wrote it.
	Input string
	// Output is the text of its result, nil if it had none.
	Output *string
}

// sortHistory orders entries by session and line: kernels that run at the
// same time mix their cells in the file.
func sortHistory(entries []HistoryEntry) {
	slices.SortStableFunc(entries, func(a, b HistoryEntry) int {
		return cmp.Or(cmp.Compare(a.Session, b.Session), cmp.Compare(a.Line, b.Line))
	})
}

// historyTail returns the last n of ordered entries.
func historyTail(entries []HistoryEntry, n int) []HistoryEntry {
	return entries[max(0, len(entries)-max(0, n)):]
}

// historyRange returns the lines start to stop-1 of one session. A session
// of 0 or less counts back from the current one. A negative start or stop
// counts back from the end, a stop of 0 is the end (spec, "History"; the
// meaning of 0 and below is IPython's).
func historyRange(entries []HistoryEntry, current, session, start, stop int) []HistoryEntry {
	if session <= 0 {
		session += current
	}
	var of []HistoryEntry
	for _, e := range entries {
		if e.Session == session {
			of = append(of, e)
		}
	}
	if len(of) == 0 {
		return nil
	}
	end := of[len(of)-1].Line + 1
	if start < 0 {
		start += end
	}
	if stop <= 0 {
		stop += end
	}
	return slices.DeleteFunc(of, func(e HistoryEntry) bool { return e.Line < start || e.Line >= stop })
}

// historySearch returns the last n entries whose input the pattern matches
// whole, all of them if n is 0 or less. With unique, of equal inputs only the
// newest counts.
func historySearch(entries []HistoryEntry, pattern string, n int, unique bool) []HistoryEntry {
	glob := []rune(pattern)
	seen := make(map[string]bool)
	var found []HistoryEntry
	for _, e := range slices.Backward(entries) {
		if n > 0 && len(found) == n {
			break
		}
		if unique && seen[e.Input] || !globMatch(glob, []rune(e.Input)) {
			continue
		}
		seen[e.Input] = true
		found = append(found, e)
	}
	slices.Reverse(found)
	return found
}

// globMatch reports whether pattern matches the whole of text. It knows *,
// ?, [abc], [a-z] and [^a], as SQLite's GLOB does, which is what IPython
// searches with; path.Match would stop at slashes and fail on a lone '['.
func globMatch(pattern, text []rune) bool {
	p, t := 0, 0
	star, retry := -1, 0 // where to go on if what follows the last star fails
	for t < len(text) {
		if p < len(pattern) && pattern[p] == '*' {
			star, retry = p, t
			p++
			continue
		}
		if size := globOne(pattern[p:], text[t]); size > 0 {
			p, t = p+size, t+1
			continue
		}
		if star < 0 {
			return false
		}
		retry++
		p, t = star+1, retry
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}

// globOne returns how many runes of pattern match r, 0 if it does not.
func globOne(pattern []rune, r rune) int {
	if len(pattern) == 0 {
		return 0
	}
	switch {
	case pattern[0] == '?':
		return 1
	case pattern[0] != '[':
		if pattern[0] == r {
			return 1
		}
		return 0
	}
	i, negated, in := 1, false, false
	if i < len(pattern) && pattern[i] == '^' {
		negated = true
		i++
	}
	for first := i; i < len(pattern) && (pattern[i] != ']' || i == first); i++ {
		low := pattern[i]
		high := low
		if i+2 < len(pattern) && pattern[i+1] == '-' && pattern[i+2] != ']' {
			high = pattern[i+2]
			i += 2
		}
		in = in || low <= r && r <= high
	}
	if i == len(pattern) { // never closed: the bracket stands for itself
		if r == '[' {
			return 1
		}
		return 0
	}
	if in == negated {
		return 0
	}
	return i + 1
}
