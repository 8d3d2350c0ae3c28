package lower

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/types"
	"strings"
)

// A callParts is a call taken apart: operands in the order of evaluation, and how the call looks once they have values.
type callParts struct {
	operands []operand
	build    func(names []string) string
	packed   *types.Struct // what the last operand points to, if it stands for several arguments
}

type operand struct {
	text string
	typ  types.Type // a tuple for the results of f in g(f())
}

func (c *callParts) add(text string, t types.Type) { c.operands = append(c.operands, operand{text, t}) }

// call returns a lowered call or conversion.
func (f *fn) call(x *ast.CallExpr) string {
	if f.info.Types[x.Fun].IsType() {
		return f.conversion(x)
	}
	c := f.parts(x)
	texts := make([]string, len(c.operands))
	for i, o := range c.operands {
		texts[i] = o.text
	}
	return c.build(texts)
}

func (f *fn) conversion(x *ast.CallExpr) string {
	t := f.typeOf(x.Fun)
	if isUnsafe(t) && !f.isNil(x.Args[0]) || isUnsafe(f.typeOf(x.Args[0])) {
		f.refuse(x, "unsafe.Pointer")
	}
	name := f.l.typ(nil, t)
	if strings.HasPrefix(name, "*") || strings.HasPrefix(name, "<-") || strings.HasPrefix(name, "func") {
		name = "(" + name + ")"
	}
	if types.IsInterface(t) && f.isNil(x.Args[0]) {
		return f.key(x.Args[0], t)
	}
	if types.IsInterface(t) {
		return f.converted(x.Args[0], t)
	}
	if v := f.info.Types[x.Args[0]].Value; v != nil && numeric(t) && v.Kind() != constant.String && v.Kind() != constant.Bool {
		return f.constant(v, t)
	}
	if isHTTPHandlerFunc(t) {
		return name + "(" + f.l.gk("HTTPHandlerFunc") + "(" + f.expr(x.Args[0]) + "))"
	}
	return name + "(" + f.expr(x.Args[0]) + ")"
}

func numeric(t types.Type) bool {
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&types.IsNumeric != 0
}

func isUnsafe(t types.Type) bool {
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Kind() == types.UnsafePointer
}

// inner lists the functions that tell or ask when the garbage collector takes an object, or look at the stack: those of the
// interpreter are not those of the reader.
var inner = map[string]bool{
	"runtime.SetFinalizer": true, "runtime.AddCleanup": true, "runtime.Caller": true, "runtime.Callers": true,
	"runtime.CallersFrames": true, "runtime.FuncForPC": true, "runtime.Stack": true, "runtime/debug.Stack": true,
	"runtime/debug.PrintStack": true, "runtime.Breakpoint": true,
}

func isHTTPHandlerFunc(t types.Type) bool {
	n, ok := t.(*types.Named)
	return ok && n.Obj().Pkg() != nil && n.Obj().Pkg().Path() == "net/http" && n.Obj().Name() == "HandlerFunc"
}

// parts takes a call apart that is no conversion.
func (f *fn) parts(x *ast.CallExpr) *callParts {
	c := f.taken(x)
	if c.packed == nil {
		return c
	}
	// A function that takes the receiver or the function, and the pack.
	var params, names []string
	for i, o := range c.operands {
		p := fmt.Sprintf("o%d", i)
		params, names = append(params, p+" "+f.l.typ(nil, o.typ)), append(names, p)
	}
	last := names[len(names)-1]
	names = names[:len(names)-1]
	for i := range c.packed.NumFields() {
		names = append(names, last+"."+c.packed.Field(i).Name())
	}
	results := f.env.subst(f.typeOf(x.Fun).Underlying()).(*types.Signature).Results()
	ret := ""
	if results.Len() > 0 {
		ret = "return "
	}
	h := f.maker(f.name)
	f.l.write("func %s(%s) %s {\n%s%s%s\n}\n", h, strings.Join(params, ", "), f.l.results(results), f.here, ret, c.build(names))
	c.build = func(names []string) string { return h + "(" + strings.Join(names, ", ") + ")" }
	return c
}

// pack adds the results of a call, which are arguments beside another operand, as one operand: a pointer to a struct.
func (f *fn) pack(c *callParts, text string, tup *types.Tuple, param func(int) types.Type) {
	var fields []*types.Var
	var params, names []string
	for i := range tup.Len() {
		fields = append(fields, types.NewField(0, nil, fmt.Sprintf("A%d", i), param(i), false))
		p := fmt.Sprintf("p%d", i)
		params, names = append(params, p+" "+f.l.typ(nil, param(i))), append(names, p)
	}
	c.packed = types.NewStruct(fields, nil)
	t := types.NewPointer(c.packed)
	h := fmt.Sprintf("pk_%d", f.l.fresh())
	f.l.write("//line gokernel:1:1\nfunc %s(%s) %s {\nreturn &%s{%s}\n}\n", h, strings.Join(params, ", "), f.l.typ(nil, t), f.l.typ(nil, c.packed), strings.Join(names, ", "))
	c.add(h+"("+text+")", t)
}

