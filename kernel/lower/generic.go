package lower

import (
	"go/ast"
	"go/types"

	"gokernel/kernel/check"
)

// instance returns the name of an instance of a generic function, which it has written out if it is new.
func (l *lowerer) instance(f *fn, at *ast.Ident, obj *types.Func, inst types.Instance) string {
	args := make([]types.Type, inst.TypeArgs.Len())
	for i := range args {
		args[i] = f.env.subst(inst.TypeArgs.At(i))
	}
	if path := obj.Pkg().Path(); path != "main" {
		name := ""
		if lib := l.engine.library(path); lib != nil {
			name = l.libraryFunc(lib, obj.Name(), args)
		}
		if name == "" {
			f.refuse(at, "the generic function %s.%s", path, obj.Name())
		}
		return name
	}
	d := l.scope.Lookup(obj.Name())
	if d == nil || l.isCompiled(d) {
		f.refuse(at, "the generic function %s", obj.Name())
	}
	name := d.Emit + l.suffix(args)
	if l.first(name) {
		l.queue = append(l.queue, func() {
			info, pkg := l.infoOf(d)
			fn := info.Defs[d.Node.(*ast.FuncDecl).Name].(*types.Func)
			l.function(info, pkg, d.Node.(*ast.FuncDecl), bind(fn.Signature().TypeParams(), args), name, d.Name+"[...]")
		})
	}
	return name
}

// infoOf returns the types of a declaration's body, from the check that saw it last.
func (l *lowerer) infoOf(d *check.Decl) (*types.Info, *types.Package) {
	if d.Info != nil {
		return d.Info, d.Pkg
	}
	return l.cell.BodyInfo, l.cell.BodyPkg
}

func bind(params *types.TypeParamList, args []types.Type) env {
	v := env{}
	for i := range params.Len() {
		v[params.At(i)] = args[i]
	}
	return v
}

// instantiateMethod writes a method of an instance of a generic type as a plain function.
func (l *lowerer) instantiateMethod(d *check.Decl, t *types.Named, name string) {
	info, pkg := l.infoOf(d)
	node := d.Node.(*ast.FuncDecl)
	fn := info.Defs[node.Name].(*types.Func)
	args := make([]types.Type, t.TypeArgs().Len())
	for i := range args {
		args[i] = t.TypeArgs().At(i)
	}
	l.function(info, pkg, node, bind(fn.Signature().RecvTypeParams(), args), name, d.Name)
}
