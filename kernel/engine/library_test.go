//go:build !race

// A program built with the race detector compiles no cells.

package engine_test

import (
	"testing"

	"gokernel/kernel/check"
	"gokernel/kernel/engine"
)

// TestLibrary imports what only compiled cells can, beside what all can.
func TestLibrary(t *testing.T) {
	if _, err := check.StdLibrary().Import("runtime/cgo"); err == nil {
		t.Fatal("runtime/cgo is embedded: this test shows nothing")
	}
	compiler := engine.Open(t.Context(), t.TempDir(), func(string) error { return nil }, nil)
	defer func() {
		if err := compiler.Close(); err != nil {
			t.Error(err)
		}
	}()
	lib := engine.Library(t.Context(), check.StdLibrary(), compiler)
	for path, name := range map[string]string{"runtime/cgo": "Incomplete", "net/http": "Handler", "runtime": "GC"} {
		p, err := lib.Import(path)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		if p.Scope().Lookup(name) == nil {
			t.Errorf("%s has no %s", path, name)
		}
	}
	if _, err := lib.Import("runtime/nothing"); err == nil {
		t.Error("a package that there is not was imported")
	}
}
