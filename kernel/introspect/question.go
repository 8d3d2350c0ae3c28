package introspect

import (
	"go/scanner"
	"go/token"
	"regexp"
	"strings"
	"unicode/utf8"

	"gokernel/kernel/check"
	"gokernel/kernel/magic"
)

// placeholder stands, behind what is typed already, for the name that is being typed. It also keeps what is typed from being a keyword.
const placeholder = "ǀhere"

// A question is one completion in progress.
type question struct {
	Config
	scope  *check.Scope
	raw    string // the code as it was asked about
	code   string // the same with magics blanked out, of the same length
	cursor int
	calls  []magic.Call
	toks   []lexeme // up to the cursor, comments included

	start    int    // of the text to replace
	prefix   string // the text to replace
	expected string // the type expected at the cursor, "" if any
	matches  []match
}

// A lexeme is a token and its bytes.
type lexeme struct {
	tok        token.Token
	lit        string
	start, end int
}

// newQuestion takes the magics off and reads the tokens before the cursor.
func newQuestion(c Config, s *check.Scope, code string, cursor int) *question {
	cursor = max(0, min(cursor, len(code)))
	for cursor < len(code) && cursor > 0 && !utf8.RuneStart(code[cursor]) {
		cursor--
	}
	q := &question{Config: c, scope: s, raw: code, code: code, cursor: cursor, start: cursor}
	q.calls, _, _ = magic.Parser{Known: q.known}.Parse(code) // wrong magics are completed all the same
	for _, call := range q.calls {
		q.code = blanked(q.code, call, c.Magics)
	}
	q.toks = lex(q.code[:cursor])
	return q
}

// known reports whether the notebook declares a name.
func (q *question) known(name string) bool { return q.scope.Lookup(name) != nil }

// blanked returns code with the parts of a call that are not Go turned into blanks.
func blanked(code string, call magic.Call, table magic.Table) string {
	end := call.End
	command, _ := table.Lookup(call.Name)
	switch {
	case call.Kind == magic.Cell && command.Arg == magic.GoArg:
		end = call.End - len(call.Body)
	case call.Kind == magic.Line && command.Arg == magic.GoArg, call.Kind == magic.Help:
		end = call.Start + strings.Index(code[call.Start:call.End], call.Args)
	}
	b := []byte(code)
	for i := range b {
		if in := i >= call.Start && i < end || call.Kind == magic.Help && i < call.End && b[i] == '?' && i >= call.Start; in && b[i] != '\n' {
			b[i] = ' '
		}
	}
	return string(b)
}

// lex returns the tokens of src, the semicolons that line ends stand for among them, without the one at its end.
func lex(src string) []lexeme {
	file := token.NewFileSet().AddFile("", -1, len(src))
	var sc scanner.Scanner
	sc.Init(file, []byte(src), func(token.Position, string) {}, scanner.ScanComments)
	var out []lexeme
	for {
		pos, tok, lit := sc.Scan()
		start := file.Offset(pos)
		end := start + len(lit)
		switch {
		case tok == token.EOF:
			return out
		case tok == token.SEMICOLON && lit == "\n":
			if start >= len(src) {
				continue
			}
		case lit == "":
			end = start + len(tok.String())
		case tok == token.STRING || tok == token.COMMENT: // without carriage returns, lit is too short
			for end < len(src) && strings.Count(src[start:end], "\r") > strings.Count(lit, "\r") && end-start-strings.Count(src[start:end], "\r") < len(lit) {
				end++
			}
		}
		out = append(out, lexeme{tok, lit, start, min(end, len(src))})
	}
}

