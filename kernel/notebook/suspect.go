package notebook

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strings"

	"gokernel/kernel/worker"
)

// maxSuspects is how many lines are shown of those that may have been what a worker has died of.
const maxSuspects = 5

// suspects shows the lines of the cell that may have been what a worker has died of. A fatal error of the runtime leaves a
// dump of the interpreter's calls only; but for each cause only few lines of a cell come into question.
func (n *Notebook) suspects(d *worker.Death) []string {
	text, ok := n.texts.whole(d.Cell)
	if !ok {
		return nil
	}
	lines := candidates(d.Cause, text)
	if len(lines) == 0 || len(lines) > maxSuspects {
		return []string{"  in " + bold + d.Cell + plain}
	}
	if len(lines) == 1 {
		return n.call(worker.Frame{File: d.Cell, Line: lines[0]})
	}
	shown := []string{"  in one of these lines of " + bold + d.Cell + plain + ":"}
	for _, line := range lines {
		if source, ok := n.texts.line(d.Cell, line); ok {
			shown = append(shown, excerpt(source, line, 0)...)
		}
	}
	return shown
}

// candidates returns the lines of a cell, in order, that can have led to the cause of a death.
func candidates(cause, text string) []int {
	fset := token.NewFileSet()
	var nodes []ast.Node
	// One of the two ways of reading a cell finds most of it; what neither can parse has no candidates.
	for _, form := range []struct{ before, after string }{{"package p;", ""}, {"package p;func _(){", "\n}"}} {
		if f, err := parser.ParseFile(fset, "", form.before+strings.TrimPrefix(text, "package main")+form.after, parser.SkipObjectResolution); err == nil {
			nodes = append(nodes, f)
			break
		}
	}
	if len(nodes) == 0 {
		nodes = declarations(fset, text)
	}
	var lines []int
	add := func(n ast.Node) {
		line := fset.Position(n.Pos()).Line
		if len(lines) == 0 || lines[len(lines)-1] != line {
			lines = append(lines, line)
		}
	}
	for _, n := range nodes {
		search(n, cause, add)
	}
	return lines
}

// declarations reads a cell that mixes functions and statements line by line: what begins with func at the margin is a
// function up to the brace at the margin, the rest are statements.
func declarations(fset *token.FileSet, text string) []ast.Node {
	funcs, stmts := []byte(text), []byte(text)
	inside, offset := false, 0
	blank := func(b []byte, from, to int) {
		for i := from; i < to; i++ {
			if b[i] != '\n' {
				b[i] = ' '
			}
		}
	}
	for line := range strings.Lines(text) {
		end := offset + len(line)
		inside = inside || strings.HasPrefix(line, "func ")
		if inside || strings.HasPrefix(line, "import ") {
			blank(stmts, offset, end)
		} else {
			blank(funcs, offset, end)
		}
		if strings.HasPrefix(line, "}") || strings.HasPrefix(line, "func ") && strings.HasSuffix(strings.TrimSpace(line), "}") {
			inside = false
		}
		offset = end
	}
	var nodes []ast.Node
	if f, err := parser.ParseFile(fset, "", "package p;"+string(funcs), parser.SkipObjectResolution); err == nil {
		nodes = append(nodes, f)
	}
	if f, err := parser.ParseFile(fset, "", "package p;func _(){"+string(stmts)+"\n}", parser.SkipObjectResolution); err == nil {
		nodes = append(nodes, f)
	}
	return nodes
}

// search calls add for what under root can have led to cause.
func search(root ast.Node, cause string, add func(ast.Node)) {
	var function []string // that search is in, by nesting
	var visit func(ast.Node) bool
	visit = func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			function = append(function, n.Name.Name)
			if n.Body != nil {
				ast.Inspect(n.Body, visit)
			}
			function = function[:len(function)-1]
			return false
		case *ast.AssignStmt:
			if strings.Contains(cause, "map") {
				for _, l := range n.Lhs {
					if _, ok := l.(*ast.IndexExpr); ok {
						add(n)
					}
				}
			}
		case *ast.IncDecStmt:
			if _, ok := n.X.(*ast.IndexExpr); ok && strings.Contains(cause, "map") {
				add(n)
			}
		case *ast.CallExpr:
			name := called(n)
			switch {
			case strings.Contains(cause, "nlock of unlocked"):
				if name == "Unlock" || name == "RUnlock" {
					add(n)
				}
			case strings.Contains(cause, "map"):
				if name == "delete" {
					add(n)
				}
			case cause == "stack overflow":
				if len(function) > 0 && name == function[len(function)-1] {
					add(n)
				}
			case strings.HasPrefix(cause, "out of memory"):
				if name == "make" || name == "append" || name == "Repeat" || name == "Grow" {
					add(n)
				}
			}
		}
		return true
	}
	ast.Inspect(root, visit)
}

// called returns the last name of what a call calls.
func called(c *ast.CallExpr) string {
	switch f := ast.Unparen(c.Fun).(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		return f.Sel.Name
	}
	return ""
}
