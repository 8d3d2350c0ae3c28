package faults

import (
	"strings"
	"testing"
)

// TestNativeCell runs cells that are %%native in a kernel that interprets all others.
func TestNativeCell(t *testing.T) {
	t.Parallel()
	s := start(t, "GOKERNEL_ENGINE=auto")
	s.want("%engine interp", "interp")
	who := "pc, _, _, ok := runtime.Caller(0)\nok && runtime.FuncForPC(pc) != nil"
	if o := s.run(who); o.Status != "error" || !strings.Contains(o.said(), "runtime.Caller") {
		t.Fatalf("the interpreter ran what it has no way to: this test shows nothing: %s", o.said())
	}
	s.want("%%native\n"+who, "true")
	s.must("n, xs := 3, []int{1, 2, 3}")
	s.want("%%native\n\n!echo multiplied by\nfor i := range xs {\n\txs[i] *= n\n}\nn, made := n+1, len(xs)\nfmt.Println(n, made)\nxs", "multiplied by\n4 3\n[3 6 9]")
	s.want("fmt.Println(n, made, xs)", "4 3 [3 6 9]")
	for cell, word := range map[string]string{
		"%%native\n\nnosuch":             ":3:1: undefined: nosuch",
		"%%native\nvar p *int\n\n*p = 1": "line 4",
		"%%native fast\n1":               "it takes no arguments",
		"%%native\n":                     "there is no code below it",
		"%%native\n%%native\n1":          "it stands in a cell once",
		"%%native\ngo func() {\n\tpanic(made)\n}()\nselect {}": "line 2 started",
	} {
		if o := s.run(cell); o.Status != "error" || !strings.Contains(o.said(), word) {
			t.Errorf("%q: got %s, want %q", cell, o.said(), word)
		}
	}
	s.want("%engine", "interp")
}

// TestCompiledTraces checks that traces of compiled code name the reader's functions only, with the lines of the calls.
func TestCompiledTraces(t *testing.T) {
	t.Parallel()
	s := start(t, "GOKERNEL_ENGINE=native")
	s.must("func divide(wg *sync.WaitGroup, in <-chan int) {\n\tdefer wg.Done()\n\tfor v := range in {\n\t\tfmt.Println(1 / v)\n\t}\n}")
	s.must("type box struct{ inner *box; v int }")
	s.must("func open(b *box) int { return b.inner.v }\nfunc begin(in <-chan int) {\n\tvar wg sync.WaitGroup\n\twg.Add(1)\n\tgo divide(&wg, in)\n\twg.Wait()\n}")
	for _, tt := range []struct{ cell, want string }{
		{"in := make(chan int, 1)\nin <- 0\n\nbegin(in)", "panic: runtime error: integer divide by zero\n  cell [1] line 4, in divide\n     4 | \t\tfmt.Println(1 / v)\nin the goroutine that cell [3] line 5 started:\n     5 | \tgo divide(&wg, in)"},
		{"var wg sync.WaitGroup\nwg.Add(1)\nin := make(chan int, 1)\n\ngo divide(&wg, in)\nin <- 0\n\n\nwg.Wait()", "panic: runtime error: integer divide by zero\n  cell [1] line 4, in divide\n     4 | \t\tfmt.Println(1 / v)\nin the goroutine that cell [5] line 5 started:\n     5 | go divide(&wg, in)"},
		{"open(&box{})", "panic: runtime error: invalid memory address or nil pointer dereference\n  cell [3] line 1, in open\n     1 | func open(b *box) int { return b.inner.v }\n  cell [6] line 1\n     1 | open(&box{})"},
		{"begin(nil)", "Deadlock: all goroutines are asleep - deadlock!\nthe cell itself waits: sync.WaitGroup.Wait\n  cell [3] line 6, in begin\n     6 | \twg.Wait()\n  cell [7] line 1\n     1 | begin(nil)\nthe goroutine that cell [3] line 5 started waits: chan receive (nil chan)\n  cell [1] line 3, in divide\n     3 | \tfor v := range in {"},
	} {
		if got := s.run(tt.cell).said(); !strings.Contains(got, tt.want) {
			t.Errorf("%q: got\n%s\nwant\n%s", tt.cell, got, tt.want)
		}
	}
}

// TestEngineChanges declares types for one engine and uses them after %engine has chosen the other.
func TestEngineChanges(t *testing.T) {
	t.Parallel()
	s := start(t, "GOKERNEL_ENGINE=auto")
	s.want("%engine interp", "interp")
	s.must("type P struct{ x int }\nfunc (p P) get() int { return p.x }\nps := []P{{1}}\nvar e any = ps[0]")
	s.must("var buffer interface{ Len() int } = bytes.NewBufferString(\"four\")\nat := map[struct{ x, y int }]int{{1, 2}: 5}")
	s.want("%engine native", "native")
	s.want("ps[0].get()", "1")
	s.want("func size() int { return buffer.Len() }\nsize()", "4")
	s.want("func look() int { return at[struct{ x, y int }{1, 2}] }\nlook()", "5")
	s.want("type Q struct { P; y int }\nfunc first() int { return ps[0].get() }\nfirst()", "1")
	s.want("_, ok := e.(P)\nfmt.Println(ok, Q{P{3}, 4}.get())", "true 3")
	s.want("func (p P) more() int { return p.x + 1 }\nps[0].more()", "2")
	o := s.run("type recursive []recursive\nfunc none(P) recursive { return nil }")
	if want := "the type P was interpreted: until cell [2] is run again, what uses it cannot be compiled"; o.Status != "error" || !strings.Contains(o.said(), want) {
		t.Errorf("got %s, want %q", o.said(), want)
	}
	s.must("type P struct{ x int }\nfunc (p P) get() int { return p.x }\nps := []P{{2}}")
	s.want("type recursive []recursive\nfunc none(P) recursive { return nil }\nlen(none(ps[0]))", "0")
	s.want("%engine interp", "interp")
	s.want("var g interface{ get() int } = ps[0]\ng.get()", "2")
}

// TestCompiledOverflow checks that the report of a stack that a compiled function has filled says where.
func TestCompiledOverflow(t *testing.T) {
	t.Parallel()
	s := start(t, "GOKERNEL_ENGINE=native")
	s.must("func down(n int) int {\n\tif n < 0 {\n\t\treturn 0\n\t}\n\treturn down(n+1) + 1\n}")
	if got, want := s.run("down(1)").said(), "cell [1] line 5, in down"; !strings.Contains(got, "stack overflow") || !strings.Contains(got, want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
