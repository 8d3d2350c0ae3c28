package interp

import (
	"fmt"
	"reflect"
	"unsafe"
	_ "unsafe" // for linkname
)

// genValue is yaegi's: it returns a function that finds the value of a node in a frame.
//
//go:linkname genValue github.com/traefik/yaegi/interp.genValue
func genValue(node unsafe.Pointer) func(frame unsafe.Pointer) reflect.Value

// explain returns the runtime error of an index or slice expression that panicked with v, with the numbers that compiled
// Go tells, or v where they cannot be found.
func (m *machine) explain(v any, node, frame unsafe.Pointer) (better any) {
	general, ok := recovered(v).(fault)
	if !ok || general != indexRange && general != sliceRange {
		return v
	}
	defer func() {
		if recover() != nil { // an operand that yaegi keeps elsewhere
			better = v
		}
	}()
	var operands []reflect.Value
	for _, c := range *in[[]unsafe.Pointer](node, m.at.child) {
		operands = append(operands, unwrapValue(genValue(c)(frame)))
	}
	x := operands[0]
	for x.Kind() == reflect.Pointer || x.Kind() == reflect.Interface {
		x = x.Elem()
	}
	if general == indexRange {
		return indexFault(integer(operands[1]), x.Len())
	}
	bounds := make([]int, 0, 3)
	if *in[uint](node, m.at.action) == m.slice0 {
		bounds = append(bounds, 0) // x[:…]
	}
	for _, b := range operands[1:] {
		bounds = append(bounds, integer(b))
	}
	limit, word := x.Len(), "length"
	if x.Kind() == reflect.Slice {
		limit, word = x.Cap(), "capacity"
	}
	return sliceFault(bounds, x.Len(), limit, word)
}

func unwrapValue(v reflect.Value) reflect.Value {
	if v.IsValid() && v.CanInterface() {
		return reflect.ValueOf(unwrap(v))
	}
	return v
}

func integer(v reflect.Value) int {
	if v.CanUint() {
		return int(v.Uint())
	}
	return int(v.Int())
}

func indexFault(i, length int) fault {
	if i < 0 {
		return fault(fmt.Sprintf("index out of range [%d]", i))
	}
	return fault(fmt.Sprintf("index out of range [%d] with length %d", i, length))
}

// sliceFault is the error of x[bounds...], where the highest may be limit, the capacity or length of x.
func sliceFault(bounds []int, length, limit int, word string) fault {
	low, high := bounds[0], length
	if len(bounds) > 1 {
		high = bounds[1]
	}
	f := ""
	switch {
	case len(bounds) == 3:
		most := bounds[2]
		switch {
		case most < 0:
			f = fmt.Sprintf("[::%d]", most)
		case most > limit:
			f = fmt.Sprintf("[::%d] with %s %d", most, word, limit)
		case high < 0:
			f = fmt.Sprintf("[:%d:]", high)
		case high > most:
			f = fmt.Sprintf("[:%d:%d]", high, most)
		case low < 0:
			f = fmt.Sprintf("[%d::]", low)
		default:
			f = fmt.Sprintf("[%d:%d:]", low, high)
		}
	case high < 0:
		f = fmt.Sprintf("[:%d]", high)
	case len(bounds) > 1 && high > limit:
		f = fmt.Sprintf("[:%d] with %s %d", high, word, limit)
	case low < 0:
		f = fmt.Sprintf("[%d:]", low)
	default:
		f = fmt.Sprintf("[%d:%d]", low, high)
	}
	return sliceRange + fault(" "+f)
}
