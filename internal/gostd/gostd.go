// Package gostd reads the standard library from GOROOT and type-checks its declarations, without compiling anything.
//
// It serves the generators of kernel/check/std and kernel/interp/stdlib, which run under go generate, and nothing at
// run time. Loading one platform takes some two seconds and needs the go command.
package gostd

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// Platform is an operating system and an architecture, in the words of the go command.
type Platform struct{ GOOS, GOARCH string }

// String gives the platform as it stands in names of files: "linux_amd64".
func (p Platform) String() string { return p.GOOS + "_" + p.GOARCH }

// Platforms lists the platforms that gokernel is built for, the reference platform first: documentation is taken from it.
func Platforms() []Platform {
	return []Platform{{"linux", "amd64"}, {"linux", "arm64"}, {"darwin", "arm64"}}
}

// GoVersion is the language version of the generated data ("go1.26"), that of the running toolchain.
func GoVersion() string {
	parts := strings.SplitN(runtime.Version(), ".", 3)
	if len(parts) < 2 {
		return runtime.Version()
	}
	return parts[0] + "." + parts[1]
}

// Package is one type-checked package.
type Package struct {
	Path  string // import path
	Dir   string // directory of the files
	Files []*ast.File
	Names []string // names of Files' sources, without directory
	Types *types.Package
	// Std tells that the package is part of the standard library.
	Std bool
	// Info holds uses and definitions, function bodies included, if Load was told so by Config.Bodies, else nil.
	Info *types.Info
}

// Importable reports whether a program outside the standard library may import the package.
func (p *Package) Importable() bool {
	if !p.Std {
		return true
	}
	elems := strings.Split(p.Path, "/")
	return elems[0] != "vendor" && elems[0] != "cmd" && !slices.Contains(elems, "internal")
}

// Config says what Load loads.
type Config struct {
	Platform Platform
	// Extra lists import paths to load beside the standard library. Those that do not exist are left out.
	Extra []string
	// Bodies lists packages whose function bodies are to be checked too, so that Package.Info is filled.
	Bodies []string
}

// Set is the result of Load.
type Set struct {
	Fset     *token.FileSet
	Packages map[string]*Package // by import path; internal and vendored ones included
}

// Importable lists the importable packages of the standard library and the extra ones, sorted by import path.
func (s *Set) Importable(std bool) []*Package {
	var list []*Package
	for _, p := range s.Packages {
		if p.Std == std && p.Importable() {
			list = append(list, p)
		}
	}
	slices.SortFunc(list, func(a, b *Package) int { return strings.Compare(a.Path, b.Path) })
	return list
}

// listed is what we read of the output of go list -json.
type listed struct {
	ImportPath, Dir string
	Standard        bool
	GoFiles         []string
	ImportMap       map[string]string
	Error           *struct{ Err string }
}

// Load type-checks the standard library for one platform, without cgo, and with it cfg.Extra. Positions carry names
// such as "$GOROOT/src/fmt/print.go" and "gokernel/kernel/display/html.go", which are the same on every machine.
func Load(ctx context.Context, cfg Config) (*Set, error) {
	args := []string{"std"}
	for _, extra := range cfg.Extra {
		if _, err := list(ctx, cfg.Platform, "-find", extra); err == nil {
			args = append(args, extra)
		}
	}
	found, err := list(ctx, cfg.Platform, append([]string{"-deps"}, args...)...)
	if err != nil {
		return nil, err
	}
	set := &Set{Fset: token.NewFileSet(), Packages: map[string]*Package{}}
	for _, l := range found { // -deps lists dependencies first
		if l.ImportPath == "unsafe" {
			// Its source is documentation only; the type checker knows it by heart.
			p, err := set.parse(l)
			if err != nil {
				return nil, err
			}
			p.Types = types.Unsafe
			set.Packages[l.ImportPath] = p
			continue
		}
		p, err := set.load(cfg, l)
		if err != nil {
			return nil, fmt.Errorf("loading %s: %w", l.ImportPath, err)
		}
		set.Packages[l.ImportPath] = p
	}
	for name, p := range set.Packages {
		// A dependency of an extra package is read but not offered.
		if !p.Std && !slices.Contains(args, name) {
			delete(set.Packages, name)
		}
	}
	return set, nil
}

// Builtin parses the package builtin, which is nothing but the documentation of the predeclared names.
func Builtin(fset *token.FileSet) (*Package, error) {
	set := &Set{Fset: fset}
	return set.parse(listed{
		ImportPath: "builtin", Standard: true,
		Dir: filepath.Join(runtimeGOROOT(), "src", "builtin"), GoFiles: []string{"builtin.go"},
	})
}

// runtimeGOROOT asks the go command, as runtime.GOROOT is empty in a trimmed binary.
func runtimeGOROOT() string {
	out, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(out))
}

func list(ctx context.Context, p Platform, args ...string) ([]listed, error) {
	args = append([]string{"list", "-json=ImportPath,Dir,Standard,GoFiles,ImportMap,Error"}, args...)
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Env = append(os.Environ(), "GOOS="+p.GOOS, "GOARCH="+p.GOARCH, "CGO_ENABLED=0", "GOFLAGS=", "GOEXPERIMENT=")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go %s: %w: %s", strings.Join(args, " "), err, &stderr)
	}
	var all []listed
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var l listed
		if err := dec.Decode(&l); errors.Is(err, io.EOF) {
			return all, nil
		} else if err != nil {
			return nil, fmt.Errorf("reading the output of go list: %w", err)
		}
		if l.Error != nil {
			return nil, fmt.Errorf("go list %s: %s", l.ImportPath, l.Error.Err)
		}
		all = append(all, l)
	}
}

func (s *Set) parse(l listed) (*Package, error) {
	p := &Package{Path: l.ImportPath, Dir: l.Dir, Std: l.Standard, Names: l.GoFiles}
	root := l.ImportPath
	if l.Standard {
		root = path.Join("$GOROOT/src", l.ImportPath)
	}
	for _, name := range l.GoFiles {
		src, err := os.ReadFile(filepath.Join(l.Dir, name))
		if err != nil {
			return nil, fmt.Errorf("reading source: %w", err)
		}
		f, err := parser.ParseFile(s.Fset, path.Join(root, name), src, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, fmt.Errorf("parsing source: %w", err)
		}
		p.Files = append(p.Files, f)
	}
	return p, nil
}

func (s *Set) load(cfg Config, l listed) (*Package, error) {
	p, err := s.parse(l)
	if err != nil {
		return nil, err
	}
	bodies := slices.Contains(cfg.Bodies, l.ImportPath)
	if bodies {
		p.Info = &types.Info{
			Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{},
			Selections: map[*ast.SelectorExpr]*types.Selection{},
		}
	}
	conf := types.Config{
		IgnoreFuncBodies: !bodies,
		Sizes:            types.SizesFor("gc", cfg.Platform.GOARCH),
		Importer: importerFunc(func(name string) (*types.Package, error) {
			if mapped, ok := l.ImportMap[name]; ok {
				name = mapped
			}
			if dep, ok := s.Packages[name]; ok {
				return dep.Types, nil
			}
			return nil, fmt.Errorf("package %s is not loaded", name)
		}),
	}
	if p.Types, err = conf.Check(l.ImportPath, s.Fset, p.Files, p.Info); err != nil {
		return nil, err
	}
	return p, nil
}

type importerFunc func(string) (*types.Package, error)

func (f importerFunc) Import(name string) (*types.Package, error) { return f(name) }
