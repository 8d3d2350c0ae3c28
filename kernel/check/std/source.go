package std

import (
	_ "embed" // for the data
	"strings"
	"sync"
)

//go:embed source.zip
var sourceZip []byte

var sourceArchive = sync.OnceValues(func() (archive, error) { return openArchive(sourceZip) })

// Source returns Go source of a package by name of file; ok is false if there is none. For a preloaded package it is all of
// its source, for a package of the standard library what Generic returns.
func Source(path string) (files map[string]string, ok bool) {
	if Preloaded(path) {
		return filesIn(preloadedArchive, "source/"+path+"/")
	}
	return filesIn(sourceArchive, path+"/")
}

// Generic returns Go source of what is generic in a package, by name of file; ok is false if nothing is, or if there is no
// source.
//
// It is one file that declares the generic functions, the generic types and the constraints that the package exports, and
// what they need of what it does not export; other exported names are used by the import path, so that the source of
// sync imports sync. What rests on package unsafe or on the runtime is written anew: iter.Pull with a goroutine,
// atomic.Pointer with an atomic.Value, unique.Make with a sync.Map. The packages of the standard library are cmp,
// errors, iter, maps, math/rand/v2, reflect, slices, sync, sync/atomic and unique. No source is there for the generic
// parts of crypto/hkdf, crypto/pbkdf2, database/sql, hash/maphash, runtime and weak.
func Generic(path string) (files map[string]string, ok bool) {
	if Preloaded(path) {
		return filesIn(preloadedArchive, "generic/"+path+"/")
	}
	return filesIn(sourceArchive, path+"/")
}

// filesIn returns the files of one directory of an archive, not those below.
func filesIn(archive func() (archive, error), prefix string) (files map[string]string, ok bool) {
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
