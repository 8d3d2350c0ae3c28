package std

import (
	_ "embed" // for the data
	"strings"
	"sync"
)

//go:embed source.zip
var sourceZip []byte

var sourceArchive = sync.OnceValues(func() (archive, error) { return openArchive(sourceZip) })

// Source returns Go source of a package by name of file; ok is false if there is none.
//
// For a preloaded package it is all of its source. For a package of the standard library it is one file that declares the
// generic functions, the generic types and the constraints that the package exports, and what they need of what it does
// not export; other exported names are used by the import path, so that the source of sync imports sync. What rests on
// package unsafe or on the runtime is written anew: iter.Pull with a goroutine, atomic.Pointer with an atomic.Value,
// unique.Make with a sync.Map. The packages are cmp, errors, iter, maps, math/rand/v2, reflect, slices, sync, sync/atomic
// and unique. No source is there for the generic parts of crypto/hkdf, crypto/pbkdf2, database/sql, hash/maphash, runtime
// and weak.
func Source(path string) (files map[string]string, ok bool) {
	archive, prefix := sourceArchive, path+"/"
	if Preloaded(path) {
		archive, prefix = preloadedArchive, "source/"+path+"/"
	}
	a, err := archive()
	if err != nil {
		return nil, false
	}
	for member := range a {
		name, below := strings.CutPrefix(member, prefix)
		if !below || strings.Contains(name, "/") {
			continue
		}
		data, _, err := a.read(member)
		if err != nil {
			return nil, false
		}
		if files == nil {
			files = map[string]string{}
		}
		files[name] = string(data)
	}
	return files, files != nil
}
