package interp

import (
	"fmt"
	"reflect"
	"strings"
)

// basics are the types without parts that typeName knows.
var basics = map[string]reflect.Type{
	"bool": reflect.TypeFor[bool](), "string": reflect.TypeFor[string](), "any": reflect.TypeFor[any](),
	"int": reflect.TypeFor[int](), "int8": reflect.TypeFor[int8](), "int16": reflect.TypeFor[int16](),
	"int32": reflect.TypeFor[int32](), "int64": reflect.TypeFor[int64](),
	"uint": reflect.TypeFor[uint](), "uint8": reflect.TypeFor[uint8](), "uint16": reflect.TypeFor[uint16](),
	"uint32": reflect.TypeFor[uint32](), "uint64": reflect.TypeFor[uint64](), "uintptr": reflect.TypeFor[uintptr](),
	"float32": reflect.TypeFor[float32](), "float64": reflect.TypeFor[float64](),
	"complex64": reflect.TypeFor[complex64](), "complex128": reflect.TypeFor[complex128](),
}

// typeName writes a type that is made of predeclared ones, in prefix form: "*T", "[]T", "[3]T", "map K V".
func typeName(t reflect.Type) (name string, ok bool) {
	if t == basics["any"] {
		return "any", true
	}
	if t.PkgPath() != "" {
		return "", false
	}
	if t.Name() != "" {
		return t.Name(), basics[t.Name()] == t
	}
	parts := []reflect.Type{}
	prefix := ""
	switch t.Kind() {
	case reflect.Pointer:
		prefix, parts = "* ", append(parts, t.Elem())
	case reflect.Slice:
		prefix, parts = "[] ", append(parts, t.Elem())
	case reflect.Array:
		prefix, parts = fmt.Sprintf("[%d] ", t.Len()), append(parts, t.Elem())
	case reflect.Map:
		prefix, parts = "map ", append(parts, t.Key(), t.Elem())
	default:
		return "", false
	}
	names := []string{}
	for _, p := range parts {
		n, ok := typeName(p)
		if !ok {
			return "", false
		}
		names = append(names, n)
	}
	return prefix + strings.Join(names, " "), true
}

// typeNamed returns the type that typeName has written.
func typeNamed(name string) (t reflect.Type, ok bool) {
	words := strings.Fields(name)
	t, rest := parseType(words)
	return t, t != nil && len(rest) == 0
}

// parseType reads a type at the beginning of words. It returns nil if there is none.
func parseType(words []string) (t reflect.Type, rest []string) {
	if len(words) == 0 {
		return nil, nil
	}
	word, rest := words[0], words[1:]
	if t := basics[word]; t != nil {
		return t, rest
	}
	first, rest := parseType(rest)
	if first == nil {
		return nil, nil
	}
	var n int
	switch {
	case word == "*":
		return reflect.PointerTo(first), rest
	case word == "[]":
		return reflect.SliceOf(first), rest
	case word == "map" && first.Comparable():
		second, rest := parseType(rest)
		if second == nil {
			return nil, nil
		}
		return reflect.MapOf(first, second), rest
	}
	if _, err := fmt.Sscanf(word, "[%d]", &n); err == nil && n >= 0 {
		return reflect.ArrayOf(n, first), rest
	}
	return nil, nil
}
