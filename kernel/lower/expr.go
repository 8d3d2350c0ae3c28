package lower

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"strconv"
	"strings"
)

// typeOf returns the type of x with the instance's type arguments in place.
func (f *fn) typeOf(x ast.Expr) types.Type { return f.env.subst(f.info.TypeOf(x)) }

// converted returns x as a value that may be assigned to a variable of type t.
func (f *fn) converted(x ast.Expr, t types.Type) string {
	t = f.env.subst(t)
	tv := f.info.Types[x]
	switch {
	case tv.IsNil():
		return "nil"
	case tv.Value != nil && t != nil && !types.IsInterface(t):
		return f.constant(tv.Value, t)
	case t == nil:
		return f.expr(x)
	}
	if lit, ok := ast.Unparen(x).(*ast.CompositeLit); ok && lit.Type == nil && !types.IsInterface(t) {
		return f.composite(lit, t)
	}
	return f.l.convert(f.expr(x), f.typeOf(x), t)
}

// paren puts an expression in parentheses, but not a name: yaegi goes astray where the first operand of && or || begins with
// a name in parentheses.
func paren(text string) string {
	if token.IsIdentifier(text) {
		return text
	}
	return "(" + text + ")"
}

// operand returns x for use beside another operand that fixes the type: constants stay bare.
func (f *fn) operand(x ast.Expr) string {
	if tv := f.info.Types[x]; tv.Value != nil && tv.Value.Kind() != constant.Bool {
		if b, ok := f.env.subst(tv.Type).Underlying().(*types.Basic); ok && b.Info()&types.IsComplex == 0 {
			if text := literal(tv.Value, b); text[0] != '-' {
				return text
			} else {
				return "(" + text + ")"
			}
		}
	}
	return f.expr(x)
}

// literal writes a constant of type b.
func literal(v constant.Value, b *types.Basic) string {
	switch {
	case b.Info()&types.IsString != 0:
		return quote(constant.StringVal(v))
	case b.Info()&types.IsInteger != 0:
		return constant.ToInt(v).ExactString()
	case b.Info()&types.IsFloat != 0:
		x, _ := constant.Float64Val(v)
		s := strconv.FormatFloat(x, 'g', -1, 64)
		if !strings.ContainsAny(s, ".e") {
			s += ".0"
		}
		return s
	}
	return v.ExactString()
}

// constant writes the constant v as a value of type t.
func (f *fn) constant(v constant.Value, t types.Type) string {
	b, ok := t.Underlying().(*types.Basic)
	if !ok {
		if types.IsInterface(t) {
			return f.constantDefault(v)
		}
		panic(fmt.Errorf("constant of type %v", t))
	}
	if b.Kind() == types.UntypedNil {
		return "nil"
	}
	name := f.l.typ(nil, types.Default(t))
	switch {
	case b.Info()&types.IsBoolean != 0:
		if name == "bool" {
			return v.String()
		}
		return name + "(" + v.String() + ")"
	case b.Info()&types.IsComplex != 0:
		re, _ := constant.Float64Val(constant.Real(v))
		im, _ := constant.Float64Val(constant.Imag(v))
		if b.Kind() == types.Complex64 {
			return fmt.Sprintf("%s(float64(%v), float64(%v))", f.l.gk("Complex64"), re, im)
		}
		return fmt.Sprintf("%s(float64(%v), float64(%v))", f.l.gk("Complex128"), re, im)
	}
	text := literal(v, b)
	if name == "int" || name == "string" {
		if strings.HasPrefix(text, "-") {
			return "(" + text + ")"
		}
		return text
	}
	return name + "(" + text + ")"
}

func (f *fn) constantDefault(v constant.Value) string {
	switch v.Kind() {
	case constant.Bool:
		return f.constant(v, types.Typ[types.Bool])
	case constant.String:
		return f.constant(v, types.Typ[types.String])
	case constant.Float:
		return f.constant(v, types.Typ[types.Float64])
	case constant.Complex:
		return f.constant(v, types.Typ[types.Complex128])
	}
	return f.constant(v, types.Typ[types.Int])
}

