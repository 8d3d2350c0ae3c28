package check

import (
	"errors"
	"go/parser"
	"go/scanner"
	"go/token"
	"regexp"
	"slices"
	"strings"
)

// Status is what is_complete_request asks: may the code be run as it stands?
type Status string

// The answers of is_complete_reply (messaging spec, "Code completeness").
const (
	Complete   Status = "complete"
	Incomplete Status = "incomplete"
	Invalid    Status = "invalid"
)

// Completeness tells whether src is a complete cell, could become one by typing on, or never can; indent is what the
// next line should begin with if it is incomplete.
func Completeness(src string) (status Status, indent string) {
	toks := lex(src)
	depth := 0
	for _, t := range toks {
		switch t.tok {
		case token.LPAREN, token.LBRACK, token.LBRACE:
			depth++
		case token.RPAREN, token.RBRACK, token.RBRACE:
			depth--
			if depth < 0 {
				return Invalid, ""
			}
		}
	}
	if unterminated(src) {
		return Incomplete, ""
	}
	end := lastToken(toks)
	open := depth > 0 || continues(toks)
	wait := open
	for _, e := range syntaxOf(src) {
		switch {
		case misplaced.MatchString(e.Msg):
			// complete: what is wrong with it shows when it runs
		case e.offset(src) < end, !strings.HasPrefix(e.Msg, "syntax error: "),
			!open && (strings.HasSuffix(e.Msg, "expected := or = or comma") || strings.Contains(e.Msg, "missing import path")):
			return Invalid, "" // no more text can mend it
		default:
			wait = true
		}
	}
	if wait {
		return Incomplete, nextIndent(src, depth)
	}
	return Complete, ""
}

// misplaced matches complaints of the parser about branches that lead nowhere.
var misplaced = regexp.MustCompile(`^(label |break |continue |fallthrough |goto |invalid (break|continue) label )`)

// syntaxOf returns what the parser says of src.
func syntaxOf(src string) ErrorList {
	e := &env{fset: token.NewFileSet()}
	p, err := e.parseCell(0, "cell", src)
	var list ErrorList
	if err == nil {
		return p.wrong
	}
	errors.As(err, &list) // it is nothing else
	return list
}

// lastToken returns the byte behind the last token, semicolons that line ends stand for left out.
func lastToken(toks []lexeme) int {
	for _, t := range slices.Backward(toks) {
		switch {
		case t.tok == token.EOF, t.tok == token.SEMICOLON && t.lit == "\n":
		case t.lit != "":
			return t.offset + len(t.lit)
		default:
			return t.offset + len(t.tok.String())
		}
	}
	return 0
}

// offset returns the byte of src at which e is.
func (e Error) offset(src string) int {
	at := 0
	for range e.Line - 1 {
		at += strings.IndexByte(src[at:], '\n') + 1
	}
	return at + e.Column - 1
}

// unterminated reports whether src ends inside a raw string or a comment.
func unterminated(src string) bool {
	open := false
	var s scanner.Scanner
	fset := token.NewFileSet()
	s.Init(fset.AddFile("", -1, len(src)), []byte(src), func(_ token.Position, msg string) {
		open = open || msg == "raw string literal not terminated" || msg == "comment not terminated"
	}, scanner.ScanComments)
	for {
		if _, tok, _ := s.Scan(); tok == token.EOF {
			return open
		}
	}
}

// continues reports whether the last token needs something after it: an operator, a comma, a keyword such as else.
func continues(toks []lexeme) bool {
	if len(toks) < 2 {
		return false
	}
	last := toks[len(toks)-2] // before EOF
	switch last.tok {
	case token.INC, token.DEC, token.RPAREN, token.RBRACK, token.RBRACE, token.SEMICOLON, token.ELLIPSIS, token.COLON,
		token.BREAK, token.CONTINUE, token.FALLTHROUGH, token.RETURN:
		return false
	}
	return last.tok.IsOperator() || last.tok.IsKeyword()
}

// nextIndent is the last line's indentation, one tab deeper behind an opening bracket.
func nextIndent(src string, depth int) string {
	line := src[strings.LastIndexByte(strings.TrimRight(src, "\n"), '\n')+1:]
	line = strings.TrimRight(line, "\n")
	indent := line[:len(line)-len(strings.TrimLeft(line, " \t"))]
	trimmed := strings.TrimRight(line, " \t")
	if depth > 0 && (strings.HasSuffix(trimmed, "{") || strings.HasSuffix(trimmed, "(") || strings.HasSuffix(trimmed, "[") || strings.HasSuffix(trimmed, ":")) {
		return indent + "\t"
	}
	return indent
}

// ParseExpr reports whether src is a Go expression, as user_expressions must be.
func ParseExpr(src string) error {
	_, err := parser.ParseExpr(src)
	return err
}
