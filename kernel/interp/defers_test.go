package interp

import (
	"testing"
)

// TestDefers runs code in the form that the front end gives it, and compares with what compiled Go prints.
func TestDefers(t *testing.T) {
	const decls = `
func mk_print(s string) func() { return func() { p_fmt.Println(s) } }
func mk_recover(tag string) func() { return func() { p_fmt.Println(tag, p_gk.Recover()) } }
func mk_panic(v any) func() { return func() { panic(v) } }
func helper() any { return p_gk.Recover() }
func mk_helper() func() { return func() { p_fmt.Println("helper", helper()) } }
func named() { p_fmt.Println("named", p_gk.Recover()) }
func mk_named() func() { return func() { named() } }
func mk_set(r *int) func() { return func() { if e := p_gk.Recover(); e != nil { *r = 9 } } }
func mk_setbody(r *int) func(*p_gk.Defers) { return func(d *p_gk.Defers) { d.Defer(mk_set(r)); *r = 1; panic("x") } }
func set() int { r := new(int); p_gk.Call(mk_setbody(r)); return *r }
func mk_inner() func() { return func() { p_gk.Call(mk_innerbody()) } }
func mk_innerbody() func(*p_gk.Defers) { return func(d *p_gk.Defers) { d.Defer(mk_recover("inner")) } }
func mk_goexit() func() { return func() { p_runtime.Goexit() } }
`
	tests := []struct{ name, body, want string }{
		{"order", `d.Defer(mk_print("1")); d.Defer(mk_print("2")); p_fmt.Println("0")`, "0\n2\n1\n"},
		{"recover", `d.Defer(mk_recover("a")); d.Defer(mk_recover("b")); panic("x")`, "b x\na <nil>\n"},
		{"replaced", `d.Defer(mk_recover("a")); d.Defer(mk_panic("y")); panic("x")`, "a y\n"},
		{"repanicked", `d.Defer(mk_recover("a")); d.Defer(mk_panic("y")); d.Defer(mk_recover("b")); panic("x")`, "b x\na y\n"},
		{"nobody panics", `d.Defer(mk_recover("a")); p_fmt.Println(p_gk.Recover())`, "<nil>\na <nil>\n"},
		{"inner call", `d.Defer(mk_recover("a")); d.Defer(mk_inner()); panic("x")`, "inner <nil>\na x\n"},
		{"not the deferred function", `d.Defer(mk_recover("a")); d.DeferFunc(mk_helper()); panic("x")`, "helper <nil>\na x\n"},
		{"a named function", `d.Defer(mk_recover("a")); d.DeferCall(mk_named()); panic("x")`, "named x\na <nil>\n"},
		{"a named function, not told apart", `d.Defer(mk_recover("a")); d.Defer(mk_named()); panic("x")`, "named x\na <nil>\n"},
		{"result", `p_fmt.Println(set())`, "9\n"},
		{"nil", `d.Defer(mk_recover("a")); panic(nil)`, "a panic called with nil argument\n"},
		{"runtime error", `d.Defer(mk_recover("a")); z := 0; p_fmt.Println(1 / z)`, "a runtime error: integer divide by zero\n"},
		{"nil pointer", `d.Defer(mk_recover("a")); var p *struct{ x int }; p_fmt.Println(p.x)`, "a runtime error: invalid memory address or nil pointer dereference\n"},
		{"nil pointer assignment", `d.Defer(mk_recover("a")); var p *struct{ x int }; p.x = 1`, "a runtime error: invalid memory address or nil pointer dereference\n"},
		{"nil pointer to int", `d.Defer(mk_recover("a")); var p *int; p_fmt.Println(*p)`, "a runtime error: invalid memory address or nil pointer dereference\n"},
		{"nil pointer to int assigned", `d.Defer(mk_recover("a")); var p *int; *p = 3`, "a runtime error: invalid memory address or nil pointer dereference\n"},
		{"nil function", `d.Defer(mk_recover("a")); var f func(); f()`, "a runtime error: invalid memory address or nil pointer dereference\n"},
		{"nil map", `d.Defer(mk_recover("a")); var m map[string]int; m["a"] = 1`, "a assignment to entry in nil map\n"},
		{"nil interface", `d.Defer(mk_recover("a")); var e error; p_fmt.Println(e.Error())`, "a runtime error: invalid memory address or nil pointer dereference\n"},
		{"index", `d.Defer(mk_recover("a")); s := []int{1, 2, 3}; i := 5; p_fmt.Println(s[i])`, "a runtime error: index out of range [5] with length 3\n"},
		{"index assigned", `d.Defer(mk_recover("a")); s := []int{1, 2, 3}; i := 5; s[i] = 1`, "a runtime error: index out of range [5] with length 3\n"},
		{"negative index", `d.Defer(mk_recover("a")); s := []int{1, 2, 3}; i := -1; p_fmt.Println(s[i])`, "a runtime error: index out of range [-1]\n"},
		{"array index", `d.Defer(mk_recover("a")); var s [3]int; i := 5; p_fmt.Println(s[i])`, "a runtime error: index out of range [5] with length 3\n"},
		{"string index", `d.Defer(mk_recover("a")); s := "abc"; i := 5; p_fmt.Println(s[i])`, "a runtime error: index out of range [5] with length 3\n"},
		{"slice", `d.Defer(mk_recover("a")); s := []int{1, 2, 3}; i := 5; p_fmt.Println(s[:i])`, "a runtime error: slice bounds out of range [:5] with capacity 3\n"},
		{"slice crossed", `d.Defer(mk_recover("a")); s := []int{1, 2, 3}; i, j := 2, 1; p_fmt.Println(s[i:j])`, "a runtime error: slice bounds out of range [2:1]\n"},
		{"slice of a string", `d.Defer(mk_recover("a")); s := "abc"; i := 5; p_fmt.Println(s[i:])`, "a runtime error: slice bounds out of range [5:3]\n"},
		{"assertion", `d.Defer(mk_recover("a")); var x any = 3; p_fmt.Println(x.(string))`, "a interface conversion: interface {} is int, not string\n"},
		{"assertion of nil", `d.Defer(mk_recover("a")); var x any; p_fmt.Println(x.(string))`, "a interface conversion: interface {} is nil, not string\n"},
		{"closed channel", `d.Defer(mk_recover("a")); c := make(chan int); close(c); c <- 1`, "a send on closed channel\n"},
		{"close twice", `d.Defer(mk_recover("a")); c := make(chan int); close(c); close(c)`, "a close of closed channel\n"},
		{"close nil", `d.Defer(mk_recover("a")); var c chan int; close(c)`, "a close of nil channel\n"},
		{"make", `d.Defer(mk_recover("a")); n := -1; p_fmt.Println(make([]int, n))`, "a runtime error: makeslice: len out of range\n"},
		// yaegi does not notice: {"shift", `d.Defer(mk_recover("a")); n := -1; p_fmt.Println(1 << n)`, "a runtime error: negative shift amount\n"},
		{"unhashable", `d.Defer(mk_recover("a")); m := map[any]int{}; var k any = []int{}; m[k] = 1`, "a runtime error: hash of unhashable type []int\n"},
	}
	b := newNotebook(t)
	b.must(decls, "", "fmt", "runtime")
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b.tb = t
			p := b.program("func body() func(*p_gk.Defers) { return func(d *p_gk.Defers) {\n"+tt.body+"\n} }", "p_gk.Call(body())", "fmt")
			o := b.run(t.Context(), p)
			if o.err != nil || o.out != tt.want {
				t.Errorf("got %q, %v; want %q", o.out, o.err, tt.want)
			}
		})
	}
	t.Run("goexit", func(t *testing.T) {
		b.tb = t
		p := b.program("func body() func(*p_gk.Defers) { return func(d *p_gk.Defers) { d.Defer(mk_recover(\"c\")); d.Defer(mk_goexit()); d.Defer(mk_recover(\"b\")); panic(1) } }",
			"p_gk.Go(1, 1, func() { p_gk.Call(body()); p_fmt.Println(\"not here\") })\np_time.Sleep(300000000)", "fmt", "time")
		o := b.run(t.Context(), p)
		if want := "b 1\nc <nil>\n"; o.out != want {
			t.Errorf("got %q, %v; want %q", o.out, o.err, want)
		}
	})
	t.Run("goexit drops a panic", func(t *testing.T) {
		b.tb = t
		p := b.program("func body() func(*p_gk.Defers) { return func(d *p_gk.Defers) { d.Defer(mk_recover(\"c\")); d.Defer(mk_goexit()); panic(1) } }",
			"p_gk.Go(1, 1, func() { p_gk.Call(body()); p_fmt.Println(\"not here\") })\np_time.Sleep(300000000)", "fmt", "time")
		o := b.run(t.Context(), p)
		if want := "c <nil>\n"; o.out != want {
			t.Errorf("got %q, %v; want %q", o.out, o.err, want)
		}
	})
	if n := unwinding.panics.Load(); n != 0 || len(unwinding.calls) != 0 {
		t.Errorf("%d calls are left registered", n)
	}
}
