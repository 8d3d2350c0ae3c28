package program

import (
	"context"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"gokernel/kernel/native/toolchain"
)

// A local is a directory without a go.mod that %use has brought: its files are copied into a module of its own.
type local struct {
	path  string // the import path, which is the directory's name
	from  string
	stamp string // of the files that were copied
}

// majorVersion is the end of a module path from version 2 on.
var majorVersion = regexp.MustCompile(`[/.]v(\d+)$`)

// Use takes in the package in a directory, an absolute path, and follows its changes. It returns the path under which the
// package can be imported: one of the module that the directory belongs to, else the name of the directory.
func (m *Module) Use(ctx context.Context, tc *toolchain.Toolchain, dir string) (imported string, err error) {
	if info, err := os.Stat(dir); err != nil {
		return "", &Error{Message: dir + ": no such directory"}
	} else if !info.IsDir() {
		return "", &Error{Message: dir + " is not a directory"}
	}
	root, path, isModule := moduleOf(dir)
	if packageName(dir) == "main" && !(isModule && root == dir && importable(root)) {
		return "", &Error{Message: dir + " is a program (package main); only other packages can be imported"}
	}
	if isModule {
		below, err := filepath.Rel(root, dir)
		if err != nil {
			return "", fmt.Errorf("finding %s in its module: %w", dir, err)
		}
		imported = strings.TrimSuffix(path+"/"+filepath.ToSlash(below), "/.")
		return imported, m.replace(ctx, tc, path, root)
	}
	files, err := goFiles(dir)
	if err != nil {
		return "", err
	}
	if len(files) == 0 {
		return "", &Error{Message: "there are no Go files in " + dir}
	}
	name := filepath.Base(dir)
	m.mu.Lock()
	l := &local{path: name, from: dir}
	m.local = append(slices.DeleteFunc(m.local, func(o *local) bool { return o.path == name }), l)
	err = m.copyLocal(tc, l)
	m.mu.Unlock()
	if err != nil {
		return "", err
	}
	return name, m.replace(ctx, tc, name, filepath.Join(m.dir, "local", name))
}

// packageName returns the name of the package in a directory, "" if its files do not tell.
func packageName(dir string) string {
	files, err := goFiles(dir)
	if err != nil {
		return ""
	}
	for _, name := range files {
		f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(dir, name), nil, parser.PackageClauseOnly|parser.ParseComments)
		if err == nil && f.Name.Name != "documentation" && !ignored(f) {
			return f.Name.Name
		}
	}
	return ""
}

// ignored reports whether a file says by its build constraint that it is in no package.
func ignored(f *ast.File) bool {
	for _, group := range f.Comments {
		for _, c := range group.List {
			if c.Text == "//go:build ignore" {
				return true
			}
		}
	}
	return false
}

// importable reports whether there is a package below a directory that is no program.
func importable(root string) bool {
	found := false
	_ = filepath.WalkDir(root, func(dir string, d fs.DirEntry, err error) error { // what cannot be read is not there
		switch name := d.Name(); {
		case err != nil || !d.IsDir():
			return nil
		case dir != root && (strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") || name == "testdata" || name == "vendor"):
			return fs.SkipDir
		}
		if name := packageName(dir); name != "" && name != "main" {
			found = true
			return fs.SkipAll
		}
		return nil
	})
	return found
}

// fileOf matches the file that a message of the compiler begins with.
var fileOf = regexp.MustCompile(`^(\S+\.go):\d`)

// Readers returns a message of the go command with the name of the reader's own file, absolute, where it names that of
// the copy that Use has made, or one relative to the module.
func (m *Module) Readers(message string) string {
	found := fileOf.FindStringSubmatch(message)
	if found == nil {
		return message
	}
	file := found[1]
	if !filepath.IsAbs(file) {
		file = filepath.Join(m.dir, file)
	}
	return filepath.Join(m.Origin(filepath.Dir(file)), filepath.Base(file)) + message[len(found[1]):]
}

// moduleOf returns the module that a directory belongs to.
func moduleOf(dir string) (root, path string, ok bool) {
	for {
		text, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		if err == nil {
			for line := range strings.Lines(string(text)) {
				if rest, found := strings.CutPrefix(strings.TrimSpace(line), "module "); found {
					rest, _, _ = strings.Cut(rest, "//")
					return dir, strings.Trim(strings.TrimSpace(rest), "\"`"), true
				}
			}
			return "", "", false
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", "", false
		}
		dir = up
	}
}

// replace makes go.mod take a module from a directory, and brings what that needs.
func (m *Module) replace(ctx context.Context, tc *toolchain.Toolchain, path, dir string) error {
	if path == modulePath {
		return &Error{Message: "a module with the name " + modulePath + " cannot be used in a notebook"}
	}
	version := "v0.0.0"
	if major := majorVersion.FindStringSubmatch(path); major != nil {
		version = "v" + major[1] + ".0.0"
	}
	if _, err := tc.Output(ctx, m.dir, "mod", "edit", "-require="+path+"@"+version, "-replace="+path+"="+dir); err != nil {
		return err
	}
	m.mu.Lock()
	if !slices.Contains(m.asked, path) {
		m.asked = append(m.asked, path)
	}
	m.mu.Unlock()
	text, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if err != nil {
		return fmt.Errorf("reading the go.mod of %s: %w", path, err)
	}
	if !strings.Contains(string(text), "require") {
		return nil // it needs nothing
	}
	_, err = tc.Output(ctx, m.dir, "get", "--", path+"/...")
	return err
}

// follow copies the files of local packages that have changed. Called with m.mu held.
func (m *Module) follow(_ context.Context, tc *toolchain.Toolchain) error {
	for _, l := range m.local {
		if err := m.copyLocal(tc, l); err != nil {
			return err
		}
	}
	return nil
}

// Origin returns the directory of which dir is a copy that Use has made, else dir.
func (m *Module) Origin(dir string) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, l := range m.local {
		if dir == filepath.Join(m.dir, "local", l.path) {
			return l.from
		}
	}
	return dir
}

// copyLocal copies the files of a local package if they have changed. Called with m.mu held.
func (m *Module) copyLocal(tc *toolchain.Toolchain, l *local) error {
	files, err := goFiles(l.from)
	if err != nil {
		return err
	}
	now := ""
	for _, name := range files {
		now += name + " " + stamp(filepath.Join(l.from, name)) + "\n"
	}
	if now == l.stamp {
		return nil
	}
	below := "local/" + l.path
	if err := os.RemoveAll(filepath.Join(m.dir, filepath.FromSlash(below))); err != nil {
		return fmt.Errorf("copying %s: %w", l.from, err)
	}
	mod := fmt.Sprintf("module %s\n\ngo %s\n", l.path, strings.TrimPrefix(tc.Language, "go"))
	if err := m.write(below+"/go.mod", []byte(mod)); err != nil {
		return err
	}
	for _, name := range files {
		text, err := os.ReadFile(filepath.Join(l.from, name))
		if err != nil {
			return fmt.Errorf("copying %s: %w", l.from, err)
		}
		if err := m.write(below+"/"+name, text); err != nil {
			return err
		}
	}
	l.stamp = now
	return nil
}

// goFiles returns the names of the Go files in a directory that are not tests.
func goFiles(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", dir, err)
	}
	var names []string
	for _, e := range entries {
		if name := e.Name(); strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go") && e.Type().IsRegular() {
			names = append(names, name)
		}
	}
	return names, nil
}
