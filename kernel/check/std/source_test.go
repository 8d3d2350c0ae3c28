package std_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gokernel/kernel/check/std"
)

// withoutSource lists what is generic and has no source.
var withoutSource = []string{
	"crypto/hkdf.Expand", "crypto/hkdf.Extract", "crypto/hkdf.Key", "crypto/pbkdf2.Key", "database/sql.Null",
	"hash/maphash.Comparable", "hash/maphash.WriteComparable", "runtime.AddCleanup", "weak.Make", "weak.Pointer",
}

// TestSourceDeclaresWhatIsGeneric type-checks the source of each package and compares what it declares with the types.
func TestSourceDeclaresWhatIsGeneric(t *testing.T) {
	fset := token.NewFileSet()
	imp := std.NewImporter(fset)
	for _, path := range std.Packages() {
		pkg, err := imp.Import(path)
		if err != nil {
			t.Fatal(err)
		}
		if std.Preloaded(path) || path == "unsafe" {
			continue
		}
		source, ok := std.Source(path)
		scope := types.NewScope(nil, 0, 0, "")
		if ok {
			scope = check(t, fset, imp, path, source).Scope()
		}
		for _, name := range pkg.Scope().Names() {
			o := pkg.Scope().Lookup(name)
			if !o.Exported() || !isGeneric(o) {
				continue
			}
			has := scope.Lookup(name)
			if full := path + "." + name; (has == nil) != slices.Contains(withoutSource, full) {
				t.Errorf("%s: has source %t", full, has != nil)
			}
			if has == nil {
				continue
			}
			if _, isFunc := o.(*types.Func); !isFunc {
				continue // the structure of types may differ
			}
			byName := (*types.Package).Name
			if got, want := types.ObjectString(has, byName), types.ObjectString(o, byName); got != want {
				t.Errorf("got %s\nwant %s", got, want)
			}
		}
	}
}

func check(t *testing.T, fset *token.FileSet, imp types.Importer, path string, source map[string]string) *types.Package {
	t.Helper()
	var files []*ast.File
	for name, src := range source {
		f, err := parser.ParseFile(fset, path+"/"+name, src, 0)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	conf := types.Config{Importer: imp, Error: func(err error) { t.Error(err) }}
	pkg, _ := conf.Check(path, fset, files, nil) // errors went to conf.Error
	return pkg
}

func isGeneric(o types.Object) bool {
	switch o := o.(type) {
	case *types.Func:
		return o.Signature().TypeParams().Len() > 0
	case *types.TypeName:
		if n, ok := o.Type().(*types.Named); ok && n.TypeParams().Len() > 0 {
			return true
		}
		i, ok := o.Type().Underlying().(*types.Interface)
		return ok && !i.IsMethodSet()
	}
	return false
}

func TestSourceOfOthers(t *testing.T) {
	for _, path := range []string{"fmt", "", "math", "math/rand", "nothing", "weak"} {
		if files, ok := std.Source(path); ok {
			t.Errorf("Source(%q): got %d files", path, len(files))
		}
	}
	for _, path := range std.Packages() {
		if _, ok := std.Source(path); std.Preloaded(path) && !ok {
			t.Errorf("%s is preloaded and has no source", path)
		}
	}
}

// TestSourceRuns compiles the source and a program that uses it, as what is written anew has to behave like the original.
func TestSourceRuns(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		name = filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	program, err := os.ReadFile(filepath.Join("testdata", "source", "main.go"))
	if err != nil {
		t.Fatal(err)
	}
	write("go.mod", "module try\n\ngo 1.26\n")
	write("main.go", string(program))
	for _, path := range []string{"cmp", "errors", "iter", "maps", "math/rand/v2", "reflect", "slices", "sync", "sync/atomic", "unique"} {
		files, ok := std.Source(path)
		if !ok {
			t.Fatalf("%s has no source", path)
		}
		for name, src := range files {
			write("std/"+path+"/"+name, src)
		}
	}
	cmd := exec.CommandContext(t.Context(), "go", "run", ".")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=", "GOWORK=off")
	if out, err := cmd.CombinedOutput(); err != nil || strings.TrimSpace(string(out)) != "ok" {
		t.Errorf("go run: %v\n%s", err, out)
	}
}
