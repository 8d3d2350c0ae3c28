package notebook

import (
	"testing"

	"gokernel/kernel/engine"
)

// TestNoCompiler checks that a toolchain which will not do is told of once, in the first cell that it is for.
func TestNoCompiler(t *testing.T) {
	t.Setenv("CC", "no-such-compiler")
	n := bookWith(t, engine.Auto)
	var c lastNumber
	const reason = "a plugin needs a C compiler: no-such-compiler is not in PATH (install gcc or set CC, and restart the kernel)"
	for _, tt := range [][2]string{
		{"x := 1", ""},
		{"func f() int { return x }\nf()", "Cells are interpreted, not compiled: " + reason + "\n"},
		{"func g() int { return x }\ng()", ""},
	} {
		if r := c.cell(t, n, tt[0]); r.text() != tt[1] || r.err != nil {
			t.Errorf("%s: got output %q %s, want %q", tt[0], r.text(), r.failure(), tt[1])
		}
	}
	want(t, "refused", c.cell(t, n, "func() { defer recover() }()").failure(), "is not supported by the interpreter", "hint: compiled code can do this: "+reason)
}

// TestRefusalsSayWhatToDo checks the advice that goes with what the interpreter cannot run.
func TestRefusalsSayWhatToDo(t *testing.T) {
	var c lastNumber
	const refused = "func() { defer recover() }()"
	const late = "type T struct{ A int }\nfunc (T) M() {}\nvar v any = T{1}\ngob.NewEncoder(io.Discard).Encode(v)"
	n := book(t)
	for _, code := range []string{refused, late} {
		want(t, code, c.cell(t, n, code).failure(), "not supported by the interpreter", "hint: compiled code can do this: install Go and start the kernel with --engine auto")
	}
	n = bookWith(t, engine.Auto)
	c.cell(t, n, "%engine interp")
	for _, code := range []string{refused, late} {
		want(t, code, c.cell(t, n, code).failure(), "not supported by the interpreter", "hint: compiled code can do this: %engine auto")
	}
	if r := c.cell(t, n, "%engine auto\n"+refused); r.err != nil {
		t.Errorf("as it says: got %s", r.failure())
	}
}
