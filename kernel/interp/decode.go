package interp

import (
	"encoding/base64"
	"errors"
	"fmt"
	"reflect"
	"strconv"
)

// A decoder sets variables to the values of a snapshot.
type decoder struct {
	image   image
	globals map[string]reflect.Value
	objects map[int]reflect.Value // a pointer, a map, or a slice up to its capacity
	pending []int
}

// restore sets a variable, unless its type has become another that does not fit.
func (d *decoder) restore(name string) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("%v", v)
		}
	}()
	v, ok := d.globals[name]
	if !ok {
		return errors.New("it does not exist")
	}
	t, ok := d.image.Vars[name]
	if !ok {
		return errors.New("it was not saved")
	}
	value := reflect.New(v.Type()).Elem()
	if err := d.value(value, t); err != nil {
		return err
	}
	for len(d.pending) > 0 {
		id := d.pending[len(d.pending)-1]
		d.pending = d.pending[:len(d.pending)-1]
		if err := d.content(d.objects[id], d.image.Objects[id]); err != nil {
			d.pending = nil
			return err
		}
	}
	v.Set(value)
	return nil
}

var errShape = errors.New("its type is another one now")

func as[T any](t tree) (T, error) {
	v, ok := t.(T)
	if !ok {
		return v, errShape
	}
	return v, nil
}

// content fills an object.
func (d *decoder) content(o reflect.Value, t tree) error {
	switch o.Kind() {
	case reflect.Pointer:
		return d.value(o.Elem(), t)
	case reflect.Map:
		entries, err := as[[]any](t)
		if err != nil {
			return err
		}
		for i := 0; i+1 < len(entries); i += 2 {
			k, x := reflect.New(o.Type().Key()).Elem(), reflect.New(o.Type().Elem()).Elem()
			if err := d.value(k, entries[i]); err != nil {
				return err
			}
			if err := d.value(x, entries[i+1]); err != nil {
				return err
			}
			o.SetMapIndex(k, x)
		}
		return nil
	}
	if s, ok := t.(string); ok && o.Type().Elem().Kind() == reflect.Uint8 {
		b, err := base64.StdEncoding.DecodeString(s)
		if err != nil {
			return err
		}
		copy(o.Bytes(), b)
		return nil
	}
	return d.elements(o, t)
}

func (d *decoder) elements(v reflect.Value, t tree) error {
	a, err := as[[]any](t)
	if err != nil || len(a) != v.Len() {
		return errShape
	}
	for i, x := range a {
		if err := d.value(v.Index(i), x); err != nil {
			return err
		}
	}
	return nil
}

func (d *decoder) value(v reflect.Value, t tree) error {
	switch v.Kind() {
	case reflect.Pointer, reflect.Map, reflect.Slice:
		return d.reference(v, t)
	case reflect.Struct:
		return d.structure(v, t)
	case reflect.Array:
		return d.elements(v, t)
	case reflect.Interface:
		return d.dynamic(v, t)
	case reflect.Chan, reflect.Func, reflect.UnsafePointer:
		if t != nil {
			return errShape
		}
		return nil
	case reflect.Bool:
		b, err := as[bool](t)
		v.SetBool(b)
		return err
	case reflect.Complex64, reflect.Complex128:
		a, ok := t.([]any)
		if !ok || len(a) != 2 {
			return errShape
		}
		re, err1 := number(a[0])
		im, err2 := number(a[1])
		v.SetComplex(complex(re, im))
		return errors.Join(err1, err2)
	case reflect.Float32, reflect.Float64:
		f, err := number(t)
		v.SetFloat(f)
		return err
	case reflect.String:
		if a, ok := t.([]any); ok && len(a) == 1 {
			s, err := as[string](a[0])
			if err != nil {
				return err
			}
			b, err := base64.StdEncoding.DecodeString(s)
			v.SetString(string(b))
			return err
		}
	}
	s, err := as[string](t)
	switch {
	case err != nil:
		return err
	case v.Kind() == reflect.String:
		v.SetString(s)
	case v.CanInt():
		i, err := strconv.ParseInt(s, 10, 64)
		if err != nil || v.OverflowInt(i) {
			return errShape
		}
		v.SetInt(i)
	case v.CanUint():
		u, err := strconv.ParseUint(s, 10, 64)
		if err != nil || v.OverflowUint(u) {
			return errShape
		}
		v.SetUint(u)
	default:
		return errShape
	}
	return nil
}

