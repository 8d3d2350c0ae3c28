package check

import (
	"go/scanner"
	"go/token"
)

// A chunk is a top-level piece of a cell: the byte range [start, end) of one declaration or of a run of statements.
type chunk struct {
	kind       chunkKind
	start, end int // bytes in the cell's source
}

type chunkKind int

const (
	chunkStmt    chunkKind = iota // statements, and var, const and type declarations among them
	chunkImport                   // an import declaration
	chunkFunc                     // a function or method declaration
	chunkPackage                  // a package clause
)

// A lexeme is a token with its byte offset in the cell.
type lexeme struct {
	tok    token.Token
	lit    string
	offset int
}

// lex scans src. Scan errors are left to the parser, which reports them better.
func lex(src string) []lexeme {
	fset := token.NewFileSet()
	file := fset.AddFile("", fset.Base(), len(src))
	var s scanner.Scanner
	s.Init(file, []byte(src), func(token.Position, string) {}, 0)
	var out []lexeme
	for {
		pos, tok, lit := s.Scan()
		l := lexeme{tok, lit, file.Offset(pos)}
		out = append(out, l)
		if tok == token.EOF {
			return out
		}
	}
}

// split finds the top-level declarations that cannot stand inside a function (imports, functions and methods, the
// package clause); what lies between them is statements.
func split(src string) []chunk {
	toks := lex(src)
	var chunks []chunk
	for i := 0; toks[i].tok != token.EOF; {
		kind := classify(toks[i:])
		end := itemEnd(toks, i)
		c := chunk{kind, toks[i].offset, toks[end].offset}
		if toks[end].tok == token.SEMICOLON {
			if toks[end].lit == ";" {
				c.end++
			}
			end++
		}
		if n := len(chunks); kind == chunkStmt && n > 0 && chunks[n-1].kind == chunkStmt {
			chunks[n-1].end = c.end
		} else {
			chunks = append(chunks, c)
		}
		i = end
	}
	return chunks
}

// itemEnd returns the index of the semicolon or EOF that ends the item which starts at toks[i].
func itemEnd(toks []lexeme, i int) int {
	depth := 0
	for ; ; i++ {
		switch toks[i].tok {
		case token.LPAREN, token.LBRACK, token.LBRACE:
			depth++
		case token.RPAREN, token.RBRACK, token.RBRACE:
			depth--
		case token.SEMICOLON:
			if depth <= 0 {
				return i
			}
		case token.EOF:
			return i
		}
	}
}

// classify tells what the item at toks[0] is. `func (` begins a method if a name and a parameter list follow the first
// parentheses, a function literal otherwise.
func classify(toks []lexeme) chunkKind {
	switch toks[0].tok {
	case token.IMPORT:
		return chunkImport
	case token.PACKAGE:
		return chunkPackage
	case token.FUNC:
	default:
		return chunkStmt
	}
	if toks[1].tok == token.IDENT {
		return chunkFunc
	}
	if toks[1].tok != token.LPAREN {
		return chunkStmt
	}
	depth := 0
	for i := 1; toks[i].tok != token.EOF; i++ {
		switch toks[i].tok {
		case token.LPAREN, token.LBRACK, token.LBRACE:
			depth++
		case token.RPAREN, token.RBRACK, token.RBRACE:
			depth--
			if depth == 0 {
				if i+2 < len(toks) && toks[i+1].tok == token.IDENT && toks[i+2].tok == token.LPAREN {
					return chunkFunc
				}
				return chunkStmt
			}
		}
	}
	return chunkStmt
}
