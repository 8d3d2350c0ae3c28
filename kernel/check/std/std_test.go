package std_test

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gokernel/internal/gostd"
	"gokernel/kernel/check/std"
)

func TestEveryPackageImports(t *testing.T) {
	imp := std.NewImporter(token.NewFileSet())
	packages := std.Packages()
	if len(packages) < 170 || !slices.IsSorted(packages) {
		t.Errorf("got %d packages, sorted %t; want at least 170, sorted", len(packages), slices.IsSorted(packages))
	}
	for _, path := range packages {
		p, err := imp.Import(path)
		if err != nil {
			t.Errorf("importing %s: %v", path, err)
			continue
		}
		if name, _ := std.Name(path); p.Name() != name || p.Path() != path || !p.Complete() {
			t.Errorf("%s: got package %s at %s, complete %t", path, p.Name(), p.Path(), p.Complete())
		}
		if again, err := imp.Import(path); err != nil || again != p {
			t.Errorf("importing %s again: got %p, %v; want %p", path, again, err, p)
		}
	}
}

// TestTypesAreThoseOfTheSource compares every exported declaration with what go/types makes of GOROOT.
func TestTypesAreThoseOfTheSource(t *testing.T) {
	set, err := gostd.Load(context.Background(), gostd.Config{
		Platform: gostd.Platform{GOOS: runtime.GOOS, GOARCH: runtime.GOARCH},
	})
	if err != nil {
		t.Fatal(err)
	}
	imp := std.NewImporter(token.NewFileSet())
	var importable []string
	for _, want := range set.Importable(true) {
		importable = append(importable, want.Path)
		got, err := imp.Import(want.Path)
		if err != nil {
			t.Errorf("importing %s: %v", want.Path, err)
			continue
		}
		if diff := cmp.Diff(declarations(want.Types), declarations(got)); diff != "" {
			t.Errorf("%s (-source +embedded):\n%s", want.Path, diff)
		}
	}
	var stdOnly []string
	for _, p := range std.Packages() {
		if !std.Preloaded(p) {
			stdOnly = append(stdOnly, p)
		}
	}
	if diff := cmp.Diff(importable, stdOnly); diff != "" {
		t.Errorf("packages (-GOROOT +embedded):\n%s", diff)
	}
}

// declarations describes the exported objects of a package, with the fields, methods and parameter names of its types.
func declarations(p *types.Package) []string {
	var list []string
	for _, name := range p.Scope().Names() {
		o := p.Scope().Lookup(name)
		if !o.Exported() {
			continue
		}
		list = append(list, strings.ReplaceAll(o.String(), "interface{}", "any"))
		if c, ok := o.(*types.Const); ok {
			// Untyped floats are embedded with 512 bits of mantissa, which is what the compiler promises too.
			list = append(list, c.Name()+" = "+c.Val().String())
		}
		tn, ok := o.(*types.TypeName)
		if !ok {
			continue
		}
		// The name any is not kept where it is the underlying type.
		list = append(list, name+" underlying "+strings.ReplaceAll(tn.Type().Underlying().String(), "interface{}", "any"))
		ms := types.NewMethodSet(types.NewPointer(tn.Type()))
		for m := range ms.Methods() {
			if m.Obj().Exported() {
				list = append(list, fmt.Sprint(m))
			}
		}
	}
	return list
}

func TestNotFound(t *testing.T) {
	imp := std.NewImporter(token.NewFileSet())
	for _, path := range []string{"internal/abi", "vendor/golang.org/x/net/http/httpguts", "cmd/go", "golang.org/x/tools", "", "C", "fm"} {
		_, err := imp.Import(path)
		if nf := (*std.NotFoundError)(nil); !errors.As(err, &nf) || nf.Path != path {
			t.Errorf("Import(%q): got %v, want a NotFoundError", path, err)
		}
	}
}

// TestPackagesShareTypes checks a program in which values go from package to package, imported in an order in which the
// first packages read mention later ones.
func TestPackagesShareTypes(t *testing.T) {
	const src = `package main

import (
	"net/http"
	"os"
	"io"
	"context"
	"bytes"
	"time"
	"iter"
	"slices"
	"maps"
	"sync/atomic"
	"syscall"
	"unsafe"
)

var (
	_ io.ReadCloser = (*http.Request)(nil).Body
	_ io.Reader     = (*bytes.Buffer)(nil)
	_ http.Handler  = http.TimeoutHandler(nil, time.Second, "")
	_ context.Context = (*http.Request)(nil).Context()
	_ iter.Seq[int] = slices.Values([]int{})
	_ []string      = slices.Sorted(maps.Keys(map[string]int{}))
	p atomic.Pointer[os.File]
	_ *os.File      = p.Load()
	_ *syscall.SysProcAttr = os.ProcAttr{}.Sys
	_ uintptr       = unsafe.Sizeof(p)
)
`
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "cell", src, 0)
	if err != nil {
		t.Fatal(err)
	}
	conf := types.Config{Importer: std.NewImporter(fset), Error: func(err error) { t.Error(err) }}
	_, _ = conf.Check("main", fset, []*ast.File{f}, nil) // errors went to conf.Error
}