// expr returns the lowered expression.
func (f *fn) expr(x ast.Expr) string {
	if tv, ok := f.info.Types[x]; ok {
		if tv.Value != nil {
			return f.constant(tv.Value, f.env.subst(tv.Type))
		}
		if tv.IsType() {
			return f.l.typ(f.env, tv.Type)
		}
	}
	switch x := x.(type) {
	case *ast.Ident:
		return f.ident(x)
	case *ast.ParenExpr:
		return paren(f.expr(x.X))
	case *ast.BinaryExpr:
		return "(" + f.binary(x) + ")"
	case *ast.UnaryExpr:
		return f.unary(x)
	case *ast.StarExpr:
		if b, ok := f.typeOf(x).Underlying().(*types.Basic); ok && b.Kind() == types.String {
			// Of a string that is not there yaegi makes another one, but where it assigns.
			return f.l.helper("load", f.typeOf(x), "func %[1]s(p *%[2]s) %[2]s {\nv := *p\nreturn v\n}\n") + "(" + f.expr(x.X) + ")"
		}
		return "(*" + f.expr(x.X) + ")"
	case *ast.CallExpr:
		return f.call(x)
	case *ast.FuncLit:
		return f.funcLit(x)
	case *ast.CompositeLit:
		return f.composite(x, f.typeOf(x))
	case *ast.SelectorExpr:
		return f.selector(x)
	case *ast.IndexExpr:
		if id := instantiated(x.X); id != nil {
			if _, ok := f.info.Instances[id]; ok {
				return f.expr(x.X)
			}
		}
		return f.index(x)
	case *ast.IndexListExpr:
		return f.expr(x.X)
	case *ast.SliceExpr:
		return f.slice(x)
	case *ast.TypeAssertExpr:
		return f.asserted(x)
	}
	f.refuse(x, "this expression (%T)", x)
	return ""
}

// instantiated returns the identifier of a function that an index expression may instantiate.
func instantiated(x ast.Expr) *ast.Ident {
	switch x := ast.Unparen(x).(type) {
	case *ast.Ident:
		return x
	case *ast.SelectorExpr:
		return x.Sel
	}
	return nil
}

func (f *fn) ident(x *ast.Ident) string {
	obj := f.info.ObjectOf(x)
	switch obj := obj.(type) {
	case *types.Nil:
		return "nil"
	case *types.Func:
		if x != f.called && (obj.Pkg().Path() == "main" || f.l.engine.libraries[obj.Pkg().Path()] != nil) {
			f.called = x
			name := f.ident(x)
			f.called = nil
			t := obj.Type()
			if inst, ok := f.info.Instances[x]; ok {
				t = inst.Type
			}
			return f.functionValue(name, f.env.subst(t))
		}
		if inst, ok := f.info.Instances[x]; ok {
			return f.l.instance(f, x, obj, inst)
		}
		if name, ok := f.global(obj); ok {
			return name
		}
		if lib := f.l.engine.libraries[obj.Pkg().Path()]; lib != nil && lib.pkg == obj.Pkg() {
			return f.l.libraryFunc(lib, obj.Name(), nil)
		}
	case *types.Var:
		return f.variable(obj)
	case *types.PkgName:
		return f.l.importing(obj.Imported().Path())
	}
	f.refuse(x, "%s in this place", x.Name)
	return ""
}

// bare returns x, an operand or a condition, with the parentheses that the reader has written and no more: each pair is an
// operation to the interpreter. It needs them elsewhere, as in an interface or for a blank identifier.
func (f *fn) bare(x ast.Expr) string {
	if b, ok := x.(*ast.BinaryExpr); ok && f.info.Types[x].Value == nil {
		return f.binary(b)
	}
	return f.operand(x)
}

// stored returns x as a value of type t for a place of its own: a variable, a parameter or a result. The interpreter puts the
// value of an operation without parentheses right there.
func (f *fn) stored(x ast.Expr, t types.Type) string {
	if b, ok := x.(*ast.BinaryExpr); ok && f.info.Types[x].Value == nil && t != nil {
		if _, basic := f.env.subst(t).Underlying().(*types.Basic); basic && types.Identical(f.env.subst(t), f.typeOf(x)) {
			return f.binary(b)
		}
	}
	return f.converted(x, t)
}

