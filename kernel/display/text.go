package display

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Bounds of Text.
const (
	maxText   = 64 << 10 // bytes of a string, or of an Error, String or Format method's result, that stands alone
	maxNested = 1 << 10  // bytes of one inside another value
	maxItems  = 200      // elements of one slice, array or map, fields of a struct
	maxTotal  = 16 << 10 // bytes of a composite value, after which nothing more is begun
	maxDepth  = 12       // levels of nesting
)

// Text returns v as fmt's %v prints it, but for two things. It is bounded: of long strings, slices, maps
// and deep values it shows the beginning and says how much it left out, as in [0 1 2 … 997 more]. And
// pointers inside it are followed to what %v follows only at the outside, structs and the like, so
// that a list reads {1 &{2 <nil>}}; a value inside itself is shown as …. v must not be modified meanwhile.
func Text(v any) string {
	if m, ok := v.(Methods); ok {
		switch {
		case m.Error != nil:
			return clip(m.Error(), maxText)
		case m.String != nil:
			return clip(m.String(), maxText)
		}
		v = m.Value
	}
	switch v := v.(type) {
	case nil:
		return "<nil>"
	case string:
		return clip(v, maxText)
	case reflect.Value:
		if !v.IsValid() {
			return "<invalid reflect.Value>"
		}
		p := printer{}
		p.value(v, 0)
		return p.String()
	}
	rv := reflect.ValueOf(v)
	if inner, ok := wrapped(rv); ok {
		return Text(inner)
	}
	if formats(rv) || !composite(rv) {
		return clip(fmt.Sprint(v), maxText)
	}
	p := printer{}
	p.value(rv, 0)
	return p.String()
}

// clip returns at most about limit bytes of s, whole runes, and says how many it left out.
func clip(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	n := limit
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "… " + group(len(s)-n) + " more bytes"
}

