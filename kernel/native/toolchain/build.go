package toolchain

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// A Compilation is one call of the compiler.
type Compilation struct {
	Path     string   // the import path: "main", or that of a plugin ("plugin/unnamed-…")
	Files    []string // Go files, relative names from Dir
	Dir      string   // where Files are; cut off the positions in the program, so that a "//line cell [7]:1:1" stays as it is
	Packages Packages // what Toolchain.Packages returned for the imports
	Flags    Flags
	Output   string // the file to write
	Embed    string // the file for -embedcfg, "" if nothing is embedded
	Extra    []string
}

// Compile compiles a package. The error is an *Error if the compiler refused it: its lines begin with the positions
// that line directives set. It writes importcfg files beside Output.
func (t *Toolchain) Compile(ctx context.Context, c Compilation) error {
	cfg := c.Output + ".importcfg"
	if err := writeConfig(cfg, c.Packages); err != nil {
		return err
	}
	args := []string{
		"-o", c.Output, "-p", c.Path, "-lang", t.Language, "-complete", "-goversion", t.Version,
		"-c=4", "-nolocalimports", "-pack", "-importcfg", cfg, "-buildid", "gokernel/gokernel",
	}
	if c.Dir != "" {
		args = append(args, "-trimpath", c.Dir+"=>")
	}
	if c.Embed != "" {
		args = append(args, "-embedcfg", c.Embed)
	}
	args = append(append(append(args, c.Flags.compiler()...), c.Extra...), c.Files...)
	_, err := t.run(ctx, t.command(ctx, c.Dir, t.tool("compile"), args...), "compile")
	return err
}

// A Linking is one call of the linker.
type Linking struct {
	Object   string // what Compile wrote
	Packages Packages
	Flags    Flags
	Plugin   string // with Flags.Dynlink the plugin's path, that of the compilation
	Debug    bool   // keep the symbol table and DWARF, which takes twice as long and which tracebacks do not need
	Output   string // the file to write
	Extra    []string
}

// Link links a program, or a plugin with Flags.Dynlink. It writes an importcfg file beside Output.
func (t *Toolchain) Link(ctx context.Context, l Linking) error {
	cfg := l.Output + ".importcfg"
	packages := maps.Clone(l.Packages)
	main := "main"
	if l.Plugin != "" {
		main = l.Plugin
	}
	packages[main] = l.Object
	if err := writeConfig(cfg, packages); err != nil {
		return err
	}
	mode := "exe"
	if l.Flags.Dynlink {
		mode = "plugin"
	}
	args := []string{"-o", l.Output, "-importcfg", cfg, "-buildmode=" + mode, "-buildid=gokernel/gokernel/gokernel/gokernel"}
	if l.Plugin != "" {
		args = append(args, "-pluginpath", l.Plugin)
	}
	if !l.Debug {
		args = append(args, "-s", "-w")
	}
	if l.Flags.Race {
		args = append(args, "-race", "-installsuffix", "race")
	}
	if t.CC != "" {
		args = append(args, "-extld="+t.CC)
	}
	args = append(append(args, l.Extra...), l.Object)
	cmd := t.command(ctx, filepath.Dir(l.Output), t.tool("link"), args...)
	cmd.Env = append(cmd.Env, "GOROOT="+t.GOROOT) // as go build does for the linker
	_, err := t.run(ctx, cmd, "link")
	return err
}

// writeConfig writes an importcfg file (the format is described in cmd/go/internal/work, see `go build -x`).
func writeConfig(name string, packages Packages) error {
	var b strings.Builder
	for _, path := range slices.Sorted(maps.Keys(packages)) {
		fmt.Fprintf(&b, "packagefile %s=%s\n", path, packages[path])
	}
	if err := os.WriteFile(name, []byte(b.String()), 0o666); err != nil {
		return fmt.Errorf("writing importcfg: %w", err)
	}
	return nil
}
