// Package gokernel_test holds the repository to its layout: which package may import which, and the few
// rules of house style that a machine can check. Change the table on purpose, in a commit of its own.
package gokernel_test

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// module is this module's path, the prefix of every import of our own.
const module = "gokernel"

// maxLines is the longest that a file written by hand may be. A longer one holds two nouns.
const maxLines = 400

// allowed says for each package which of ours its non-test files may import. A package that is not
// listed may not exist; one that is listed need not exist yet. "…/*" stands for everything below.
var allowed = map[string][]string{
	"kernel/jupyter":               nil,
	"kernel/check/std":             nil,
	"kernel/check/syntax":          nil,
	"kernel/check":                 {"kernel/check/std", "kernel/check/syntax"},
	"kernel/magic":                 nil,
	"kernel/goroutine":             nil,
	"internal/concurrency":         {"internal/concurrency/drawing"},
	"internal/concurrency/drawing": nil,
	"internal/concurrency/life":    {"internal/concurrency", "internal/concurrency/drawing"},
	"internal/exercise":            {"internal/concurrency"},
	"internal/logo":                nil,

	"kernel/wire":             {"kernel/jupyter"},
	"kernel/display":          {"kernel/jupyter"},
	"kernel/worker":           {"kernel/jupyter", "kernel/goroutine"},
	"kernel/lower":            {"kernel/check", "kernel/check/std", "kernel/goroutine"},
	"kernel/native/toolchain": nil,
	"kernel/native/report":    nil,
	"kernel/native/program":   {"kernel/check", "kernel/check/std", "kernel/native/toolchain", "kernel/native/report"},
	"kernel/native":           {"kernel/check", "kernel/check/std", "kernel/goroutine", "kernel/interp/stdlib", "kernel/native/toolchain"},
	"kernel/engine":           {"kernel/check", "kernel/lower", "kernel/native"},
	"kernel/introspect":       {"kernel/check", "kernel/check/std", "kernel/jupyter", "kernel/magic"},
	"kernel/interp/stdlib": {"kernel/goroutine", "kernel/display", "internal/concurrency", "internal/concurrency/drawing", "internal/concurrency/life",
		"internal/exercise"},
	"kernel/interp/dynamic": {},
	"kernel/interp": {"kernel/goroutine", "kernel/interp/dynamic", "kernel/interp/stdlib", "kernel/worker", "kernel/display",
		"internal/concurrency", "internal/concurrency/drawing", "internal/concurrency/life"},

	"kernel": {"kernel/jupyter"},
	"kernel/notebook": {"kernel", "kernel/jupyter", "kernel/check", "kernel/check/std", "kernel/lower", "kernel/native",
		"kernel/native/toolchain", "kernel/native/program", "kernel/native/report",
		"kernel/introspect", "kernel/magic", "kernel/worker", "kernel/goroutine", "kernel/engine"},

	"internal/nbformat":    {"kernel/jupyter"},
	"internal/client":      {"kernel/jupyter", "kernel/wire", "internal/nbformat"},
	"internal/faults":      nil,
	"internal/processes":   nil,
	"internal/nbrun":       {"kernel/jupyter", "internal/nbformat", "internal/client"},
	"internal/kernelspec":  {"internal/logo"},
	"lessons":              {"internal/nbformat", "internal/exercise"},
	"lessons/start":        nil,
	"lessons/introduction": {"internal/concurrency", "internal/exercise"},
	"lessons/item52":       {"internal/concurrency", "internal/exercise"},
	"lessons/item53":       {"internal/concurrency", "internal/exercise"},
	"lessons/item54":       {"internal/concurrency", "internal/exercise"},
	"lessons/item55":       {"internal/concurrency", "internal/exercise", "kernel/display"},
	"lessons/item56":       {"internal/concurrency", "internal/concurrency/life", "internal/exercise", "kernel/display"},

	"internal/gostd":              nil,
	"internal/notices":            nil,
	"internal/bench":              {"kernel/jupyter", "kernel/wire", "internal/client"},
	"internal/conformance":        {"kernel/check", "internal/conformance/progen"},
	"internal/conformance/progen": nil,
	"cmd/gokernel":                {"kernel", "kernel/*", "internal/*", "lessons"},
}

// onlyIn says which outside modules are kept to one place, so that they can be replaced there.
var onlyIn = map[string]string{
	"github.com/traefik/yaegi":   "kernel/interp",
	"github.com/go-zeromq/zmq4":  "kernel/wire",
	"github.com/alecthomas/kong": "cmd/gokernel",
}

// vague are package names that say nothing about what is inside: a helper lives beside its only user.
var vague = []string{"util", "utils", "common", "helper", "helpers", "types", "misc", "base"}

// goFile is one parsed file: its imports, its package comment and its length.
type goFile struct {
	name      string // slash-separated, relative to the root
	dir       string
	ast       *ast.File
	lines     int
	generated bool
}

func (f *goFile) test() bool { return strings.HasSuffix(f.name, "_test.go") }

// imports returns the import paths of f.
func (f *goFile) imports(t *testing.T) []string {
	t.Helper()
	var paths []string
	for _, spec := range f.ast.Imports {
		p, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Fatalf("%s: import %s: %v", f.name, spec.Path.Value, err)
		}
		paths = append(paths, p)
	}
	return paths
}

