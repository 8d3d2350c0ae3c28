package check

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// importPath returns the path that spec names.
func importPath(spec *ast.ImportSpec) (string, error) {
	p, err := strconv.Unquote(spec.Path.Value)
	if err != nil || p == "" {
		return "", fmt.Errorf("invalid import path: %s", spec.Path.Value)
	}
	return p, nil
}

// declare makes Decls of the cell's types, constants, functions and methods and adds them to the scope. Functions
// named init or _ are not kept.
func (c *checker) declare() []*Decl {
	var own []*Decl
	keep := func(kind Kind, node ast.Decl, names ...string) {
		d := &Decl{Name: names[0], Names: names, Kind: kind, Cell: c.p.src.id, Where: c.p.src.name, Node: node}
		c.newVersion(d)
		own = append(own, d)
	}
	for _, node := range c.p.decls {
		switch node := node.(type) {
		case *ast.FuncDecl:
			switch name := node.Name.Name; {
			case node.Recv != nil:
				keep(Method, node, ReceiverName(node)+"."+name)
			case name == "init" || name == "_":
				c.cell.Funcs = append(c.cell.Funcs, node)
			default:
				keep(Func, node, name)
			}
		case *ast.GenDecl:
			var names []string
			for _, id := range declaredBy(node) {
				names = append(names, id.Name)
			}
			kind := Const
			if node.Tok == token.TYPE {
				kind = Type
			}
			if len(names) > 0 {
				keep(kind, node, names...)
			}
		}
	}
	same := c.unchanged(own)
	for _, d := range own {
		for _, name := range d.Names {
			if c.before.decls[name] != nil && !same[d] {
				c.changed[name] = true
			}
		}
		c.dropMethods(d, own)
		c.scope.add(d)
	}
	return own
}

// dropMethods takes out the methods that the cell of the old type has declared with it and that come no more with the new
// one. Methods of other cells stay: they follow the type, or become stale if they do not fit it.
func (c *checker) dropMethods(d *Decl, own []*Decl) {
	old := c.before.decls[d.Name]
	if d.Kind != Type || old == nil || old.Kind != Type {
		return
	}
	for _, m := range slices.Clone(c.scope.order) {
		recv, _, _ := strings.Cut(m.Name, ".")
		again := slices.ContainsFunc(own, func(o *Decl) bool { return o.Name == m.Name })
		if m.Kind == Method && recv == d.Name && m.Cell == old.Cell && !again {
			c.changed[m.Name] = true
			c.markStale(m, d.Name+" was declared again without it in "+c.p.src.name)
		}
	}
}

func (c *checker) newVersion(d *Decl) {
	c.scope.version++
	d.Version = c.scope.version
	d.Emit = fmt.Sprintf("%s_%d", strings.ReplaceAll(d.Name, ".", "_"), d.Version)
}

// ReceiverName returns the name of a method's receiver type.
func ReceiverName(f *ast.FuncDecl) string {
	if len(f.Recv.List) == 0 {
		return "_"
	}
	t := f.Recv.List[0].Type
	for {
		switch x := t.(type) {
		case *ast.StarExpr:
			t = x.X
		case *ast.ParenExpr:
			t = x.X
		case *ast.IndexExpr:
			t = x.X
		case *ast.IndexListExpr:
			t = x.X
		case *ast.Ident:
			return x.Name
		default:
			return "_"
		}
	}
}

// checkStatements checks the statements as the body of a function, beside the live declarations.
func (c *checker) checkStatements(stmts []ast.Stmt) ErrorList {
	fn := &ast.FuncDecl{Name: ast.NewIdent("_"), Type: &ast.FuncType{Params: &ast.FieldList{}}}
	extra := []ast.Decl{fn}
	if c.asVars {
		fn.Body = &ast.BlockStmt{}
		for _, s := range stmts {
			extra = append(extra, s.(*ast.DeclStmt).Decl) // there is nothing else among them
		}
	} else {
		fn.Body = &ast.BlockStmt{List: stmts}
	}
	scope := c.scope
	if c.asVars {
		scope = scope.clone()
		for _, name := range c.hoistedNames() {
			scope.drop(name)
			delete(scope.imports, name)
		}
	}
	info := NewInfo()
	own := func(d *Decl) bool { return d.Cell == c.p.src.id }
	file := scope.file(extra, func(d *Decl) bool { return c.asVars && own(d) }, own) // a variable may depend on another through a function
	pkg, errs := c.typecheck(file, info, func(e types.Error, inCell bool) bool {
		return inCell && !c.unusedAtTop(e, info, fn)
	})
	c.cell.StmtInfo, c.cell.Pkg, c.cell.Stmts = info, pkg, stmts
	if c.asVars {
		c.cell.Stmts, c.cell.Inits = nil, info.InitOrder
	}
	c.collectTop(info, fn, pkg)
	return errs
}

// unusedAtTop reports whether e complains that a top-level variable is not used: it may be, by a later cell.
func (c *checker) unusedAtTop(e types.Error, info *types.Info, fn *ast.FuncDecl) bool {
	name, ok := strings.CutPrefix(e.Msg, "declared and not used: ")
	if !ok {
		return false
	}
	scope := info.Scopes[fn.Type]
	if scope == nil {
		return false
	}
	obj := scope.Lookup(name)
	return obj != nil && obj.Pos() == e.Pos
}

