package interp

import (
	"fmt"
	"io"
	"log"
	"reflect"
	"slices"
	"strings"

	"gokernel/kernel/goroutine"
)

// printers returns functions in place of those of packages fmt and log that print arguments of any type. yaegi hands them
// values of interpreted types in its own wrappings, where they are inside of something else, or with methods that print
// them but hide what they are from verbs such as %d.
func (m *machine) printers(path string) map[string]any {
	s := m.shown
	switch path {
	case "fmt":
		return map[string]any{
			"Append":   func(b []byte, a ...any) []byte { return fmt.Append(b, s(a)...) },
			"Appendf":  func(b []byte, f string, a ...any) []byte { return fmt.Appendf(b, f, m.shownAs(f, a)...) },
			"Appendln": func(b []byte, a ...any) []byte { return fmt.Appendln(b, s(a)...) },
			"Errorf":   func(f string, a ...any) error { return fmt.Errorf(f, m.shownErrors(a)...) },
			"Fprint":   func(w io.Writer, a ...any) (int, error) { return fmt.Fprint(w, s(a)...) },
			"Fprintf":  func(w io.Writer, f string, a ...any) (int, error) { return fmt.Fprintf(w, f, m.shownAs(f, a)...) },
			"Fprintln": func(w io.Writer, a ...any) (int, error) { return fmt.Fprintln(w, s(a)...) },
			"Print":    func(a ...any) (int, error) { return goroutine.FmtPrint(s(a)...) },
			"Printf":   func(f string, a ...any) (int, error) { return goroutine.FmtPrintf(f, m.shownAs(f, a)...) },
			"Println":  func(a ...any) (int, error) { return goroutine.FmtPrintln(s(a)...) },
			"Sprint":   func(a ...any) string { return fmt.Sprint(s(a)...) },
			"Sprintf":  func(f string, a ...any) string { return fmt.Sprintf(f, m.shownAs(f, a)...) },
			"Sprintln": func(a ...any) string { return fmt.Sprintln(s(a)...) },
		}
	case "log":
		const caller = 2 // of log.Output, for log.Lshortfile
		output := func(text string) {
			// As log.Print, which does not tell either.
			_ = log.Output(caller, text)
		}
		return map[string]any{
			"Print":   func(a ...any) { output(fmt.Sprint(s(a)...)) },
			"Printf":  func(f string, a ...any) { output(fmt.Sprintf(f, m.shownAs(f, a)...)) },
			"Println": func(a ...any) { output(fmt.Sprintln(s(a)...)) },
			"Fatal":   func(a ...any) { goroutine.LogFatal(s(a)...) },
			"Fatalf":  func(f string, a ...any) { goroutine.LogFatalf(f, m.shownAs(f, a)...) },
			"Fatalln": func(a ...any) { goroutine.LogFatalln(s(a)...) },
		}
	}
	return nil
}

// printing are the interfaces that package fmt looks for.
var printing = []reflect.Type{reflect.TypeFor[fmt.Formatter](), reflect.TypeFor[error](), reflect.TypeFor[fmt.Stringer]()}

// shown returns arguments as package fmt shall see them; args itself if that is what they are.
func (m *machine) shown(args []any) []any { return m.convert(args, false) }

// shownErrors is shown for Errorf, which wraps errors as they are.
func (m *machine) shownErrors(args []any) []any { return m.convert(args, true) }

// shownAs is shown for a format: where that asks for a type it is the value's own, rather than that of what prints it.
func (m *machine) shownAs(format string, args []any) []any {
	out := m.shown(args)
	if !strings.Contains(format, "T") {
		return out
	}
	i := 0
	for rest := format; ; i++ {
		_, after, found := strings.Cut(rest, "%")
		if !found {
			return out
		}
		rest = strings.TrimLeft(after, "+-# 0123456789.")
		if rest == "" || rest[0] == '*' || rest[0] == '[' {
			return out // arguments out of order
		}
		if rest[0] == '%' {
			i--
		}
		if f, ok := at(out, i).(formatted); ok && rest[0] == 'T' {
			out[i] = f.bare
		}
		rest = rest[1:]
	}
}

// at returns an element of a slice, or nil if there is none.
func at(args []any, i int) any {
	if i < 0 || i >= len(args) {
		return nil
	}
	return args[i]
}

func (m *machine) convert(args []any, errorsStay bool) []any {
	out := args
	for i, a := range args {
		switch a.(type) {
		case nil, string, int, bool, float64, []byte, []int, []string:
			continue // the usual ones, quickly
		case error:
			if errorsStay {
				continue
			}
		}
		if b, ok := a.(boxed); ok && errorsStay {
			if err, ok := m.printable(b.v).(error); ok {
				b.v = err
				out = slices.Clone(out)
				out[i] = err
				continue
			}
		}
		b, changed := m.show(reflect.ValueOf(a), 0)
		if !changed {
			continue
		}
		if &out[0] == &args[0] {
			out = append([]any(nil), args...)
		}
		out[i] = value(b)
	}
	return out
}

// formatted is a value of an interpreted type for package fmt: it prints as by, which has its Error or String method,
// with the verbs that ask for these, and else as itself.
type formatted struct{ bare, by any }

