package notebook

import (
	"context"
	"errors"
	"fmt"
	"go/types"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"gokernel/kernel/check"
	"gokernel/kernel/native/program"
	"gokernel/kernel/native/toolchain"
)

// libraryWait bounds how long the import of a package from a module may take: it may have to be compiled.
const libraryWait = 2 * time.Minute

// A library is what cells can import: what is embedded, and the packages of the modules that the notebook has brought, or that
// a go.work offers. It is a check.ChangingLibrary.
type library struct {
	check.EmbeddedLibrary
	tools func(context.Context) (*program.Module, *toolchain.Toolchain, error)
	ctx   context.Context // of the notebook
	work  func() string   // the go.work in force, "" if none
	dir   func() string   // of the notebook

	mu      sync.Mutex
	modules bool                // the notebook has brought some
	names   map[string][]string // names of packages of modules → paths
	seen    map[string]string   // directories of packages that may change → their stamp when they were read
	loaded  map[string]string   // packages of modules that compiled cells have loaded → files
	version int
}

// newLibrary returns a library that has brought nothing yet.
func newLibrary(ctx context.Context, base check.EmbeddedLibrary, work, dir func() string, tools func(context.Context) (*program.Module, *toolchain.Toolchain, error)) *library {
	return &library{EmbeddedLibrary: base, tools: tools, ctx: ctx, work: work, dir: dir, names: map[string][]string{}, seen: map[string]string{}, loaded: map[string]string{}}
}

// Import returns the package at path. The error is a *check.MissingPackage if there is none.
func (l *library) Import(path string) (*types.Package, error) {
	p, err := l.EmbeddedLibrary.Import(path)
	first, _, _ := strings.Cut(path, "/")
	if err == nil || path == "C" || strings.HasPrefix(path, ".") || strings.HasPrefix(path, "/") || !l.hasModules() {
		if err != nil && strings.Contains(first, ".") && !strings.HasPrefix(path, ".") {
			return nil, &check.MissingPackage{Path: path, Advice: "%get " + path + " brings it"}
		}
		return p, err
	}
	ctx, cancel := context.WithTimeout(l.ctx, libraryWait)
	defer cancel()
	p, exportErr := l.export(ctx, path)
	if exportErr == nil {
		return p, nil
	}
	var said *toolchain.Error
	switch {
	case errors.As(exportErr, &said) && absent(said.Output):
		if strings.Contains(first, ".") {
			return nil, &check.MissingPackage{Path: path, Advice: "%get " + path + " brings it"}
		}
		return nil, err
	case errors.As(exportErr, &said):
		m, _, err := l.tools(ctx)
		if err != nil {
			return nil, err
		}
		return nil, &check.MissingPackage{Path: path, Advice: l.readers(m, said)}
	}
	return nil, &check.MissingPackage{Path: path, Advice: exportErr.Error()}
}

// readers returns the first thing that the go command has said, with the reader's file as seen from the notebook.
func (l *library) readers(m *program.Module, said *toolchain.Error) string {
	text := m.Readers(said.Reason())
	here, err := filepath.Abs(l.dir())
	if err != nil {
		return text
	}
	if below, found := strings.CutPrefix(text, here+string(filepath.Separator)); found {
		return "./" + below
	}
	return text
}

// absent reports whether go list says that no module has a package.
func absent(output string) bool {
	return strings.Contains(output, "no required module provides package") || strings.Contains(output, "is not in std") ||
		strings.Contains(output, "cannot find module providing package")
}

// hasModules reports whether there may be packages of modules.
func (l *library) hasModules() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.modules || l.work() != ""
}

// export reads the types of a package of a module.
func (l *library) export(ctx context.Context, path string) (*types.Package, error) {
	m, tc, err := l.tools(ctx)
	if err != nil {
		return nil, err
	}
	object, source, err := m.Export(ctx, tc, path)
	if err != nil {
		return nil, err
	}
	file, err := os.Open(object)
	if err != nil {
		return nil, fmt.Errorf("reading the types of %s: %w", path, err)
	}
	defer file.Close()
	p, err := l.Read(path, file)
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if source = m.Origin(source); source != "" {
		l.seen[source] = stampOf(source)
	}
	l.name(p.Name(), path)
	return p, nil
}

// load notes which packages of modules a compiled cell loads. A worker can load a package once: if one has changed since,
// load returns it, and notes nothing.
func (l *library) load(packages toolchain.Packages) (changed string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for path, file := range l.loaded {
		if now, again := packages[path]; again && now != file {
			return path
		}
	}
	for path, file := range packages {
		first, _, _ := strings.Cut(path, "/")
		if strings.Contains(first, ".") || l.brings(path) {
			l.loaded[path] = file
		}
	}
	return ""
}

// brings reports whether a package of that path is known to be a module's. Called with l.mu held.
func (l *library) brings(path string) bool {
	for _, paths := range l.names {
		if slices.Contains(paths, path) {
			return true
		}
	}
	return false
}

// name notes under which name a package of a module is known. Called with l.mu held.
func (l *library) name(name, path string) {
	if !slices.Contains(l.names[name], path) {
		l.names[name] = append(l.names[name], path)
	}
}

// ByName returns the paths of the packages with this name.
func (l *library) ByName(name string) []string {
	paths := l.EmbeddedLibrary.ByName(name)
	l.mu.Lock()
	defer l.mu.Unlock()
	return append(slices.Clone(paths), l.names[name]...)
}

// Version grows when a package may have changed.
func (l *library) Version() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	for dir, stamp := range l.seen {
		if stampOf(dir) != stamp {
			l.renew()
			break
		}
	}
	return l.version
}

// changed notes that modules have come, or other versions of them; name is that of the package at path, if there is one.
func (l *library) changed(name, path string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.modules = true
	if name != "" {
		l.name(name, path)
	}
	l.renew()
}

// reset makes the library that of an empty notebook.
func (l *library) reset() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.modules = false
	clear(l.names)
	clear(l.loaded)
	l.renew()
}

// renew forgets what was read. Called with l.mu held.
func (l *library) renew() {
	l.version++
	clear(l.seen)
	l.Forget()
}

// stampOf tells states of a directory's Go files apart.
func stampOf(dir string) string {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return ""
	}
	var b strings.Builder
	for _, e := range entries {
		if filepath.Ext(e.Name()) != ".go" {
			continue
		}
		if info, err := e.Info(); err == nil {
			fmt.Fprintf(&b, "%s %d %d\n", e.Name(), info.Size(), info.ModTime().UnixNano())
		}
	}
	return b.String()
}
