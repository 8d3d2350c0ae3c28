package stdlib

import (
	"reflect"
	"unsafe"
)

// unsafeSymbols has what can be had of package unsafe: its type, and the functions on values that reflection can stand
// in for. The others are compile-time operations or generic; the checker knows the value of those that are constant.
func unsafeSymbols() map[string]reflect.Value {
	return map[string]reflect.Value{
		"Pointer": reflect.ValueOf((*unsafe.Pointer)(nil)),
	}
}
