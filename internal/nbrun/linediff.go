package nbrun

import (
	"fmt"
	"strings"
)

const (
	diffContext = 3         // equal lines shown around a difference
	maxDiffRows = 60        // rows of one difference
	maxCells    = 4_000_000 // cells of the alignment table; larger texts show the first difference only
	maxWidth    = 200       // characters of a line that are shown
)

// A row is one line of a difference.
type row struct {
	mark byte // ' ', '-' or '+'
	text string
	note string
}

// diffItems aligns lines with items at the least number of missing and surplus lines.
func diffItems(items []item, lines []string) string {
	skip := 0 // what is equal at the start need not be aligned
	for skip < len(items) && skip < len(lines) && items[skip].once() && items[skip].accepts(lines[skip]) {
		skip++
	}
	rows := make([]row, 0, len(lines))
	for _, l := range lines[:skip] {
		rows = append(rows, row{' ', l, ""})
	}
	items, lines = items[skip:], lines[skip:]
	if len(items)*len(lines) > maxCells {
		if len(items) > 0 {
			rows = append(rows, row{'-', items[0].String(), ""})
		}
		if len(lines) > 0 {
			rows = append(rows, row{'+', lines[0], ""})
		}
		return render(rows)
	}
	return render(append(rows, align(items, lines)...))
}

func (it item) once() bool { return it.block == nil && it.min == 1 && it.max == 1 }

// String returns the item as a reader of the difference should see it.
func (it item) String() string {
	if it.block != nil {
		return "{block of " + fmt.Sprint(len(it.block.lines)) + " lines}"
	}
	if it.any || it.once() {
		return it.line.text
	}
	high := ""
	if it.max >= 0 {
		high = fmt.Sprint(it.max)
	}
	return fmt.Sprintf("{repeat %d..%s} %s", it.min, high, it.line.text)
}

// align is the classical table of least costs: cost[i][j] is that of items[i:] against lines[j:]. A
// repetition may take several lines; whether their number is right is noted afterwards.
func align(items []item, lines []string) []row {
	cost := make([][]int32, len(items)+1)
	for i := range cost {
		cost[i] = make([]int32, len(lines)+1)
	}
	for i := len(items); i >= 0; i-- {
		for j := len(lines); j >= 0; j-- {
			cost[i][j] = least(cost, items, lines, i, j)
		}
	}
	var rows []row
	taken := make([][]string, len(items))
	for i, j := 0, 0; i < len(items) || j < len(lines); {
		switch c := cost[i][j]; {
		case i < len(items) && j < len(lines) && items[i].accepts(lines[j]) &&
			(c == cost[i+1][j+1] || !items[i].once() && c == cost[i][j+1]):
			rows = append(rows, row{' ', lines[j], ""})
			taken[i] = append(taken[i], lines[j])
			if items[i].once() || c != cost[i][j+1] {
				rows = append(rows, finish(items[i], taken[i])...)
				i++
			}
			j++
		case i < len(items) && c == cost[i+1][j]+skipCost(items[i]):
			rows = append(rows, finish(items[i], taken[i])...)
			i++
		default:
			r := row{'+', lines[j], ""}
			if i > 0 {
				_, r.note = items[i-1].line.match(lines[j])
			}
			if i < len(items) && r.note == "" {
				_, r.note = items[i].line.match(lines[j])
			}
			rows = append(rows, r)
			j++
		}
	}
	return rows
}

func least(cost [][]int32, items []item, lines []string, i, j int) int32 {
	switch {
	case i == len(items) && j == len(lines):
		return 0
	case i == len(items):
		return cost[i][j+1] + 1
	}
	c := cost[i+1][j] + skipCost(items[i])
	if j < len(lines) {
		c = min(c, cost[i][j+1]+1)
		if items[i].accepts(lines[j]) {
			c = min(c, cost[i+1][j+1])
			if !items[i].once() {
				c = min(c, cost[i][j+1])
			}
		}
	}
	return c
}

// skipCost is what it costs that an item has no (more) lines. Repetitions are judged by finish.
func skipCost(it item) int32 {
	if it.once() {
		return 1
	}
	return 0
}

// finish returns what is to be said about an item once its lines are known.
func finish(it item, taken []string) []row {
	if it.block != nil {
		if it.block.match(taken) {
			return nil
		}
		return []row{{'-', it.String(), "\n" + strings.TrimSuffix(it.block.diff(taken), "\n")}}
	}
	n := len(taken)
	switch {
	case n >= it.min && (it.max < 0 || n <= it.max):
		return nil
	case it.once():
		return []row{{'-', it.String(), ""}}
	}
	return []row{{'-', it.String(), fmt.Sprintf("got %d of these lines", n)}}
}

// diff says in which way lines are not those of the block.
func (b *block) diff(lines []string) string {
	pair := b.pair(lines)
	used := make([]bool, len(b.lines))
	var rows []row
	for i, p := range pair {
		if p >= 0 {
			used[p] = true
			rows = append(rows, row{' ', lines[i], ""})
			continue
		}
		note := "not expected, or not so often"
		for k := range b.lines {
			if _, why := b.lines[k].match(lines[i]); why != "" {
				note = why
			}
		}
		rows = append(rows, row{'+', lines[i], note})
	}
	complete := len(lines) == len(b.lines)
	for p, l := range b.lines {
		if !used[p] {
			rows = append(rows, row{'-', l.text, "in any place"})
			complete = false
		}
	}
	if complete {
		at := make([]int, len(b.lines))
		for i, p := range pair {
			if p >= 0 {
				at[p] = i
			}
		}
		for _, r := range b.before {
			if at[r[0]] > at[r[1]] {
				rows = append(rows, row{'-', fmt.Sprintf("%s  before  %s", b.lines[r[0]].text, b.lines[r[1]].text), "the order is wrong"})
			}
		}
	}
	return render(rows)
}

// render prints rows; of long runs of equal lines only those next to a difference.
func render(rows []row) string {
	near := make([]bool, len(rows))
	for i, r := range rows {
		if r.mark == ' ' {
			continue
		}
		for k := max(0, i-diffContext); k < min(len(rows), i+diffContext+1); k++ {
			near[k] = true
		}
	}
	var b strings.Builder
	shown, hidden := 0, 0
	for i, r := range rows {
		if !near[i] {
			hidden++
			continue
		}
		if hidden > 0 {
			fmt.Fprintf(&b, "    ... %d lines as expected\n", hidden)
			hidden = 0
		}
		if shown++; shown > maxDiffRows {
			fmt.Fprintf(&b, "    ... and %d lines more\n", len(rows)-i)
			return b.String()
		}
		fmt.Fprintf(&b, "  %c %s", r.mark, visible(r.text))
		if r.note != "" {
			fmt.Fprintf(&b, "   (%s)", r.note)
		}
		b.WriteByte('\n')
	}
	if hidden > 0 && shown > 0 {
		fmt.Fprintf(&b, "    ... %d lines as expected\n", hidden)
	}
	return b.String()
}

// visible shortens a line and shows what an eye would miss: blanks at its end and control characters.
func visible(s string) string {
	if r := []rune(s); len(r) > maxWidth {
		s = string(r[:maxWidth]) + "…"
	}
	trimmed := strings.TrimRight(s, " \t")
	tail := strings.NewReplacer(" ", "·", "\t", "→").Replace(s[len(trimmed):])
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return r
		case r < ' ':
			return '␀' + r // the control pictures of Unicode stand in the same order
		case r == 0x7f:
			return '␡'
		}
		return r
	}, trimmed) + tail
}
