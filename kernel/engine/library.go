package engine

import (
	"context"
	"fmt"
	"go/types"
	"os"

	"gokernel/kernel/check"
)

// cgoRuntime is the package of the standard library that is not embedded, as there is none where there is no cgo. Compiled cells are
// linked with it.
const cgoRuntime = "runtime/cgo"

// library is an embedded library and what compiled cells can import beside.
type library struct {
	check.EmbeddedLibrary
	ctx      context.Context
	compiler *Compiler
}

// Library returns what cells can import that c compiles: base, and runtime/cgo if there is a toolchain. A nil c compiles none.
func Library(ctx context.Context, base check.EmbeddedLibrary, c *Compiler) check.EmbeddedLibrary {
	if c == nil {
		return base
	}
	return &library{EmbeddedLibrary: base, ctx: ctx, compiler: c}
}

// Import implements check.Library.
func (l *library) Import(path string) (*types.Package, error) {
	p, err := l.EmbeddedLibrary.Import(path)
	if err == nil || path != cgoRuntime {
		return p, err
	}
	native, err := l.compiler.Wait(l.ctx)
	if err != nil {
		return nil, &check.MissingPackage{Path: path, Advice: err.Error()}
	}
	file, err := native.Export(l.ctx, path)
	if err != nil {
		return nil, &check.MissingPackage{Path: path, Advice: err.Error()}
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("reading the types of %s: %w", path, err)
	}
	defer f.Close()
	return l.Read(path, f)
}