// tree parses every Go file of the repository, whatever its build tags, so that a file for
// another system is held to the same rules.
func tree(t *testing.T) []*goFile {
	t.Helper()
	var files []*goFile
	fset := token.NewFileSet()
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			base := d.Name()
			if name != "." && (base == "testdata" || base == "node_modules" || strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_")) {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") {
			return nil
		}
		src, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		parsed, err := parser.ParseFile(fset, name, src, parser.ImportsOnly|parser.ParseComments)
		if err != nil {
			return err
		}
		slash := filepath.ToSlash(name)
		files = append(files, &goFile{
			name:      slash,
			dir:       path.Dir(slash),
			ast:       parsed,
			lines:     bytes.Count(src, []byte("\n")),
			generated: ast.IsGenerated(parsed),
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// own returns the path of an import of ours relative to the module, and whether it is ours.
func own(imported string) (string, bool) {
	return strings.CutPrefix(imported, module+"/")
}

// mayImport reports whether the table lets a package of directory dir import the package of ours at target.
func mayImport(dir, target string) bool {
	for _, pattern := range allowed[dir] {
		if prefix, isTree := strings.CutSuffix(pattern, "*"); isTree && strings.HasPrefix(target, prefix) {
			return true
		}
		if pattern == target {
			return true
		}
	}
	return false
}

// generators may import these besides what the package that they generate for may: they are never linked into it.
var generators = []string{"internal/gostd"}

// generator returns the package that a directory generates for: a program in DIR/gen… belongs to DIR
// and may import what that may, and DIR itself.
func generator(dir string) (string, bool) {
	if strings.HasPrefix(path.Base(dir), "gen") {
		return path.Dir(dir), true
	}
	return dir, false
}

func TestImportsFollowTheTable(t *testing.T) {
	for _, f := range tree(t) {
		if f.dir == "." {
			continue
		}
		dir, isGenerator := generator(f.dir)
		if _, listed := allowed[dir]; !listed {
			t.Errorf("%s: package %s is not in the table of layout_test.go", f.name, f.dir)
			continue
		}
		for _, imported := range f.imports(t) {
			target, ours := own(imported)
			switch {
			case !ours:
			case target == "cmd" || strings.HasPrefix(target, "cmd/"):
				t.Errorf("%s imports %s: nobody imports cmd", f.name, imported)
			case f.test(), isGenerator && (target == dir || slices.Contains(generators, target)):
			case !mayImport(dir, target):
				t.Errorf("%s imports %s: the table of layout_test.go does not allow it", f.name, imported)
			}
		}
	}
}

func TestOutsideModulesStayInTheirPlace(t *testing.T) {
	for _, f := range tree(t) {
		for _, imported := range f.imports(t) {
			for mod, home := range onlyIn {
				if imported != mod && !strings.HasPrefix(imported, mod+"/") {
					continue
				}
				if f.dir != home && !strings.HasPrefix(f.dir, home+"/") {
					t.Errorf("%s imports %s: only %s may", f.name, imported, home)
				}
			}
		}
	}
}

func TestTableHasNoCycle(t *testing.T) {
	const (
		visiting = 1
		done     = 2
	)
	state := map[string]int{}
	var visit func(dir string, trail []string)
	visit = func(dir string, trail []string) {
		trail = append(trail, dir)
		switch state[dir] {
		case done:
			return
		case visiting:
			t.Errorf("the table has a cycle: %s", strings.Join(trail, " → "))
			return
		}
		state[dir] = visiting
		for other := range allowed {
			if other != dir && mayImport(dir, other) {
				visit(other, trail)
			}
		}
		state[dir] = done
	}
	for _, dir := range slices.Sorted(maps.Keys(allowed)) {
		visit(dir, nil)
	}
	for dir, targets := range allowed {
		for _, target := range targets {
			if _, listed := allowed[target]; !listed && !strings.HasSuffix(target, "/*") {
				t.Errorf("%s may import %s, which is not in the table", dir, target)
			}
		}
	}
}

func TestPackageNamesSaySomething(t *testing.T) {
	for _, f := range tree(t) {
		name := strings.TrimSuffix(f.ast.Name.Name, "_test")
		if slices.Contains(vague, name) {
			t.Errorf("%s: package %s: name it for the one thing it does", f.name, name)
		}
	}
}

func TestFilesAreShort(t *testing.T) {
	for _, f := range tree(t) {
		if !f.generated && f.lines > maxLines {
			t.Errorf("%s has %d lines, more than %d: split it by its nouns", f.name, f.lines, maxLines)
		}
	}
}

func TestPackagesHaveComments(t *testing.T) {
	documented := map[string]bool{}
	for _, f := range tree(t) {
		if f.test() {
			continue
		}
		text := f.ast.Doc.Text()
		want := "Package " + f.ast.Name.Name + " "
		if f.ast.Name.Name == "main" {
			want = "" // a command's comment begins with the command's name
		}
		documented[f.dir] = documented[f.dir] || text != "" && strings.HasPrefix(text, want)
	}
	for _, dir := range slices.Sorted(maps.Keys(documented)) {
		if !documented[dir] {
			t.Errorf("package %s has no package comment", dir)
		}
	}
}