func (f *fn) taken(x *ast.CallExpr) *callParts {
	fun := ast.Unparen(x.Fun)
	if f.info.Types[x.Fun].IsBuiltin() {
		if tup, ok := f.argTuple(x); ok {
			return f.builtinOf(x, fun.(*ast.Ident).Name, tup)
		}
		return f.builtin(x, fun)
	}
	c := &callParts{}
	sig, _ := f.typeOf(x.Fun).Underlying().(*types.Signature)
	if sel, ok := fun.(*ast.SelectorExpr); ok {
		if s := f.info.Selections[sel]; s != nil && s.Kind() == types.MethodVal {
			f.methodCall(c, sel, x, sig)
			return c
		}
	}
	name := ""
	if id := instantiated(unindexed(fun)); id != nil {
		if fn, ok := f.info.Uses[id].(*types.Func); ok && fn.Signature().Recv() == nil {
			f.called = id
			name = f.expr(fun)
		}
	}
	if name == "" {
		c.add(f.expr(fun), f.typeOf(fun))
	}
	f.args(c, x, sig)
	c.build = func(names []string) string {
		if name != "" {
			return name + "(" + f.spreadArgs(x, names) + ")"
		}
		return names[0] + "(" + f.spreadArgs(x, names[1:]) + ")"
	}
	return c
}

// unindexed strips explicit type arguments.
func unindexed(x ast.Expr) ast.Expr {
	switch x := x.(type) {
	case *ast.IndexExpr:
		return x.X
	case *ast.IndexListExpr:
		return x.X
	}
	return x
}

func (f *fn) spreadArgs(x *ast.CallExpr, names []string) string {
	s := strings.Join(names, ", ")
	if x.Ellipsis.IsValid() {
		s += "..."
	}
	return s
}

// args adds the arguments of x as values of the parameters' types.
func (f *fn) args(c *callParts, x *ast.CallExpr, sig *types.Signature) {
	params := sig.Params()
	param := func(i int) types.Type {
		if sig.Variadic() && i >= params.Len()-1 && !x.Ellipsis.IsValid() {
			return f.env.subst(params.At(params.Len() - 1).Type()).(*types.Slice).Elem()
		}
		return f.env.subst(params.At(i).Type())
	}
	callee := f.callee(x)
	bare := f.policy(callee)
	if callee != nil && inner[callee.FullName()] {
		f.refuse(x, "%s", callee.FullName())
	}
	for i, a := range x.Args {
		if tup, ok := f.typeOf(a).(*types.Tuple); ok && len(x.Args) == 1 {
			tup := f.env.subst(tup).(*types.Tuple)
			text := f.spreads(f.expr(a), tup, param)
			if len(c.operands) > 0 {
				f.pack(c, text, tup, param)
				return
			}
			c.add(text, tup)
			return
		}
		t := param(i)
		text := ""
		if callee != nil && callee.Pkg() != nil && printing[callee.Pkg().Path()] {
			text = f.looked(a, t)
		} else {
			text = f.stored(a, t)
		}
		if bare != "" && types.IsInterface(t) && !f.l.compiled(t) && (types.IsInterface(f.typeOf(a)) || f.l.marked(f.typeOf(a))) && !f.isNil(a) {
			if strings.Contains(bare, ".Plain(") {
				f.checkArg(callee, a)
			}
			text = fmt.Sprintf(bare, text)
		}
		if callee != nil && callee.Pkg() != nil && callee.Pkg().Path() == "reflect" && callee.Signature().Recv() == nil && types.TypeString(t, nil) == "reflect.Type" {
			text = fmt.Sprintf("%s(%q, %s)", f.l.gk("Compiled"), callee.FullName(), text)
		}
		if isHandlerSignature(t) {
			text = f.l.gk("HTTPHandlerFunc") + "(" + text + ")"
		}
		c.add(text, t)
	}
}

// isHandlerSignature reports whether t is what net/http calls for requests: a panic there must reach the cell.
func isHandlerSignature(t types.Type) bool {
	sig, ok := t.(*types.Signature)
	if !ok || sig.Params().Len() != 2 || sig.Results().Len() != 0 {
		return false
	}
	return types.TypeString(sig.Params().At(0).Type(), nil) == "net/http.ResponseWriter" &&
		types.TypeString(sig.Params().At(1).Type(), nil) == "*net/http.Request"
}

// replaced lists the methods of the standard library for which the runtime package has functions that do right by the
// kernel; the receiver becomes the first argument.
var replaced = map[string]string{
	"(*time.Timer).Reset": "TimerReset", "(*time.Timer).Stop": "TimerStop",
	"(*time.Ticker).Reset": "TickerReset", "(*time.Ticker).Stop": "TickerStop",
	"(*log.Logger).Fatal": "LoggerFatal", "(*log.Logger).Fatalf": "LoggerFatalf", "(*log.Logger).Fatalln": "LoggerFatalln",
	"(*flag.FlagSet).Parse":           "FlagSetParse",
	"(*encoding/json.Decoder).Decode": "JSONDecode", "(*encoding/json.Encoder).Encode": "JSONEncode",
}

