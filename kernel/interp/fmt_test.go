package interp

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPrinting(t *testing.T) {
	const decls = `
type P_1 struct { x, y int }
func (p P_1) String() string { return p_fmt.Sprintf("<%d,%d>", p.x, p.y) }
type E_1 int
func (e E_1) Error() string { return p_fmt.Sprintf("e %d", int(e)) }
type F_1 struct { n int }
func (f F_1) Other() {}
`
	tests := []struct{ body, want string }{
		{`p_fmt.Println(P_1{1, 2}, &P_1{3, 4}, E_1(5), F_1{6})`, "<1,2> <3,4> e 5 {6}\n"},
		{`p_fmt.Println([]any{P_1{1, 2}, E_1(5), F_1{6}, nil, "s"})`, "[<1,2> e 5 {6} <nil> s]\n"},
		{`p_fmt.Println(map[string]any{"p": P_1{1, 2}, "f": F_1{6}})`, "map[f:{6} p:<1,2>]\n"},
		{`p_fmt.Println([]error{E_1(5)})`, "[e 5]\n"},
		{`p_fmt.Printf("%v|%s|%d|%+v|%5d|%q\n", E_1(5), E_1(5), E_1(5), P_1{1, 2}, E_1(7), P_1{1, 2})`, "e 5|e 5|5|<1,2>|    7|\"<1,2>\"\n"},
		{`p_fmt.Printf("%d%% %T %v\n", 3, E_1(5), E_1(6))`, "3% int e 6\n"},
		{`x := []any{[]any{P_1{1, 2}}}; p_fmt.Println(x)`, "[[<1,2>]]\n"},
		{`p_fmt.Println(p_fmt.Errorf("wrapped: %w", E_1(3)))`, "wrapped: e 3\n"},
		{`p := P_1{1, 2}; var x any = p; s := p_fmt.Sprint(x); p_fmt.Println(s, x)`, "<1,2> <1,2>\n"},
	}
	b := newNotebook(t)
	b.must(decls, "", "fmt")
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, b.must("", tt.body, "fmt").out); diff != "" {
			t.Errorf("%s (-want +got)\n%s", tt.body, diff)
		}
	}
}

func BenchmarkPrintln(b *testing.B) {
	n := newNotebook(b)
	for b.Loop() {
		n.must("", `for i := 0; i < 10000; i++ { p_fmt.Println("line", i) }`, "fmt")
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/10000, "ns/line")
}
