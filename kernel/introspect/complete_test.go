package introspect_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gokernel/kernel/check"
	"gokernel/kernel/introspect"
	"gokernel/kernel/jupyter"
	"gokernel/kernel/magic"
)

// notebook is what the cells before have declared.
var notebook = []string{
	`import "strings"
import mrand "math/rand"
import "net/http"`,
	`// Point is a place.
//
// It has two coordinates.
type Point struct {
	X, Y int
	label string
}
// Norm returns the distance from the origin.
func (p Point) Norm() float64 { return math.Hypot(float64(p.X), float64(p.Y)) }
func (p *Point) Move(dx, dy int) { p.X += dx; p.Y += dy }
type Shape interface { Area() float64; Name() string }
type Box struct { Point; Size int; Owner *http.Client }
const Limit, Other = 10, "o"`,
	`origin := Point{}
names := []string{"a"}
ages := map[string]int{}
var shape Shape
boxes := []*Box{}
ch := make(chan Point, 1)
count := 3
var sb strings.Builder`,
	`// Scale multiplies.
func Scale(p Point, by float64) Point { return p }
func pair() (int, error) { return 1, nil }
func Map[T, U any](xs []T, f func(T) U) []U { return nil }`,
}

// scope returns the scope after the notebook's cells.
func scope(t testing.TB) *check.Scope {
	t.Helper()
	s := check.NewScope(check.StdLibrary())
	for i, src := range notebook {
		cell, err := check.Check(s, i+1, fmt.Sprintf("cell [%d]", i+1), src)
		if err != nil {
			t.Fatal(err)
		}
		s = cell.Scope
	}
	return s
}

// magics is the table of the tests.
func magics() magic.Table {
	nothing := func(context.Context, magic.Host, magic.Call) error { return nil }
	return magic.NewTable(magic.Commands()...).With(
		magic.Command{Name: "%time", Usage: "%time STATEMENT", Doc: "measures a statement", Arg: magic.GoArg, Run: nothing},
		magic.Command{Name: "%%race", Usage: "%%race", Doc: "looks for data races", Arg: magic.GoArg, Run: nothing},
		magic.Command{Name: "%reset", Usage: "%reset [NAME…]", Doc: "forgets names", Arg: magic.NameArg, Run: nothing},
		magic.HelpCommand(magics),
	)
}

// at takes the cursor, a ‸, out of code.
func at(t testing.TB, marked string) (code string, cursor int) {
	t.Helper()
	before, after, ok := strings.Cut(marked, "‸")
	if !ok {
		t.Fatalf("no cursor in %q", marked)
	}
	return before + after, len(before)
}

// typed returns the matches with their kinds.
func typed(r jupyter.CompleteReply) []jupyter.TypedMatch {
	m, _ := r.Metadata[jupyter.TypedMatchesKey].([]jupyter.TypedMatch)
	return m
}

