package nbrun

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// A hole is a typed gap in a line of a pattern, such as {seconds 1.0..1.9}.
type hole struct {
	expr string // regular expression of what it may match, without capturing groups

	// check returns why a text that expr matches is still not accepted, "" if it is.
	check func(s string) string
}

const (
	decimalExpr  = `-?\d+(?:\.\d+)?(?:e[+-]?\d+)?`
	durationExpr = `-?(?:\d+(?:\.\d+)?(?:ns|µs|us|ms|s|m|h))+|0`
	// bytesExpr is how Go's %v, %q, % x and %x and Python's repr show bytes.
	bytesExpr = `\[[0-9 ]*\]|b?"(?:[^"\\]|\\.)*"|b'(?:[^'\\]|\\.)*'|[0-9a-f]{2}(?: ?[0-9a-f]{2})*`
)

// parseHole parses what stands between the braces.
func parseHole(body string) (hole, error) {
	name, arg, _ := strings.Cut(body, " ")
	arg = strings.TrimSpace(arg)
	switch name {
	case "seconds", "float":
		return ranged(decimalExpr, arg, func(s string) (float64, error) { return strconv.ParseFloat(s, 64) })
	case "int":
		return ranged(`-?\d+`, arg, func(s string) (int64, error) { return strconv.ParseInt(s, 10, 64) })
	case "duration":
		return ranged(durationExpr, arg, time.ParseDuration)
	case "hex":
		return counted(`[0-9a-fA-F]+`, arg, "digits", func(s string) (int, error) { return len(s), nil })
	case "bytes":
		return counted(bytesExpr, arg, "bytes", countBytes)
	case "text":
		return plainHole(`.+`, arg)
	case "word":
		return plainHole(`\S+`, arg)
	case "oneof":
		if arg == "" {
			return hole{}, fmt.Errorf("{oneof} names no choices, want {oneof a|b}")
		}
		var choices []string
		for c := range strings.SplitSeq(arg, "|") {
			choices = append(choices, regexp.QuoteMeta(c))
		}
		return plainHole(strings.Join(choices, "|"), "")
	}
	return hole{}, fmt.Errorf("unknown hole {%s}; a brace of the text itself is written {{", body)
}

func plainHole(expr, arg string) (hole, error) {
	if arg != "" {
		return hole{}, fmt.Errorf("unexpected %q in a hole that takes no bounds", arg)
	}
	return hole{expr: expr, check: func(string) string { return "" }}, nil
}

// ranged makes a hole for values from one bound to another, both included; either may be left out.
func ranged[T int64 | float64 | time.Duration](expr, arg string, parse func(string) (T, error)) (hole, error) {
	low, high, ok := strings.Cut(arg, "..")
	if arg != "" && !ok {
		return hole{}, fmt.Errorf("bounds %q, want LOW..HIGH, LOW.. or ..HIGH", arg)
	}
	var bounds [2]T
	for i, b := range []string{low, high} {
		if b == "" {
			continue
		}
		var err error
		if bounds[i], err = parse(b); err != nil {
			return hole{}, fmt.Errorf("bound %q: %w", b, err)
		}
	}
	if low != "" && high != "" && bounds[0] > bounds[1] {
		return hole{}, fmt.Errorf("bounds %q admit nothing", arg)
	}
	return hole{expr: expr, check: func(s string) string {
		switch v, err := parse(s); {
		case err != nil:
			return fmt.Sprintf("%s is out of range", s)
		case low != "" && v < bounds[0]:
			return fmt.Sprintf("%s is below %s", s, low)
		case high != "" && v > bounds[1]:
			return fmt.Sprintf("%s is above %s", s, high)
		}
		return ""
	}}, nil
}

// counted makes a hole for texts of n units; of any positive number of them if no n is given.
func counted(expr, arg, unit string, count func(string) (int, error)) (hole, error) {
	want := -1
	if arg != "" {
		n, err := strconv.Atoi(arg)
		if err != nil || n < 0 {
			return hole{}, fmt.Errorf("count %q, want a whole number", arg)
		}
		want = n
	}
	return hole{expr: expr, check: func(s string) string {
		n, err := count(s)
		if err != nil {
			return err.Error()
		}
		if want >= 0 && n != want {
			return fmt.Sprintf("%s has %d %s, want %d", s, n, unit, want)
		}
		return ""
	}}, nil
}

// countBytes returns how many bytes s shows, in one of the forms of bytesExpr.
func countBytes(s string) (int, error) {
	switch {
	case strings.HasPrefix(s, "["):
		return len(strings.Fields(strings.Trim(s, "[]"))), nil
	case strings.HasPrefix(s, `"`):
		text, err := strconv.Unquote(s)
		if err != nil {
			return 0, fmt.Errorf("%s is not a quoted text", s)
		}
		return len(text), nil
	case strings.HasPrefix(s, `b"`), strings.HasPrefix(s, "b'"):
		body, n := s[2:len(s)-1], 0
		for i := 0; i < len(body); i++ {
			if body[i] == '\\' {
				i++
				if i < len(body) && body[i] == 'x' {
					i += 2
				}
			}
			n++
		}
		return n, nil
	}
	return len(strings.ReplaceAll(s, " ", "")) / 2, nil
}

// A linePattern is one line: literal text with holes.
type linePattern struct {
	text  string // as written
	re    *regexp.Regexp
	holes []hole // one for each capturing group of re
}

// literalLine is a line without holes, braces and all.
func literalLine(text string) linePattern { return linePattern{text: text} }

// parseLine parses one line of a pattern.
func parseLine(text string) (linePattern, error) {
	var expr strings.Builder
	p := linePattern{text: text}
	expr.WriteString(`\A`)
	afterHole := false
	for rest := text; rest != ""; {
		i := strings.IndexByte(rest, '{')
		if i < 0 {
			i = len(rest)
		}
		if i > 0 {
			expr.WriteString(regexp.QuoteMeta(rest[:i]))
			afterHole = false
		}
		rest = rest[i:]
		if strings.HasPrefix(rest, "{{") {
			expr.WriteString(`\{`)
			rest, afterHole = rest[2:], false
			continue
		}
		if rest == "" {
			break
		}
		body, tail, ok := strings.Cut(rest[1:], "}")
		if !ok {
			return p, fmt.Errorf("hole without an end in %q", text)
		}
		if afterHole {
			return p, fmt.Errorf("two holes with nothing between them in %q", text)
		}
		h, err := parseHole(body)
		if err != nil {
			return p, err
		}
		expr.WriteString("(" + h.expr + ")")
		p.holes = append(p.holes, h)
		rest, afterHole = tail, true
	}
	expr.WriteString(`\z`)
	re, err := regexp.Compile(expr.String())
	if err != nil {
		return p, fmt.Errorf("line %q: %w", text, err)
	}
	p.re = re
	return p, nil
}

// match reports whether the line has the pattern's form and, if only a value is not accepted, why not.
func (p linePattern) match(line string) (ok bool, why string) {
	if p.re == nil {
		return p.text == line, ""
	}
	groups := p.re.FindStringSubmatch(line)
	if groups == nil {
		return false, ""
	}
	for i, h := range p.holes {
		if why := h.check(groups[i+1]); why != "" {
			return false, why
		}
	}
	return true, ""
}
