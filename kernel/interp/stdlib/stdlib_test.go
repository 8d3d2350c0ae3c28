package stdlib_test

import (
	"errors"
	"go/constant"
	"go/token"
	"go/types"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gokernel/kernel/check/std"
	"gokernel/kernel/interp/stdlib"
)

// TestEveryExportedName compares the tables with the types that cells are checked against: what the checker lets pass
// has a symbol or is listed as generic.
func TestEveryExportedName(t *testing.T) {
	imp := std.NewImporter(token.NewFileSet())
	for _, path := range std.Packages() {
		if path == "unsafe" || std.Preloaded(path) { // ours change; that both are generated anew is for go generate to say
			continue
		}
		pkg, err := imp.Import(path)
		if err != nil {
			t.Fatalf("importing %s: %v", path, err)
		}
		symbols, ok := stdlib.Load(path)
		if !ok {
			t.Errorf("%s: no symbols", path)
			continue
		}
		if got := stdlib.Name(path); got != pkg.Name() {
			t.Errorf("%s: got name %q, want %q", path, got, pkg.Name())
		}
		generic := stdlib.Generic(path)
		for _, name := range pkg.Scope().Names() {
			o := pkg.Scope().Lookup(name)
			if !o.Exported() {
				continue
			}
			v, has := symbols[name]
			if has == slices.Contains(generic, name) {
				t.Errorf("%s: has symbol %t, is listed as generic %t", o, has, !has)
			}
			if has {
				checkSymbol(t, o, v)
			}
		}
		for name := range symbols {
			if pkg.Scope().Lookup(strings.TrimPrefix(name, "_")) == nil {
				t.Errorf("%s: %s is not declared there", path, name)
			}
		}
	}
}

func checkSymbol(t *testing.T, o types.Object, v reflect.Value) {
	t.Helper()
	switch o := o.(type) {
	case *types.Func:
		if v.Kind() != reflect.Func || v.IsNil() {
			t.Errorf("%s: got a %s", o, v.Kind())
		} else if n := v.Type().NumIn(); n != o.Signature().Params().Len() {
			t.Errorf("%s: got %d parameters", o, n)
		}
	case *types.Var:
		if !v.CanSet() {
			t.Errorf("%s cannot be set", o)
		}
	case *types.TypeName:
		if v.Kind() != reflect.Pointer || !v.IsNil() {
			t.Errorf("%s: got %s, want a nil pointer", o, v)
		} else if named, ok := types.Unalias(o.Type()).(*types.Named); ok && v.Type().Elem().Name() != named.Obj().Name() {
			if named.TypeArgs().Len() == 0 {
				t.Errorf("%s: got type %s", o, v.Type().Elem())
			}
		}
	case *types.Const:
		checkConst(t, o, v)
	}
}

func checkConst(t *testing.T, o *types.Const, v reflect.Value) {
	t.Helper()
	got, ok := v.Interface().(constant.Value)
	if !ok {
		got = value(v)
	}
	if want := o.Val(); want.Kind() == constant.Float || got.Kind() == constant.Float {
		a, _ := constant.Float64Val(want)
		b, _ := constant.Float64Val(got)
		if a != b {
			t.Errorf("%s: got %v, want %v", o, b, a)
		}
	} else if !constant.Compare(got, token.EQL, want) {
		t.Errorf("%s: got %v, want %v", o, got, want)
	}
}

// value converts the value of a typed constant.
func value(v reflect.Value) constant.Value {
	switch {
	case v.CanInt():
		return constant.MakeInt64(v.Int())
	case v.CanUint():
		return constant.MakeUint64(v.Uint())
	case v.CanFloat():
		return constant.MakeFloat64(v.Float())
	case v.Kind() == reflect.Bool:
		return constant.MakeBool(v.Bool())
	case v.Kind() == reflect.String:
		return constant.MakeString(v.String())
	}
	return constant.MakeUnknown()
}

// TestWrappersImplementTheirInterface checks every wrapper against the form that yaegi expects: a first field for the
// value, then a field W… for each method.
func TestWrappersImplementTheirInterface(t *testing.T) {
	wrappers := 0
	for _, path := range stdlib.Packages() {
		symbols, _ := stdlib.Load(path)
		for name, v := range symbols {
			iface := v.Type()
			if !v.IsValid() || iface.Kind() != reflect.Pointer || iface.Elem().Kind() != reflect.Interface || !v.IsZero() {
				continue
			}
			iface = iface.Elem()
			if iface.PkgPath() != path || iface.Name() != name {
				continue // a variable or an alias
			}
			w, ok := symbols["_"+name]
			if !ok {
				t.Errorf("%s.%s has no wrapper", path, name)
				continue
			}
			wrappers++
			wrapper := w.Type().Elem()
			if wrapper.Field(0).Name != "IValue" {
				t.Errorf("%s.%s: the first field is %s", path, name, wrapper.Field(0).Name)
			}
			hidden := false
			for m := range iface.Methods() {
				hidden = hidden || !m.IsExported()
				if f, ok := wrapper.FieldByName("W" + m.Name); m.IsExported() && (!ok || f.Type != m.Type) {
					t.Errorf("%s.%s: the wrapper has no field for method %s", path, name, m.Name)
				}
			}
			if wrapper.Implements(iface) == hidden {
				t.Errorf("%s.%s: implemented by its wrapper %t, has unexported methods %t", path, name, !hidden, hidden)
			}
		}
	}
	if wrappers < 150 {
		t.Errorf("got %d wrappers, want 150 or more", wrappers)
	}
}

