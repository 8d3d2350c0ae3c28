package lower

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"

	"gokernel/kernel/check"
	"gokernel/kernel/check/std"
)

// A library is a compiled package whose generic code is known as source: reflection knows only instances,
// so a symbol table cannot have it, and it is written out like that of the notebook.
type library struct {
	path  string
	info  *types.Info
	pkg   *types.Package
	funcs map[string]*ast.FuncDecl // "F" and "T.Method"
}

// library returns the source of the package at path, nil if there is none.
func (e *Engine) library(path string) *library {
	if lib, ok := e.libraries[path]; ok {
		return lib
	}
	e.libraries[path] = nil
	files, ok := std.Generic(path)
	if !ok {
		return nil
	}
	fset := token.NewFileSet()
	var parsed []*ast.File
	for _, name := range slices.Sorted(maps.Keys(files)) {
		f, err := parser.ParseFile(fset, name, files[name], parser.SkipObjectResolution)
		if err != nil {
			return nil // held by a test of std: what it has type-checks
		}
		parsed = append(parsed, f)
	}
	lib := &library{path: path, info: check.NewInfo(), funcs: map[string]*ast.FuncDecl{}}
	conf := types.Config{GoVersion: "go1.26", Importer: e.importer}
	pkg, err := conf.Check(path, fset, parsed, lib.info)
	if err != nil {
		return nil
	}
	lib.pkg = pkg
	for _, f := range parsed {
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok {
				name := fn.Name.Name
				if fn.Recv != nil {
					name = check.ReceiverName(fn) + "." + name
				}
				lib.funcs[name] = fn
			}
		}
	}
	e.libraries[path] = lib
	return lib
}

// prefix begins the names of what is written out of the library.
func (lib *library) prefix() string {
	return "std_" + strings.NewReplacer("/", "_").Replace(lib.path) + "_"
}

// libraryOf returns the library that a type is to be taken from: one that is generic, or that only the source has.
func (l *lowerer) libraryOf(t *types.Named) *library {
	pkg := t.Obj().Pkg()
	if pkg == nil || pkg.Path() == "main" || types.IsInterface(t) {
		return nil
	}
	lib, known := l.engine.libraries[pkg.Path()]
	if t.TypeArgs().Len() > 0 {
		lib, known = l.engine.library(pkg.Path()), true
	} else if known && lib != nil && lib.pkg != pkg {
		return nil // the compiled type
	}
	if !known || lib == nil || lib.pkg.Scope().Lookup(t.Obj().Name()) == nil {
		return nil
	}
	return lib
}

// libraryFunc returns the name of a function of a library, written out if it is new.
func (l *lowerer) libraryFunc(lib *library, name string, args []types.Type) string {
	node := lib.funcs[name]
	if node == nil {
		return ""
	}
	low := lib.prefix() + strings.ReplaceAll(name, ".", "_")
	if len(args) > 0 {
		low += l.suffix(args)
	}
	if l.first(low) {
		l.queue = append(l.queue, func() {
			var params *types.TypeParamList
			sig := lib.info.Defs[node.Name].(*types.Func).Signature()
			if params = sig.TypeParams(); node.Recv != nil {
				params = sig.RecvTypeParams()
			}
			l.function(lib.info, lib.pkg, node, bind(params, args), low, lib.path+"."+name)
		})
	}
	return low
}

// libraryType returns the name of a type of a library, defined if it is new.
func (l *lowerer) libraryType(lib *library, t *types.Named) string {
	if l.engine.Compiling {
		panic(&Unsupported{What: "the generic type " + types.TypeString(t, nil) + " is not supported by the interpreter", Cell: l.cell.Name, Line: 1, Column: 1})
	}
	name := lib.prefix() + t.Obj().Name()
	var args []types.Type
	for a := range t.TypeArgs().Types() {
		args = append(args, a)
	}
	source := lib.pkg.Scope().Lookup(t.Obj().Name()).Type()
	if len(args) > 0 {
		name += l.suffix(args)
		inst, err := types.Instantiate(nil, source, args, false)
		if err != nil {
			panic(fmt.Errorf("instantiating %v: %w", t, err))
		}
		source = inst
	}
	if l.first(name) {
		if named, ok := source.(*types.Named); ok {
			if _, ok := named.Underlying().(*types.Struct); ok {
				l.structs = append(l.structs, &circle{t: named, name: name})
			}
		}
		text := l.typ(nil, source.Underlying())
		fmt.Fprintf(&l.typeDecls, "type %s %s\n", name, text)
	}
	return name
}

// libraryVar returns the name of a variable of a library, which begins with its initial value.
func (l *lowerer) libraryVar(lib *library, obj types.Object) string {
	name := lib.prefix() + obj.Name()
	if !l.first(name) {
		return name
	}
	value := ""
	for _, in := range lib.info.InitOrder {
		if len(in.Lhs) == 1 && in.Lhs[0] == obj {
			f := l.newFunc(lib.info, lib.pkg, nil, lib.path)
			f.analyse(nil, &ast.BlockStmt{List: []ast.Stmt{&ast.ExprStmt{X: in.Rhs}}})
			value = " = " + f.converted(in.Rhs, obj.Type())
		}
	}
	l.write("var %s %s%s\n", name, l.typ(nil, obj.Type()), value)
	return name
}