func TestComplete(t *testing.T) {
	s := scope(t)
	for _, test := range []struct {
		code  string
		first string   // the first match, "" for any
		has   []string // matches, with " kind" behind those whose kind is tested
		not   []string
		none  bool
	}{
		// Names of the notebook and the language.
		{code: "ori‸", first: "origin", has: []string{"origin variable"}},
		{code: "Sca‸", has: []string{"Scale function"}},
		{code: "sca‸", has: []string{"Scale"}},
		{code: "Poi‸", has: []string{"Point type"}},
		{code: "Lim‸", has: []string{"Limit constant"}},
		{code: "mak‸", has: []string{"make function"}},
		{code: "sel‸", has: []string{"select keyword"}},
		{code: "x := st‸", has: []string{"strings module", "string type", "strconv module"}, first: "strings"},
		{code: "‸", has: []string{"origin", "names", "Scale", "append"}, not: []string{"select", "strconv"}},
		{code: "ioto‸", none: true},
		{code: "bufi‸", has: []string{"bufio module"}},
		{code: "mra‸", has: []string{"mrand module"}},

		// Locals, in code that does not parse.
		{code: "func f(alpha int, albert string) {\n\talso := 1\n\tal‸", has: []string{"alpha param", "albert param", "also variable"}, first: "albert"},
		{code: "func f(alpha int) {\n\tif alpha > 1 {\n\t\talso := alpha\n\t\tfor i, aline := range names {\n\t\t\tfmt.Println(al‸\n\t\t}\n\t}\n}\nfunc aloof() {}", has: []string{"alpha", "also", "aline", "aloof function"}},
		{code: "{\n\tinner := 1\n\t_ = inner\n}\ninn‸", none: true},
		{code: "later‸\nlaterOn := 1", none: true},
		{code: "func g() { helper‸ }\nfunc helperOne() {}", has: []string{"helperOne function"}},
		{code: "xylo := 1\nfunc g() { return xy‸ }", has: []string{"xylo variable"}},
		{code: "for iota2 := range 3 {\n\tiot‸", has: []string{"iota2"}},
		{code: "f := func(wide int) int { return wi‸ }", has: []string{"wide param"}},
		{code: "if first, err := pair(); fir‸", has: []string{"first variable"}},
		{code: "switch v := any(1).(type) {\ncase int:\n\tvelo := v\n\tve‸", has: []string{"velo"}},
		{code: "type Local struct{ Field int }\nLoc‸", has: []string{"Local class"}},
		{code: "const Locus = 1\nLoc‸", has: []string{"Locus constant"}},
		{code: "origin := 5\nori‸", has: []string{"origin variable"}},
		{code: "func (p Poi‸", has: []string{"Point type"}},
		{code: "func h[Tee any](x Te‸", has: []string{"Tee"}},
		{code: "select {\ncase got := <-ch:\n\tgo‸", has: []string{"got variable", "go keyword"}},
		{code: "x := [](po‸", has: []string{"Point"}},
		{code: "import \"os\"\no‸", has: []string{"os module", "origin"}},
		{code: "import boss \"os\"\nbo‸", has: []string{"boss module", "boxes"}},

		// After a dot.
		{code: "origin.‸", has: []string{"X field", "Y field", "label field", "Norm method", "Move method"}, first: "Move"},
		{code: "origin.N‸", has: []string{"Norm"}, not: []string{"X"}},
		{code: "boxes[0].‸", has: []string{"Size field", "Owner field", "Point field", "X field", "Move method", "Norm method"}},
		{code: "boxes[0].Owner.‸", has: []string{"Get method", "Timeout field"}, not: []string{"deadline"}},
		{code: "shape.‸", has: []string{"Area method", "Name method"}},
		{code: "fmt.Pri‸", has: []string{"Println function", "Printf", "Print"}, not: []string{"Sprint"}},
		{code: "strings.‸", has: []string{"Builder class", "Contains function", "Reader"}},
		{code: "mrand.Int‸", has: []string{"Intn function"}},
		{code: "rand.‸", has: []string{"Intn", "IntN", "Reader"}}, // of all packages of that name
		{code: "os.Stdin.‸", has: []string{"Read method", "Close"}, not: []string{"file"}},
		{code: "sb.Wri‸", has: []string{"WriteString method", "WriteByte"}},
		{code: "Scale(origin, 2).‸", has: []string{"X", "Norm"}},
		{code: "Scale(origin,\n\t2).‸", has: []string{"X", "Norm"}},
		{code: "Point{1, 2, \"\"}.‸", has: []string{"Norm"}},
		{code: "(&Point{}).‸", has: []string{"Move"}},
		{code: "[]Point{{}}[0].‸", has: []string{"Norm"}},
		{code: "map[string]Point{}[\"a\"].‸", has: []string{"Norm"}},
		{code: "any(origin).(Point).‸", has: []string{"Norm"}},
		{code: "(<-ch).‸", has: []string{"Norm"}},
		{code: "Map(names, func(s string) Point { return origin })[0].‸", has: []string{"Norm"}},
		{code: "Map(names, func(s string) Point { return s.‸", none: true},
		{code: "for _, b := range boxes {\n\tb.‸\n}", has: []string{"Size", "Move"}},
		{code: "for _, b := range boxes {\n\tif b.Si‸", has: []string{"Size"}},
		{code: "go origin.M‸", has: []string{"Move"}},
		{code: "defer http.DefaultClient.G‸", has: []string{"Get"}},
		{code: "http.HandleFunc(\"/\", func(w http.ResponseWriter, r *http.Request) {\n\tr.‸", has: []string{"URL field", "Context method"}},
		{code: "http.HandleFunc(\"/\", func(w http.ResponseWriter, r *http.Request) {\n\tw.‸\n})", has: []string{"Header", "WriteHeader"}},
		{code: "func (b *Box) Grow() {\n\tb.‸\n}", has: []string{"Size", "X", "Norm"}},
		{code: "func (b *Box) Grow() {}\nboxes[0].‸", has: []string{"Grow method", "Size"}},
		{code: "type New struct{ Box; Extra int }\nvar n New\nn.‸", has: []string{"Extra", "Size", "Move"}},
		{code: "type Point struct{ Z int }\nPoint{}.‸", has: []string{"Z"}, not: []string{"X", "Norm"}},
		{code: "switch v := any(1).(type) {\ncase *Box:\n\tv.‸", has: []string{"Size"}},
		{code: "var wg sync.WaitGroup\nfunc run() { wg.‸ }", has: []string{"Done", "Go", "Wait"}},
		{code: "wg := sync.WaitGroup{}\nwg.‸", has: []string{"Done"}},
		{code: "ctx, cancel := context.WithTimeout(context.Background(), time.Sec‸", has: []string{"Second constant"}},
		{code: "nothing.‸", none: true},
		{code: "origin.Norm().‸", none: true},
		{code: "x := 1.‸", none: true},
		{code: "func f[T Shape](t T) { t.‸ }", has: []string{"Area"}},
		{code: "Point.‸", has: []string{"Norm", "Move"}, not: []string{"X"}},
		{code: "errors.New(\"x\").‸", has: []string{"Error method"}},
		{code: "strings.NewReader(\"x\").Le‸\nfmt.Println(1", has: []string{"Len"}},

		// What fits comes first.
		{code: "Scale(‸", first: "origin", has: []string{"names"}},
		{code: "Scale(origin, ‸", has: []string{"origin"}},
		{code: "var p Point = ‸", first: "origin", has: []string{"Scale"}, not: []string{"p"}},
		{code: "strings.Repeat(\"a\", c‸)", first: "count", has: []string{"ch", "cap"}},
		{code: "names[c‸]", has: []string{"count"}},
		{code: "ages[n‸]", has: []string{"names"}},
		{code: "count + c‸", first: "count"},
		{code: "ch <- o‸", first: "origin"},
		{code: "func f(b bool, a int) bool { return ‸ }", first: "b"},
		{code: "func f(b bool, a int) { if ‸", first: "b"},
		{code: "count = origin.‸", first: "X", has: []string{"Norm"}},
		{code: "var d float64 = origin.‸", first: "Norm"},

		// Struct literals.
		{code: "Point{‸", first: "X: ", has: []string{"X: field", "Y: field", "label: field", "count"}},
		{code: "Point{X: 1, ‸", has: []string{"Y: ", "label: "}, not: []string{"X: ", "origin"}},
		{code: "Point{\n\tX: 1,\n\tla‸\n}", has: []string{"label: "}},
		{code: "&http.Client{Ti‸", has: []string{"Timeout: "}},
		{code: "[]Point{{‸", has: []string{"X: "}},
		{code: "Point{X: c‸", first: "count", not: []string{"X: "}},
		{code: "map[string]Point{\"a\": {‸", has: []string{"X: "}},

		// Labels.
		{code: "outer:\nfor {\n\tbreak ou‸", has: []string{"outer label"}},
		{code: "outer:\nfor {\n\tcontinue ‸\n}", has: []string{"outer"}},
		{code: "goto en‸\nend:\n", has: []string{"end label"}},

		// Nothing.
		{code: "// ori‸", none: true},
		{code: "/* ori‸ */", none: true},
		{code: "func ori‸", none: true},
		{code: "type ori‸", none: true},
		{code: "12‸", none: true},
		{code: "'a‸", none: true},
		{code: "x := `no such ‸", none: true},

		// Imports and files.
		{code: "import \"enc‸", has: []string{"encoding/json module", "encoding/base64"}},
		{code: "import (\n\t\"fmt\"\n\tj \"encoding/j‸\n)", has: []string{"encoding/json"}},
		{code: "os.Open(\"da‸", has: []string{"data/ path", "data.csv path"}},
		{code: "os.Open(\"data/‸\")", has: []string{"one.txt"}},
		{code: "os.Open(\"data/o‸", has: []string{"one.txt"}},
		{code: "x := \"a\\\"da‸", none: true},

		// Magics.
		{code: "%‸", first: "%cd", has: []string{"%cd magic", "%env", "%%bash", "%time"}},
		{code: "%%‸", has: []string{"%%bash", "%%writefile"}, not: []string{"%cd"}},
		{code: "%%wr‸", has: []string{"%%writefile"}},
		{code: "%e‸", has: []string{"%env"}},
		{code: "x := 1\n%e‸", has: []string{"%env"}},
		{code: "x := 1\n%‸", has: []string{"%env"}, not: []string{"%%bash"}},
		{code: "x := `\n%‸", none: true},
		{code: "%cd da‸", has: []string{"data/"}, not: []string{"data.csv"}},
		{code: "%cd data/s‸", has: []string{"sub/"}},
		{code: "%%writefile -‸\nx", has: []string{"-a flag"}},
		{code: "%%writefile -a da‸\nx", has: []string{"data.csv"}},
		{code: "%env HO‸", has: []string{"HOME variable"}},
		{code: "%go111module ‸", has: []string{"on", "off"}},
		{code: "%help %c‸", has: []string{"%cd"}},
		{code: "%reset ori‸", has: []string{"origin"}},
		{code: "!cat da‸", has: []string{"data.csv", "data/"}},
		{code: "!cat < data/o‸", has: []string{"one.txt"}},
		{code: "%time Sca‸", has: []string{"Scale"}},
		{code: "%time origin.N‸", has: []string{"Norm"}},
		{code: "%%race\norigin.N‸", has: []string{"Norm"}},
		{code: "%%bash\nori‸", none: true},
		{code: "!ls it's\nori‸", has: []string{"origin"}},
		{code: "%cd x\nfunc f(abc int) { ab‸", has: []string{"abc"}},
		{code: "?ori‸", has: []string{"origin"}},
	} {
		t.Run(test.code, func(t *testing.T) {
			code, cursor := at(t, test.code)
			c := introspect.Config{Magics: magics(), Dir: files(t), Env: func() []string { return []string{"HOME=/h", "PATH=/p"} }}
			r := c.Complete(s, code, cursor)
			kinds := map[string]string{}
			for _, m := range typed(r) {
				kinds[m.Text] = m.Type
			}
			if test.none && len(r.Matches) > 0 {
				t.Errorf("matches %q, want none", r.Matches)
			}
			if test.first != "" && (len(r.Matches) == 0 || r.Matches[0] != test.first) {
				t.Errorf("first of the matches is not %q: %.300q", test.first, r.Matches)
			}
			for _, want := range test.has {
				name, kind := want, ""
				if i := strings.LastIndexByte(want, ' '); i > 0 && i < len(want)-1 {
					name, kind = want[:i], want[i+1:]
					if strings.HasSuffix(name, ":") {
						name += " "
					}
				}
				if !slices.Contains(r.Matches, name) {
					t.Errorf("no match %q in %.300q", name, r.Matches)
				} else if kind != "" && kinds[name] != kind {
					t.Errorf("%s is a %s, want a %s", name, kinds[name], kind)
				}
			}
			for _, bad := range test.not {
				if slices.Contains(r.Matches, bad) {
					t.Errorf("%q is among the matches", bad)
				}
			}
			if r.CursorStart < 0 || r.CursorStart > r.CursorEnd || r.CursorEnd != cursor {
				t.Errorf("replaces %d to %d, the cursor is at %d", r.CursorStart, r.CursorEnd, cursor)
			}
		})
	}
}

