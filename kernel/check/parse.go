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
	file    *ast.File  // the whole of a program, else nil
	wrong   ErrorList  // what the parser found wrong but no hindrance to checking the rest, as the compiler does
	program bool       // the cell begins with a package clause: its var declarations are a package's
}

// selections calls visit for each x.y of the cell whose x is a name.
func (p *parsedCell) selections(visit func(x, y *ast.Ident)) {
	look := func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := sel.X.(*ast.Ident); ok {
				visit(x, sel.Sel)
			}
		}
		return true
	}
	for _, d := range p.decls {
		ast.Inspect(d, look)
	}
	for _, s := range p.stmts {
		ast.Inspect(s, look)
	}
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
	if p.program {
		return e.parseProgram(p)
	}
	if errs := stray(src, lex(text)); errs != nil {
		return nil, errs
	}
	decls := declPrefix + blank(text, chunks, func(k chunkKind) bool { return k == chunkFunc || k == chunkImport })
	stmts := stmtPrefix + blank(text, chunks, func(k chunkKind) bool { return k == chunkStmt }) + "\n}"
	errs := append(syntaxErrors(src, decls), syntaxErrors(src, stmts)...)
	if at := openComment(text); at >= 0 { // which may stand between the chunks, where neither text has it
		if line, col := src.position(at + src.pad); !errs.onLine(line) {
			errs = append(errs, src.errorAt(line, col, "comment not terminated"))
		}
	}
	if errs.syntax() {
		errs.sort()
		return nil, errs
	}
	p.wrong = errs
	file, errs := e.parseFile(src, decls)
	body, more := e.parseFile(src, stmts)
	if errs := p.also(append(errs, more...)); errs != nil {
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
		return nil, append(p.wrong, src.errorAt(1, 1, "syntax error: unbalanced braces"))
	}
	for _, s := range fn.Body.List {
		d, ok := s.(*ast.DeclStmt)
		if !ok {
			if _, empty := s.(*ast.EmptyStmt); !empty {
				p.stmts = append(p.stmts, s)
			}
			continue
		}
		p.add(d.Decl.(*ast.GenDecl))
	}
	return p, nil
}

// add sorts a declaration of variables, constants or types into p.
func (p *parsedCell) add(g *ast.GenDecl) {
	switch g.Tok {
	case token.VAR:
		p.stmts = append(p.stmts, &ast.DeclStmt{Decl: g})
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

// parseProgram parses a cell that begins with a package clause: it is a file as it stands.
func (e *env) parseProgram(p *parsedCell) (*parsedCell, error) {
	p.src.pad = 0
	errs := syntaxErrors(p.src, p.src.text)
	if errs.syntax() {
		errs.sort()
		return nil, errs
	}
	p.wrong = errs
	p.file, errs = e.parseFile(p.src, p.src.text)
	if errs := p.also(errs); errs != nil {
		return nil, errs
	}
	if name := p.file.Name; name.Name != "main" {
		_, line, col := e.locate(name.Pos())
		msg := "package " + name.Name + " is not a main package"
		if name.Name == "_" {
			msg = "invalid package name _"
		}
		wrong := p.src.errorAt(line, col, msg)
		wrong.Hint = "write package main"
		p.wrong = append(p.wrong, wrong)
	}
	p.imports = p.file.Imports
	for _, d := range p.file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			p.decls = append(p.decls, d)
		case *ast.GenDecl:
			p.add(d)
		}
	}
	return p, nil
}

// also takes in what go/parser says beyond the compiler's parser. If that leaves nothing to check it returns the errors.
func (p *parsedCell) also(errs ErrorList) ErrorList {
	if errs.syntax() && len(p.wrong) == 0 {
		errs.sort()
		return errs
	}
	for _, e := range errs {
		if !strings.HasPrefix(e.Msg, "syntax error: ") && !p.wrong.onLine(e.Line) {
			p.wrong = append(p.wrong, e)
		}
	}
	return nil
}

// parseFile parses text, which the compiler's parser has passed.
func (e *env) parseFile(src *source, text string) (*ast.File, ErrorList) {
	base := e.fset.Base()
	f, err := parser.ParseFile(e.fset, src.name, text, parser.SkipObjectResolution|parser.AllErrors)
	e.addSource(base, src)
	var list scanner.ErrorList
	if err != nil && !errors.As(err, &list) {
		return nil, ErrorList{{Cell: src.name, Line: 1, Column: 1, Msg: err.Error()}}
	}
	var errs ErrorList
	for _, s := range list {
		if s.Msg != "imports must appear before other declarations" { // they need not in cells
			line, col := src.position(s.Pos.Offset)
			msg := s.Msg
			switch {
			case msg == "expected at most 2 expressions":
				msg = "range clause permits at most two iteration variables"
			case strings.HasPrefix(msg, "expression in "): // go and defer
			default:
				msg = "syntax error: " + msg
			}
			errs = append(errs, src.errorAt(line, col, msg))
		}
	}
	return f, errs
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

// position converts a byte offset in the padded text to the cell's line and column (both from 1; column in bytes).
func (s *source) position(offset int) (line, col int) {
	offset = min(max(offset-s.pad, 0), len(s.text))
	before := s.text[:offset]
	line = strings.Count(before, "\n") + 1
	return line, offset - strings.LastIndexByte(before, '\n')
}