// find collects the matches.
func (q *question) find() {
	if q.inMagic() || len(q.calls) > 0 && q.inBody() {
		return
	}
	if n := len(q.toks); n > 0 && q.toks[n-1].end == q.cursor {
		switch last := q.toks[n-1]; {
		case last.tok == token.COMMENT && !closedComment(last.lit):
			return
		case last.tok == token.STRING && !closedString(last.lit):
			q.inString(last)
			return
		case last.tok == token.CHAR, last.tok == token.INT, last.tok == token.FLOAT, last.tok == token.IMAG, last.tok == token.STRING:
			return
		case last.tok == token.IDENT || last.tok.IsKeyword():
			q.start = last.start
			q.prefix = q.code[last.start:q.cursor]
			q.toks = q.toks[:n-1]
		}
	}
	for len(q.toks) > 0 && q.toks[len(q.toks)-1].tok == token.COMMENT {
		q.toks = q.toks[:len(q.toks)-1]
	}
	switch prev := q.before(0); prev.tok {
	case token.PERIOD:
		q.selectors()
	case token.BREAK, token.CONTINUE, token.GOTO:
		q.labels()
	case token.FUNC, token.TYPE, token.VAR, token.CONST, token.IMPORT, token.PACKAGE:
		// a new name, or none
	default:
		q.names()
	}
}

// before returns the token n places before the prefix; beyond the first it is a semicolon.
func (q *question) before(n int) lexeme {
	if i := len(q.toks) - 1 - n; i >= 0 {
		return q.toks[i]
	}
	return lexeme{tok: token.SEMICOLON}
}

// inBody reports whether the cursor is in the body of a cell magic that is not Go.
func (q *question) inBody() bool {
	for _, c := range q.calls {
		command, _ := q.Magics.Lookup(c.Name)
		if c.Kind == magic.Cell && command.Arg != magic.GoArg && q.cursor > c.End-len(c.Body)-1 {
			return true
		}
	}
	return false
}

// closedComment reports whether a comment at the cursor has ended before it.
func closedComment(lit string) bool {
	return strings.HasPrefix(lit, "/*") && len(lit) > 3 && strings.HasSuffix(lit, "*/")
}

// closedString reports whether a string at the cursor has ended before it.
func closedString(lit string) bool {
	if len(lit) < 2 || lit[len(lit)-1] != lit[0] {
		return false
	}
	slashes := len(lit) - 1 - len(strings.TrimRight(lit[:len(lit)-1], `\`))
	return lit[0] == '`' || slashes%2 == 0
}

// nextItem finds, behind the cursor, the line with which the next declaration begins.
var nextItem = regexp.MustCompile(`(?m)^(func|type|const|import|var)\b`)

// repaired returns the code cut before the name at the cursor, with the placeholder in its stead and what is open closed.
func (q *question) repaired() string {
	type level struct {
		closer         string
		header, called bool // an if, for or switch waits for its block; a go or defer for its call
		clause         bool // a case for its colon
	}
	levels := []level{{}}
	for _, t := range q.toks {
		top := &levels[len(levels)-1]
		switch t.tok {
		case token.LPAREN:
			levels = append(levels, level{closer: ")"})
		case token.LBRACK:
			levels = append(levels, level{closer: "]"})
		case token.LBRACE:
			top.header = false
			levels = append(levels, level{closer: "}"})
		case token.RPAREN, token.RBRACK, token.RBRACE:
			if len(levels) > 1 {
				levels = levels[:len(levels)-1]
			}
		case token.IF, token.FOR, token.SWITCH, token.SELECT:
			top.header = true
		case token.GO, token.DEFER:
			top.called = true
		case token.CASE:
			top.clause = true
		case token.COLON:
			top.clause = false
		case token.SEMICOLON:
			top.called = false
			if t.lit == "\n" {
				top.header, top.clause = false, false
			}
		}
	}
	var b strings.Builder
	b.WriteString(q.code[:q.start] + q.prefix + placeholder)
	for i := len(levels) - 1; i >= 0; i-- {
		l := levels[i]
		if l.called {
			b.WriteString("()")
		}
		if l.clause {
			b.WriteString(":")
		}
		if l.header {
			b.WriteString(" {}")
		}
		if l.closer == "}" {
			b.WriteString("\n")
		}
		b.WriteString(l.closer)
	}
	b.WriteString("\n")
	if at := nextItem.FindStringIndex(q.code[q.cursor:]); at != nil && (at[0] > 0) {
		b.WriteString(q.code[q.cursor+at[0]:])
	}
	return b.String()
}