// group returns n with commas between thousands.
func group(n int) string {
	if n < 0 {
		return "-" + group(-n)
	}
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// wrapped returns the value inside one of the structs by which interpreted values reach compiled
// code as an interface: they hold it in a field IValue beside one function a method.
func wrapped(v reflect.Value) (any, bool) {
	if v.Kind() == reflect.Pointer && !v.IsNil() {
		v = v.Elem()
	}
	if v.Kind() != reflect.Struct || v.NumField() < 2 || !strings.HasPrefix(v.Type().Name(), "_") {
		return nil, false
	}
	f := v.FieldByName("IValue")
	if !f.IsValid() || f.Kind() != reflect.Interface || !f.CanInterface() {
		return nil, false
	}
	return f.Interface(), true
}

// formats reports whether fmt prints v by a method of its own.
func formats(v reflect.Value) bool {
	if !v.IsValid() || !v.CanInterface() {
		return false
	}
	switch v.Interface().(type) {
	case fmt.Formatter, fmt.Stringer, error:
		return true
	}
	return false
}

// composite reports whether v has parts that could be many.
func composite(v reflect.Value) bool {
	if v.Kind() == reflect.Pointer {
		v = v.Elem() // invalid if nil; a pointer to a pointer is printed as an address, as fmt does it
	}
	switch v.Kind() {
	case reflect.Slice, reflect.Array, reflect.Map, reflect.Struct:
		return true
	}
	return false
}

// printer collects the text of one composite value.
type printer struct {
	strings.Builder
	inside []visit // the pointers, maps and slices that are being printed
}

// visit is a map or slice by where its content is and its length; for a pointer that is -1.
type visit struct {
	addr   uintptr
	length int
}

// value prints v, which stands depth levels below the whole.
func (p *printer) value(v reflect.Value, depth int) {
	if v.Kind() == reflect.Interface {
		if v.IsNil() {
			p.WriteString("<nil>")
			return
		}
		v = v.Elem()
	}
	switch {
	case formats(v):
		p.WriteString(clip(fmt.Sprint(v.Interface()), maxNested))
		return
	case v.Kind() == reflect.String:
		p.WriteString(clip(v.String(), maxNested))
		return
	case !composite(v):
		fmt.Fprint(p, v) // fmt prints what a reflect.Value holds, unexported fields too
		return
	}
	if depth >= maxDepth || p.Len() >= maxTotal {
		p.WriteString("…")
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		if p.enter(v) {
			p.WriteByte('&')
			p.value(v.Elem(), depth+1)
			p.leave(v)
		}
	case reflect.Slice:
		if v.Len() == 0 || p.enter(v) {
			p.list(v, depth)
			p.leave(v)
		}
	case reflect.Array:
		p.list(v, depth)
	case reflect.Map:
		if v.Len() == 0 || p.enter(v) {
			p.mapping(v, depth)
			p.leave(v)
		}
	case reflect.Struct:
		p.fields(v, depth)
	}
}

// enter notes that v is being printed; false, and a mark is printed, if it already is.
func (p *printer) enter(v reflect.Value) bool {
	at := visit{v.Pointer(), -1}
	if v.Kind() != reflect.Pointer {
		at.length = v.Len()
	}
	if slices.Contains(p.inside, at) {
		p.WriteString("…")
		return false
	}
	p.inside = append(p.inside, at)
	return true
}

// leave ends what enter began.
func (p *printer) leave(v reflect.Value) {
	if v.Kind() == reflect.Pointer || v.Len() > 0 {
		p.inside = p.inside[:len(p.inside)-1]
	}
}

// more reports whether item i of n is still shown; if not it says how many are left out.
func (p *printer) more(i, n int) bool {
	if i < maxItems && p.Len() < maxTotal {
		if i > 0 {
			p.WriteByte(' ')
		}
		return true
	}
	if i > 0 {
		p.WriteByte(' ')
	}
	p.WriteString("… " + group(n-i) + " more")
	return false
}

// list prints a slice or array.
func (p *printer) list(v reflect.Value, depth int) {
	p.WriteByte('[')
	for i := 0; i < v.Len() && p.more(i, v.Len()); i++ {
		p.value(v.Index(i), depth+1)
	}
	p.WriteByte(']')
}

// fields prints a struct.
func (p *printer) fields(v reflect.Value, depth int) {
	p.WriteByte('{')
	for i := 0; i < v.NumField() && p.more(i, v.NumField()); i++ {
		p.value(v.Field(i), depth+1)
	}
	p.WriteByte('}')
}

// mapping prints a map in the order of its keys, as fmt does.
func (p *printer) mapping(v reflect.Value, depth int) {
	p.WriteString("map[")
	keys := v.MapKeys()
	slices.SortFunc(keys, compareKeys)
	for i, k := range keys {
		if !p.more(i, len(keys)) {
			break
		}
		p.value(k, depth+1)
		p.WriteByte(':')
		p.value(v.MapIndex(k), depth+1)
	}
	p.WriteByte(']')
}

// compareKeys orders map keys by value where their kind has an order, else by their text.
func compareKeys(a, b reflect.Value) int {
	if a.Kind() == reflect.Interface {
		a, b = a.Elem(), b.Elem()
	}
	if a.Kind() != b.Kind() {
		return int(a.Kind()) - int(b.Kind())
	}
	switch {
	case a.Kind() == reflect.String:
		return strings.Compare(a.String(), b.String())
	case a.CanInt():
		return cmp.Compare(a.Int(), b.Int())
	case a.CanUint():
		return cmp.Compare(a.Uint(), b.Uint())
	case a.CanFloat():
		return cmp.Compare(a.Float(), b.Float())
	case a.Kind() == reflect.Bool:
		return cmp.Compare(truth(a.Bool()), truth(b.Bool()))
	}
	return strings.Compare(clip(fmt.Sprint(a), maxNested), clip(fmt.Sprint(b), maxNested))
}

// truth gives false and true an order.
func truth(b bool) int {
	if b {
		return 1
	}
	return 0
}