// files returns a directory with a few files.
func files(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "data", "sub"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "in a dir"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"data.csv", "data/one.txt", "with blank", "it's $5", "in a dir/b c"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestCompleteReplaces(t *testing.T) {
	s := scope(t)
	for _, test := range []struct{ code, replaces string }{
		{"fmt.Prin‸tln", "Prin"},
		{"origin.‸", ""},
		{"x := Sca‸", "Sca"},
		{"é := ori‸", "ori"},
		{"%cd data/s‸", "s"},
		{"!ls in\\ a\\ dir/b\\ ‸", `b\ `},
		{"!ls 'in a dir/b ‸", "b "},
		{"%%wri‸", "%%wri"},
		{"  %c‸", "%c"},
		{"import \"encoding/j‸", "encoding/j"},
		{"os.Open(\"data/o‸", "o"},
		{"// a\r\nori‸", "ori"},
	} {
		code, cursor := at(t, test.code)
		r := introspect.Config{Magics: magics(), Dir: files(t)}.Complete(s, code, cursor)
		if got := code[r.CursorStart:r.CursorEnd]; got != test.replaces {
			t.Errorf("%s replaces %q, want %q", test.code, got, test.replaces)
		}
		if len(r.Matches) == 0 {
			t.Errorf("%s has no matches", test.code)
		}
	}
}

func TestCompleteSignature(t *testing.T) {
	s := scope(t)
	for code, want := range map[string]string{
		"Scal‸":        "(p Point, by float64) Point",
		"fmt.Println‸": "(a ...any) (n int, err error)",
		"origin.Nor‸":  "() float64",
		"origin.X‸":    "int",
		"boxes‸":       "[]*Box",
		"sb‸":          "strings.Builder",
	} {
		src, cursor := at(t, code)
		m := typed(introspect.Complete(s, src, cursor))
		if len(m) == 0 || m[0].Signature != want {
			t.Errorf("%s: %+v, want signature %s", code, m, want)
		}
	}
}

func FuzzComplete(f *testing.F) {
	for _, code := range []string{
		"fmt.Println(origin.", "func f(a int) {\n\tfor i := range a {", "Point{X: ", "%cd x\n!ls\nx.", "import (\n\"fm", "switch x := y.(type) {\ncase ",
		"type T[P any] struct { P; T[T[P]] }\nvar t T[int]\nt.", "//line x:1\nx.", "\"a\r\nb", "type A = B; type B = A; var a A; a.", "`\r\r.", "goto x; x:",
	} {
		f.Add(code, len(code))
	}
	s := scope(f)
	c := introspect.Config{Magics: magics()}
	f.Fuzz(func(t *testing.T, code string, cursor int) {
		if strings.Contains(code, "/") {
			return // no looking about in the file system
		}
		r := c.Complete(s, code, cursor)
		if r.CursorStart < 0 || r.CursorStart > r.CursorEnd || r.CursorEnd > len(code) {
			t.Errorf("replaces %d to %d of %d bytes", r.CursorStart, r.CursorEnd, len(code))
		}
		c.Inspect(s, code, cursor, 1)
	})
}
