package interp

import (
	"reflect"
	"testing"
)

// TestKnown checks that reflection makes of a composite type that the program has the one that it has.
func TestKnown(t *testing.T) {
	for _, list := range known {
		for _, x := range list {
			want := reflect.TypeOf(x)
			got := want
			switch want.Kind() {
			case reflect.Slice:
				got = reflect.SliceOf(want.Elem())
			case reflect.Map:
				got = reflect.MapOf(want.Key(), want.Elem())
			case reflect.Chan:
				got = reflect.ChanOf(reflect.BothDir, want.Elem())
			case reflect.Pointer:
				got = reflect.PointerTo(want.Elem())
			case reflect.Func:
				got = reflect.FuncOf(nil, nil, false)
			}
			if got != want {
				t.Errorf("reflection made another %v", want)
			}
		}
	}
}
