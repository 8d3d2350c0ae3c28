package check

import (
	"go/token"
	"go/types"
	"io"

	"gokernel/kernel/check/std"
)

// stdLibrary is the Library that needs no toolchain: the standard library and the preloaded packages.
type stdLibrary struct{ *std.Importer }

// An EmbeddedLibrary is a Library that can take in the types of further packages; see std.Importer.
type EmbeddedLibrary interface {
	Library
	Read(path string, object io.Reader) (*types.Package, error)
	Forget()
}

// StdLibrary returns the library of the standard packages and those preloaded into every notebook, read from data that
// the program carries.
func StdLibrary() EmbeddedLibrary { return stdLibrary{std.NewImporter(token.NewFileSet())} }

// ByName implements Library. A preloaded package wins over one of the standard library with the same name.
func (stdLibrary) ByName(name string) []string {
	paths := std.ByName(name)
	for _, p := range paths {
		if std.Preloaded(p) {
			return []string{p}
		}
	}
	return paths
}
