// Package stdlib holds the exported symbols of the standard library, and of the packages that are preloaded into every
// notebook, in the form in which yaegi takes them. It imports all of the standard library, but its tables are static
// data: a package costs nothing until Load is called for it.
//
// Symbols are those of the platform that the program is built for. Generic functions and types, and constraints, have
// none, as reflection knows only instances; Generic lists them, and gokernel/kernel/check/std has their source.
package stdlib

import (
	"go/constant"
	"go/token"
	"reflect"
	"slices"
)

//go:generate go run ./generate

// table is the content of a package.
type table struct {
	name   string
	values []symbol  // functions, typed constants, types as nil pointers, wrappers of interfaces as nil pointers
	vars   []symbol  // pointers to variables
	consts []literal // untyped constants
	// generic names what the package exports beside.
	generic []string
	// requires names the packages whose interfaces the exported names mention.
	requires []string
}

type symbol struct {
	name  string
	value any
}

// literal is an untyped constant. It is parsed when loaded.
type literal struct {
	name string
	kind token.Token
	text string
}

// Load returns the symbols of the package with the given import path, ok is false if there is no such package. The map
// is a new one at each call. As yaegi wants them, functions and typed constants are their values, untyped constants a
// constant.Value, variables addressable values, a type T a nil *T, and for each interface I there is under "_I" a nil
// pointer to a struct type that implements it by functions. Some functions are replaced by ones of ours, see Hooked.
func Load(path string) (symbols map[string]reflect.Value, ok bool) {
	switch path {
	case "unsafe":
		return unsafeSymbols(), true
	case Runtime:
		return runtimeSymbols(), true
	}
	t := lookup(path)
	if t == nil {
		return nil, false
	}
	symbols = make(map[string]reflect.Value, len(t.values)+len(t.vars)+len(t.consts))
	for _, s := range t.values {
		symbols[s.name] = reflect.ValueOf(s.value)
	}
	for _, s := range t.vars {
		symbols[s.name] = reflect.ValueOf(s.value).Elem()
	}
	for _, l := range t.consts {
		symbols[l.name] = reflect.ValueOf(constant.MakeFromLiteral(l.text, l.kind, 0))
	}
	for _, s := range hooks(path) {
		symbols[s.name] = reflect.ValueOf(s.value)
	}
	return symbols, true
}

// Packages lists the import paths for which Load has symbols, sorted.
func Packages() []string {
	all := append(paths(), "unsafe")
	slices.Sort(all)
	return all
}

// Name returns the name in the package clause of a package, or "" if Load does not know it.
func Name(path string) string {
	if path == "unsafe" {
		return "unsafe"
	}
	if t := lookup(path); t != nil {
		return t.name
	}
	return ""
}

// Generic lists the generic functions and types and the constraints of a package, sorted: what it exports but Load does
// not return.
func Generic(path string) []string {
	if t := lookup(path); t != nil {
		return slices.Clone(t.generic)
	}
	return nil
}

// Requires lists the packages that have to be given to yaegi with the one at path: interfaces of theirs appear in its
// signatures, fields or methods, and yaegi fails where it finds no wrapper for one.
func Requires(path string) []string {
	if t := lookup(path); t != nil {
		return slices.Clone(t.requires)
	}
	return nil
}