func TestRequires(t *testing.T) {
	got := stdlib.Requires("fmt")
	if diff := cmp.Diff([]string{"io"}, got); diff != "" {
		t.Errorf("fmt (-want +got):\n%s", diff)
	}
	got = stdlib.Requires("net/http")
	for _, want := range []string{"context", "io", "net", "mime/multipart"} {
		if !slices.Contains(got, want) {
			t.Errorf("net/http: got %v, want %s among them", got, want)
		}
	}
	for _, path := range stdlib.Packages() {
		for _, r := range stdlib.Requires(path) {
			if _, ok := stdlib.Load(r); !ok || r == path {
				t.Errorf("%s requires %s", path, r)
			}
		}
	}
}

func TestLoadUnknown(t *testing.T) {
	for _, path := range []string{"", "fm", "internal/abi", "cmd/go"} {
		if symbols, ok := stdlib.Load(path); ok || symbols != nil {
			t.Errorf("Load(%q): got %d symbols, %t", path, len(symbols), ok)
		}
	}
}

func TestLoadUnsafe(t *testing.T) {
	symbols, ok := stdlib.Load("unsafe")
	if !ok || !symbols["Pointer"].IsValid() {
		t.Errorf("got %v, %t; want Pointer", symbols, ok)
	}
}

// TestHooksHaveTheTypeOfTheOriginal compares replaced functions with what the package declares.
func TestHooksHaveTheTypeOfTheOriginal(t *testing.T) {
	imp := std.NewImporter(token.NewFileSet())
	hooked := 0
	for _, path := range stdlib.Packages() {
		symbols, _ := stdlib.Load(path)
		for _, name := range stdlib.Hooked(path) {
			hooked++
			pkg, err := imp.Import(path)
			if err != nil {
				t.Fatal(err)
			}
			o := pkg.Scope().Lookup(name)
			if o == nil {
				t.Errorf("%s.%s is not declared", path, name)
				continue
			}
			want := types.TypeString(unnamed(o.(*types.Func).Signature()), (*types.Package).Name)
			if got := spelled(symbols[name].Type()); got != want {
				t.Errorf("%s.%s: got %s, want %s", path, name, got, want)
			}
		}
	}
	if hooked < 25 {
		t.Errorf("got %d hooks, want 25 or more", hooked)
	}
	for _, m := range stdlib.Methods() {
		runtime, _ := stdlib.Load(stdlib.Runtime)
		if f := runtime[m.Func]; !f.IsValid() || f.Type().In(0).String() != m.Type {
			t.Errorf("%s.%s: %s is not a function of a %[1]s", m.Type, m.Name, m.Func)
		} else if _, ok := f.Type().In(0).MethodByName(m.Name); !ok {
			t.Errorf("%s has no method %s", m.Type, m.Name)
		}
	}
}

// unnamed returns a signature without the names of its parameters, which reflection does not know.
func unnamed(s *types.Signature) *types.Signature {
	strip := func(t *types.Tuple) *types.Tuple {
		var vars []*types.Var
		for v := range t.Variables() {
			vars = append(vars, types.NewParam(0, nil, "", v.Type()))
		}
		return types.NewTuple(vars...)
	}
	return types.NewSignatureType(nil, nil, nil, strip(s.Params()), strip(s.Results()), s.Variadic())
}

// spelled is the text of a type as go/types would write it.
func spelled(t reflect.Type) string {
	return strings.ReplaceAll(t.String(), "interface {}", "any")
}

func TestMapTypes(t *testing.T) {
	m := stdlib.MapTypes()
	symbols, _ := stdlib.Load("fmt")
	for _, name := range []string{"Println", "Sprintf", "Sscan"} {
		if len(m[symbols[name]]) == 0 {
			t.Errorf("fmt.%s is not a key", name)
		}
	}
	for f, interfaces := range m {
		if f.Kind() != reflect.Func {
			t.Errorf("%v is a key", f)
		}
		for _, i := range interfaces {
			if i.PkgPath() == "" {
				continue // error, which yaegi has itself
			}
			if w, _ := stdlib.Load(i.PkgPath()); !w["_"+i.Name()].IsValid() {
				t.Errorf("%s has no wrapper", i)
			}
		}
	}
}

// TestVariablesAreThePackages checks that a variable is the package's own, not a copy.
func TestVariablesAreThePackages(t *testing.T) {
	symbols, _ := stdlib.Load("io")
	eof, _ := symbols["EOF"].Interface().(error)
	if eof == nil || eof.Error() != "EOF" || errors.Is(eof, errors.New("EOF")) {
		t.Fatalf("got %v", eof)
	}
	again, _ := stdlib.Load("io")
	if symbols["EOF"].Addr().Pointer() != again["EOF"].Addr().Pointer() {
		t.Error("two Loads gave two variables")
	}
}

// TestMapsAreTheCallers checks that the caller may change what Load returned.
func TestMapsAreTheCallers(t *testing.T) {
	symbols, _ := stdlib.Load("fmt")
	clear(symbols)
	if again, _ := stdlib.Load("fmt"); len(again) == 0 {
		t.Error("clearing one map emptied the next")
	}
}

func BenchmarkLoad(b *testing.B) {
	for _, path := range []string{"fmt", "time", "net/http", "syscall"} {
		b.Run(path, func(b *testing.B) {
			for b.Loop() {
				stdlib.Load(path)
			}
		})
	}
	b.Run("all", func(b *testing.B) {
		for b.Loop() {
			for _, path := range stdlib.Packages() {
				stdlib.Load(path)
			}
		}
	})
}
