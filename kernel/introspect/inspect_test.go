package introspect_test

import (
	"strings"
	"testing"

	"gokernel/kernel/introspect"
)

func TestInspect(t *testing.T) {
	s := scope(t)
	c := introspect.Config{Magics: magics(), Value: func(name string) (string, bool) { return "the value of " + name, name == "origin" }}
	for _, test := range []struct {
		code   string
		detail int
		has    []string // in text/plain
		not    []string
		none   bool
	}{
		{code: "fmt.Print‸ln(1)", has: []string{"func fmt.Println(a ...any) (n int, err error)", "formats using the default formats", "(package fmt)"}},
		{code: "fmt.Println(‸", has: []string{"func fmt.Println("}},
		{code: "fmt.Println(1, ‸ 2)", has: []string{"func fmt.Println("}},
		{code: "x := strings.Repeat(\"a\", len(‸", has: []string{"func len", "The len built-in"}},
		{code: "fm‸t", has: []string{`package fmt // import "fmt"`, "Package fmt implements"}},
		{code: "fmt‸.Println()", has: []string{`package fmt // import "fmt"`}},
		{code: "ran‸d", has: []string{`import "crypto/rand"`, `import "math/rand/v2"`, "several packages"}},
		{code: "mran‸d", has: []string{`import "math/rand"`}},
		{code: "origi‸n", has: []string{"var origin Point", "Value: the value of origin", "declared in cell [3]"}},
		{code: "origi‸n", detail: 1, has: []string{"func Norm() float64", "func Move(dx int, dy int)"}},
		{code: "name‸s", has: []string{"var names []string"}, not: []string{"Value"}},
		{code: "Poin‸t", has: []string{"type Point struct {\n\tX int\n\tY int", "Point is a place.\n\nIt has two coordinates.", "declared in cell [2], line 4"}},
		{code: "Poin‸t", detail: 1, has: []string{"type Point struct {\n\tX, Y int", "func Norm() float64"}},
		{code: "origin.Nor‸m()", has: []string{"Norm() float64", "Norm returns the distance from the origin.", "declared in cell [2], line 9"}},
		{code: "origin.Nor‸m()", detail: 1, has: []string{"func (p Point) Norm() float64 { return math.Hypot("}},
		{code: "origin.‸X", has: []string{"field X int"}, not: []string{"Value"}},
		{code: "Scal‸e(origin, 2)", has: []string{"func Scale(p Point, by float64) Point", "Scale multiplies.", "declared in cell [4], line 2"}},
		{code: "Scale(‸", has: []string{"func Scale(p Point, by float64) Point"}},
		{code: "Limi‸t", has: []string{"const Limit untyped int = 10"}},
		{code: "Map‸(names, nil)", has: []string{"func Map[T, U any](xs []T, f func(T) U) []U"}},
		{code: "boxes[0].Owner.Timeou‸t", has: []string{"field Timeout time.Duration", "Timeout specifies a time limit"}},
		{code: "boxes[0].Owner.Ge‸t(", has: []string{"func (*http.Client).Get(url string)", "Get issues a GET"}},
		{code: "sb.WriteStrin‸g(\"", has: []string{"WriteString(s string) (int, error)", "appends the contents of s"}},
		{code: "sh‸ape.Area()", has: []string{"var shape Shape"}},
		{code: "shape.Are‸a()", has: []string{"Area() float64"}},
		{code: "func f(alpha int) {\n\tif alp‸ha > 1 {", has: []string{"var alpha int", "declared in this cell"}},
		{code: "lo‸cal := 1", has: []string{"var local int", "declared in this cell"}},
		{code: "local := 1\nfmt.Println(loc‸al)", has: []string{"var local int"}, not: []string{"Value"}},
		{code: "type T‸x struct{ A int }", has: []string{"type Tx struct {\n\tA int\n}"}},
		{code: "len‸(x", has: []string{"func len", "The len built-in function returns the length"}},
		{code: "erro‸r", has: []string{"type error interface", "predeclared"}},
		{code: "sele‸ct {}", has: []string{"select", "Waits for the first"}},
		{code: "http.Clien‸t", detail: 1, has: []string{"type http.Client struct", "func Get(url string) (resp *http.Response, err error)"}},
		{code: "sync.WaitGroup{}.G‸o", has: []string{"func (*sync.WaitGroup).Go(f func())"}},
		{code: "strings.NewReplacer‸\nfmt.Println(", has: []string{"func strings.NewReplacer(oldnew ...string) *strings.Replacer"}},
		{code: "%c‸d data", has: []string{"%cd [DIR]", "changes the working directory"}},
		{code: "%%wri‸tefile", has: []string{"%%writefile [-a] FILE"}},
		{code: "%cd?‸", has: []string{"%cd [DIR]"}},
		{code: "%time Scal‸e(", has: []string{"func Scale"}},
		{code: "?Scal‸e", has: []string{"func Scale"}},
		{code: "fmt.Println‸?", has: []string{"func fmt.Println"}},
		{code: "nothing‸", none: true},
		{code: "‸", none: true},
		{code: "1 + ‸2", none: true},
		{code: "// Scal‸e", none: true},
		{code: "\"Scal‸e\"", none: true},
		{code: "fmt.Nothing‸", none: true},
		{code: "origin.Nothing‸", none: true},
	} {
		t.Run(test.code, func(t *testing.T) {
			code, cursor := at(t, test.code)
			data, ok := c.Inspect(s, code, cursor, test.detail)
			if test.none {
				if ok {
					t.Errorf("found %v, want nothing", data)
				}
				return
			}
			if !ok {
				t.Fatal("found nothing")
			}
			text, _ := data["text/plain"].(string)
			md, _ := data["text/markdown"].(string)
			for _, want := range test.has {
				if !strings.Contains(text, want) {
					t.Errorf("no %q in\n%s", want, text)
				}
			}
			for _, bad := range test.not {
				if strings.Contains(text, bad) {
					t.Errorf("%q is in\n%s", bad, text)
				}
			}
			if !strings.Contains(md, "```") {
				t.Errorf("no code in the Markdown\n%s", md)
			}
		})
	}
}

func TestInspectLinks(t *testing.T) {
	s := scope(t)
	for code, want := range map[string]string{
		"http.Clien‸t":   "[DefaultClient](https://pkg.go.dev/net/http#DefaultClient)",
		"json.Marsha‸l":  "[Marshaler.MarshalJSON](https://pkg.go.dev/encoding/json#Marshaler.MarshalJSON)",
		"json.Marshal‸(": "[encoding.TextMarshaler](https://pkg.go.dev/encoding#TextMarshaler)",
		"errors.A‸s":     "[AsType](https://pkg.go.dev/errors#AsType)",
	} {
		src, cursor := at(t, code)
		data, _ := introspect.Inspect(s, src, cursor, 0)
		if md, _ := data["text/markdown"].(string); !strings.Contains(md, want) || strings.Contains(md, `\[AsType`) {
			t.Errorf("%s: no %q in\n%.600s", code, want, md)
		}
	}
}
