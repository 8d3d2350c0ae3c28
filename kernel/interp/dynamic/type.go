// Package dynamic holds the values that the notebook's interfaces hold.
//
// Reflection cannot make named types, so what the interpreter computes with has only the shape of the reader's types.
// A value of such a type therefore enters an interface as a [Value], which is the value together with its [Type]: name,
// fields and methods as the reader wrote them. Type assertions, comparisons, printing, errors and JSON go by that.
package dynamic

import (
	"fmt"
	"go/token"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
)

// A Desc describes a type of the notebook, or one that is made of such. Types that compiled Go knows by themselves have no
// description; where another type refers to them, the number is 0.
type Desc struct {
	ID           int          `json:"id"`
	Name         string       `json:"name"` // as reflect writes it: "main.P", "[]*main.P"
	Kind         reflect.Kind `json:"kind"`
	Named        bool         `json:"named,omitempty"`
	Uncomparable bool         `json:"uncomparable,omitempty"`
	Elem         int          `json:"elem,omitempty"` // of a pointer, slice, array, map or channel
	Key          int          `json:"key,omitempty"`  // of a map
	Fields       []Field      `json:"fields,omitempty"`
	Methods      []Method     `json:"methods,omitempty"` // the method set, or those of an interface
}

// A Field is a field of a struct type.
type Field struct {
	Name     string `json:"name"`
	Type     int    `json:"type,omitempty"`
	Tag      string `json:"tag,omitempty"`
	Exported bool   `json:"exported,omitempty"`
	Embedded bool   `json:"embedded,omitempty"`
	typ      *Type
}

// A Method is a method by name and signature, the latter as reflect writes it: "func(int) string".
type Method struct {
	Name      string `json:"name"`
	Signature string `json:"sig"`
}

// A Type is what a Value remembers of its type.
type Type struct {
	Desc
	elem, key  *Type
	pointer    *Type // to values of it, if that is known
	signatures map[string]string
	dispatch   atomic.Int64
	funcs      sync.Map // name of a method → reflect.Value of a function whose first parameter is the boxed receiver
}

// String returns the type's name as %T prints it.
func (t *Type) String() string { return t.Name }

// A Registry knows the types of one notebook by their numbers. Its methods may be called at any time.
type Registry struct {
	mu    sync.Mutex
	types atomic.Pointer[map[int]*Type]
	last  int64 // dispatch number
}

// renewed is where the dispatch numbers of types begin whose methods were declared again.
const renewed = 1 << 30

// NewRegistry returns a registry without types.
func NewRegistry() *Registry {
	r := &Registry{last: renewed}
	r.types.Store(&map[int]*Type{})
	return r
}

// Define adds types. One that is known already gets the methods that it lacks.
func (r *Registry) Define(descs []Desc) {
	if len(descs) == 0 {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	types := map[int]*Type{}
	for id, t := range *r.types.Load() {
		types[id] = t
	}
	for _, d := range descs {
		if types[d.ID] == nil {
			types[d.ID] = &Type{Desc: d}
			types[d.ID].dispatch.Store(int64(d.ID))
		}
	}
	for _, d := range descs {
		t := types[d.ID]
		signatures := map[string]string{}
		for _, m := range d.Methods {
			signatures[m.Name] = m.Signature
		}
		t.signatures = signatures
		t.elem, t.key = types[d.Elem], types[d.Key]
		if t.Kind == reflect.Pointer && t.elem != nil {
			t.elem.pointer = t
		}
		for i := range t.Fields {
			t.Fields[i].typ = types[t.Fields[i].Type]
		}
	}
	r.types.Store(&types)
}

// Type returns the type with a number. It panics if there is none: the front end has then forgotten to define it.
func (r *Registry) Type(id int) *Type {
	t := (*r.types.Load())[id]
	if t == nil {
		panic(fmt.Errorf("the type with number %d is not defined", id))
	}
	return t
}

// Method sets the function of a method of a type: its first parameter is the receiver, as a Value in an interface.
func (r *Registry) Method(id int, name string, f any) {
	t := r.Type(id)
	if _, again := t.funcs.Swap(name, reflect.ValueOf(f)); again {
		// Code that calls the old function directly does so by this number.
		t.dispatch.Store(atomic.AddInt64(&r.last, 1))
	}
}

// has reports whether a type has a method.
func (t *Type) has(name, signature string) bool {
	return t != nil && t.signatures[name] == signature && signature != ""
}

// method returns the function of a method with a signature, if the type has one.
func (t *Type) method(name, signature string) (reflect.Value, bool) {
	if !t.has(name, signature) {
		return reflect.Value{}, false
	}
	return t.function(name)
}

func (t *Type) function(name string) (reflect.Value, bool) {
	f, ok := t.funcs.Load(name)
	if !ok {
		return reflect.Value{}, false
	}
	return f.(reflect.Value), true
}

// call calls a method of v by its function.
func call(f reflect.Value, v Value, args ...reflect.Value) []reflect.Value {
	in := append([]reflect.Value{reflect.ValueOf(v)}, args...)
	if f.Type().IsVariadic() {
		return f.CallSlice(in)
	}
	return f.Call(in)
}

// Implements reports whether the dynamic type of x has the methods of the interface type with a number, and which it lacks.
func (r *Registry) Implements(x any, iface int) (missing string, ok bool) {
	x = Bare(x)
	if x == nil {
		return "", false
	}
	for _, m := range r.Type(iface).Methods {
		if v, ok := x.(Value); ok {
			if !v.typ.has(m.Name, m.Signature) {
				return m.Name, false
			}
			continue
		}
		f, found := reflect.TypeOf(x).MethodByName(compiledName(m.Name))
		if !found || signature(f.Type, true) != m.Signature {
			return m.Name, false
		}
	}
	return "", true
}

// compiledName returns the name that a method of the notebook has in compiled code. Package native gives it to unexported ones.
func compiledName(method string) string {
	if token.IsExported(method) || strings.HasPrefix(method, "Ɣ") {
		return method
	}
	return "Ɣm_" + method
}

// signature writes the type of a method, without its receiver if it has one as first parameter.
func signature(t reflect.Type, receiver bool) string {
	if !receiver {
		return t.String()
	}
	var in, out []reflect.Type
	for i := 1; i < t.NumIn(); i++ {
		in = append(in, t.In(i))
	}
	for i := range t.NumOut() {
		out = append(out, t.Out(i))
	}
	return strings.TrimSuffix(reflect.FuncOf(in, out, t.IsVariadic()).String(), " ")
}

// Bind returns a method as a function of type t, if v's type has one of that name, results of the same kinds and no
// parameters.
func (v Value) Bind(name string, t reflect.Type) (reflect.Value, bool) {
	sig, ok := v.typ.signatures[name]
	if !ok || !strings.HasPrefix(sig, "func() ") {
		return reflect.Value{}, false
	}
	f, ok := v.typ.function(name)
	if !ok || f.Type().NumOut() != t.NumOut() || f.Type().NumOut() != 1 || !f.Type().Out(0).ConvertibleTo(t.Out(0)) || f.Type().Out(0).Kind() != t.Out(0).Kind() {
		return reflect.Value{}, false
	}
	return reflect.MakeFunc(t, func([]reflect.Value) []reflect.Value {
		return []reflect.Value{call(f, v)[0].Convert(t.Out(0))}
	}), true
}

// Uncomparable returns the name of the type of what x holds, if that is one of the notebook whose values cannot be compared.
func Uncomparable(x any) (name string, ok bool) {
	v, ok := Bare(x).(Value)
	if !ok || !v.typ.Uncomparable {
		return "", false
	}
	return v.typ.Name, true
}
