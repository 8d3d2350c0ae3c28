package std

import (
	"bytes"
	"fmt"
	"go/token"
	"go/types"
	"io"
	"runtime"
	"strings"
	"sync"

	"golang.org/x/tools/go/gcexportdata"
)

// Importer is a types.Importer that reads the embedded types. All packages that one Importer returns belong together:
// a type that two of them mention is one and the same. It may be used by several goroutines at once, but the packages
// it has returned get new objects, never other ones, while it imports further packages (see Import).
type Importer struct {
	fset *token.FileSet

	mu sync.Mutex
	// packages holds what was read: complete packages, and incomplete ones of which others made mention.
	packages map[string]*types.Package
}

// NewImporter returns an importer that adds the positions of the declarations it reads to fset. Their files have names
// such as "$GOROOT/src/fmt/print.go"; their lines are right, columns and offsets are not.
func NewImporter(fset *token.FileSet) *Importer {
	return &Importer{fset: fset, packages: map[string]*types.Package{}}
}

var _ types.Importer = (*Importer)(nil)

// NotFoundError says that a package is not one that a notebook may import.
type NotFoundError struct{ Path string }

func (e *NotFoundError) Error() string { return fmt.Sprintf("package %s is not in std", e.Path) }

// Import returns the package with the given import path. It is complete, and the same at each call. The error is a
// *NotFoundError if the package is not in Packages; any other one means that the embedded data are damaged.
//
// A package that is imported through another one only is incomplete (types.Package.Complete): it holds just what the
// other needs of it, and it is completed in place when it is imported itself. Do not import while another goroutine
// reads the scope of such a package.
func (imp *Importer) Import(path string) (*types.Package, error) {
	e, ok := index()[path]
	if !ok {
		return nil, &NotFoundError{path}
	}
	if path == "unsafe" {
		return types.Unsafe, nil
	}
	imp.mu.Lock()
	defer imp.mu.Unlock()
	if p := imp.packages[path]; p != nil && p.Complete() {
		return p, nil
	}
	data, err := exportData(e)
	if err != nil {
		return nil, err
	}
	p, err := gcexportdata.Read(bytes.NewReader(data), imp.fset, imp.packages, path)
	if err != nil {
		return nil, fmt.Errorf("reading the types of %s: %w", path, err)
	}
	return p, nil
}

// Read reads the types of a package that is not embedded from its export data, as the compiler writes it and `go list -export`
// finds it. Types that it mentions are those of the packages that imp has returned. What imp has read for path is forgotten;
// a package that mentions it keeps the old one until it is read again.
func (imp *Importer) Read(path string, object io.Reader) (*types.Package, error) {
	//lint:ignore SA1019 `go list -export` names archives, and this finds the export data in one; it works up to Go 1.28.
	data, err := gcexportdata.NewReader(object)
	if err != nil {
		return nil, fmt.Errorf("reading the types of %s: %w", path, err)
	}
	imp.mu.Lock()
	defer imp.mu.Unlock()
	delete(imp.packages, path)
	p, err := gcexportdata.Read(data, imp.fset, imp.packages, path)
	if err != nil {
		return nil, fmt.Errorf("reading the types of %s: %w", path, err)
	}
	return p, nil
}

// Forget forgets all packages that are not embedded.
func (imp *Importer) Forget() {
	imp.mu.Lock()
	defer imp.mu.Unlock()
	for path := range imp.packages {
		if _, embedded := index()[path]; !embedded && !internal(path) {
			delete(imp.packages, path)
		}
	}
}

// internal reports whether path is of the standard library although no cell may import it.
func internal(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return !strings.Contains(first, ".") && (first == "vendor" || first == "internal" || strings.Contains("/"+path+"/", "/internal/"))
}

func exportData(e entry) ([]byte, error) {
	archive, member := exportArchive, e.path
	if e.preloaded {
		// The one archive of the preloaded packages holds all platforms.
		archive, member = preloadedArchive, "types/"+runtime.GOOS+"_"+runtime.GOARCH+"/"+e.path
	}
	a, err := archive()
	if err != nil {
		return nil, err
	}
	data, found, err := a.read(member)
	if err == nil && !found {
		err = fmt.Errorf("the types of %s are not embedded for %s/%s", e.path, runtime.GOOS, runtime.GOARCH)
	}
	return data, err
}
