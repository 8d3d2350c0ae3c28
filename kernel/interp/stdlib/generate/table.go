package main

import (
	"fmt"
	"go/constant"
	"go/types"
	"math/big"
	"slices"
	"strings"
)

// table collects the symbols of one package.
type table struct {
	pkg        *types.Package
	importable map[string]bool
	ident      string // of the variable
	imports    map[string]string
	generic    []string

	values, vars, consts []string // elements of the lists
	wraps                []string // type declarations
}

func newTable(pkg *types.Package, importable map[string]bool) *table {
	t := &table{
		pkg: pkg, importable: importable, imports: map[string]string{},
		ident: "symbols" + strings.NewReplacer("/", "_", ".", "_").Replace("_"+pkg.Path()),
	}
	for _, name := range pkg.Scope().Names() {
		if o := pkg.Scope().Lookup(name); o.Exported() {
			t.add(o)
		}
	}
	return t
}

func (t *table) add(o types.Object) {
	name := o.Name()
	switch o := o.(type) {
	case *types.Const:
		if lit, ok := literal(o); ok {
			t.consts = append(t.consts, fmt.Sprintf("{%q, %s}", name, lit))
		} else {
			t.value(name, t.qualified(o))
		}
	case *types.Var:
		t.vars = append(t.vars, fmt.Sprintf("{%q, &%s}", name, t.qualified(o)))
	case *types.Func:
		if o.Signature().TypeParams().Len() > 0 {
			t.generic = append(t.generic, name)
			return
		}
		t.value(name, t.qualified(o))
	case *types.TypeName:
		if isGeneric(o.Type()) {
			t.generic = append(t.generic, name)
			return
		}
		iface, ok := o.Type().Underlying().(*types.Interface)
		if ok && !iface.IsMethodSet() {
			t.generic = append(t.generic, name) // a constraint
			return
		}
		t.value(name, "(*"+t.qualified(o)+")(nil)")
		if ok {
			t.wrap(o, iface)
		}
	}
}

func (t *table) value(name, expr string) {
	t.values = append(t.values, fmt.Sprintf("{%q, %s}", name, expr))
}

func isGeneric(typ types.Type) bool {
	switch typ := typ.(type) {
	case *types.Named:
		return typ.TypeParams().Len() > 0
	case *types.Alias:
		return typ.TypeParams().Len() > 0
	}
	return false
}

// literal returns the kind and the text of an untyped constant, which yaegi takes as a constant.Value: it may not fit any
// type. Untyped booleans are values like typed constants.
func literal(o *types.Const) (lit string, ok bool) {
	b, ok := o.Type().(*types.Basic)
	if !ok || b.Info()&types.IsUntyped == 0 {
		return "", false
	}
	switch v := o.Val(); v.Kind() {
	case constant.String:
		return fmt.Sprintf("token.STRING, %q", v.ExactString()), true
	case constant.Int:
		if b.Kind() == types.UntypedFloat {
			return fmt.Sprintf("token.FLOAT, %q", v.ExactString()+".0"), true
		}
		return fmt.Sprintf("token.INT, %q", v.ExactString()), true
	case constant.Float:
		f, ok := constant.Val(v).(*big.Float)
		if !ok {
			// The precision that the compiler gives to constants it cannot represent as fractions.
			f = new(big.Float).SetPrec(512).SetRat(constant.Val(v).(*big.Rat))
		}
		return fmt.Sprintf("token.FLOAT, %q", f.Text('g', int(f.Prec()))), true
	}
	return "", false
}

