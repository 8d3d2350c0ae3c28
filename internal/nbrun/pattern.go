package nbrun

import (
	"fmt"
	"strconv"
	"strings"
)

// A Mode says how an expected text is to be read. The language is described in docs/expected-outputs.md.
type Mode string

// The modes.
const (
	Exact     Mode = "exact"     // byte for byte
	Pattern   Mode = "pattern"   // lines with typed holes, repetitions and blocks
	Unordered Mode = "unordered" // the lines of a pattern, in any order
	Order     Mode = "order"     // chains of lines: each chain in its order, otherwise interleaved at will
)

// A Template is a parsed expected text. It is immutable.
type Template struct {
	mode  Mode
	text  string
	items []item
}

// An item is one line of a pattern, or one block, with what it may match.
type item struct {
	line     linePattern
	any      bool // {lines}: any line
	min, max int  // how often the line may stand in a row; max < 0: no bound
	block    *block
}

// A block is a set of lines whose order is free but for the relations in before.
type block struct {
	lines  []linePattern
	before [][2]int // indices of lines: the first stands above the second
	raw    []string // as written, for the diff
}

// ParseTemplate parses an expected text. Errors name the line of the text.
func ParseTemplate(mode Mode, text string) (*Template, error) {
	t := &Template{mode: mode, text: text}
	lines := splitText(text)
	var err error
	switch mode {
	case Exact:
		return t, nil
	case Pattern:
		t.items, err = parseItems(lines)
	case Unordered, Order:
		var b *block
		b, err = parseBlock(mode, lines, 1)
		t.items = []item{{block: b}}
	default:
		return nil, fmt.Errorf("unknown mode %q, want exact, pattern, unordered or order", mode)
	}
	if err != nil {
		return nil, err
	}
	return t, nil
}

// splitText returns the lines of text without their ends. A last line without an end is a line, too.
func splitText(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(strings.TrimSuffix(text, "\n"), "\n")
}

func parseItems(lines []string) ([]item, error) {
	var items []item
	for i := 0; i < len(lines); i++ {
		line := lines[i]
		if mode := Mode(strings.Trim(line, "{}")); line == "{unordered}" || line == "{order}" {
			end := i + 1
			for end < len(lines) && lines[end] != "{end}" {
				end++
			}
			if end == len(lines) {
				return nil, fmt.Errorf("line %d: %s without {end}", i+1, line)
			}
			b, err := parseBlock(mode, lines[i+1:end], i+2)
			if err != nil {
				return nil, err
			}
			items = append(items, item{block: b})
			i = end
			continue
		}
		it, err := parseItem(line)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", i+1, err)
		}
		items = append(items, it)
	}
	return items, nil
}

// parseItem parses a line that may begin with {repeat LOW..HIGH} or be {lines LOW..HIGH}.
func parseItem(line string) (item, error) {
	it := item{min: 1, max: 1}
	head, rest, ok := strings.Cut(line, "}")
	switch name, arg, _ := strings.Cut(head, " "); {
	case ok && name == "{lines" && rest == "":
		var err error
		it.line, it.any = literalLine(line), true
		it.min, it.max, err = parseTimes(arg)
		return it, err
	case ok && name == "{repeat":
		var err error
		if it.min, it.max, err = parseTimes(arg); err != nil {
			return it, err
		}
		line = strings.TrimPrefix(rest, " ")
	}
	var err error
	it.line, err = parseLine(line)
	return it, err
}

// parseTimes parses LOW..HIGH, LOW.., ..HIGH or N. "" is any number.
func parseTimes(s string) (low, high int, err error) {
	if s == "" {
		return 0, -1, nil
	}
	from, to, ok := strings.Cut(s, "..")
	if !ok {
		to = from
	}
	low, high = 0, -1
	if from != "" {
		if low, err = strconv.Atoi(from); err != nil || low < 0 {
			return 0, 0, fmt.Errorf("count %q, want LOW..HIGH", s)
		}
	}
	if to != "" {
		if high, err = strconv.Atoi(to); err != nil || high < low {
			return 0, 0, fmt.Errorf("count %q, want LOW..HIGH", s)
		}
	}
	return low, high, nil
}

// parseBlock parses the lines of an unordered or order block; first is the number of the first one.
func parseBlock(mode Mode, lines []string, first int) (*block, error) {
	b := &block{raw: lines}
	chainStart := 0
	type relation struct {
		number       int
		above, below string
	}
	var relations []relation
	for i, line := range lines {
		if mode == Order {
			if line == "---" {
				chainStart = len(b.lines)
				continue
			}
			if rel, ok := strings.CutPrefix(line, "{before} "); ok {
				above, below, ok := strings.Cut(rel, " -> ")
				if !ok {
					return nil, fmt.Errorf("line %d: want {before} ONE LINE -> OTHER LINE", first+i)
				}
				relations = append(relations, relation{first + i, above, below})
				continue
			}
		}
		p, err := parseLine(line)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", first+i, err)
		}
		if mode == Order && len(b.lines) > chainStart {
			b.before = append(b.before, [2]int{len(b.lines) - 1, len(b.lines)})
		}
		b.lines = append(b.lines, p)
	}
	for _, r := range relations {
		above, below := b.find(r.above), b.find(r.below)
		if len(above) == 0 || len(below) == 0 {
			return nil, fmt.Errorf("line %d: a line of {before} is not in a chain", r.number)
		}
		for _, a := range above {
			for _, c := range below {
				b.before = append(b.before, [2]int{a, c})
			}
		}
	}
	if b.cyclic() {
		return nil, fmt.Errorf("line %d: no order fulfils the relations", first)
	}
	return b, nil
}

// find returns the indices of the lines that are written as text is.
func (b *block) find(text string) []int {
	var found []int
	for i, l := range b.lines {
		if l.text == text {
			found = append(found, i)
		}
	}
	return found
}

// cyclic reports whether the relations contradict each other.
func (b *block) cyclic() bool {
	left := make([]int, len(b.lines)) // relations that hold a line back
	for _, r := range b.before {
		left[r[1]]++
	}
	var free []int
	for i, n := range left {
		if n == 0 {
			free = append(free, i)
		}
	}
	done := 0
	for ; done < len(free); done++ {
		for _, r := range b.before {
			if r[0] == free[done] {
				if left[r[1]]--; left[r[1]] == 0 {
					free = append(free, r[1])
				}
			}
		}
	}
	return done < len(b.lines)
}