func TestPositions(t *testing.T) {
	fset := token.NewFileSet()
	p, err := std.NewImporter(fset).Import("fmt")
	if err != nil {
		t.Fatal(err)
	}
	println := p.Scope().Lookup("Println")
	pos := fset.Position(println.Pos())
	if pos.Filename != "$GOROOT/src/fmt/print.go" || pos.Line < 2 {
		t.Errorf("got %v, want the line in $GOROOT/src/fmt/print.go", pos)
	}
	if got, want := println.Type().(*types.Signature).Params().At(0).Name(), "a"; got != want {
		t.Errorf("the parameter of Println: got name %q, want %q", got, want)
	}
}

func TestByName(t *testing.T) {
	for name, want := range map[string][]string{
		"fmt":      {"fmt"},
		"rand":     {"crypto/rand", "math/rand", "math/rand/v2"},
		"template": {"html/template", "text/template"},
		"unsafe":   {"unsafe"},
		"v2":       nil,
		"":         nil,
	} {
		if diff := cmp.Diff(want, std.ByName(name)); diff != "" {
			t.Errorf("ByName(%q) (-want +got):\n%s", name, diff)
		}
	}
}

func TestDoc(t *testing.T) {
	for _, c := range []struct{ path, name, want string }{
		{"fmt", "Println", "Println formats using the default formats for its operands and writes to standard output."},
		{"fmt", "", "Package fmt implements formatted I/O"},
		{"bytes", "Buffer.Write", "Write appends the contents of p to the buffer"},
		{"net/http", "Server.Addr", "Addr optionally specifies the TCP address for the server to listen on"},
		{"net/http", "Handler", "A Handler responds to an HTTP request."},
		{"context", "Context.Done", "Done returns a channel that's closed when work done on behalf of this"},
		{"context", "WithTimeout", "WithTimeout returns"},
		{"io", "EOF", "EOF is the error returned by Read when no more input is available."},
		{"os", "O_RDONLY", "Exactly one of O_RDONLY, O_WRONLY, or O_RDWR must be specified."},
		{"slices", "Sort", "Sort sorts a slice of any ordered type"},
		{"sync/atomic", "Pointer.Load", "Load atomically loads"},
		{"builtin", "append", "The append built-in function appends elements"},
		{"builtin", "error", "The error built-in interface type"},
		{"unsafe", "Sizeof", "Sizeof takes an expression x of any type"},
	} {
		if got := std.Doc(c.path, c.name); !strings.HasPrefix(got, c.want) {
			t.Errorf("Doc(%q, %q) = %q, want it to begin with %q", c.path, c.name, got, c.want)
		}
	}
	for _, c := range [][2]string{{"fmt", "println"}, {"fmt", "Nothing"}, {"nothing", ""}, {"fmt", "pp"}} {
		if got := std.Doc(c[0], c[1]); got != "" {
			t.Errorf("Doc(%q, %q) = %q, want nothing", c[0], c[1], got)
		}
	}
}

func TestEveryPackageIsDocumented(t *testing.T) {
	for _, path := range std.Packages() {
		if std.Doc(path, "") == "" {
			t.Errorf("package %s has no documentation", path)
		}
	}
}

// TestGoVersion fails when the toolchain has another minor version than the one that generated the data: run go generate.
func TestGoVersion(t *testing.T) {
	if got := std.GoVersion(); !strings.HasPrefix(got+".", gostd.GoVersion()+".") {
		t.Errorf("the data are of %s, the toolchain is %s", got, runtime.Version())
	}
}

func BenchmarkImport(b *testing.B) {
	for _, set := range []string{"fmt", "sync", "time", "net/http", "fmt sync time os net/http"} {
		b.Run(strings.ReplaceAll(set, " ", "+"), func(b *testing.B) {
			for b.Loop() {
				imp := std.NewImporter(token.NewFileSet())
				for _, path := range strings.Fields(set) {
					if _, err := imp.Import(path); err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
	b.Run("all", func(b *testing.B) {
		for b.Loop() {
			imp := std.NewImporter(token.NewFileSet())
			for _, path := range std.Packages() {
				if _, err := imp.Import(path); err != nil {
					b.Fatal(err)
				}
			}
		}
	})
}
