package stdlib

import (
	"encoding"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"reflect"
)

// MapTypes tells yaegi which interfaces a function looks for in arguments of type any, so that it wraps interpreted
// values that implement one: fmt.Println then finds a String method. The first interface that a type implements counts.
// The keys are functions as Load returns them. Given to Use as the value "MapTypes" under the key ".".
func MapTypes() map[reflect.Value][]reflect.Type {
	stringer := []reflect.Type{
		reflect.TypeFor[fmt.Formatter](), reflect.TypeFor[error](), reflect.TypeFor[fmt.Stringer](),
	}
	m := map[reflect.Value][]reflect.Type{}
	add := func(path string, interfaces []reflect.Type, names ...string) {
		symbols, _ := Load(path)
		for _, name := range names {
			m[symbols[name]] = interfaces
		}
	}
	add("fmt", stringer, "Append", "Appendf", "Appendln", "Errorf", "Fprint", "Fprintf", "Fprintln",
		"Print", "Printf", "Println", "Sprint", "Sprintf", "Sprintln")
	add("log", stringer, "Fatal", "Fatalf", "Fatalln", "Panic", "Panicf", "Panicln", "Print", "Printf", "Println")
	add("fmt", []reflect.Type{reflect.TypeFor[fmt.Scanner]()},
		"Fscan", "Fscanf", "Fscanln", "Scan", "Scanf", "Scanln", "Sscan", "Sscanf", "Sscanln")
	text := reflect.TypeFor[encoding.TextMarshaler]()
	add("encoding/json", []reflect.Type{reflect.TypeFor[json.Marshaler](), text}, "Marshal", "MarshalIndent")
	add("encoding/xml", []reflect.Type{reflect.TypeFor[xml.Marshaler](), text}, "Marshal", "MarshalIndent")
	untext := reflect.TypeFor[encoding.TextUnmarshaler]()
	add("encoding/json", []reflect.Type{reflect.TypeFor[json.Unmarshaler](), untext}, "Unmarshal")
	add("encoding/xml", []reflect.Type{reflect.TypeFor[xml.Unmarshaler](), untext}, "Unmarshal")
	return m
}
