package check

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"strings"
)

// A source is one cell's text as the parser saw it: padded in front, so that byte offsets shift by pad.
type source struct {
	id   int    // the cell's number for this session, never reused
	name string // "cell [7]"
	text string
	pad  int
}

const (
	declPrefix = "package main;            " // as long as stmtPrefix
	stmtPrefix = "package main;func _() {  "
)

// A parsedCell is the syntax of a cell, sorted into what a package and what a function can hold.
type parsedCell struct {
	src     *source
	imports []*ast.ImportSpec
	decls   []ast.Decl // functions and methods; also const and type declarations found among the statements
	stmts   []ast.Stmt // in order, var declarations included
	program bool       // the cell begins with a package clause: its var declarations are a package's
}

// parseCell parses src, which must be text of a cell named name. Errors are an ErrorList.
func (e *env) parseCell(id int, name, text string) (*parsedCell, error) {
	src := &source{id: id, name: name, text: text, pad: len(declPrefix)}
	chunks := split(text)
	p := &parsedCell{src: src}
	for _, c := range chunks {
		if c.kind == chunkPackage {
			p.program = true
		}
	}
	var errs ErrorList
	file, err := e.parseFile(src, declPrefix+blank(text, chunks, func(k chunkKind) bool { return k == chunkFunc || k == chunkImport }))
	errs = append(errs, e.syntaxErrors(src, err)...)
	body, err := e.parseFile(src, stmtPrefix+blank(text, chunks, func(k chunkKind) bool { return k == chunkStmt })+"\n}")
	errs = append(errs, e.syntaxErrors(src, err)...)
	if len(errs) > 0 {
		errs.sort()
		return nil, errs
	}
	p.imports = file.Imports
	for _, d := range file.Decls {
		if _, ok := d.(*ast.FuncDecl); ok {
			p.decls = append(p.decls, d)
		}
	}
	fn, ok := body.Decls[0].(*ast.FuncDecl)
	if !ok || len(body.Decls) != 1 {
		return nil, ErrorList{{Cell: name, Line: 1, Column: 1, Msg: "unbalanced braces"}}
	}
	for _, s := range fn.Body.List {
		d, ok := s.(*ast.DeclStmt)
		if !ok {
			if _, empty := s.(*ast.EmptyStmt); !empty {
				p.stmts = append(p.stmts, s)
			}
			continue
		}
		g := d.Decl.(*ast.GenDecl)
		switch g.Tok {
		case token.VAR:
			p.stmts = append(p.stmts, s)
		case token.CONST:
			p.decls = append(p.decls, g)
		case token.TYPE:
			for _, spec := range g.Specs {
				one := *g
				one.Lparen, one.Rparen = token.NoPos, token.NoPos
				one.Specs = []ast.Spec{spec}
				p.decls = append(p.decls, &one)
			}
		}
	}
	return p, nil
}

func (e *env) parseFile(src *source, text string) (*ast.File, error) {
	base := e.fset.Base()
	f, err := parser.ParseFile(e.fset, src.name, text, parser.SkipObjectResolution|parser.AllErrors)
	e.addSource(base, src)
	return f, err
}

// blank returns text with all bytes but newlines outside the wanted chunks turned to spaces, so that positions stay.
func blank(text string, chunks []chunk, want func(chunkKind) bool) string {
	out := []byte(text)
	hide := func(from, to int) {
		for i := from; i < to; i++ {
			if out[i] != '\n' {
				out[i] = ' '
			}
		}
	}
	at := 0
	for _, c := range chunks {
		if !want(c.kind) {
			continue
		}
		hide(at, c.start)
		at = c.end
	}
	hide(at, len(out))
	return string(out)
}

// syntaxErrors turns the parser's errors into ours; a parser that trips over our padding reports the cell's end.
func (e *env) syntaxErrors(src *source, err error) ErrorList {
	if err == nil {
		return nil
	}
	var list scanner.ErrorList
	if !errors.As(err, &list) {
		return ErrorList{{Cell: src.name, Line: 1, Column: 1, Msg: err.Error()}}
	}
	var out ErrorList
	seen := map[int]bool{}
	for _, s := range list {
		if s.Msg == "imports must appear before other declarations" {
			continue // not in cells
		}
		line, col := src.position(s.Pos.Offset)
		if seen[line] {
			continue // the parser's later words on a line are mostly echoes
		}
		seen[line] = true
		out = append(out, src.errorAt(line, col, "syntax error: "+s.Msg))
	}
	return out
}

// position converts a byte offset in the padded text to the cell's line and column (both from 1; column in bytes).
func (s *source) position(offset int) (line, col int) {
	offset = min(max(offset-s.pad, 0), len(s.text))
	before := s.text[:offset]
	line = strings.Count(before, "\n") + 1
	return line, offset - strings.LastIndexByte(before, '\n')
}
