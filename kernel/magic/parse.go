package magic

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"go/types"
	"strings"
)

// gonbPrefix makes a magic of a comment.
const gonbPrefix = "//gonb:"

// Parser takes the magics off cells. The zero value is ready for use.
type Parser struct {
	// Known reports whether a name is declared in the notebook or predeclared in it, so that
	// a line such as !name may be Go. Nil: no names but those of the cell.
	Known func(name string) bool
}

// Parse is Parser{}.Parse.
func Parse(src string) (calls []Call, rest string, err error) { return Parser{}.Parse(src) }

// Parse returns the magics in a cell, in order, and the Go that is left. The rest has the
// same lines as src and the same bytes, but calls are blank in it; only the line of %% becomes
// the beginning of func main, which ends in a line added behind the last. A
// cell magic leaves nothing. err is a *SyntaxError; calls and rest are then as good as can be.
func (p Parser) Parse(src string) (calls []Call, rest string, err error) {
	s := &state{parser: p, src: src, rest: []byte(src), names: map[string]bool{}, main: -1}
	for offset := 0; offset < len(src); {
		if offset = s.skipGo(offset); offset < len(src) {
			offset = s.take(offset)
		}
	}
	rest = string(s.rest)
	if s.main >= 0 {
		rest = rest[:s.main] + "func main() {" + rest[s.lineEnd(s.main):] + "\n}"
	}
	if s.err != nil {
		return s.calls, rest, s.err
	}
	return s.calls, rest, nil
}

// state is the progress of one Parse.
type state struct {
	parser Parser
	src    string
	rest   []byte // src with the calls so far blank
	calls  []Call
	err    *SyntaxError    // the first
	names  map[string]bool // that the cell's Go mentions so far
	goCode bool            // there was Go
	main   int             // where %% stands, or -1
}

// fail records an error at a byte of the cell if it is the first.
func (s *state) fail(offset int, format string, args ...any) {
	if s.err == nil {
		s.err = &SyntaxError{Line: s.line(offset), Message: fmt.Sprintf(format, args...)}
	}
}

// line returns the line of a byte of the cell, from 1.
func (s *state) line(offset int) int { return 1 + strings.Count(s.src[:offset], "\n") }

// lineEnd returns where the line of offset ends, before its line end.
func (s *state) lineEnd(offset int) int {
	if i := strings.IndexByte(s.src[offset:], '\n'); i >= 0 {
		return offset + i
	}
	return len(s.src)
}

// skipGo reads Go from offset, where a statement may begin, and returns where the next
// magic begins, or the end of the cell.
func (s *state) skipGo(offset int) int {
	src := []byte(s.src[offset:])
	file := token.NewFileSet().AddFile("", -1, len(src))
	var sc scanner.Scanner
	sc.Init(file, src, func(token.Position, string) {}, scanner.ScanComments) // the checker reports errors
	var open []int                                                            // where the open brackets stand
	last := token.SEMICOLON                                                   // the last token that is no comment
	for {
		pos, tok, lit := sc.Scan()
		if tok == token.EOF {
			return len(s.src)
		}
		at := offset + file.Offset(pos)
		begin := offset + file.Offset(file.LineStart(file.PositionFor(pos, false).Line))
		if first := strings.Trim(s.src[begin:at], " \t") == ""; first && last == token.SEMICOLON && len(open) == 0 {
			if s.startsMagic(at, tok) {
				return at
			}
		} else if first && tok == token.REM && (last == token.SEMICOLON || last == token.LBRACE) &&
			isLetter(s.src[at+1:]) { // never Go, so say what is wrong
			s.fail(at, "%s is only known outside of brackets, and the %q of line %d is open",
				firstWord(s.src[at:s.lineEnd(at)]), s.src[open[0]], s.line(open[0]))
		}
		if tok == token.COMMENT {
			continue
		}
		switch tok {
		case token.LPAREN, token.LBRACK, token.LBRACE:
			open = append(open, at)
		case token.RPAREN, token.RBRACK, token.RBRACE:
			open = open[:max(0, len(open)-1)]
		case token.IDENT:
			s.names[lit] = true
		}
		s.goCode = s.goCode || tok != token.SEMICOLON
		last = tok
	}
}

// startsMagic reports whether the token at a byte of the cell, the first of its line and of a
// statement, begins a magic.
func (s *state) startsMagic(at int, tok token.Token) bool {
	text := s.src[at:s.lineEnd(at)]
	if tok == token.COMMENT {
		text, ok := strings.CutPrefix(text, gonbPrefix)
		return ok && text != "" && strings.ContainsRune("%!$", rune(text[0]))
	}
	if _, _, ok := question(text); ok {
		return true
	}
	switch text[0] {
	case '%':
		next := strings.TrimPrefix(text[1:], "%")
		return isLetter(next) || strings.HasPrefix(text, "%%") && (next == "" || isSpace(next[0]))
	case '$':
		return true
	case '!':
		if strings.TrimSpace(text[1:]) == "" {
			return !s.isGo(at) // what is negated may stand in the next line
		}
		return text[1] != '=' && !s.isGo(at)
	}
	return false
}

