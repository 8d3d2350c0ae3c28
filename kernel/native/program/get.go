package program

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"gokernel/kernel/native/toolchain"
)

// A Require is a module that the notebook's go.mod names.
type Require struct {
	Path, Version string
	Replace       string // a directory, or another module and its version; "" if none
	Indirect      bool   // nobody has asked for it by name
}

// goMod is what `go mod edit -json` prints.
type goMod struct {
	Go      string
	Require []struct {
		Path, Version string
		Indirect      bool
	}
	Replace []struct {
		Old, New struct{ Path, Version string }
	}
}

// Get brings modules, or the modules of packages, as `go get` takes them: "github.com/google/uuid@v1.6.0". It returns what
// has been added or changed. The error is a *toolchain.Error with one reason, offline for one.
func (m *Module) Get(ctx context.Context, tc *toolchain.Toolchain, queries ...string) ([]Require, error) {
	before, err := m.Requires(ctx, tc)
	if err != nil {
		return nil, err
	}
	if _, err := tc.Output(ctx, m.dir, append([]string{"get", "--"}, queries...)...); err != nil {
		return nil, err
	}
	for _, q := range queries {
		path, _, _ := strings.Cut(q, "@")
		m.mu.Lock()
		if !slices.Contains(m.asked, path) {
			m.asked = append(m.asked, path)
		}
		m.mu.Unlock()
	}
	after, err := m.Requires(ctx, tc)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(after, func(r Require) bool { return slices.Contains(before, r) }), nil
}

// Requires returns what the notebook's go.mod names.
func (m *Module) Requires(ctx context.Context, tc *toolchain.Toolchain) ([]Require, error) {
	out, err := tc.Output(ctx, m.dir, "mod", "edit", "-json")
	if err != nil {
		return nil, err
	}
	var mod goMod
	if err := json.Unmarshal(out, &mod); err != nil {
		return nil, fmt.Errorf("decoding the notebook's go.mod: %w", err)
	}
	var all []Require
	for _, r := range mod.Require {
		all = append(all, Require{Path: r.Path, Version: r.Version, Indirect: r.Indirect})
	}
	for _, r := range mod.Replace {
		for i := range all {
			if all[i].Path == r.Old.Path {
				all[i].Replace = strings.TrimSpace(r.New.Path + " " + r.New.Version)
			}
		}
	}
	return all, nil
}

// Text returns the notebook's go.mod.
func (m *Module) Text() (string, error) {
	text, err := os.ReadFile(filepath.Join(m.dir, "go.mod"))
	if err != nil {
		return "", fmt.Errorf("reading the notebook's go.mod: %w", err)
	}
	return string(text), nil
}

// Package returns the name and the path of the package at a path that the notebook can import; ok is false if
// there is none, as at the root of many a module.
func (m *Module) Package(ctx context.Context, tc *toolchain.Toolchain, path string) (name, imported string, ok bool) {
	out, err := tc.Output(ctx, m.dir, "list", "-find", "-f", "{{.Name}} {{.ImportPath}}", "--", path)
	if err != nil {
		return "", "", false
	}
	return strings.Cut(strings.TrimSpace(string(out)), " ")
}

// Export returns the file that holds the compiled package at path, with its types, compiling it if need be, and the
// directory of its source if that may change. The error is a *toolchain.Error if there is no such package or it does not compile.
func (m *Module) Export(ctx context.Context, tc *toolchain.Toolchain, path string) (file, source string, err error) {
	list := func() ([]byte, error) {
		return tc.Output(ctx, m.dir, "list", "-export", "-trimpath", "-f", "{{.Export}}\t{{.Dir}}", "--", path)
	}
	out, err := list()
	var refused *toolchain.Error
	if errors.As(err, &refused) && strings.Contains(refused.Output, "missing go.sum entry") {
		// The module is there, but what this package of it needs is not yet.
		if _, err := tc.Output(ctx, m.dir, "get", "--", path); err != nil {
			return "", "", err
		}
		out, err = list()
	}
	if err != nil {
		return "", "", err
	}
	file, source, _ = strings.Cut(strings.TrimSpace(string(out)), "\t")
	if file == "" {
		return "", "", &toolchain.Error{Tool: "go list", Output: "package " + path + " has no compiled form"}
	}
	if strings.Contains(source, "@") { // the module cache is read-only
		source = ""
	}
	return file, source, nil
}
