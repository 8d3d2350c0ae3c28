package interp

import (
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"unsafe"
	_ "unsafe" // for linkname

	"gokernel/kernel/interp/dynamic"
)

// genValue is yaegi's: it returns a function that finds the value of a node in a frame.
//
//go:linkname genValue github.com/traefik/yaegi/interp.genValue
func genValue(node unsafe.Pointer) func(frame unsafe.Pointer) reflect.Value

// explain returns the runtime error of an index or slice expression, or of a make, that panicked with v, with the numbers and
// names that compiled Go tells, or v where they cannot be found.
func (m *machine) explain(v any, node, frame unsafe.Pointer) (better any) {
	general, ok := recovered(v, unknown).(fault)
	if !ok {
		return v
	}
	defer func() {
		if recover() != nil { // an operand that yaegi keeps elsewhere
			better = v
		}
	}()
	children := *in[[]unsafe.Pointer](node, m.at.child)
	switch {
	case general == lenRange && *in[uint](node, m.at.action) == m.call:
		if length := integer(genValue(children[2])(frame)); length.n >= 0 && uint64(length.n) <= maxAlloc/m.elemSize(node) {
			return capRange
		}
		return v
	case strings.HasPrefix(string(general), unhashable):
		return unhashed(v, genValue(children[1])(frame))
	case general != indexRange && general != sliceRange:
		return v
	}
	var operands []reflect.Value
	for _, c := range children {
		operands = append(operands, unwrapValue(genValue(c)(frame)))
	}
	x := operands[0]
	for x.Kind() == reflect.Pointer || x.Kind() == reflect.Interface {
		x = x.Elem()
	}
	if general == indexRange {
		return indexFault(integer(operands[1]), x.Len())
	}
	bounds := make([]bound, 0, 3)
	if *in[uint](node, m.at.action) == m.slice0 {
		bounds = append(bounds, bound{}) // x[:…]
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

// maxAlloc is what no slice may be larger than, in bytes.
const maxAlloc = 1 << 48

// elemSize returns the size of the elements of the slices that a node makes, at least 1.
func (m *machine) elemSize(node unsafe.Pointer) uint64 {
	t := frameType(*in[unsafe.Pointer](node, m.at.typ))
	return max(1, uint64(t.Elem().Size()))
}

// unhashable is what the error begins with that a map has for a key that cannot be compared.
const unhashable = "hash of unhashable type "

// unhashed returns v, such an error, with the name that the reader gave the type of the key.
func unhashed(v any, key reflect.Value) any {
	if name, ok := dynamic.Uncomparable(held(key)); ok {
		return fault(unhashable + name)
	}
	return v
}

func unwrapValue(v reflect.Value) reflect.Value {
	if v.IsValid() && v.CanInterface() {
		return reflect.ValueOf(unwrap(v))
	}
	return v
}

// A bound is an index. The largest that an int can hold stands for all that are larger.
type bound struct {
	n    int
	text string
}

func integer(v reflect.Value) bound {
	if v.CanUint() {
		return bound{int(min(v.Uint(), math.MaxInt)), strconv.FormatUint(v.Uint(), 10)}
	}
	return bound{int(v.Int()), strconv.FormatInt(v.Int(), 10)}
}

func indexFault(i bound, length int) fault {
	if i.n < 0 {
		return fault(fmt.Sprintf("index out of range [%s]", i.text))
	}
	return fault(fmt.Sprintf("index out of range [%s] with length %d", i.text, length))
}

// sliceFault is the error of x[bounds...], where the highest may be limit, the capacity or length of x.
func sliceFault(bounds []bound, length, limit int, word string) fault {
	low, high := bounds[0], bound{length, strconv.Itoa(length)}
	if len(bounds) > 1 {
		high = bounds[1]
	}
	f := ""
	switch {
	case len(bounds) == 3:
		most := bounds[2]
		switch {
		case most.n < 0:
			f = fmt.Sprintf("[::%s]", most.text)
		case most.n > limit:
			f = fmt.Sprintf("[::%s] with %s %d", most.text, word, limit)
		case high.n < 0:
			f = fmt.Sprintf("[:%s:]", high.text)
		case high.n > most.n:
			f = fmt.Sprintf("[:%s:%s]", high.text, most.text)
		case low.n < 0:
			f = fmt.Sprintf("[%s::]", low.text)
		default:
			f = fmt.Sprintf("[%s:%s:]", low.text, high.text)
		}
	case high.n < 0:
		f = fmt.Sprintf("[:%s]", high.text)
	case len(bounds) > 1 && high.n > limit:
		f = fmt.Sprintf("[:%s] with %s %d", high.text, word, limit)
	case low.n < 0:
		f = fmt.Sprintf("[%s:]", low.text)
	default:
		f = fmt.Sprintf("[%s:%s]", low.text, high.text)
	}
	return sliceRange + fault(" "+f)
}
