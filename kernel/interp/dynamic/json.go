package dynamic

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
)

const (
	marshals = "func() ([]uint8, error)"
)

// MarshalJSON implements json.Marshaler: by the methods of the value's type, or field by field.
func (v Value) MarshalJSON() ([]byte, error) {
	if x, ok, err := v.marshalled(); ok || err != nil {
		return x, err
	}
	m, err := encodable(reflect.ValueOf(v.v), v.typ, 0)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // whoever asks escapes what he wants escaped
	if err := e.Encode(value(m)); err != nil {
		return nil, err
	}
	return bytes.TrimRight(b.Bytes(), "\n"), nil
}

// marshalled is what the methods of the value's type make of it; ok is false if it has none.
func (v Value) marshalled() (text []byte, ok bool, err error) {
	null := v.typ.Kind == reflect.Pointer && reflect.ValueOf(v.v).IsNil()
	if f, ok := v.typ.method("MarshalJSON", marshals); ok {
		if null {
			return []byte("null"), true, nil
		}
		out := call(f, v)
		err, _ := out[1].Interface().(error)
		return out[0].Bytes(), true, err
	}
	if f, ok := v.typ.method("MarshalText", marshals); ok {
		if null {
			return []byte("null"), true, nil
		}
		out := call(f, v)
		if err, _ := out[1].Interface().(error); err != nil {
			return nil, true, err
		}
		quoted, err := json.Marshal(string(out[0].Bytes()))
		return quoted, true, err
	}
	return nil, false, nil
}

// maxNesting is how deep a value may be.
const maxNesting = 1000

var anyType = reflect.TypeFor[any]()

// encodable returns a value that package json encodes as it would encode v, if it knew v's type t.
func encodable(v reflect.Value, t *Type, depth int) (reflect.Value, error) {
	for v.IsValid() && v.Kind() == reflect.Interface && (t == nil || t.Kind != reflect.Interface) {
		v = v.Elem()
	}
	if t == nil || !v.IsValid() || t.Kind == reflect.Interface {
		return v, nil
	}
	if depth > maxNesting {
		return v, fmt.Errorf("json: unsupported value: encountered a cycle via %s", t)
	}
	if depth > 0 && (t.has("MarshalJSON", marshals) || t.has("MarshalText", marshals)) {
		if v.Kind() == reflect.Pointer && v.IsNil() {
			return reflect.Zero(anyType), nil
		}
		return reflect.ValueOf(Value{t, v.Interface()}), nil
	}
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return reflect.Zero(anyType), nil
		}
		if t.elem == nil {
			return v, nil
		}
		if p := (Value{t, v.Interface()}); depth == 0 && (t.elem.has("MarshalJSON", marshals) || t.elem.has("MarshalText", marshals)) {
			return reflect.ValueOf(Value{t.elem, reflect.ValueOf(p.v).Elem().Interface()}), nil
		}
		return encodable(v.Elem(), t.elem, depth+1)
	case reflect.Slice, reflect.Array:
		if t.elem == nil || v.Kind() == reflect.Slice && v.IsNil() {
			return v, nil
		}
		if t.elem.Kind == reflect.Uint8 && len(t.elem.Methods) == 0 && v.Kind() == reflect.Slice {
			return v, nil
		}
		out := make([]any, v.Len())
		for i := range out {
			e, err := encodable(v.Index(i), t.elem, depth+1)
			if err != nil {
				return v, err
			}
			out[i] = value(e)
		}
		return reflect.ValueOf(out), nil
	case reflect.Map:
		return encodableMap(v, t, depth)
	case reflect.Struct:
		return encodableStruct(v, t, depth)
	}
	return v, nil
}

func encodableMap(v reflect.Value, t *Type, depth int) (reflect.Value, error) {
	if v.IsNil() {
		return v, nil
	}
	out := reflect.MakeMap(reflect.MapOf(v.Type().Key(), anyType))
	byText := t.key.has("MarshalText", marshals)
	if byText {
		out = reflect.ValueOf(map[string]any{})
	}
	for it := v.MapRange(); it.Next(); {
		e, err := encodable(it.Value(), t.elem, depth+1)
		if err != nil {
			return v, err
		}
		key := it.Key()
		if byText {
			f, _ := t.key.function("MarshalText")
			text := call(f, Value{t.key, key.Interface()})
			if err, _ := text[1].Interface().(error); err != nil {
				return v, err
			}
			key = reflect.ValueOf(string(text[0].Bytes()))
		}
		x := reflect.New(anyType).Elem()
		if y := value(e); y != nil {
			x.Set(reflect.ValueOf(y))
		}
		out.SetMapIndex(key, x)
	}
	return out, nil
}

// encodableStruct returns a struct of the fields that are encoded, with their tags.
func encodableStruct(v reflect.Value, t *Type, depth int) (reflect.Value, error) {
	var fields []reflect.StructField
	var values []reflect.Value
	for i, f := range t.Fields {
		embedded := f.Embedded && reflect.StructTag(f.Tag).Get("json") == ""
		if !f.Exported && !embedded {
			continue
		}
		field := v.Field(i)
		if embedded && field.Kind() == reflect.Pointer && f.typ != nil && f.typ.elem != nil && f.typ.elem.Kind == reflect.Struct {
			if field.IsNil() {
				continue
			}
			field, f.typ = field.Elem(), f.typ.elem
		}
		if embedded && (field.Kind() != reflect.Struct || f.typ == nil) {
			if embedded && !f.Exported {
				continue
			}
			embedded = false
		}
		e, err := encodable(field, f.typ, depth+1)
		if err != nil {
			return v, err
		}
		typ := anyType
		switch {
		case f.typ == nil:
			typ = field.Type()
		case e.IsValid() && e.Type() != anyType:
			typ = e.Type()
		}
		if typ == valueType {
			embedded = false
		}
		name := f.Name
		if embedded {
			name = fmt.Sprintf("Embedded%d", i)
		}
		fields = append(fields, reflect.StructField{Name: name, Type: typ, Tag: reflect.StructTag(f.Tag), Anonymous: embedded})
		values = append(values, e)
	}
	out := reflect.New(reflect.StructOf(fields)).Elem()
	for i, e := range values {
		if e.IsValid() {
			out.Field(i).Set(e)
		}
	}
	return out, nil
}

// Marshal is json.Marshal.
func Marshal(x any) ([]byte, error) {
	b, err := json.Marshal(x)
	return b, named(err)
}

// MarshalIndent is json.MarshalIndent.
func MarshalIndent(x any, prefix, indent string) ([]byte, error) {
	b, err := json.MarshalIndent(x, prefix, indent)
	return b, named(err)
}

// named takes what json says about Value, which the reader does not know, out of an error.
func named(err error) error {
	var m *json.MarshalerError
	if errors.As(err, &m) && m.Type == valueType {
		var inner *json.UnsupportedTypeError
		if errors.As(m.Err, &inner) || errors.As(m.Err, &m) {
			return named(m.Err)
		}
	}
	return err
}