// binary returns an operation without parentheses around it.
func (f *fn) binary(x *ast.BinaryExpr) string {
	if x.Op == token.SHL || x.Op == token.SHR {
		left := f.expr(x.X)
		if f.info.Types[x.X].Value == nil {
			left = f.bare(x.X)
		}
		if f.info.Types[x.X].Value != nil && left != "" && left[len(left)-1] != ')' {
			left = f.l.typ(nil, types.Default(f.typeOf(x.X))) + "(" + left + ")" // the interpreter needs its type
		}
		count := f.expr(x.Y)
		if v := f.info.Types[x.Y].Value; v != nil {
			count = constant.ToInt(v).ExactString()
		}
		return left + " " + x.Op.String() + " " + count
	}
	logic := x.Op == token.LAND || x.Op == token.LOR
	if logic {
		f.logic++
	}
	a, b := f.bare(x.X), f.bare(x.Y)
	if logic {
		f.logic--
	}
	if x.Op == token.EQL || x.Op == token.NEQ {
		if f.dynamic(x.X, x.Y) {
			same := f.same(x.X, x.Y)
			if x.Op == token.NEQ {
				return "(!" + same + ")"
			}
			return same
		}
	}
	if ta, tb := f.typeOf(x.X), f.typeOf(x.Y); (x.Op == token.EQL || x.Op == token.NEQ) && !f.isNil(x.X) && !f.isNil(x.Y) && f.l.typ(nil, ta) != f.l.typ(nil, tb) &&
		f.info.Types[x.X].Value == nil && f.info.Types[x.Y].Value == nil {
		if types.AssignableTo(tb, ta) {
			b = f.as(b, tb, ta)
		} else {
			a = f.as(a, ta, tb)
		}
	}
	if f.info.Types[x.X].Value != nil && f.info.Types[x.Y].Value != nil {
		a = f.expr(x.X)
	}
	if v := f.info.Types[x.Y].Value; x.Op == token.QUO && v != nil && constant.Sign(v) == 0 && constant.Sign(constant.Imag(v)) == 0 && f.info.Types[x].Value == nil {
		return f.l.helper("quo", f.typeOf(x), "func %[1]s(a, b %[2]s) %[2]s { return a / b }\n") + "(" + a + ", " + b + ")" // not only of integers yaegi refuses it
	}
	return a + " " + x.Op.String() + " " + b
}

// as returns text, of type from, as a value of type to that the interpreter takes for another one.
func (f *fn) as(text string, from, to types.Type) string {
	return f.l.helper("as"+f.l.suffix([]types.Type{from}), to, "func %[1]s(v "+f.l.typ(nil, from)+") %[2]s { return v }\n") + "(" + text + ")"
}

// dynamic reports whether a comparison of x and y looks into an interface.
func (f *fn) dynamic(x, y ast.Expr) bool {
	return !f.isNil(x) && !f.isNil(y) && (types.IsInterface(f.typeOf(x)) || types.IsInterface(f.typeOf(y)))
}

func (f *fn) unary(x *ast.UnaryExpr) string {
	switch x.Op {
	case token.AND:
		switch y := ast.Unparen(x.X).(type) {
		case *ast.CompositeLit:
			return f.composite(y, types.NewPointer(f.typeOf(y)))
		case *ast.Ident:
			if obj, ok := f.info.ObjectOf(y).(*types.Var); ok {
				if _, global := f.global(obj); !global {
					return f.local(obj)
				}
			}
		}
		return address(f.lvalue(x.X))
	case token.ARROW:
		if f.logic > 0 { // where a value that has to be waited for is not stored
			return f.as("<-"+f.expr(x.X), f.typeOf(x), f.typeOf(x))
		}
		return "(<-" + f.expr(x.X) + ")"
	}
	if b, ok := f.typeOf(x).Underlying().(*types.Basic); ok && x.Op == token.SUB {
		switch { // the interpreter subtracts from zero
		case b.Info()&types.IsFloat != 0:
			return "(" + f.expr(x.X) + " * " + f.l.typ(nil, f.typeOf(x)) + "(-1))"
		case b.Info()&types.IsComplex != 0:
			h := f.l.helper("neg", f.typeOf(x), "func %[1]s(c %[2]s) %[2]s {\nreturn %[2]s("+f.l.gk("Negative")+"(complex128(c)))\n}\n")
			return h + "(" + f.expr(x.X) + ")"
		}
	}
	return "(" + x.Op.String() + f.expr(x.X) + ")"
}

func (f *fn) index(x *ast.IndexExpr) string {
	t := f.typeOf(x.X)
	if m, ok := t.Underlying().(*types.Map); ok {
		return f.expr(x.X) + "[" + f.key(x.Index, m.Key()) + "]"
	}
	base := f.expr(x.X)
	if p, ok := t.Underlying().(*types.Pointer); ok {
		if _, ok := p.Elem().Underlying().(*types.Array); ok {
			base = "(*" + base + ")"
		}
	}
	return base + "[" + f.bare(x.Index) + "]"
}

func (f *fn) slice(x *ast.SliceExpr) string {
	bound := func(e ast.Expr) string {
		if e == nil {
			return ""
		}
		return f.operand(e)
	}
	base := f.expr(x.X)
	if x.Slice3 {
		return fmt.Sprintf("%s[%s:%s:%s]", base, bound(x.Low), bound(x.High), bound(x.Max))
	}
	return fmt.Sprintf("%s[%s:%s]", base, bound(x.Low), bound(x.High))
}
