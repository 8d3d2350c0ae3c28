package introspect

import (
	"go/doc/comment"
	"go/types"

	"gokernel/kernel/check"
	"gokernel/kernel/check/std"
)

// docSite serves the documentation of packages.
const docSite = "https://pkg.go.dev/"

// A linker resolves the links, such as [Client.Do] and [io.Reader], in the doc comment of something in a package.
type linker struct {
	scope *check.Scope
	path  string // the package's; "main" is the notebook
}

// parser returns a parser of doc comments that knows which bracketed names are links.
func (l linker) parser() *comment.Parser {
	return &comment.Parser{LookupSym: l.has, LookupPackage: func(name string) (string, bool) {
		if paths := std.ByName(name); len(paths) == 1 {
			return paths[0], true
		}
		return comment.DefaultLookupPackage(name)
	}}
}

// url returns where a link leads, "" for names of the notebook: they are shown as text.
func (l linker) url(link *comment.DocLink) string {
	path := link.ImportPath
	if path == "" {
		path = l.path
	}
	if path == "main" || path == "" || std.Preloaded(path) {
		return ""
	}
	name := link.Name
	if link.Recv != "" {
		name = link.Recv + "." + name
	}
	if name == "" {
		return docSite + path
	}
	return docSite + path + "#" + name
}

// has reports whether the package declares a name, or a type recv with that field or method.
func (l linker) has(recv, name string) bool {
	if l.path == "main" || l.path == "" {
		if recv != "" {
			name = recv + "." + name
		}
		return l.scope.Lookup(name) != nil
	}
	pkg, err := l.scope.Library().Import(l.path)
	if err != nil {
		return false
	}
	if recv == "" {
		return pkg.Scope().Lookup(name) != nil
	}
	t := pkg.Scope().Lookup(recv)
	if t == nil {
		return false
	}
	obj, _, _ := types.LookupFieldOrMethod(t.Type(), true, pkg, name)
	return obj != nil
}
