package interp

// Same is a == b for operands of which at least one is of an interface type. yaegi keeps values in interfaces in wrappers of
// its own and would compare these: two of one pointer differ, and those of errors cannot be compared at all.
func Same(a, b any) bool { return unwrap(a, true) == unwrap(b, true) }
