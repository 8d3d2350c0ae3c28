package native

import (
	"context"
	"fmt"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"gokernel/kernel/check/std"
	"gokernel/kernel/native/toolchain"
)

// A preload is a package of this program's own that units can import. The worker has it linked in, and a plugin shares it
// if the compiler is given the same text under the same file names.
type preload struct {
	object  string   // the compiled package
	imports []string // of the standard library
	needs   []string // other preloaded packages
}

// preloaded returns a package of ours, compiled. Calls are made one at a time.
func (e *Engine) preloaded(ctx context.Context, path string) (*preload, error) {
	if p := e.preloads[path]; p != nil {
		return p, nil
	}
	files, ok := std.Source(path)
	if !ok {
		return nil, fmt.Errorf("compiling: the package %s has no source", path)
	}
	p := &preload{object: filepath.Join(e.kept(), strings.ReplaceAll(path, "/", "_")+".a")}
	var names []string
	for name, text := range files {
		names = append(names, name)
		f, err := parser.ParseFile(token.NewFileSet(), name, text, parser.ImportsOnly)
		if err != nil {
			return nil, fmt.Errorf("compiling %s: %w", path, err)
		}
		for _, spec := range f.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return nil, fmt.Errorf("compiling %s: %w", path, err)
			}
			if std.Preloaded(imported) {
				p.needs = append(p.needs, imported)
			} else {
				p.imports = append(p.imports, imported)
			}
		}
	}
	if _, err := os.Stat(p.object); err != nil {
		slices.Sort(names)
		if err := e.compilePreloaded(ctx, path, p, names, files); err != nil {
			return nil, err
		}
	}
	e.preloads[path] = p
	return p, nil
}

func (e *Engine) compilePreloaded(ctx context.Context, path string, p *preload, names []string, files map[string]string) error {
	dir, err := os.MkdirTemp(e.dir, "preloaded-")
	if err != nil {
		return fmt.Errorf("compiling %s: %w", path, err)
	}
	defer os.RemoveAll(dir) // Close removes what this leaves
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			return fmt.Errorf("compiling %s: %w", path, err)
		}
	}
	packages, err := e.packages(ctx, append(slices.Clone(p.imports), p.needs...))
	if err != nil {
		return err
	}
	out := filepath.Join(dir, "out.a")
	err = e.tools.Compile(ctx, toolchain.Compilation{
		Path: path, Files: names, Dir: dir, Packages: packages, Flags: e.flags, Output: out,
		Extra: []string{"-trimpath", dir + "=>" + e.home(path)}, // the last one counts
	})
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(p.object), 0o777); err != nil {
		return fmt.Errorf("compiling %s: %w", path, err)
	}
	if err := os.Rename(out, p.object); err != nil {
		return fmt.Errorf("compiling %s: %w", path, err)
	}
	return nil
}

// home returns the directory of a package of ours as this program has recorded it in its tracebacks.
func (e *Engine) home(path string) string {
	_, file, _, _ := runtime.Caller(0) // "…/kernel/native/preloaded.go"
	root := filepath.Dir(filepath.Dir(filepath.Dir(file)))
	return filepath.Join(root, filepath.FromSlash(strings.TrimPrefix(path, "gokernel/")))
}

// packages returns the compiled packages for imports, ours among them.
func (e *Engine) packages(ctx context.Context, imports []string) (toolchain.Packages, error) {
	own := toolchain.Packages{}
	others := slices.Clone(always)
	var visit func(path string) error
	visit = func(path string) error {
		if !std.Preloaded(path) {
			others = append(others, path)
			return nil
		}
		if own[path] != "" {
			return nil
		}
		p, err := e.preloaded(ctx, path)
		if err != nil {
			return err
		}
		own[path] = p.object
		for _, need := range append(slices.Clone(p.imports), p.needs...) {
			if err := visit(need); err != nil {
				return err
			}
		}
		return nil
	}
	for _, path := range imports {
		if err := visit(path); err != nil {
			return nil, err
		}
	}
	packages, err := e.foreign(ctx, others)
	if err != nil {
		return nil, err
	}
	for path, object := range own {
		packages[path] = object
	}
	return packages, nil
}

// foreign returns the compiled packages for imports that are not ours.
func (e *Engine) foreign(ctx context.Context, imports []string) (toolchain.Packages, error) {
	for _, path := range imports {
		if _, embedded := std.Name(path); !embedded && e.Modules != nil && !slices.Contains(always, path) {
			return e.Modules(ctx, e.tools.Version, imports, e.flags)
		}
	}
	return e.tools.Packages(ctx, "", imports, e.flags)
}