func number(t tree) (float64, error) {
	s, err := as[string](t)
	if err != nil {
		return 0, err
	}
	return strconv.ParseFloat(s, 64)
}

func (d *decoder) structure(v reflect.Value, t tree) error {
	switch t := t.(type) {
	case nil:
		return nil // zero
	case map[string]any:
		s, err := as[string](t["binary"])
		if err != nil {
			return err
		}
		b, err := base64.StdEncoding.DecodeString(s)
		if err != nil {
			return err
		}
		switch m := v.Addr().Interface().(type) {
		case unmarshals:
			return m.UnmarshalBinary(b)
		case ungobs:
			return m.GobDecode(b)
		}
		return errShape
	case []any:
		if len(t) != v.NumField() {
			return errShape
		}
		for i, x := range t {
			field, ok := fieldOf(v, i)
			if !ok {
				return errShape
			}
			if err := d.value(field, x); err != nil {
				return err
			}
		}
		return nil
	}
	return errShape
}

// reference sets a pointer, map or slice.
func (d *decoder) reference(v reflect.Value, t tree) error {
	length := -1
	if v.Kind() == reflect.Slice && t != nil {
		a, ok := t.([]any)
		if !ok || len(a) != 2 {
			return errShape
		}
		n, err := as[float64](a[1])
		if err != nil {
			return err
		}
		t, length = a[0], int(n)
	}
	switch t := t.(type) {
	case nil:
		return nil
	case string:
		g, ok := d.globals[t]
		if !ok || v.Kind() != reflect.Pointer || g.Type() != v.Type().Elem() {
			return errShape
		}
		v.Set(g.Addr())
		return nil
	case float64:
		o, err := d.object(int(t), v.Type())
		if err != nil {
			return err
		}
		if length >= 0 {
			if length > o.Len() {
				return errShape
			}
			o = o.Slice(0, length)
		}
		v.Set(o)
		return nil
	}
	return errShape
}

// object returns an object as a value of a type, making it if it is mentioned for the first time.
func (d *decoder) object(id int, typ reflect.Type) (reflect.Value, error) {
	if o, ok := d.objects[id]; ok {
		if !o.CanConvert(typ) {
			return reflect.Value{}, errShape
		}
		return o.Convert(typ), nil
	}
	t, ok := d.image.Objects[id]
	if !ok {
		return reflect.Value{}, errors.New("the snapshot is damaged")
	}
	var o reflect.Value
	switch typ.Kind() {
	case reflect.Pointer:
		o = reflect.New(typ.Elem()).Convert(typ)
	case reflect.Map:
		o = reflect.MakeMap(typ)
	default:
		n := 0
		switch t := t.(type) {
		case []any:
			n = len(t)
		case string:
			b, err := base64.StdEncoding.DecodeString(t)
			if err != nil {
				return o, err
			}
			n = len(b)
		}
		o = reflect.MakeSlice(typ, n, n)
	}
	d.objects[id] = o
	d.pending = append(d.pending, id)
	return o, nil
}

func (d *decoder) dynamic(v reflect.Value, t tree) error {
	if t == nil {
		return nil
	}
	m, err := as[map[string]any](t)
	if err != nil {
		return err
	}
	name, err := as[string](m["type"])
	if err != nil {
		return err
	}
	typ, ok := typeNamed(name)
	if !ok || !typ.AssignableTo(v.Type()) {
		return errShape
	}
	x := reflect.New(typ).Elem()
	if err := d.value(x, m["value"]); err != nil {
		return err
	}
	v.Set(x)
	return nil
}
