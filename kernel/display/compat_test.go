package display_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestCompatNamesAll holds the cells of testdata/compat to using every exported function, type and constant.
func TestCompatNamesAll(t *testing.T) {
	var cells strings.Builder
	files, err := filepath.Glob("testdata/compat/*.go.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cells: %v", err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		cells.Write(text)
	}
	skip := map[string]bool{ // for the kernel and not for cells
		"Emitter": true, "SetEmitter": true, "ErrNoNotebook": true, "Methods": true, "Final": true, "Results": true, "Of": true,
		"Text": true, "Bar": true, "Handle": true, "MIMETypeGIF": true, "MIMETypeVegaLite": true,
	}
	sources, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range sources {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, exported := range topLevel(file) {
			if !skip[exported] && !strings.Contains(cells.String(), "display."+exported) {
				t.Errorf("no cell uses display.%s", exported)
			}
		}
	}
}

// topLevel returns the exported names that a file declares at top level, methods excepted.
func topLevel(file *ast.File) []string {
	var names []string
	add := func(id *ast.Ident) {
		if id.IsExported() {
			names = append(names, id.Name)
		}
	}
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil {
				add(d.Name)
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					add(spec.Name)
				case *ast.ValueSpec:
					for _, id := range spec.Names {
						add(id)
					}
				}
			}
		}
	}
	return names
}
