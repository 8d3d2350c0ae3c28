package interp

// known holds composite types that must be part of this program: what reflection makes of such a type for the interpreter is then
// the one that compiled cells have. Package lower relies on them.
var known = [][]any{
	composites[bool](), composites[string](), composites[error](), composites[any](), composites[struct{}](),
	composites[int](), composites[int8](), composites[int16](), composites[int32](), composites[int64](),
	composites[uint](), composites[uint8](), composites[uint16](), composites[uint32](), composites[uint64](), composites[uintptr](),
	composites[float32](), composites[float64](), composites[complex64](), composites[complex128](),
	{func() {}},
}

func composites[T any]() []any {
	return []any{[]T(nil), [][]T(nil), map[string]T(nil), map[int]T(nil), (chan T)(nil), (*T)(nil)}
}
