package main

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"

	"gokernel/kernel/check"
)

// maxTrials bounds how often reduce compiles: a trial takes half a second.
const maxTrials = 200

// reduce takes declarations and statements out of a program that differs for as long as it differs in the same way, and
// writes what is left over the file.
func (c *config) reduce(ctx context.Context, file string) error {
	src, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("reading the program: %w", err)
	}
	want, why, err := c.difference(ctx, src)
	if err != nil {
		return err
	}
	if want == pass {
		return fmt.Errorf("%s: compiled and interpreted it prints the same", file)
	}
	lib := check.StdLibrary()
	trials := 0
	for shrunk := true; shrunk; {
		shrunk = false
		for _, cut := range cuts(src) {
			smaller := slices.Concat(src[:cut.start], src[cut.end:])
			formatted, err := format.Source(smaller)
			if err != nil || len(formatted) >= len(src) {
				continue
			}
			if _, err := check.Check(check.NewScope(lib), 1, "p.go", string(formatted)); err != nil {
				continue
			}
			if trials++; trials > maxTrials {
				break
			}
			v, w, err := c.difference(ctx, formatted)
			if err != nil {
				return err
			}
			if v == want && kindOf(w) == kindOf(why) {
				src, shrunk = formatted, true
				break
			}
		}
	}
	fmt.Printf("%s: %d bytes left after %d trials: %s: %s\n", file, len(src), trials, want, why)
	return os.WriteFile(file, src, 0o644)
}

var changing = regexp.MustCompile(`\d+|"[^"]*"`)

// kindOf returns what stays of a reason when the program shrinks.
func kindOf(why string) string { return changing.ReplaceAllString(why, "") }

// difference compares one program both ways.
func (c *config) difference(ctx context.Context, src []byte) (verdict, string, error) {
	dir, err := os.MkdirTemp("", "gokernel-reduce-")
	if err != nil {
		return "", "", fmt.Errorf("making a directory for the program: %w", err)
	}
	defer os.RemoveAll(dir) // a leftover in the system's own temporary directory harms nobody
	file, binary := filepath.Join(dir, "p.go"), filepath.Join(dir, "p.exe")
	if err := os.WriteFile(file, src, 0o644); err != nil {
		return "", "", err
	}
	if err := build(ctx, binary, file); err != nil {
		return pass, "", ctx.Err() // the checker and the compiler disagree: not what is looked for
	}
	want, err := execute(ctx, dir, c.timeout, binary)
	if err != nil || want.TimedOut {
		return pass, "", err
	}
	got, err := execute(ctx, dir, c.timeout, c.binary, "exec", "--engine", c.engine, "p.go")
	if err != nil {
		return "", "", err
	}
	v, why := judge(got, want)
	return v, why, nil
}

// A cut is a range of bytes that may be taken out of a program.
type cut struct{ start, end int }

// cuts lists the declarations and statements of src, the longest first, and what remains of a block if only its
// braces go.
func cuts(src []byte) []cut {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "p.go", bytes.Clone(src), 0)
	if err != nil {
		return nil
	}
	var out []cut
	add := func(n ast.Node) {
		out = append(out, cut{fset.Position(n.Pos()).Offset, fset.Position(n.End()).Offset})
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			if n.Name.Name != "main" {
				add(n)
			}
		case *ast.GenDecl:
			for _, s := range n.Specs {
				if len(n.Specs) > 1 {
					add(s)
				}
			}
			add(n)
		case *ast.BlockStmt:
			for _, s := range n.List {
				add(s)
			}
		case *ast.CaseClause:
			add(n)
			for _, s := range n.Body {
				add(s)
			}
		case *ast.Field:
			add(n)
		}
		return true
	})
	slices.SortStableFunc(out, func(a, b cut) int { return cmp.Compare(b.end-b.start, a.end-a.start) })
	return out
}
