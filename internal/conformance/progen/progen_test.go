package progen_test

import (
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"testing"

	"gokernel/internal/conformance/progen"
)

// TestProgramsCompile holds the generator to its promise, with the type checker.
func TestProgramsCompile(t *testing.T) {
	fset := token.NewFileSet()
	imp := importer.ForCompiler(fset, "source", nil)
	for seed := range uint64(60) {
		src := progen.Program(seed)
		file, err := parser.ParseFile(fset, "p.go", src, 0)
		if err != nil {
			t.Fatalf("seed %d: %v\n%s", seed, err, src)
		}
		conf := types.Config{Importer: imp}
		if _, err := conf.Check("main", fset, []*ast.File{file}, nil); err != nil {
			t.Errorf("seed %d: %v\n%s", seed, err, src)
		}
	}
}

func TestProgramOfSeedStays(t *testing.T) {
	first, again, other := progen.Program(7), progen.Program(7), progen.Program(8)
	if first != again || first == other {
		t.Error("a seed must make one program, and another seed another")
	}
}
