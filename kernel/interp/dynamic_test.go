package interp

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestDyn sends values of interpreted types through interfaces, between functions whose frames differ.
func TestDyn(t *testing.T) {
	const decls = `
type P_ struct{ x, y int }
func (p P_) String() string { return p_fmt.Sprintf("<%d,%d>", p.x, p.y) }
type S_ interface { String() string }
func dyn_P(v P_) interface{} { return p_gk.Dyn(v) }
func dyn_PP(v *P_) interface{} { return p_gk.Dyn(v) }
func dyn_S(s S_) interface{} { return p_gk.Dyn(s) }
func assert_S(x interface{}) (v S_, ok bool) { if x == nil { return v, false }; v, ok = p_gk.Dyn(x).(S_); return v, ok }
func assert_Str(x interface{}) (v p_fmt.Stringer, ok bool) { if x == nil { return v, false }; v, ok = p_gk.Dyn(x).(p_fmt.Stringer); return v, ok }
func assert_P(x interface{}) (v P_, ok bool) { if x == nil { return v, false }; v, ok = x.(P_); return v, ok }
func assert_PP(x interface{}) (v *P_, ok bool) { if x == nil { return v, false }; v, ok = x.(*P_); return v, ok }
func mk_p(a, b int) interface{} { k := 5; p := P_{a, b + k}; return dyn_P(p) }
func mk_pp(a, b int) interface{} { k := 5; p := &P_{a, b + k}; return dyn_PP(p) }
func mk_s(a int) S_ { p := P_{a, a}; var s S_; s = p; return s }
func show(x interface{}) {
	q := P_{7, 7}
	_ = q
	p_fmt.Print(x)
	s, ok := assert_S(x)
	if ok { p_fmt.Print(" S", s.String()) }
	st, ok1 := assert_Str(x)
	if ok1 { p_fmt.Print(" Stringer", st.String()) }
	p, ok2 := assert_P(x)
	if ok2 { p_fmt.Print(" P", p.x) }
	pp, ok3 := assert_PP(x)
	if ok3 { p_fmt.Print(" *P", pp.x) }
	p_fmt.Println()
}
func shows(s S_) { z := P_{8, 8}; _ = z; p_fmt.Print(s.String(), ": "); show(dyn_S(s)) }
`
	tests := []struct{ body, want string }{
		{"x := mk_p(1, 2); p_fmt.Println(x)", "<1,7>\n"},
		{"show(mk_p(3, 4))", "<3,9> S<3,9> Stringer<3,9> P3\n"},
		{"show(mk_pp(3, 4))", "<3,9> S<3,9> Stringer<3,9> *P3\n"},
		{"shows(mk_s(6))", "<6,6>: <6,6> S<6,6> Stringer<6,6> P6\n"},
		{"all := []interface{}{mk_p(1, 1), dyn_PP(&P_{3, 3})}; p_fmt.Println(all); for _, a := range all { show(a) }",
			"[<1,6> <3,3>]\n<1,6> S<1,6> Stringer<1,6> P1\n<3,3> S<3,3> Stringer<3,3> *P3\n"},
		{`m := map[string]interface{}{"a": dyn_P(P_{1, 2})}; p_fmt.Println(m); show(m["a"])`, "map[a:<1,2>]\n<1,2> S<1,2> Stringer<1,2> P1\n"},
		{`c := make(chan interface{}, 1); c <- dyn_P(P_{1, 2}); show(<-c)`, "<1,2> S<1,2> Stringer<1,2> P1\n"},
		{`show(p_gk.Dyn(3))`, "3\n"},
		{`show(p_gk.Dyn(p_time.Second))`, "1s Stringer1s\n"},
		{`p := P_{1, 2}; x := p_gk.Dyn(p); p.x = 5; show(x)`, "<1,2> S<1,2> Stringer<1,2> P1\n"},
		{`p := &P_{1, 2}; x := p_gk.Dyn(p); p.x = 5; show(x)`, "<5,2> S<5,2> Stringer<5,2> *P5\n"},
		{`var p *P_; x := p_gk.Dyn(p); p_fmt.Println(x == nil)`, "false\n"},
	}
	b := newNotebook(t)
	b.must(decls, "", "fmt")
	for _, tt := range tests {
		o := b.run(t.Context(), b.program("", tt.body, "fmt", "time"))
		if diff := cmp.Diff(tt.want, o.out); diff != "" || o.err != nil {
			t.Errorf("%s: %v (-want +got)\n%s", tt.body, o.err, diff)
		}
	}
}
