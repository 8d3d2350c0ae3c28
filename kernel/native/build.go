package native

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"gokernel/kernel/goroutine"
	"gokernel/kernel/native/toolchain"
)

// always lists the packages that every unit needs.
var always = []string{"reflect", "sync/atomic", "runtime/cgo"}

func (e *Engine) build(ctx context.Context, u *Unit) error {
	name := filepath.Base(u.Path)
	dir := filepath.Join(e.dir, name)
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return fmt.Errorf("compiling: %w", err)
	}
	for file, text := range map[string]string{"unit.go": u.source, "main.go": u.main()} {
		if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o666); err != nil {
			return fmt.Errorf("compiling: %w", err)
		}
	}
	packages, err := e.packages(ctx, slices.Sorted(maps.Keys(u.all())))
	if err != nil {
		return err
	}
	for _, d := range u.deps(nil) {
		packages[d.Path] = d.object
	}
	u.object = filepath.Join(dir, "unit.a")
	if err := e.tools.Compile(ctx, toolchain.Compilation{Path: u.Path, Files: []string{"unit.go"}, Dir: dir, Packages: packages, Flags: e.flags, Output: u.object}); err != nil {
		return err
	}
	packages[u.Path] = u.object
	plugin, object := goroutine.UnitPath+"plugin/"+name, filepath.Join(dir, "main.a")
	if err := e.tools.Compile(ctx, toolchain.Compilation{Path: plugin, Files: []string{"main.go"}, Dir: dir, Packages: packages, Flags: e.flags, Output: object}); err != nil {
		return err
	}
	file := filepath.Join(dir, name+".so")
	if err := e.tools.Link(ctx, toolchain.Linking{Object: object, Packages: packages, Flags: e.flags, Plugin: plugin, Output: file}); err != nil {
		return err
	}
	if err := nameTypes(file); err != nil {
		return err
	}
	u.File = file
	return nil
}

// deps returns the units that u imports, directly or not.
func (u *Unit) deps(seen []*Unit) []*Unit {
	for _, d := range u.units {
		if !slices.Contains(seen, d) {
			seen = d.deps(append(seen, d))
		}
	}
	return seen
}

// all returns the packages of others that u and the units below it import.
func (u *Unit) all() map[string]bool {
	paths := maps.Clone(u.imports)
	for _, d := range u.deps(nil) {
		maps.Copy(paths, d.imports)
	}
	return paths
}
