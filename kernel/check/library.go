package check

import (
	"go/token"

	"gokernel/kernel/check/std"
)

// stdLibrary is the Library that needs no toolchain: the standard library and the preloaded packages.
type stdLibrary struct{ *std.Importer }

// StdLibrary returns the library of the standard packages and those preloaded into every notebook, read from data that
// the program carries.
func StdLibrary() Library { return stdLibrary{std.NewImporter(token.NewFileSet())} }

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
