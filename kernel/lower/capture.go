package lower

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// A captureSet tells which variables of a function must live behind pointers: those that a function literal inside
// refers to and those whose address is taken.
type captureSet struct {
	info  *types.Info
	env   env
	skip  func(types.Object) bool     // variables that are the notebook's
	owner map[types.Object]ast.Node   // the literal that declares a variable; nil for the function itself
	boxed map[types.Object]bool       // by variable
	free  map[ast.Node][]types.Object // by literal: captured variables, in order of first use
	up    map[ast.Node]ast.Node       // the literal around a literal
	marks map[ast.Node]map[types.Object]bool
}

// analyse finds the captures in body, whose parameters and results are params.
func (f *fn) analyse(params []types.Object, body *ast.BlockStmt) {
	c := &captureSet{
		info: f.info, env: f.env, skip: f.isGlobal,
		owner: map[types.Object]ast.Node{}, boxed: map[types.Object]bool{}, free: map[ast.Node][]types.Object{},
		up: map[ast.Node]ast.Node{}, marks: map[ast.Node]map[types.Object]bool{},
	}
	for _, p := range params {
		c.owner[p] = nil
	}
	if body != nil {
		c.walk(body, nil)
	}
	f.caps = c
}

// walk visits n, which belongs to the literal lit.
func (c *captureSet) walk(n ast.Node, lit ast.Node) {
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			c.up[n] = lit
			c.declareFields(n.Type, n)
			c.walk(n.Body, n)
			return false
		case *ast.RangeStmt:
			if rangesOverFunc(c.env.subst(c.info.TypeOf(n.X))) {
				c.up[n] = lit
				c.walk(n.X, lit)
				for _, x := range []ast.Expr{n.Key, n.Value} {
					if x != nil && n.Tok == token.DEFINE {
						if id, ok := x.(*ast.Ident); ok && c.info.Defs[id] != nil {
							c.owner[c.info.Defs[id]] = n
						}
					} else if x != nil {
						c.walk(x, n)
					}
				}
				c.walk(n.Body, n)
				return false
			}
		case *ast.CaseClause:
			if obj := c.info.Implicits[n]; obj != nil {
				c.owner[obj] = lit
			}
		case *ast.Ident:
			c.ident(n, lit)
		case *ast.UnaryExpr:
			if n.Op == token.AND {
				c.address(n.X)
			}
		case *ast.SelectorExpr:
			if sel := c.info.Selections[n]; sel != nil && sel.Kind() == types.MethodVal && takesAddress(sel) {
				c.address(n.X)
			}
		case *ast.SliceExpr:
			if _, ok := c.env.subst(c.info.TypeOf(n.X)).Underlying().(*types.Array); ok {
				c.address(n.X)
			}
		}
		return true
	})
}

func rangesOverFunc(t types.Type) bool {
	if t == nil {
		return false
	}
	_, ok := t.Underlying().(*types.Signature)
	return ok
}

func (c *captureSet) declareFields(t *ast.FuncType, lit ast.Node) {
	for _, list := range []*ast.FieldList{t.Params, t.Results} {
		if list == nil {
			continue
		}
		for _, field := range list.List {
			for _, id := range field.Names {
				if obj := c.info.Defs[id]; obj != nil {
					c.owner[obj] = lit
				}
			}
		}
	}
}

func (c *captureSet) ident(id *ast.Ident, lit ast.Node) {
	if obj := c.info.Defs[id]; obj != nil {
		if _, ok := obj.(*types.Var); ok && !c.skip(obj) {
			c.owner[obj] = lit
		}
		return
	}
	obj, ok := c.info.Uses[id].(*types.Var)
	if !ok || obj.IsField() || c.skip(obj) {
		return
	}
	owner, known := c.owner[obj]
	if !known || owner == lit {
		return
	}
	c.boxed[obj] = true
	for at := lit; at != nil && at != owner; at = c.up[at] {
		if c.marks[at] == nil {
			c.marks[at] = map[types.Object]bool{}
		}
		if !c.marks[at][obj] {
			c.marks[at][obj] = true
			c.free[at] = append(c.free[at], obj)
		}
	}
}

// address notes that the address of x, a variable or a part of one, is taken.
func (c *captureSet) address(x ast.Expr) {
	for {
		switch y := x.(type) {
		case *ast.ParenExpr:
			x = y.X
		case *ast.SelectorExpr:
			if sel := c.info.Selections[y]; sel == nil || sel.Indirect() {
				return
			}
			if _, ptr := c.info.TypeOf(y.X).Underlying().(*types.Pointer); ptr {
				return
			}
			x = y.X
		case *ast.IndexExpr:
			if t := c.info.TypeOf(y.X); t == nil {
				return
			} else if _, ok := t.Underlying().(*types.Array); !ok {
				return
			}
			x = y.X
		case *ast.Ident:
			if obj, ok := c.info.Uses[y].(*types.Var); ok && !obj.IsField() && !c.skip(obj) {
				c.boxed[obj] = true
			}
			return
		default:
			return
		}
	}
}

// takesAddress reports whether calling the selected method takes the address of its operand.
func takesAddress(sel *types.Selection) bool {
	f, ok := sel.Obj().(*types.Func)
	if !ok {
		return false
	}
	recv := f.Signature().Recv()
	if recv == nil {
		return false
	}
	_, ptrRecv := recv.Type().(*types.Pointer)
	_, ptrOperand := sel.Recv().Underlying().(*types.Pointer)
	return ptrRecv && !ptrOperand
}

// declares lists the variables that a function's parameters and results declare.
func declares(info *types.Info, recv *ast.FieldList, t *ast.FuncType) []types.Object {
	var objs []types.Object
	for _, list := range []*ast.FieldList{recv, t.Params, t.Results} {
		if list == nil {
			continue
		}
		for _, field := range list.List {
			for _, id := range field.Names {
				if obj := info.Defs[id]; obj != nil {
					objs = append(objs, obj)
				}
			}
		}
	}
	return objs
}

// uses reports whether body, function literals inside left out, has a node for which is holds.
func uses(body ast.Node, is func(ast.Node) bool) bool {
	found := false
	ast.Inspect(body, func(n ast.Node) bool {
		if _, lit := n.(*ast.FuncLit); lit && n != body {
			return false
		}
		if n != nil && is(n) {
			found = true
		}
		return !found
	})
	return found
}

func joinNonEmpty(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), ", ")
}