// Format implements fmt.Formatter.
func (f formatted) Format(s fmt.State, verb rune) {
	v := f.bare
	switch verb {
	case 'v', 's', 'x', 'X', 'q':
		if !s.Flag('#') || verb != 'v' {
			v = f.by
		}
	}
	fmt.Fprintf(s, fmt.FormatString(s, verb), v)
}

// isMixed reports whether values of a type may have interfaces in them that are printed. It keeps what it found.
func (m *machine) isMixed(t reflect.Type) bool {
	if known, ok := m.mixed.Load(t); ok {
		return known.(bool)
	}
	// What refers to itself does so through pointers, which are not followed, or slices and maps.
	m.mixed.Store(t, true)
	found := false
	switch t.Kind() {
	case reflect.Interface:
		found = true
	case reflect.Slice, reflect.Array:
		found = m.isMixed(t.Elem())
	case reflect.Map:
		found = m.isMixed(t.Key()) || m.isMixed(t.Elem())
	case reflect.Struct:
		found = wraps(t)
		for i := 0; i < t.NumField() && !found; i++ {
			found = m.isMixed(t.Field(i).Type)
		}
		if t.Implements(reflect.TypeFor[fmt.Stringer]()) || t.Implements(reflect.TypeFor[error]()) {
			found = wraps(t)
		}
	}
	m.mixed.Store(t, found)
	return found
}

// wraps reports whether a type is one of those that give values of interpreted types the methods of an interface.
func wraps(t reflect.Type) bool {
	return t.Kind() == reflect.Struct && t.NumField() > 0 && t.Field(0).Name == "IValue"
}

// maxShown bounds how deep show looks.
const maxShown = 20

// show returns v, or a copy of it, with what yaegi has wrapped as package fmt shall see it.
func (m *machine) show(v reflect.Value, depth int) (out reflect.Value, changed bool) {
	if depth > maxShown || !v.IsValid() {
		return v, false
	}
	t := v.Type()
	if b, ok := value(v).(boxed); ok {
		v = reflect.ValueOf(b.v)
		t = v.Type()
	}
	if t == valueInterfaceType || wraps(t) {
		return m.showWrapped(v, depth), true
	}
	if depth == 0 && v.Kind() == reflect.Pointer && !v.IsNil() && t.NumMethod() == 0 && m.isMixed(t.Elem()) {
		if inner, changed := m.show(v.Elem(), depth+1); changed && inner.Type() == t.Elem() {
			p := reflect.New(t.Elem())
			p.Elem().Set(inner)
			return p, true
		}
		return v, false
	}
	if !m.isMixed(t) || v.Kind() != reflect.Interface && t.PkgPath() != "" && v.Kind() == reflect.Struct {
		return v, false
	}
	switch v.Kind() {
	case reflect.Interface:
		if v.IsNil() || t.NumMethod() > 0 && !wraps(v.Elem().Type()) {
			return v, false
		}
		inner, changed := m.show(v.Elem(), depth+1)
		if !changed || !inner.IsValid() || !inner.Type().AssignableTo(t) {
			return v, false
		}
		return inner, true
	case reflect.Slice, reflect.Array:
		return m.showElements(v, depth)
	case reflect.Map:
		return m.showMap(v, depth)
	case reflect.Struct:
		for i := range v.NumField() {
			if !t.Field(i).IsExported() {
				continue
			}
			f, c := m.show(v.Field(i), depth+1)
			if !c {
				continue
			}
			if !changed {
				out, changed = reflect.New(t).Elem(), true
				out.Set(v)
			}
			out.Field(i).Set(f)
		}
		if changed {
			return out, true
		}
	}
	return v, false
}

func (m *machine) showWrapped(v reflect.Value, depth int) reflect.Value {
	by := m.printable(value(v))
	bare := reflect.ValueOf(unwrap(by, true))
	if inner, changed := m.show(bare, depth+1); changed {
		bare = inner
	}
	if _, isError := by.(error); !isError {
		if _, isStringer := by.(fmt.Stringer); !isStringer {
			return bare
		}
	}
	if _, ok := by.(fmt.Formatter); ok {
		return reflect.ValueOf(by)
	}
	return reflect.ValueOf(formatted{value(bare), by})
}

func (m *machine) showElements(v reflect.Value, depth int) (out reflect.Value, changed bool) {
	for i := range v.Len() {
		e, c := m.show(v.Index(i), depth+1)
		if !c {
			continue
		}
		if !changed {
			changed = true
			out = reflect.New(v.Type()).Elem()
			if v.Kind() == reflect.Slice {
				out.Set(reflect.MakeSlice(v.Type(), v.Len(), v.Len()))
			}
			reflect.Copy(out, v)
		}
		out.Index(i).Set(e)
	}
	if changed {
		return out, true
	}
	return v, false
}

func (m *machine) showMap(v reflect.Value, depth int) (out reflect.Value, changed bool) {
	for it := v.MapRange(); it.Next(); {
		// Keys stay, as their order is that in which they are printed.
		e, c := m.show(it.Value(), depth+1)
		if !c {
			continue
		}
		if !changed {
			changed = true
			out = reflect.MakeMapWithSize(v.Type(), v.Len())
			for all := v.MapRange(); all.Next(); {
				out.SetMapIndex(all.Key(), all.Value())
			}
		}
		out.SetMapIndex(it.Key(), e)
	}
	if changed {
		return out, true
	}
	return v, false
}
