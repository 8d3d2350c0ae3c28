package goroutine

import (
	"runtime"
	"strings"
)

// UnitPath begins the import paths of the packages that hold the reader's compiled code; their files are the cells.
const UnitPath = "notebook/"

// Compiled returns the calls of the reader's compiled code in a stack, under the names that the compiler knows.
func Compiled(stack []runtime.Frame) []Frame {
	var out []Frame
	for _, f := range stack {
		if strings.HasPrefix(f.Function, UnitPath) {
			out = append(out, Frame{Func: f.Function, File: f.File, Line: f.Line})
		}
	}
	return out
}

// compiledNames takes off what compiled names begin with, as the compiler writes them and as the linker does.
var compiledNames = strings.NewReplacer("Ɣm_", "", "Ɣd_", "", "Ɣf_", "", "ɣ", "", "%c9%a3", "")

// CompiledNames returns a text of the runtime's with names as the reader wrote them.
func CompiledNames(text string) string { return compiledNames.Replace(text) }

// CompiledName returns what the reader calls a function of a unit, "(*T).area" for "notebook/u3.(*T).Ɣm_area"; the
// statements of a cell are called as the cell, which is the file.
func CompiledName(fn, file string) string {
	_, name, _ := strings.Cut(fn[strings.LastIndexByte(fn, '/')+1:], ".")
	if rest, ok := strings.CutPrefix(name, "ɣrun"); ok && (rest == "" || rest[0] == '.') {
		return file + rest
	}
	return compiledNames.Replace(name)
}
