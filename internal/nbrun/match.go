package nbrun

import (
	"slices"
	"strings"
)

// Match compares an output with the template. It returns "" if the output is as expected, else the
// difference: lines marked "-" are missing, lines marked "+" are there instead, and a note tells which
// value of a line is out of bounds.
func (t *Template) Match(got string) string {
	if t.mode == Exact {
		if got == t.text {
			return ""
		}
		items := []item{}
		for _, l := range splitText(t.text) {
			items = append(items, item{line: literalLine(l), min: 1, max: 1})
		}
		return diffItems(items, splitText(got)) + endNote(t.text, got)
	}
	lines := splitText(got)
	m := matcher{items: t.items, lines: lines, failed: map[[2]int]bool{}}
	end := endNote(t.text, got)
	if m.match(0, 0) {
		return end
	}
	if len(t.items) == 1 && t.items[0].block != nil {
		return t.items[0].block.diff(lines) + end
	}
	return diffItems(t.items, lines) + end
}

// endNote says if only one of the texts ends its last line.
func endNote(want, got string) string {
	switch w, g := strings.HasSuffix(want, "\n"), strings.HasSuffix(got, "\n"); {
	case want == "" || got == "" || w == g:
		return ""
	case w:
		return "  (the last line has no newline at its end, want one)\n"
	}
	return "  (the last line ends with a newline, want none)\n"
}

// A matcher finds whether lines fulfil items. It tries all ways to share the lines out and remembers
// the points from which none leads to the end.
type matcher struct {
	items  []item
	lines  []string
	failed map[[2]int]bool
}

// match reports whether the items from i on match exactly the lines from j on.
func (m *matcher) match(i, j int) bool {
	if i == len(m.items) {
		return j == len(m.lines)
	}
	key := [2]int{i, j}
	if m.failed[key] {
		return false
	}
	it := m.items[i]
	ok := false
	if it.block != nil {
		n := j + len(it.block.lines)
		ok = n <= len(m.lines) && it.block.match(m.lines[j:n]) && m.match(i+1, n)
	} else {
		for n := 0; ; n++ {
			if n >= it.min && m.match(i+1, j+n) {
				ok = true
				break
			}
			if n == it.max || j+n == len(m.lines) || !it.accepts(m.lines[j+n]) {
				break
			}
		}
	}
	if !ok {
		m.failed[key] = true
	}
	return ok
}

// accepts reports whether one line may be (part of) what the item matches.
func (it item) accepts(line string) bool {
	if it.any {
		return true
	}
	if it.block != nil {
		return slices.ContainsFunc(it.block.lines, func(p linePattern) bool { ok, _ := p.match(line); return ok })
	}
	ok, _ := it.line.match(line)
	return ok
}

// maxSteps bounds the search for an order, which is exponential only if many lines match many patterns.
const maxSteps = 200_000

// match reports whether lines are those of the block, one each, with all relations held.
func (b *block) match(lines []string) bool {
	if len(lines) != len(b.lines) {
		return false
	}
	pair := b.pair(lines)
	if slices.Contains(pair, -1) {
		return false
	}
	if len(b.before) == 0 {
		return true
	}
	s := orderSearch{b: b, lines: lines, used: make([]bool, len(b.lines)), failed: map[string]bool{}}
	return s.from(0)
}

// pair assigns lines to patterns, each to one at most, and as many as possible (augmenting paths).
// It returns for each line the index of its pattern, or -1.
func (b *block) pair(lines []string) []int {
	owner := slices.Repeat([]int{-1}, len(b.lines)) // pattern to line
	var try func(line int, seen []bool) bool
	try = func(line int, seen []bool) bool {
		for p := range b.lines {
			if seen[p] {
				continue
			}
			if ok, _ := b.lines[p].match(lines[line]); !ok {
				continue
			}
			seen[p] = true
			if owner[p] < 0 || try(owner[p], seen) {
				owner[p] = line
				return true
			}
		}
		return false
	}
	for i := range lines {
		try(i, make([]bool, len(b.lines)))
	}
	pair := slices.Repeat([]int{-1}, len(lines))
	for p, line := range owner {
		if line >= 0 {
			pair[line] = p
		}
	}
	return pair
}

// An orderSearch places patterns line by line.
type orderSearch struct {
	b      *block
	lines  []string
	used   []bool
	failed map[string]bool // sets of used patterns from which no way leads to the end
	steps  int
}

func (s *orderSearch) from(line int) bool {
	if line == len(s.lines) {
		return true
	}
	if s.steps++; s.steps > maxSteps {
		return false
	}
	key := s.key()
	if s.failed[key] {
		return false
	}
	for p := range s.b.lines {
		if s.used[p] || s.held(p) {
			continue
		}
		if ok, _ := s.b.lines[p].match(s.lines[line]); !ok {
			continue
		}
		s.used[p] = true
		if s.from(line + 1) {
			return true
		}
		s.used[p] = false
	}
	s.failed[key] = true
	return false
}

func (s *orderSearch) key() string {
	b := make([]byte, (len(s.used)+7)/8)
	for i, u := range s.used {
		if u {
			b[i/8] |= 1 << (i % 8)
		}
	}
	return string(b)
}

// held reports whether a pattern that must come before p is not used yet.
func (s *orderSearch) held(p int) bool {
	for _, r := range s.b.before {
		if r[1] == p && !s.used[r[0]] {
			return true
		}
	}
	return false
}
