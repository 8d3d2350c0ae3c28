package program_test

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gokernel/kernel/check"
	"gokernel/kernel/check/std"
	"gokernel/kernel/native/program"
)

// TestTranscriptsAreGo makes programs of all cells of the interpreter's transcripts and has the type checker look at them,
// which says what the compiler would.
func TestTranscriptsAreGo(t *testing.T) {
	files, err := filepath.Glob("../../interp/testdata/transcripts/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no transcripts: %v", err)
	}
	fset := token.NewFileSet()
	imp := std.NewImporter(fset)
	made, refused := 0, 0
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range strings.Split("\n"+string(data), "\n=== ")[1:] {
			title, body, _ := strings.Cut(text, "\n")
			cells, _, _ := strings.Cut(body, "\n--- want\n")
			scope := check.NewScope(check.StdLibrary())
			for i, src := range strings.Split(cells, "\n---\n") {
				c, err := check.Check(scope, i+1, fmt.Sprintf("cell [%d]", i+1), src)
				if err != nil {
					continue // its error is what the transcript is about
				}
				scope = c.Scope
				for _, kind := range []program.Kind{program.Main, program.Wrapped, program.Tests, program.Loop} {
					p, err := program.Assemble(c, kind)
					var no *program.Error
					if errors.As(err, &no) {
						refused++
						continue
					}
					if err != nil {
						t.Errorf("%s/%s: cell %d: %v", filepath.Base(name), title, i+1, err)
						continue
					}
					made++
					if err := typecheck(fset, imp, p.Source); err != nil {
						t.Errorf("%s/%s: cell %d, kind %d: %v\n%s", filepath.Base(name), title, i+1, kind, err, p.Source)
					}
				}
			}
		}
	}
	t.Logf("%d programs, %d refused", made, refused)
	if made < 1000 || refused > made/2 {
		t.Errorf("%d programs were made and %d refused", made, refused)
	}
}

// typecheck returns the first error of a program.
func typecheck(fset *token.FileSet, imp types.Importer, source []byte) error {
	f, err := parser.ParseFile(fset, "main.go", source, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	conf := types.Config{Importer: imp, GoVersion: "go1.26"}
	_, err = conf.Check("main", fset, []*ast.File{f}, nil)
	return err
}
