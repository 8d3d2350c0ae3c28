package dynamic

import (
	"fmt"
	"io"
	"reflect"
	"strconv"
	"unsafe"
)

// Printed is an argument of a function of package fmt that has values of the notebook's types in it.
type Printed struct{ V any }

// Format implements fmt.Formatter.
func (p Printed) Format(s fmt.State, verb rune) {
	if verb == TypeVerb {
		fmt.Fprintf(s, fmt.FormatString(s, 's'), TypeName(p.V))
		return
	}
	printArg(s, verb, p.V)
}

// TypeVerb is the verb that stands for T with arguments of type Printed: package fmt does not ask these for T.
const TypeVerb = '\uF854'

// Format implements fmt.Formatter: the value prints as one of its type does.
func (v Value) Format(s fmt.State, verb rune) { Printed{v}.Format(s, verb) }

func printArg(s fmt.State, verb rune, x any) {
	p := &printer{s: s, verb: verb}
	switch x := Bare(x).(type) {
	case Value:
		if verb == 'p' {
			p.leaf(reflect.ValueOf(x.v))
			return
		}
		p.value(reflect.ValueOf(x.v), x.typ, 0, false)
	default:
		p.value(reflect.ValueOf(x), nil, 0, false)
	}
}

// Mixed reports whether x, which is no Value, may contain some.
func Mixed(x any) bool { return x != nil && mixed(reflect.TypeOf(x), 0) }

// mixedTypes keeps what mixed has found.
var mixedTypes mapOfTypes

func mixed(t reflect.Type, depth int) bool {
	if depth > 20 {
		return true
	}
	if known, ok := mixedTypes.Load(t); ok {
		return known.(bool)
	}
	found := false
	switch t.Kind() {
	case reflect.Interface:
		found = true
	case reflect.Slice, reflect.Array, reflect.Pointer:
		found = mixed(t.Elem(), depth+1)
	case reflect.Map:
		found = mixed(t.Key(), depth+1) || mixed(t.Elem(), depth+1)
	case reflect.Struct:
		if t.PkgPath() == "" { // compiled packages know what they do
			for i := 0; i < t.NumField() && !found; i++ {
				found = mixed(t.Field(i).Type, depth+1)
			}
		} else {
			found = t == valueType || t == errorValueType || t == errorsValueType || isWrapper(t)
		}
	}
	if depth == 0 {
		mixedTypes.Store(t, found)
	}
	return found
}

var (
	valueType       = reflect.TypeFor[Value]()
	errorValueType  = reflect.TypeFor[Error]()
	errorsValueType = reflect.TypeFor[Errors]()
)

// A printer prints one argument, as package fmt would if it knew the types.
type printer struct {
	s    fmt.State
	verb rune
}

func (p *printer) sharpV() bool { return p.verb == 'v' && p.s.Flag('#') }
func (p *printer) plusV() bool  { return p.verb == 'v' && p.s.Flag('+') }

func (p *printer) write(text string) {
	// As package fmt, whose printers keep what they print.
	_, _ = io.WriteString(p.s, text)
}

// value prints v, whose type is t, or that of v if t is nil. Methods are not called in fields that are not exported.
func (p *printer) value(v reflect.Value, t *Type, depth int, hidden bool) {
	for v.IsValid() && v.Kind() == reflect.Interface && (t == nil || t.Kind != reflect.Interface) {
		if v.IsNil() {
			p.nothing(t)
			return
		}
		v = v.Elem()
	}
	if !v.IsValid() {
		p.nothing(t)
		return
	}
	if t == nil && v.CanInterface() {
		if x, ok := Bare(v.Interface()).(Value); ok {
			p.value(reflect.ValueOf(x.v), x.typ, depth, hidden)
			return
		}
	}
	if t != nil && !hidden && t.Kind != reflect.Interface && p.methods(v, t) {
		return
	}
	if t == nil && (!v.CanInterface() || !mixed(v.Type(), 0) || hasMethods(v.Type()) && !hidden) {
		p.compiled(v, depth, hidden)
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		p.structure(v, t, depth, hidden)
	case reflect.Slice, reflect.Array:
		p.list(v, t, depth, hidden)
	case reflect.Map:
		p.dictionary(v, t, depth, hidden)
	case reflect.Pointer:
		p.pointer(v, t, depth, hidden)
	case reflect.Interface:
		if v.IsNil() {
			if p.sharpV() {
				p.write(nameOf(v, t) + "(nil)")
				return
			}
			p.nothing(nil)
			return
		}
		p.value(v.Elem(), nil, depth+1, hidden)
	default:
		p.basic(v, t)
	}
}

