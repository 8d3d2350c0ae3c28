// Package std knows the packages that a notebook may import: their types, their documentation and their names, without
// a Go toolchain and without their source.
//
// Everything is embedded in compressed form and read package by package when it is first asked for. The data describe
// the standard library of the Go version that generated them (GoVersion), for the platform that the program is built
// for and without cgo, and the few packages of this project that are preloaded into every notebook.
//
// The embedded data derive from the Go project's source and documentation; GOLICENSE.txt is its licence.
package std

import (
	"archive/zip"
	"bytes"
	_ "embed" // for the data
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
)

//go:generate go run ./generate

var (
	//go:embed index.txt
	indexText string
	//go:embed docs.zip
	docsZip []byte
	//go:embed preloaded.zip
	preloadedZip []byte
)

// archives are the embedded archives, opened on first use and never changed afterwards.
var (
	exportArchive    = sync.OnceValues(func() (archive, error) { return openArchive(exportZip) })
	docsArchive      = sync.OnceValues(func() (archive, error) { return openArchive(docsZip) })
	preloadedArchive = sync.OnceValues(func() (archive, error) { return openArchive(preloadedZip) })
)

// archive maps the names in a zip archive to its members.
type archive map[string]*zip.File

func openArchive(data []byte) (archive, error) {
	r, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, fmt.Errorf("opening embedded archive: %w", err)
	}
	a := make(archive, len(r.File))
	for _, f := range r.File {
		a[f.Name] = f
	}
	return a, nil
}

// read returns the content of a member; found is false if there is none of that name.
func (a archive) read(name string) (data []byte, found bool, err error) {
	f, ok := a[name]
	if !ok {
		return nil, false, nil
	}
	r, err := f.Open()
	if err != nil {
		return nil, true, fmt.Errorf("opening embedded %s: %w", name, err)
	}
	defer r.Close()
	data = make([]byte, f.UncompressedSize64)
	if _, err := io.ReadFull(r, data); err != nil {
		return nil, true, fmt.Errorf("reading embedded %s: %w", name, err)
	}
	return data, true, nil
}

// entry is a line of the index.
type entry struct {
	path, name string
	preloaded  bool
}

var index = sync.OnceValue(func() map[string]entry {
	m := map[string]entry{}
	for line := range strings.Lines(indexText) {
		f := strings.Fields(line)
		if len(f) < 2 || f[0] == "#" {
			continue
		}
		m[f[0]] = entry{path: f[0], name: f[1], preloaded: len(f) > 2 && f[2] == "preloaded"}
	}
	return m
})

// names maps the name of a package to the import paths that have it, sorted.
var names = sync.OnceValue(func() map[string][]string {
	m := map[string][]string{}
	for _, p := range Packages() {
		n := index()[p].name
		m[n] = append(m[n], p)
	}
	return m
})

// Packages lists the import paths of all packages that a notebook may import, sorted: those of the standard library,
// unsafe included, and the preloaded ones.
func Packages() []string {
	list := make([]string, 0, len(index()))
	for p := range index() {
		list = append(list, p)
	}
	slices.Sort(list)
	return list
}

// ByName lists the import paths of the packages whose name, as in their package clause, is name, sorted: "rand" has
// crypto/rand, math/rand and math/rand/v2. It is nil if there is none.
func ByName(name string) []string { return slices.Clone(names()[name]) }

// Name returns the name in the package clause of the package with the given import path: "rand" for math/rand/v2.
func Name(path string) (name string, ok bool) {
	e, ok := index()[path]
	return e.name, ok
}

// Preloaded reports whether path is a package of this project rather than of the standard library.
func Preloaded(path string) bool { return index()[path].preloaded }

// GoVersion is the Go version that the data describe, such as "go1.26.8".
func GoVersion() string {
	first, _, _ := strings.Cut(indexText, "\n")
	return strings.TrimPrefix(first, "# ")
}
