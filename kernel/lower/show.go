package lower

import (
	"go/types"
	"strings"
)

const displayPath = "gokernel/kernel/display"

// rendering lists the methods by which a value says how it is shown, with their results: the fields of display.Methods.
var rendering = []struct{ name, result string }{
	{"Render", displayPath + ".Data"}, {"SimpleRender", "map[string]any"}, {"HTML", "string"}, {"JavaScript", "string"},
	{"JPEG", "[]byte"}, {"JSON", "map[string]any"}, {"Latex", "string"}, {"Markdown", "string"}, {"PNG", "[]byte"},
	{"PDF", "[]byte"}, {"SVG", "string"}, {"String", "string"}, {"Error", "string"},
}

// shown returns the value text of type t for compiled code that asks values how to show them: it does not see the methods
// of the notebook's types, so these are handed over beside the value.
func (f *fn) shown(text string, t types.Type) string {
	base := types.Unalias(t)
	if p, ok := base.(*types.Pointer); ok {
		base = types.Unalias(p.Elem())
	}
	named, ok := base.(*types.Named)
	if !ok || types.IsInterface(named) || named.Obj().Pkg() == nil || named.Obj().Pkg().Path() != "main" {
		return text
	}
	value := ""
	var parts []string
	set := types.NewMethodSet(t)
	for _, r := range rendering {
		m := set.Lookup(named.Obj().Pkg(), r.name)
		if m == nil {
			continue
		}
		sig := m.Obj().(*types.Func).Signature()
		if sig.Params().Len() != 0 || sig.Results().Len() != 1 {
			continue
		}
		result := types.TypeString(types.Unalias(sig.Results().At(0).Type()), nil)
		if strings.ReplaceAll(result, "interface{}", "any") != r.result {
			continue
		}
		if value == "" {
			value = f.temp()
			f.line("%s := %s", value, text)
			parts = append(parts, "Value: "+value)
		}
		maker := f.maker(f.name)
		res := f.l.results(sig.Results())
		f.l.write("func %s(r %s) func() %s {\nreturn func() %s {\nreturn r.%s()\n}\n}\n", maker, f.l.typ(nil, t), res, res, r.name)
		parts = append(parts, r.name+": "+maker+"("+value+")")
	}
	if value == "" {
		return text
	}
	return f.l.importing(displayPath) + ".Methods{" + strings.Join(parts, ", ") + "}"
}
