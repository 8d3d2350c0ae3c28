// Package check is the front end's first half: it splits a cell, parses it and type-checks it with go/types in the
// scope of the notebook, before anything runs. Errors are the compiler's, with the cell's own line and column.
//
// A cell is not a Go file: it mixes imports, declarations and statements, and may redeclare what earlier cells
// declared. The notebook's live declarations are therefore kept as syntax and checked together, as one package, each
// time: the last declaration of a name wins for all that refer to it, and what no longer fits is marked stale.
package check

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"sync"
)

// Kind tells what a Decl declares.
type Kind int

// The kinds of top-level declarations.
const (
	Const Kind = iota
	Type
	Func
	Method
	Var
)

// A Decl is one live top-level declaration of the notebook.
type Decl struct {
	Name    string   // "f", "T", "T.Method"; for a group of constants its first name
	Names   []string // all names it declares; constants of one group stand together because of iota
	Kind    Kind
	Cell    int      // the number of the cell that declared it, never reused
	Where   string   // "cell [7]"
	Node    ast.Decl // nil for variables
	Type    types.Type
	Emit    string // the unique name under which the engine knows this version
	Version int    // grows with every redefinition, for all names of the notebook

	Info *types.Info    // functions and methods: the types of the body, from the last check that had it
	Pkg  *types.Package // the notebook's package in that check

	typeExpr ast.Expr        // variables: the type as syntax, in terms of live names
	paths    map[string]bool // packages that typeExpr needs
	uses     map[string]bool // names of the notebook that it refers to, methods as "T.Method"
}

// A Stale says why a name cannot be used any more: something it relied on was redefined.
type Stale struct {
	Name   string
	Where  string // the cell to run again
	Reason string // the checker's words
}

// An Import is a package that cells can refer to by name.
type Import struct {
	Name string // as the cell refers to it
	Path string
}

// Scope is what a notebook has declared so far. It is immutable: checking a cell yields a new one, which the caller
// keeps if the cell succeeded. The zero value is not usable; call NewScope.
type Scope struct {
	env     *env
	imports map[string]string // name → path
	decls   map[string]*Decl  // by every name it declares
	order   []*Decl           // in the order of declaration
	stale   map[string]Stale
	version int
	renewed map[string]bool // types that are others when they are declared again as they were: see Renewing
}

// Library is what the checker knows of packages outside the notebook. *std.Library implements it.
type Library interface {
	types.Importer
	ByName(name string) []string // paths of the packages with this name, standard library and preloaded ones
}

// A ChangingLibrary is a Library whose packages are not always the same. Version grows when one may have changed.
type ChangingLibrary interface {
	Library
	Version() int
}

// A MissingPackage is what Import of a Library may return for a package that there is not, with what to do about it.
type MissingPackage struct {
	Path   string
	Advice string // ends the message "package PATH is not available: "
}

// Error returns the message.
func (e *MissingPackage) Error() string {
	return fmt.Sprintf("package %s is not available: %s", e.Path, e.Advice)
}

// env is shared by all scopes of one notebook: positions and imported packages. It only grows.
type env struct {
	fset *token.FileSet
	lib  Library

	mu       sync.Mutex
	bases    []int // sources, by their base position in fset
	sources  []*source
	imported map[string]*types.Package
	version  int            // of lib, when imported was filled
	hidden   *types.Package // aliases for types that have no name a cell could write
	aliases  map[types.Type]string
}

// NewScope returns the empty scope of a new notebook. lib must be safe for concurrent use or used here only.
func NewScope(lib Library) *Scope {
	return &Scope{
		env: &env{fset: token.NewFileSet(), lib: lib, imported: map[string]*types.Package{},
			hidden: types.NewPackage(hiddenPath, "hidden"), aliases: map[types.Type]string{}},
		imports: map[string]string{}, decls: map[string]*Decl{}, stale: map[string]Stale{},
	}
}

