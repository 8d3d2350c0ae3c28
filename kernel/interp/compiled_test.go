//go:build !race

// With the race detector plugins would need the standard library compiled for it; TestTranscripts looks for races.

package interp

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"gokernel/kernel/check"
	"gokernel/kernel/engine"
)

// TestCompiledTranscripts runs the sessions of TestTranscripts as a notebook with a Go toolchain does, where cells that
// declare something are compiled: they must show the same.
func TestCompiledTranscripts(t *testing.T) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	compiler := engine.Open(t.Context(), t.TempDir(), engine.LoadIn(t.Context(), exe, asWorker, "--load"), nil)
	t.Cleanup(func() { _ = compiler.Close() }) // of a directory that goes away with the test
	if _, err := compiler.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	pattern := "*.txt"
	if testing.Short() { // a session takes a third of a second
		pattern = "language.txt"
	}
	forTranscripts(t, pattern, "compiled", func(t *testing.T, cells []string) string {
		compiler.Forget()
		return compiledTranscript(t, compiler, cells)
	})
}

// compiledTranscript is transcript with a compiler.
func compiledTranscript(t *testing.T, compiler *engine.Compiler, cells []string) string {
	b := newNotebook(t)
	scope := check.NewScope(check.StdLibrary())
	cellsOf := engine.New(compiler)
	var out strings.Builder
	for i, src := range cells {
		cell, err := check.Check(scope, i+1, fmt.Sprintf("cell [%d]", i+1), src)
		if err != nil {
			fmt.Fprintf(&out, "%v\n", err)
			continue
		}
		mode := engine.Auto
	again:
		prepared, err := cellsOf.Prepare(t.Context(), mode, cell)
		if err != nil {
			fmt.Fprintf(&out, "%v\n", err)
			continue
		}
		var p Program
		code, err := json.Marshal(prepared.Program)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(code, &p); err != nil {
			t.Fatal(err)
		}
		o := b.run(t.Context(), p)
		if o.err != nil && isInternal(o.err) {
			cellsOf.Undo(prepared)
			if cellsOf.Compilable(prepared) {
				mode = engine.Native
				goto again
			}
		} else {
			cellsOf.Commit(prepared)
			scope = cell.Scope
		}
		out.WriteString(o.out)
		if text, ok := o.Data["text/plain"]; ok {
			fmt.Fprintln(&out, text)
		}
		if o.err != nil {
			describe(&out, o.err)
		}
	}
	return out.String()
}
