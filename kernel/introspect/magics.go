package introspect

import (
	"regexp"
	"strings"

	"gokernel/kernel/jupyter"
	"gokernel/kernel/magic"
)

// magicName is the beginning of a line that may become a magic.
var magicName = regexp.MustCompile(`^[ \t]*%{1,2}[a-zA-Z_0-9]*$`)

// inMagic completes what stands in a magic, and reports whether the cursor is in one.
func (q *question) inMagic() bool {
	line := q.raw[strings.LastIndexByte(q.raw[:q.cursor], '\n')+1 : q.cursor]
	for _, c := range q.calls {
		end := c.End
		if c.Kind == magic.Cell {
			end -= len(c.Body)
		}
		command, known := q.Magics.Lookup(c.Name)
		nameEnd := c.Start + len(c.Name)
		switch {
		case q.cursor < c.Start || q.cursor > end || c.Kind == magic.Cell && len(c.Body) > 0 && q.cursor == end:
			continue
		case c.Kind == magic.Help:
			return false // the name is completed as Go
		case strings.HasPrefix(c.Name, "%") && q.cursor <= nameEnd:
			q.magicNames(c.Start)
		case known && command.Arg == magic.GoArg && c.Kind == magic.Line:
			return false
		case known:
			q.arguments(c, command)
		}
		return true
	}
	// A lone % is no magic yet, or, doubled, the beginning of func main: see what one more letter makes of it.
	if !magicName.MatchString(line) || !strings.HasSuffix(line, "%") {
		return false
	}
	calls, _, _ := magic.Parser{Known: q.known}.Parse(q.raw[:q.cursor] + "x")
	if n := len(calls); n > 0 && calls[n-1].End == q.cursor+1 {
		q.magicNames(calls[n-1].Start)
		return true
	}
	return false
}

// magicNames completes the name of a magic that begins at a byte of the code. Cell magics are left out where none can stand.
func (q *question) magicNames(start int) {
	q.start = start
	q.prefix = q.raw[start:q.cursor]
	first := strings.TrimSpace(q.code[:start]) == ""
	for _, c := range q.Magics.All() {
		cell := strings.HasPrefix(c.Name, "%%")
		if strings.HasPrefix(c.Name, "%") && (first || !cell) {
			rank := 0
			if cell {
				rank = 1
			}
			q.matches = append(q.matches, match{text: c.Name, kind: "magic", signature: c.Summary(), rank: rank})
		}
	}
}

// arguments completes the last word before the cursor.
func (q *question) arguments(c magic.Call, command magic.Command) {
	before := q.raw[c.Start:q.cursor]
	word := before[strings.LastIndexAny(before, " \t=|;<>&(")+1:]
	q.start, q.prefix = q.cursor-len(word), word
	if values := q.valuesOf(command, strings.TrimSuffix(before, word)); len(values) > 0 {
		for i, v := range values {
			q.matches = append(q.matches, match{text: v, kind: "value", rank: i})
		}
		return
	}
	for _, f := range command.Flags {
		q.matches = append(q.matches, match{text: f.Name, kind: "flag", signature: f.Doc, rank: 1})
	}
	if c.Name == "!" {
		q.shellFiles(before[len(c.Name):])
		return
	}
	switch command.Arg {
	case magic.FileArg, magic.ShellArg:
		q.files(word, false)
	case magic.DirArg:
		q.files(word, true)
	case magic.EnvArg:
		if q.Env != nil {
			for _, kv := range q.Env() {
				name, value, _ := strings.Cut(kv, "=")
				q.matches = append(q.matches, match{text: name, kind: "variable", signature: value, rank: 2})
			}
		}
	case magic.MagicArg:
		for _, m := range q.Magics.All() {
			q.matches = append(q.matches, match{text: m.Name, kind: "magic", signature: m.Summary(), rank: 2})
		}
	case magic.NameArg:
		hidden := map[string]bool{}
		for _, d := range q.scope.Live() {
			q.addLive(d, hidden)
		}
	}
}

// valuesOf returns what can stand behind the flag with which the text of a call ends.
func (q *question) valuesOf(command magic.Command, before string) []string {
	words := strings.FieldsFunc(before, func(r rune) bool { return r == ' ' || r == '\t' || r == '=' })
	if q.FlagValues == nil || len(words) == 0 {
		return nil
	}
	return q.FlagValues(command.Name, words[len(words)-1])
}

// inspectFlag describes the flag of a call at the cursor.
func (q *question) inspectFlag(c magic.Call, command magic.Command) (jupyter.MIMEBundle, bool) {
	end := c.End
	if c.Kind == magic.Cell {
		end -= len(c.Body)
	}
	if q.cursor > end {
		return nil, false
	}
	isBlank := func(r rune) bool { return strings.ContainsRune(" \t\n=", r) }
	begin := strings.LastIndexFunc(q.raw[c.Start:q.cursor], isBlank) + 1 + c.Start
	word := q.raw[begin:]
	if i := strings.IndexFunc(word, isBlank); i >= 0 {
		word = word[:i]
	}
	for _, f := range command.Flags {
		if f.Name == word {
			return report{head: command.Usage, doc: f.Name + ": " + f.Doc}.bundle(), true
		}
	}
	return nil, false
}

// inspectMagic describes the magic at the cursor, or the one whose name the code is.
func (q *question) inspectMagic() (jupyter.MIMEBundle, bool) {
	name := strings.TrimSpace(q.raw)
	for _, c := range q.calls {
		if q.cursor >= c.Start && q.cursor <= c.End {
			name = c.Name
			command, _ := q.Magics.Lookup(c.Name)
			if data, ok := q.inspectFlag(c, command); ok {
				return data, true
			}
			if c.Kind == magic.Help {
				name = c.Args
			} else if command.Arg == magic.GoArg && q.cursor > c.Start+len(c.Name) {
				return nil, false // the name is Go's
			}
		}
	}
	command, ok := q.Magics.Lookup(name)
	if !ok {
		return nil, false
	}
	return jupyter.MIMEBundle{"text/plain": command.Help(), "text/markdown": command.Markdown()}, true
}
