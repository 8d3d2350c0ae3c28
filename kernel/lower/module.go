package lower

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"gokernel/kernel/check/std"
	"gokernel/kernel/goroutine"
)

// refuseModule refuses the cell if path is of a module: the interpreter has the symbols of the embedded packages only.
func (l *lowerer) refuseModule(path string) {
	if _, embedded := std.Name(path); embedded || strings.HasPrefix(path, goroutine.UnitPath) {
		return
	}
	refused := &Unsupported{What: "package " + path + " is not supported by the interpreter", Cell: l.cell.Name, Line: 1, Column: 1}
	if pos := l.usedAt(path); pos.IsValid() {
		refused.Cell, refused.Line, refused.Column = l.scope.Position(pos)
	}
	panic(refused)
}

// usedAt returns where the cell first refers to the package at path by name.
func (l *lowerer) usedAt(path string) token.Pos {
	first := token.NoPos
	look := func(n ast.Node, info *types.Info) {
		if n == nil || info == nil {
			return
		}
		ast.Inspect(n, func(n ast.Node) bool {
			id, ok := n.(*ast.Ident)
			if !ok || first.IsValid() {
				return !first.IsValid()
			}
			if p, ok := info.Uses[id].(*types.PkgName); ok && p.Imported().Path() == path {
				first = id.Pos()
			}
			return true
		})
	}
	for _, s := range l.cell.Stmts {
		look(s, l.cell.StmtInfo)
	}
	for _, d := range l.cell.Decls {
		if d.Node != nil {
			look(d.Node, l.cell.BodyInfo)
		}
	}
	return first
}
