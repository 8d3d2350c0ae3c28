package goroutine

import (
	"reflect"
	"regexp"
	"runtime"
	"strings"
)

// UnitPath begins the import paths of the packages that hold the reader's compiled code; their files are the cells.
const UnitPath = "notebook/"

// OwnFile is the file of code in those packages that no reader wrote.
const OwnFile = "gokernel"

// The flags that compiled code looks at, not 0 if they are set.
const (
	PollStopping = iota // all that runs shall end; loops look at it
	PollLeftover        // that, or goroutines which were told to end may still wait; who comes from waiting looks at it
)

// Compiled returns the calls of the reader's compiled code in a stack, under the names that the compiler knows.
func Compiled(stack []runtime.Frame) []Frame {
	var out []Frame
	for _, f := range stack {
		if strings.HasPrefix(f.Function, UnitPath) && f.File != OwnFile {
			out = append(out, Frame{Func: f.Function, File: f.File, Line: f.Line})
		}
	}
	return out
}

// compiledNames takes off what compiled names begin with, as the compiler writes them and as the linker does.
var compiledNames = strings.NewReplacer("Ɣm_", "", "Ɣd_", "", "Ɣf_", "", "ɣ", "", "%c9%a3", "")

// compiledMethod is a method in the name of an interface type, where the runtime writes unexported ones with their package.
var compiledMethod = regexp.MustCompile(`([{;] )Ɣm_`)

// compiledPath is the import path of a unit in front of a name.
var compiledPath = regexp.MustCompile(`\b` + UnitPath + `u\d+\.`)

// CompiledNames returns a text of the runtime's with names as the reader wrote them.
func CompiledNames(text string) string {
	text = compiledMethod.ReplaceAllString(text, "${1}main.")
	return compiledNames.Replace(compiledPath.ReplaceAllString(text, "main."))
}

// readerName returns the name that a function has in the reader's program, "main.(*T).area" for "notebook/u3.(*T).Ɣm_area".
func readerName(fn string) string {
	if !strings.HasPrefix(fn, UnitPath) {
		return fn
	}
	name := CompiledName(fn, "")
	if name == "" || name[0] == '.' { // of the statements
		name = "main" + name
	}
	return "main." + name
}

// FuncName is f.Name().
func FuncName(f *runtime.Func) string { return readerName(f.Name()) }

// FramesNext is f.Next().
func FramesNext(f *runtime.Frames) (frame runtime.Frame, more bool) {
	frame, more = f.Next()
	frame.Function = readerName(frame.Function)
	return frame, more
}

// TypePkgPath is t.PkgPath().
func TypePkgPath(t reflect.Type) string {
	path := t.PkgPath()
	if strings.HasPrefix(path, UnitPath) {
		return "main"
	}
	return path
}

// CompiledName returns what the reader calls a function of a unit, "(*T).area" for "notebook/u3.(*T).Ɣm_area"; the
// statements of a cell are called as the cell, which is the file.
func CompiledName(fn, file string) string {
	_, name, _ := strings.Cut(fn[strings.LastIndexByte(fn, '/')+1:], ".")
	if rest, ok := strings.CutPrefix(name, "ɣrun"); ok && (rest == "" || rest[0] == '.') {
		return file + rest
	}
	return compiledNames.Replace(name)
}