// Import implements types.Importer with a cache; it may be called from several goroutines.
func (e *env) Import(path string) (*types.Package, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if path == hiddenPath {
		return e.hidden, nil
	}
	if lib, ok := e.lib.(ChangingLibrary); ok && lib.Version() != e.version {
		e.version = lib.Version()
		clear(e.imported)
	}
	if p := e.imported[path]; p != nil {
		return p, nil
	}
	p, err := e.lib.Import(path)
	if err == nil {
		e.imported[path] = p
	}
	return p, err
}

func (e *env) addSource(base int, s *source) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.bases = append(e.bases, base)
	e.sources = append(e.sources, s)
}

// Position tells the cell, line and column (from 1, column in bytes) of pos. Cell is "" for positions outside cells.
func (s *Scope) Position(pos token.Pos) (cell string, line, col int) {
	src, line, col := s.env.locate(pos)
	if src == nil {
		return "", 0, 0
	}
	return src.name, line, col
}

// Origin tells the number of the cell that pos is in, 0 for none, with line and column.
func (s *Scope) Origin(pos token.Pos) (id, line, col int) {
	src, line, col := s.env.locate(pos)
	if src == nil {
		return 0, 0, 0
	}
	return src.id, line, col
}

func (e *env) locate(pos token.Pos) (src *source, line, col int) {
	if !pos.IsValid() {
		return nil, 0, 0
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	i, found := slices.BinarySearch(e.bases, int(pos))
	if !found {
		i--
	}
	if i < 0 {
		return nil, 0, 0
	}
	src = e.sources[i]
	line, col = src.position(int(pos) - e.bases[i])
	return src, line, col
}

// Live returns the live declarations in the order in which they were made. The caller must not change them.
func (s *Scope) Live() []*Decl { return s.order }

// Lookup returns the live declaration of name ("T.Method" for methods), nil if there is none.
func (s *Scope) Lookup(name string) *Decl { return s.decls[name] }

// Stale returns why name, once declared, can no longer be used.
func (s *Scope) Stale(name string) (Stale, bool) {
	st, ok := s.stale[name]
	return st, ok
}

// Imports returns the packages that cells have imported, by name.
func (s *Scope) Imports() []Import {
	var out []Import
	for _, name := range slices.Sorted(maps.Keys(s.imports)) {
		out = append(out, Import{name, s.imports[name]})
	}
	return out
}

// Library returns what the scope knows of packages.
func (s *Scope) Library() Library { return s.env.lib }

// Without returns a scope in which the named variables were never declared: for cells that failed half-way.
func (s *Scope) Without(names ...string) *Scope {
	n := s.clone()
	for _, name := range names {
		n.drop(name)
	}
	return n
}

// Renewing returns a scope in which types, by their emitted names, become other types when they are declared again, even as
// they were: the values that there are of them are of no use to what is declared then.
func (s *Scope) Renewing(types []string) *Scope {
	n := s.clone()
	n.renewed = map[string]bool{}
	for _, emit := range types {
		n.renewed[emit] = true
	}
	return n
}

func (s *Scope) clone() *Scope {
	n := *s
	n.imports, n.decls, n.stale = maps.Clone(s.imports), maps.Clone(s.decls), maps.Clone(s.stale)
	n.order = slices.Clone(s.order)
	return &n
}

// drop removes name; the other names of its constant group stay.
func (s *Scope) drop(name string) {
	d := s.decls[name]
	if d == nil {
		return
	}
	delete(s.decls, name)
	for _, other := range d.Names {
		if s.decls[other] == d {
			return
		}
	}
	s.order = slices.DeleteFunc(s.order, func(o *Decl) bool { return o == d })
}

// add puts d in place of whatever had its names before.
func (s *Scope) add(d *Decl) {
	for _, name := range d.Names {
		s.drop(name)
		delete(s.stale, name)
		delete(s.imports, name)
	}
	for _, name := range d.Names {
		s.decls[name] = d
	}
	s.order = append(s.order, d)
}