func (p *printer) nothing(t *Type) {
	switch {
	case p.sharpV() && t != nil:
		p.write(t.Name + "(nil)")
	case p.verb == 'v':
		fmt.Fprintf(p.s, widthOnly(p.s), "<nil>")
	default:
		fmt.Fprintf(p.s, "%%!%c(<nil>)", p.verb)
	}
}

// widthOnly returns a format for a string that fills the width that s asks for.
func widthOnly(s fmt.State) string {
	if w, ok := s.Width(); ok {
		if s.Flag('-') {
			return "%-" + strconv.Itoa(w) + "s"
		}
		return "%" + strconv.Itoa(w) + "s"
	}
	return "%s"
}

func hasMethods(t reflect.Type) bool {
	return t.Implements(formatterType) || t.Implements(errorType) || t.Implements(stringerType)
}

var (
	formatterType = reflect.TypeFor[fmt.Formatter]()
	stringerType  = reflect.TypeFor[fmt.Stringer]()
)

func nameOf(v reflect.Value, t *Type) string {
	if t != nil {
		return t.Name
	}
	return v.Type().String()
}

// compiled has package fmt print a value of a type that it knows.
func (p *printer) compiled(v reflect.Value, depth int, hidden bool) {
	if depth > 0 && v.Kind() == reflect.Pointer && (hidden || !v.CanInterface() || !hasMethods(v.Type())) {
		p.address(v, nil)
		return
	}
	if hidden || !v.CanInterface() {
		v = concealed(v)
		fmt.Fprintf(p.s, fmt.FormatString(p.s, p.verb), v)
		return
	}
	fmt.Fprintf(p.s, fmt.FormatString(p.s, p.verb), v.Interface())
}

// concealed returns v as the value of a field that is not exported.
func concealed(v reflect.Value) reflect.Value {
	if !v.CanInterface() {
		return v
	}
	s := reflect.New(reflect.StructOf([]reflect.StructField{{Name: "x", PkgPath: "main", Type: v.Type()}})).Elem()
	f := s.Field(0)
	reflect.NewAt(f.Type(), unsafe.Pointer(f.UnsafeAddr())).Elem().Set(v)
	return f
}

// leaf prints a value of a kind that has no parts.
func (p *printer) leaf(v reflect.Value) {
	fmt.Fprintf(p.s, fmt.FormatString(p.s, p.verb), v.Interface())
}

func (p *printer) basic(v reflect.Value, t *Type) {
	switch v.Kind() {
	case reflect.Chan, reflect.Func, reflect.UnsafePointer:
		p.address(v, t)
	default:
		p.leaf(v)
	}
}

// address prints a reference as package fmt does in fmtPointer.
func (p *printer) address(v reflect.Value, t *Type) {
	switch {
	case p.sharpV():
		if v.IsNil() {
			p.write("(" + nameOf(v, t) + ")(nil)")
			return
		}
		p.write("(" + nameOf(v, t) + ")(" + fmt.Sprintf("%#x", v.Pointer()) + ")")
	case p.verb == 'v', p.verb == 'p':
		fmt.Fprintf(p.s, fmt.FormatString(p.s, p.verb), v.UnsafePointer())
	case p.verb == 's', p.verb == 'q', p.verb == 't':
		name := nameOf(v, t)
		if v.IsNil() {
			fmt.Fprintf(p.s, "%%!%c(%s=<nil>)", p.verb, name)
			return
		}
		fmt.Fprintf(p.s, "%%!%c(%s=%#x)", p.verb, name, v.Pointer())
	default:
		fmt.Fprintf(p.s, fmt.FormatString(p.s, p.verb), v.Pointer())
	}
}

func (p *printer) pointer(v reflect.Value, t *Type, depth int, hidden bool) {
	if depth == 0 && !v.IsNil() && p.verb != 'p' {
		switch v.Elem().Kind() {
		case reflect.Array, reflect.Slice, reflect.Struct, reflect.Map:
			var elem *Type
			if t != nil {
				elem = t.elem
			}
			p.write("&")
			p.value(v.Elem(), elem, depth+1, hidden)
			return
		}
	}
	p.address(v, t)
}
