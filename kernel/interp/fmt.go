package interp

import (
	"errors"
	"fmt"
	"io"
	"log"

	"gokernel/kernel/goroutine"
	"gokernel/kernel/interp/dynamic"
)

// knowing returns functions in place of those of a package that have to know the notebook's types: they print arguments of any
// type, or look into errors.
func (ev *Evaluator) knowing(path string) map[string]any {
	switch path {
	case "encoding/json":
		return map[string]any{"Marshal": dynamic.Marshal, "MarshalIndent": dynamic.MarshalIndent, "Unmarshal": dynamic.Unmarshal}
	case "runtime":
		return map[string]any{"NumGoroutine": goroutine.Number}
	case "reflect":
		return map[string]any{"TypeOf": dynamic.TypeOf}
	case "errors":
		return map[string]any{"As": ev.types.ErrorsAs, "Is": errorsIs}
	case "fmt":
		return map[string]any{
			"Append":   func(b []byte, a ...any) []byte { return fmt.Append(b, shown(a)...) },
			"Appendf":  func(b []byte, f string, a ...any) []byte { f, a = shownAs(f, a); return fmt.Appendf(b, f, a...) },
			"Appendln": func(b []byte, a ...any) []byte { return fmt.Appendln(b, shown(a)...) },
			"Errorf":   func(f string, a ...any) error { f, a = shownAs(f, a); return fmt.Errorf(f, a...) },
			"Fprint":   func(w io.Writer, a ...any) (int, error) { return fmt.Fprint(w, shown(a)...) },
			"Fprintf": func(w io.Writer, f string, a ...any) (int, error) {
				f, a = shownAs(f, a)
				return fmt.Fprintf(w, f, a...)
			},
			"Fprintln": func(w io.Writer, a ...any) (int, error) { return fmt.Fprintln(w, shown(a)...) },
			"Print":    func(a ...any) (int, error) { return goroutine.FmtPrint(shown(a)...) },
			"Printf":   func(f string, a ...any) (int, error) { f, a = shownAs(f, a); return goroutine.FmtPrintf(f, a...) },
			"Println":  func(a ...any) (int, error) { return goroutine.FmtPrintln(shown(a)...) },
			"Sprint":   func(a ...any) string { return fmt.Sprint(shown(a)...) },
			"Sprintf":  func(f string, a ...any) string { f, a = shownAs(f, a); return fmt.Sprintf(f, a...) },
			"Sprintln": func(a ...any) string { return fmt.Sprintln(shown(a)...) },
		}
	case "log":
		const caller = 2 // of log.Output, for log.Lshortfile
		output := func(text string) {
			// As log.Print, which does not tell either.
			_ = log.Output(caller, text)
		}
		return map[string]any{
			"Print":   func(a ...any) { output(fmt.Sprint(shown(a)...)) },
			"Printf":  func(f string, a ...any) { f, a = shownAs(f, a); output(fmt.Sprintf(f, a...)) },
			"Println": func(a ...any) { output(fmt.Sprintln(shown(a)...)) },
			"Fatal":   func(a ...any) { goroutine.LogFatal(shown(a)...) },
			"Fatalf":  func(f string, a ...any) { f, a = shownAs(f, a); goroutine.LogFatalf(f, a...) },
			"Fatalln": func(a ...any) { goroutine.LogFatalln(shown(a)...) },
			"Panic":   func(a ...any) { s := fmt.Sprint(shown(a)...); output(s); panic(s) },
			"Panicf":  func(f string, a ...any) { f, a = shownAs(f, a); s := fmt.Sprintf(f, a...); output(s); panic(s) },
			"Panicln": func(a ...any) { s := fmt.Sprintln(shown(a)...); output(s); panic(s) },
		}
	}
	return nil
}

// errorsIs is errors.Is for errors that may hold values of the notebook's types.
func errorsIs(err, target error) bool {
	if v, ok := dynamic.Bare(target).(dynamic.Value); ok {
		target = dynamic.ToError(v)
	}
	return errors.Is(err, target)
}

// shown returns arguments as package fmt shall see them; args itself if that is what they are.
func shown(args []any) []any {
	out := args
	for i, a := range args {
		switch a.(type) {
		case nil, string, int, bool, float64, []byte, []int, []string, dynamic.Value:
			continue // the usual ones, quickly
		}
		if b, ok := printed(a); ok {
			if &out[0] == &args[0] {
				out = append([]any(nil), args...)
			}
			out[i] = b
		}
	}
	return out
}

// printed returns a for package fmt, and whether that is another value.
func printed(a any) (any, bool) {
	if b := dynamic.Bare(a); b != nil {
		if v, ok := b.(dynamic.Value); ok {
			return v, true
		}
	}
	if dynamic.Mixed(a) {
		return dynamic.Printed{V: a}, true
	}
	return a, false
}

// shownAs is shown for a format, in which it replaces the verbs T and w of values of the notebook's types: package fmt does not
// ask a value for these.
func shownAs(format string, args []any) (string, []any) {
	var text []byte
	out := shown(args)
	used := 0
	own := func() {
		if len(args) > 0 && len(out) > 0 && &out[0] == &args[0] {
			out = append([]any(nil), args...)
		}
	}
	for i := 0; i < len(format); i++ {
		if format[i] != '%' {
			continue
		}
		i++
		for i < len(format) && (format[i] == '+' || format[i] == '-' || format[i] == '#' || format[i] == ' ' || format[i] == '.' ||
			format[i] >= '0' && format[i] <= '9' || format[i] == '*' || format[i] == '[') {
			switch format[i] {
			case '*':
				used++
			case '[':
				n := 0
				for i++; i < len(format) && format[i] != ']'; i++ {
					n = n*10 + int(format[i]-'0')
				}
				used = n - 1
			}
			i++
		}
		if i >= len(format) {
			break
		}
		if format[i] == '%' {
			continue
		}
		n := used
		used++
		if n < 0 || n >= len(out) {
			continue
		}
		v, ok := out[n].(dynamic.Value)
		switch {
		case format[i] == 'w' && ok:
			if err, is := dynamic.TryError(v); is {
				own()
				out[n] = err
			}
		case format[i] == 'T' && ok:
			if text == nil {
				text = []byte(format)
			}
			text[i] = 1
		case format[i] == 'T':
			if p, ok := out[n].(dynamic.Printed); ok {
				own()
				out[n] = p.V
			}
		}
	}
	if text == nil {
		return format, out
	}
	var b []byte
	for _, c := range text {
		if c == 1 {
			b = append(b, string(dynamic.TypeVerb)...)
		} else {
			b = append(b, c)
		}
	}
	return string(b), out
}

// printable returns a value that compiled code prints as v. It does not fail.
func printable(v any) any {
	v = unwrap(v)
	if d, ok := dynamic.Bare(v).(dynamic.Value); ok {
		return dynamic.Shown(d)
	}
	return v
}
