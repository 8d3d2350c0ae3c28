package dynamic

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"strings"
)

const unmarshals = "func([]uint8) error"

// Unmarshal is json.Unmarshal; target is boxed if it is a pointer to a type of the notebook.
func Unmarshal(data []byte, target any) error {
	v, ok := target.(Value)
	if !ok {
		return json.Unmarshal(data, target)
	}
	if !json.Valid(data) {
		return json.Unmarshal(data, new(any))
	}
	p := reflect.ValueOf(v.v)
	if p.Kind() != reflect.Pointer || p.IsNil() || v.typ.elem == nil && p.Elem().Kind() != reflect.Interface {
		if p.Kind() != reflect.Pointer {
			return errors.New("json: Unmarshal(non-pointer " + v.typ.Name + ")")
		}
		return errors.New("json: Unmarshal(nil " + v.typ.Name + ")")
	}
	return decode(data, p.Elem(), v.typ.elem, v.typ)
}

// Decode is (*json.Decoder).Decode.
func Decode(d *json.Decoder, target any) error {
	if _, ok := target.(Value); !ok {
		return d.Decode(target)
	}
	var raw json.RawMessage
	if err := d.Decode(&raw); err != nil {
		return err
	}
	return Unmarshal(raw, target)
}

// Encode is (*json.Encoder).Encode.
func Encode(e *json.Encoder, x any) error { return named(e.Encode(x)) }

// decode stores a JSON value in place, which is of type t; ptr is the type of a pointer to it, if known.
func decode(data []byte, place reflect.Value, t, ptr *Type) error {
	data = bytes.TrimSpace(data)
	if t == nil {
		return json.Unmarshal(data, place.Addr().Interface())
	}
	null := string(data) == "null"
	if ptr.has("UnmarshalJSON", unmarshals) && !(null && place.Kind() == reflect.Pointer) {
		return unmarshalBy(ptr, "UnmarshalJSON", place.Addr(), data)
	}
	if ptr.has("UnmarshalText", unmarshals) && len(data) > 0 && data[0] == '"' {
		var s string
		if err := json.Unmarshal(data, &s); err != nil {
			return err
		}
		return unmarshalBy(ptr, "UnmarshalText", place.Addr(), []byte(s))
	}
	if place.Kind() == reflect.Interface && t.Kind != reflect.Interface {
		return unsupported(t)
	}
	switch {
	case null:
		switch place.Kind() {
		case reflect.Pointer, reflect.Map, reflect.Slice, reflect.Interface:
			place.SetZero()
		}
		return nil
	case t.Kind == reflect.Pointer:
		if place.IsNil() {
			place.Set(reflect.New(place.Type().Elem()))
		}
		return decode(data, place.Elem(), t.elem, t)
	case t.Kind == reflect.Struct && data[0] == '{':
		return decodeStruct(data, place, t)
	case t.Kind == reflect.Slice && data[0] == '[' && t.elem != nil:
		return decodeSlice(data, place, t)
	case t.Kind == reflect.Map && data[0] == '{' && (t.elem != nil || t.key != nil):
		return decodeMap(data, place, t)
	case t.Kind == reflect.Interface, t.Kind == reflect.Array && t.elem != nil:
		return unsupported(t)
	}
	return json.Unmarshal(data, place.Addr().Interface())
}

func unsupported(t *Type) error {
	panic(Unsupported("decoding JSON into a " + t.Name + " is not supported by the interpreter"))
}

func unmarshalBy(ptr *Type, method string, place reflect.Value, data []byte) error {
	f, ok := ptr.function(method)
	if !ok {
		return unsupported(ptr)
	}
	err, _ := call(f, Value{ptr, place.Interface()}, reflect.ValueOf(data))[0].Interface().(error)
	return err
}

func decodeSlice(data []byte, place reflect.Value, t *Type) error {
	var parts []json.RawMessage
	if err := json.Unmarshal(data, &parts); err != nil {
		return err
	}
	out := reflect.MakeSlice(place.Type(), len(parts), len(parts))
	for i, p := range parts {
		if err := decode(p, out.Index(i), t.elem, pointerTo(t.elem)); err != nil {
			return err
		}
	}
	place.Set(out)
	return nil
}

func decodeMap(data []byte, place reflect.Value, t *Type) error {
	if t.key != nil && len(t.key.Methods) > 0 {
		return unsupported(t)
	}
	var parts map[string]json.RawMessage
	if err := json.Unmarshal(data, &parts); err != nil {
		return err
	}
	if place.IsNil() {
		place.Set(reflect.MakeMap(place.Type()))
	}
	for name, p := range parts {
		// The key, as package json reads it.
		one := reflect.New(reflect.MapOf(place.Type().Key(), reflect.TypeFor[bool]()))
		quoted, err := json.Marshal(map[string]bool{name: true})
		if err != nil {
			return err
		}
		if err := json.Unmarshal(quoted, one.Interface()); err != nil {
			return err
		}
		elem := reflect.New(place.Type().Elem()).Elem()
		if err := decode(p, elem, t.elem, pointerTo(t.elem)); err != nil {
			return err
		}
		place.SetMapIndex(one.Elem().MapKeys()[0], elem)
	}
	return nil
}

func decodeStruct(data []byte, place reflect.Value, t *Type) error {
	d := json.NewDecoder(bytes.NewReader(data))
	if _, err := d.Token(); err != nil {
		return err
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return err
		}
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil {
			return err
		}
		name, _ := key.(string)
		field, f := findField(place, t, name)
		if f == nil {
			continue
		}
		if err := decode(raw, field, f.typ, pointerTo(f.typ)); err != nil {
			var e *json.UnmarshalTypeError
			if errors.As(err, &e) {
				_, e.Struct, _ = strings.Cut(t.Name, ".")
				e.Field = strings.TrimSuffix(name+"."+e.Field, ".")
			}
			return err
		}
	}
	if _, err := d.Token(); err != nil && err != io.EOF {
		return err
	}
	return nil
}

// findField returns the field that a key means.
func findField(place reflect.Value, t *Type, name string) (reflect.Value, *Field) {
	var found *Field
	var at reflect.Value
	for i := range t.Fields {
		f := &t.Fields[i]
		tag, options, _ := strings.Cut(reflect.StructTag(f.Tag).Get("json"), ",")
		if f.Embedded && tag == "" && f.typ != nil && f.typ.Kind == reflect.Struct {
			if v, inner := findField(place.Field(i), f.typ, name); inner != nil && found == nil {
				at, found = v, inner
			}
			continue
		}
		if !f.Exported || tag == "-" && options == "" {
			continue
		}
		if strings.Contains(options, "string") {
			unsupported(t)
		}
		if tag == "" {
			tag = f.Name
		}
		if tag == name {
			return place.Field(i), f
		}
		if found == nil && strings.EqualFold(tag, name) {
			at, found = place.Field(i), f
		}
	}
	return at, found
}

// pointerTo returns what is known of the methods of pointers to t.
func pointerTo(t *Type) *Type {
	if t == nil {
		return nil
	}
	return t.pointer
}