// wrap declares the type by which yaegi gives values of interpreted types the methods of an interface: the value, then a
// function for each method. Unexported methods cannot be had: a wrapper of such an interface does not implement it.
func (t *table) wrap(o *types.TypeName, iface *types.Interface) {
	if o.IsAlias() {
		return // yaegi looks under the name that reflection gives
	}
	var fields, methods strings.Builder
	ident := "_" + strings.NewReplacer("/", "_", ".", "_").Replace(t.pkg.Path()) + "_" + o.Name()
	for m := range iface.Methods() {
		if !m.Exported() {
			continue
		}
		sig := m.Signature()
		if !t.nameable(sig) {
			return
		}
		params, args, results := t.signature(sig)
		fmt.Fprintf(&fields, "\tW%s func(%s) (%s)\n", m.Name(), params, results)
		fmt.Fprintf(&methods, "\nfunc (w %s) %s(%s) (%s) {\n", ident, m.Name(), params, results)
		if m.Name() == "String" {
			methods.WriteString("\tif w.WString == nil {\n\t\treturn \"\"\n\t}\n")
		}
		if sig.Results().Len() > 0 {
			methods.WriteString("\treturn ")
		}
		fmt.Fprintf(&methods, "w.W%s(%s)\n}\n", m.Name(), args)
	}
	t.value("_"+o.Name(), "(*"+ident+")(nil)")
	t.wraps = append(t.wraps, fmt.Sprintf("// %s gives interpreted values the methods of %s.%s.\ntype %s struct {\n\tIValue any\n%s}\n%s",
		ident, t.pkg.Path(), o.Name(), ident, &fields, &methods))
}

func (t *table) signature(sig *types.Signature) (params, args, results string) {
	var ps, as, rs []string
	for i := range sig.Params().Len() {
		name, typ := fmt.Sprintf("a%d", i), sig.Params().At(i).Type()
		text, arg := types.TypeString(typ, t.qualifier), name
		if sig.Variadic() && i == sig.Params().Len()-1 {
			text, arg = "..."+strings.TrimPrefix(text, "[]"), name+"..."
		}
		ps, as = append(ps, name+" "+text), append(as, arg)
	}
	for v := range sig.Results().Variables() {
		rs = append(rs, types.TypeString(v.Type(), t.qualifier))
	}
	return strings.Join(ps, ", "), strings.Join(as, ", "), strings.Join(rs, ", ")
}

// nameable reports whether every type that a signature mentions can be written outside the standard library.
func (t *table) nameable(sig *types.Signature) bool {
	ok := true
	types.TypeString(sig, func(p *types.Package) string {
		ok = ok && t.importable[p.Path()]
		return p.Path()
	})
	return ok
}

func (t *table) qualified(o types.Object) string { return t.qualifier(o.Pkg()) + "." + o.Name() }

// qualifier returns the name under which the file imports a package: its own, numbered if two have the same.
func (t *table) qualifier(p *types.Package) string {
	if name, ok := t.imports[p.Path()]; ok {
		return name
	}
	taken := func(name string) bool {
		if name == "token" {
			return true // used by the untyped constants
		}
		for _, n := range t.imports {
			if n == name {
				return true
			}
		}
		return false
	}
	name := p.Name()
	for i := 2; taken(name); i++ {
		name = fmt.Sprintf("%s%d", p.Name(), i)
	}
	t.imports[p.Path()] = name
	return name
}

// source is the text of the table, without package clause.
func (t *table) source() string {
	requires := t.requires()
	var b strings.Builder
	var imports []string
	for path, name := range t.imports {
		line := fmt.Sprintf("%q", path)
		if path[strings.LastIndex(path, "/")+1:] != name {
			line = name + " " + line
		}
		imports = append(imports, line)
	}
	if len(t.consts) > 0 {
		imports = append(imports, `"go/token"`)
	}
	slices.SortFunc(imports, func(a, b string) int {
		return strings.Compare(a[strings.Index(a, `"`):], b[strings.Index(b, `"`):])
	})
	if len(imports) > 0 {
		b.WriteString("import (\n" + strings.Join(imports, "\n") + "\n)\n\n")
	}
	fmt.Fprintf(&b, "var %s = table{\nname: %q,\n", t.ident, t.pkg.Name())
	list := func(field, typ string, elems []string) {
		if len(elems) > 0 {
			fmt.Fprintf(&b, "%s: []%s{\n%s,\n},\n", field, typ, strings.Join(elems, ",\n"))
		}
	}
	quoted := func(names []string) []string {
		var q []string
		for _, n := range names {
			q = append(q, fmt.Sprintf("%q", n))
		}
		return q
	}
	list("values", "symbol", t.values)
	list("vars", "symbol", t.vars)
	list("consts", "literal", t.consts)
	list("generic", "string", quoted(t.generic))
	list("requires", "string", quoted(requires))
	b.WriteString("}\n")
	for _, w := range t.wraps {
		b.WriteString("\n" + w)
	}
	return b.String()
}
