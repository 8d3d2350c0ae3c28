//go:build !race

// A program built with the race detector compiles no cells.

package notebook

import (
	"os"
	"path/filepath"
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

func TestInspectTellsCompiledValues(t *testing.T) { inspectTellsValues(t, bookWith(t, engine.Native)) }

// TestBrokenPackages checks what %use says of a package that does not compile, and what a cell does that uses it.
func TestBrokenPackages(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	file("broken/b.go", "package broken\n\nfunc X() int { return \"a\" }\n")
	file("torn/t.go", "package torn\n\nfunc X() int { return 1\n")
	file("prog/p.go", "package main\n\nfunc main() {}\n")
	file("mod/go.mod", "module example.com/mod\n\ngo 1.25\n")
	file("mod/m.go", "package main\n\nfunc main() {}\n")
	file("mod/sub/s.go", "package sub\n\nfunc F() string { return 1 }\n")
	n := bookWith(t, engine.Auto)
	var c lastNumber
	c.cell(t, n, "%cd "+dir)
	const type1 = "./broken/b.go:3:23: cannot use \"a\" (untyped string constant) as int value in return statement"
	for _, tt := range [][2]string{
		{"%use ./broken", "%use: " + type1},
		{"broken.X()", "1:1: package broken is not available: " + type1},
		{"func f() int { return broken.X() }", "1:23: package broken is not available: " + type1},
		{"import \"broken\"", "1:8: package broken is not available: " + type1},
		{"broken := struct{ X int }{5}\nbroken.Y", "broken.Y undefined"},
		{"%use ./torn", "%use: ./torn/t.go:4:1: syntax error"},
		{"%use ./prog", "prog is a program (package main); only other packages can be imported"},
		{"%use ./mod/sub", "%use: ./mod/sub/s.go:3:26: cannot use 1"},
	} {
		want(t, tt[0], c.cell(t, n, tt[0]).failure(), tt[1])
	}
	want(t, "the root of a module", c.cell(t, n, "%use ./mod").text(), "Packages of the module example.com/mod can be imported now.")
	file("broken/b.go", "package broken\n\nfunc X() int { return 1 }\n")
	if r := c.cell(t, n, "broken.X()"); r.value() != "1" {
		t.Errorf("the package has been mended: got %q %s", r.value(), r.failure())
	}
	file("broken/b.go", "package broken\n\nfunc X() int { return \"a\" }\n")
	want(t, "broken again", c.cell(t, n, "broken.X()").failure(), "package broken is not available: "+type1)
}
