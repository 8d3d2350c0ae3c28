package lessons

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"gokernel/internal/nbformat"
)

func TestParse(t *testing.T) {
	const src = `// Package x is a lesson.
//
//lesson:notebook 99-x
package x

import "fmt"

/*lesson:markdown intro
# Title

Text.
*/

//lesson:declare decl listing=99.1 hidden

// N is a number.
const N = 3

func twice(n int) int {
	return 2 * n // not an output:
}

//lesson:run call listing=99.2 tags=a,b timing racy
func call() {
	for i := range N {
		fmt.Println(twice(i))
	}
	// Output pattern:
	// {int}
	//
	//   4
	// Recorded:
	// 0
	//
	//   4
}

/*lesson:code magic
!false
*/
// Output:
// a
// Error pattern:
// {text}: exit status 1
// Recorded error:
// error: exit status 1
// line 1

//lesson:run none dies
func none() {
	_ = N
	// Dies:
	// fatal error: x
}
`
	want := []Cell{
		{ID: "intro", Type: nbformat.Markdown, Source: "# Title\n\nText."},
		{ID: "decl", Type: nbformat.Code, Listing: "99.1", Hidden: true,
			Source: "// N is a number.\nconst N = 3\n\nfunc twice(n int) int {\n\treturn 2 * n // not an output:\n}"},
		{ID: "call", Type: nbformat.Code, Listing: "99.2", Tags: []string{"a", "b"}, Timing: true, Racy: true, Func: "call",
			Source: "for i := range N {\n\tfmt.Println(twice(i))\n}",
			Output: Text{"pattern", "{int}\n\n  4\n"}, Recorded: "0\n\n  4\n"},
		{ID: "magic", Type: nbformat.Code, Source: "!false", Output: Text{"exact", "a\n"}, Recorded: "a\n",
			Error: Text{"pattern", "{text}: exit status 1"}, RecordedError: "error: exit status 1\nline 1"},
		{ID: "none", Type: nbformat.Code, Dies: true, Func: "none", Source: "_ = N", LastWords: "fatal error: x"},
	}
	got, err := All(fstest.MapFS{"x/x.go": {Data: []byte(src)}, "generate/main.go": {Data: []byte("package main\n")}})
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 1 || got[0].Name != "99-x" || got[0].Dir != "x" {
		t.Fatalf("got lessons %+v, want the one", got)
	}
	if diff := cmp.Diff(want, got[0].Cells); diff != "" {
		t.Errorf("cells (-want +got):\n%s", diff)
	}
	outs := got[0].Notebook().Cells[3].Outputs
	if len(outs) != 2 || outs[1].EName != "error" || outs[1].EValue != "exit status 1" || outs[1].Traceback[0] != "line 1" {
		t.Errorf("got outputs %+v, want a stream and an error", outs)
	}
}

func TestParseErrors(t *testing.T) {
	tests := []struct{ name, src, want string }{
		{"syntax", "func {", "x/x.go:3:6: expected 'IDENT'"},
		{"kind", "//lesson:cell a", "x/x.go:3: unknown comment lesson:cell"},
		{"id", "//lesson:declare a,b", `x/x.go:3: "a,b" is no cell id`},
		{"no id", "//lesson:declare", `x/x.go:3: "" is no cell id`},
		{"attribute", "//lesson:declare a colour=red", `x/x.go:3: unknown attribute "colour"`},
		{"no function", "//lesson:run a\nvar x int", "x/x.go:3: no function follows"},
		{"two functions", "//lesson:run a\nfunc f() {}\nfunc g() {}", "x/x.go:3: no function follows"},
		{"twice", "//lesson:declare a\nvar x int\n\n//lesson:declare a\nvar y int", `x/x.go: two cells have the id "a"`},
		{"after the output", "//lesson:run a\nfunc f() {\n\t// Output:\n\t// 1\n\tprintln(1)\n}", `x/x.go:3: cell a: "println(1)" stands where only expected outputs can`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := All(fstest.MapFS{"x/x.go": {Data: []byte("package x\n\n" + tt.src + "\n")}})
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got error %v, want one with %q", err, tt.want)
			}
		})
	}
}