// collectTop finds the variables that the statements declare at top level.
func (c *checker) collectTop(info *types.Info, fn *ast.FuncDecl, pkg *types.Package) {
	own := map[string]bool{}
	for _, name := range c.hoistedNames() {
		own[name] = true
	}
	scope := info.Scopes[fn.Type]
	if c.asVars {
		scope = pkg.Scope()
	}
	if scope == nil {
		return
	}
	for _, name := range scope.Names() {
		if v, ok := scope.Lookup(name).(*types.Var); ok && own[name] {
			c.cell.Hoisted[v] = nil
		}
	}
}

// hoist makes Decls of the statements' top-level variables. A variable of the same type as before keeps its storage, so
// that functions which use it follow.
func (c *checker) hoist() ErrorList {
	var errs ErrorList
	for obj := range c.cell.Hoisted {
		w := &typeWriter{env: c.before.env, pkg: c.cell.Pkg, paths: map[string]bool{}, names: map[string]bool{}}
		d := &Decl{Name: obj.Name(), Names: []string{obj.Name()}, Kind: Var, Cell: c.p.src.id, Where: c.p.src.name, Type: obj.Type()}
		d.typeExpr, d.uses, d.paths = w.expr(obj.Type()), w.names, w.paths
		if w.err != nil {
			errs = append(errs, c.errorAt(obj.Pos(), w.err.Error()))
			continue
		}
		old := c.before.decls[d.Name]
		if old != nil && old.Kind == Var && types.ExprString(old.typeExpr) == types.ExprString(d.typeExpr) && !c.touches(d) {
			d.Emit, d.Version = old.Emit, old.Version
		} else {
			if old != nil {
				c.changed[d.Name] = true
			}
			c.newVersion(d)
			c.cell.Vars = append(c.cell.Vars, d)
		}
		c.cell.Hoisted[obj] = d
	}
	for _, d := range c.cell.Hoisted {
		if d != nil {
			c.scope.add(d)
		}
	}
	return errs
}

// touches reports whether d refers to something that this cell redefines.
func (c *checker) touches(d *Decl) bool {
	for name := range d.uses {
		if c.changed[name] {
			return true
		}
	}
	return false
}

// typecheck runs go/types over file and returns the errors that keep accepts, in the reader's terms.
func (c *checker) typecheck(file *ast.File, info *types.Info, keep func(e types.Error, inCell bool) bool) (*types.Package, ErrorList) {
	var errs ErrorList
	var dropped bool // the last error
	conf := types.Config{
		GoVersion: "go1.26",
		Importer:  c.before.env,
		Error: func(err error) {
			e, ok := err.(types.Error)
			if !ok {
				errs = append(errs, Error{Cell: c.p.src.name, Line: 1, Column: 1, Msg: err.Error()})
				return
			}
			more := strings.HasPrefix(e.Msg, "\t") // about the error before
			if more && dropped {
				return
			}
			src, _, _ := c.before.env.locate(e.Pos)
			dropped = !more && (strings.HasPrefix(e.Msg, "could not import ") || branches.MatchString(e.Msg) || // said before
				!c.whole && ignored(e.Msg) || !keep(e, src == c.p.src || src != nil && src.id == c.p.src.id))
			if dropped {
				return
			}
			if more && len(errs) > 0 {
				last := &errs[len(errs)-1]
				last.Msg += "\n\t"
				if at, line, col := c.before.env.locate(e.Pos); at != nil {
					last.Msg += position(at.name, line, col) + ": "
				}
				last.Msg += c.plain(e.Msg[1:])
				return
			}
			errs = append(errs, c.errorAt(e.Pos, e.Msg))
		},
	}
	pkg, _ := conf.Check("main", c.before.env.fset, []*ast.File{file}, info)
	return pkg, errs
}

// branches matches what go/types says of labels, break, continue and goto; the compiler's parser has said it before.
var branches = regexp.MustCompile(`^(label |invalid (break|continue) label |(break|continue) not in |goto )`)

// ignored lists complaints about our way of checking rather than about the cell.
func ignored(msg string) bool {
	return strings.HasSuffix(msg, "imported and not used") || strings.Contains(msg, "imported as ") && strings.HasSuffix(msg, "and not used") ||
		msg == "generic function is missing function body" || msg == "func init must have a body" || msg == "func main must have a body" || msg == "missing function body"
}

func (c *checker) errorAt(pos token.Pos, msg string) Error {
	src, line, col := c.before.env.locate(pos)
	if src == nil {
		src, line, col = c.p.src, 1, 1
	}
	return src.errorAt(line, col, c.plain(msg))
}

// plain returns a message of go/types in the compiler's words, without what is due to our way of checking.
func (c *checker) plain(msg string) string {
	msg = strings.ReplaceAll(msg, pkgAlias, "")
	return strings.ReplaceAll(msg, " (declared at -)", "") // in a package without positions
}

// position returns "cell [7]:3:5".
func position(cell string, line, col int) string { return fmt.Sprintf("%s:%d:%d", cell, line, col) }