// isGo reports whether the statement at a byte of the cell, which begins with !, is Go.
func (s *state) isGo(at int) bool {
	text := s.src[at:min(len(s.src), at+4096)] // a longer expression is no shell command, and does not begin with !
	expr, err := parser.ParseExpr(firstStatement(text))
	if err != nil {
		return false
	}
	var root *ast.Ident
	call := false
	ast.Inspect(expr, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			call = true
		case *ast.Ident:
			if root == nil {
				root = n
			}
		}
		return true
	})
	if call || root == nil {
		return true
	}
	if o := types.Universe.Lookup(root.Name); o != nil {
		return root.Name == "true" || root.Name == "false"
	}
	return s.names[root.Name] || s.parser.Known != nil && s.parser.Known(root.Name)
}

// firstStatement returns text up to where its first statement ends.
func firstStatement(text string) string {
	src := []byte(text)
	file := token.NewFileSet().AddFile("", -1, len(src))
	var sc scanner.Scanner
	sc.Init(file, src, func(token.Position, string) {}, 0)
	depth := 0
	for {
		pos, tok, _ := sc.Scan()
		switch tok {
		case token.EOF:
			return text
		case token.SEMICOLON:
			if depth <= 0 {
				return text[:file.Offset(pos)]
			}
		case token.LPAREN, token.LBRACK, token.LBRACE:
			depth++
		case token.RPAREN, token.RBRACK, token.RBRACE:
			depth--
		}
	}
}

// take reads the magic at a byte of the cell and returns where it ends.
func (s *state) take(at int) int {
	end := s.lineEnd(at)
	c := Call{Line: s.line(at), Start: at}
	text := strings.TrimSpace(strings.TrimPrefix(s.src[at:end], gonbPrefix))
	if name, detail, ok := question(text); ok {
		c.Kind, c.Name, c.Args, c.Detail = Help, "?", name, detail
		return s.add(c, end)
	}
	switch text[0] {
	case '$':
		c.Kind, c.Name, c.Args = Exec, "$", strings.TrimSpace(text[1:])
	case '!':
		for strings.HasSuffix(text, "\\") && end < len(s.src) {
			next := s.lineEnd(end + 1)
			text += s.src[end:next]
			text = strings.TrimRight(text, " \t\r")
			end = next
		}
		// gonb's !* runs in the directory of its temporary module; there is none here.
		c.Kind, c.Name, c.Args = Shell, "!", strings.TrimSpace(strings.TrimPrefix(text[1:], "*"))
		if c.Args == "" {
			s.fail(at, "! takes a command of the shell, as in !ls -l")
		}
	case '%':
		c.Name = firstWord(text)
		c.Args = strings.TrimSpace(text[len(c.Name):])
		switch {
		case c.Name == "%%" || c.Name == "%main":
			c.Kind, c.Name = Main, "%%"
			if s.main >= 0 {
				s.fail(at, "%%%% begins func main a second time")
				break
			}
			s.main = at
		case strings.HasPrefix(c.Name, "%%"):
			c.Kind = Cell
			if s.goCode || s.main >= 0 {
				s.fail(at, "%s must be the first line of its cell", c.Name)
				break
			}
			c.Body = s.src[min(end+1, len(s.src)):]
			end = len(s.src)
		}
	}
	return s.add(c, end)
}

// add ends a call at a byte of the cell and returns it.
func (s *state) add(c Call, end int) int {
	c.End = end
	for i := c.Start; i < end; i++ {
		if s.rest[i] != '\n' {
			s.rest[i] = ' '
		}
	}
	s.calls = append(s.calls, c)
	return end
}

// question takes apart name?, name??, ?name and ??name, where name may be a magic's or pkg.Name.
func question(text string) (name string, detail int, ok bool) {
	text = strings.TrimSpace(text)
	name = strings.Trim(text, "?")
	marks := len(text) - len(name)
	if marks < 1 || marks > 2 || strings.HasPrefix(text, "?") && strings.HasSuffix(text, "?") {
		return "", 0, false
	}
	if name != "!" && name != "$" && name != "%%" {
		plain := strings.TrimPrefix(strings.TrimPrefix(name, "%"), "%")
		for part := range strings.SplitSeq(plain, ".") {
			if !token.IsIdentifier(part) && !token.IsKeyword(part) {
				return "", 0, false
			}
		}
	}
	return name, marks - 1, true
}

// firstWord returns text up to the first blank.
func firstWord(text string) string {
	if i := strings.IndexAny(text, " \t\r"); i >= 0 {
		return text[:i]
	}
	return text
}

// isLetter reports whether text begins with a letter of a magic's name.
func isLetter(text string) bool {
	return text != "" && (text[0]|0x20 >= 'a' && text[0]|0x20 <= 'z' || text[0] == '_')
}

// isSpace reports whether c is a blank within a line.
func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\r' }
