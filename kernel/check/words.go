package check

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"strconv"
	"strings"

	"gokernel/kernel/check/syntax"
)

// syntaxErrors returns what the compiler's parser says of text, which is src's text with padding in front and, in a
// function's body, the closing brace behind. Where the parser trips over what we have put there, the cell ends too early.
func syntaxErrors(src *source, text string) ErrorList {
	end := len(strings.TrimRight(src.text, " \t\r\n"))
	starts := []int{0}
	for i := range len(text) {
		if text[i] == '\n' {
			starts = append(starts, i+1)
		}
	}
	var list ErrorList
	lastLine := 0 // of a syntax error: one is enough, what follows are echoes
	report := func(err error) {
		var e syntax.Error
		if !errors.As(err, &e) {
			list = append(list, src.errorAt(1, 1, err.Error()))
			return
		}
		offset := starts[min(int(e.Pos.Line()), len(starts))-1] + int(e.Pos.Col()) - 1 - src.pad
		early := offset >= end
		line, col := src.position(min(offset, end) + src.pad)
		msg := e.Msg
		if src.pad > 0 && msg == "syntax error: imports must appear before other declarations" {
			return // they need not in cells
		}
		if strings.HasPrefix(msg, "syntax error: ") {
			if line == lastLine {
				return
			}
			lastLine = line
		}
		if early {
			msg = atCellEnd(msg)
		}
		found := src.errorAt(line, col, msg)
		found.Hint = syntaxHint(src, found, early)
		list = append(list, found)
	}
	_, _ = syntax.Parse(syntax.NewFileBase(src.name), strings.NewReader(text), report, nil, syntax.CheckBranches) // report has all the errors
	return list
}

// atCellEnd puts the cell's end in the place of the brace that we have put there.
func atCellEnd(msg string) string {
	if msg == "syntax error: non-declaration statement outside function body" {
		return "syntax error: unexpected }"
	}
	return strings.Replace(msg, "unexpected }", "unexpected EOF", 1)
}

// severalValues reports whether a line consists of expressions.
func severalValues(line string) bool {
	x, err := parser.ParseExpr("f(" + line + ")")
	call, ok := x.(*ast.CallExpr)
	return err == nil && ok && len(call.Args) > 1
}

// syntaxHint says what to do about a syntax error if its words alone would not tell a reader.
func syntaxHint(src *source, e Error, early bool) string {
	switch {
	case strings.HasSuffix(e.Msg, "expected := or = or comma") && severalValues(strings.TrimSpace(e.Text)):
		return "a cell shows one expression; fmt.Println(" + strings.TrimSpace(e.Text) + ") prints several"
	case strings.Contains(e.Msg, "unexpected keyword else"):
		return "else must stand on the line of the closing brace before it"
	case early && strings.Contains(e.Msg, "unexpected EOF"):
		if open := unclosed(src.text); open != "" {
			return open
		}
		return "the cell ends here"
	}
	return ""
}

// stray finds a closing brace that closes nothing: the parser would take it for the end of our padding.
func stray(src *source, toks []lexeme) ErrorList {
	open := 0
	for _, t := range toks {
		switch t.tok.String() {
		case "{":
			open++
		case "}":
			open--
		}
		if open < 0 {
			line, col := src.position(t.offset + src.pad)
			e := src.errorAt(line, col, "syntax error: unexpected }")
			e.Hint = "no { is open here"
			return ErrorList{e}
		}
	}
	return nil
}

// openComment returns the byte at which a comment begins that nothing ends, -1 if there is none.
func openComment(text string) int {
	at := -1
	fset := token.NewFileSet()
	var s scanner.Scanner
	s.Init(fset.AddFile("", -1, len(text)), []byte(text), func(pos token.Position, msg string) {
		if msg == "comment not terminated" {
			at = pos.Offset
		}
	}, 0)
	for {
		if _, tok, _ := s.Scan(); tok == token.EOF {
			return at
		}
	}
}

// unclosed names the innermost bracket that is open at the end of text, "" if there is none.
func unclosed(text string) string {
	var open []lexeme
	for _, t := range lex(text) {
		switch t.tok.String() {
		case "(", "[", "{":
			open = append(open, t)
		case ")", "]", "}":
			if len(open) > 0 {
				open = open[:len(open)-1]
			}
		}
	}
	if len(open) == 0 {
		return ""
	}
	last := open[len(open)-1]
	line := strings.Count(text[:last.offset], "\n") + 1
	return "the " + last.tok.String() + " of line " + strconv.Itoa(line) + " is not closed"
}