// methodCall takes apart a call of a method: static ones of the notebook's types are plain functions.
func (f *fn) methodCall(c *callParts, sel *ast.SelectorExpr, x *ast.CallExpr, sig *types.Signature) {
	m := f.method(sel)
	full := m.obj.FullName()
	switch {
	case m.function != "":
		recv := m.recv()
		if f.binding && f.l.dispatched(m.base) {
			recv = f.l.gk("NotNil") + "(" + recv + ")"
		}
		c.add(recv, m.recvType())
		f.args(c, x, sig)
		c.build = func(names []string) string { return m.function + "(" + f.spreadArgs(x, names) + ")" }
	case replaced[full] != "":
		c.add(m.pointer(), types.NewPointer(m.base))
		f.args(c, x, sig)
		c.build = func(names []string) string { return f.l.gk(replaced[full]) + "(" + f.spreadArgs(x, names) + ")" }
	case full == "(*sync.WaitGroup).Go":
		line, col := f.where(x)
		c.add(m.pointer(), types.NewPointer(m.base))
		f.args(c, x, sig)
		c.build = func(names []string) string {
			return fmt.Sprintf("%s(%d, %d, %s)", f.l.gk("WaitGroupGo"), line, col, strings.Join(names, ", "))
		}
	default:
		recv, typ := m.operand(), m.operandType()
		if f.binding {
			recv, typ = f.bound(m)
		}
		c.add(recv, typ)
		f.args(c, x, sig)
		c.build = func(names []string) string {
			return names[0] + "." + f.l.methodName(m.obj) + "(" + f.spreadArgs(x, names[1:]) + ")"
		}
	}
}

// thunk returns an expression for a func() that makes the call with the operands as they are now.
func (f *fn) thunk(x *ast.CallExpr) string {
	f.deferred = calledLiteral
	if lit, ok := ast.Unparen(x.Fun).(*ast.FuncLit); ok && len(x.Args) == 0 && f.typeOf(lit).(*types.Signature).Results().Len() == 0 {
		return f.funcLit(lit)
	}
	if f.info.Types[x.Fun].IsType() {
		f.refuse(x, "a conversion as a statement")
	}
	f.binding = true
	c := f.parts(x)
	f.binding = false
	var formals []formal
	var actuals, names []string
	for _, o := range c.operands {
		if tup, ok := o.typ.(*types.Tuple); ok {
			temps := f.temps(tup.Len())
			f.line("%s := %s", strings.Join(temps, ", "), o.text)
			for i, t := range temps {
				formals = append(formals, formal{t, f.l.typ(nil, tup.At(i).Type())})
				actuals = append(actuals, t)
				names = append(names, t)
			}
			continue
		}
		name := f.temp()
		formals = append(formals, formal{name, f.l.typ(nil, o.typ)})
		actuals = append(actuals, o.text)
		names = append(names, name)
	}
	call := c.build(names)
	if tv := f.info.Types[x.Fun]; tv.IsBuiltin() && f.info.Types[x].IsValue() {
		call = "_ = " + call
	}
	f.deferred = calledValue
	if len(c.operands) == 0 || !isFunc(c.operands[0].typ) {
		f.deferred = calledFunction
	}
	if f.dispatches(x) {
		f.deferred = calledMethod
	}
	maker := f.maker(f.name)
	params, _ := join(formals)
	f.l.write("func %s(%s) func() {\nreturn func() {\n%s%s\n}\n}\n", maker, params, f.here, call)
	return maker + "(" + strings.Join(actuals, ", ") + ")"
}

// What a thunk calls: as many interpreted calls lead to the function that may recover.
const (
	calledLiteral = iota + 1
	calledFunction
	calledMethod // through an interface
	calledValue  // of a function type: a function, or a method with its receiver
)

func isFunc(t types.Type) bool {
	_, ok := t.Underlying().(*types.Signature)
	return ok
}

// dispatches reports whether a call is that of a method of an interface type of the notebook.
func (f *fn) dispatches(x *ast.CallExpr) bool {
	if sel, ok := ast.Unparen(x.Fun).(*ast.SelectorExpr); ok {
		if s := f.info.Selections[sel]; s != nil && s.Kind() == types.MethodVal {
			return f.l.dispatched(f.method(sel).base)
		}
	}
	return false
}

// where returns the position of n in the form that the runtime package takes.
func (f *fn) where(n ast.Node) (line, col int) {
	if f.foreign() {
		return 0, 0
	}
	id, line, col := f.l.scope.Origin(n.Pos())
	return packPosition(id, line), col
}
