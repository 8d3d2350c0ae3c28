package faults

import (
	"strings"
	"testing"

	"gokernel/internal/client"
	"gokernel/kernel/jupyter"
)

// TestCells holds cells to what a cell means: one notebook, from top to bottom.
func TestCells(t *testing.T) {
	t.Parallel()
	s := start(t)
	for _, tt := range []struct{ code, want string }{
		// Imports, declarations and statements in any order; names live on.
		{"x := 1\nimport \"strings\"\ny := strings.Repeat(\"a\", x+2)\nfunc twice(n int) int { return 2 * n }\ntwice(x)", "2"},
		{"y + strings.ToUpper(\"b\")", "aaaB"},
		{"fmt.Println(later())\nfunc later() string { return \"declared below\" }", "declared below"},
		// Redefinition, with another type too, with callers following.
		{"func rate() int { return 10 }\nfunc price(n int) int { return n * rate() }\nprice(2)", "20"},
		{"func rate() int { return 50 }", ""},
		{"price(2)", "100"},
		{"x := \"text\"\nx", "text"},
		{"type T struct{ A int }\nv := T{1}", ""},
		{"func (t T) String() string { return fmt.Sprint(\"T of \", t.A) }\nv := T{2}\nfmt.Println(v)", "T of 2"},
		{"type T struct{ A, B int }\nT{1, 2}.B", "2"},
		{"const limit = 3\nvar big = limit * limit\nbig", "9"},
		{"var counter int\nfunc count() int {\n\tcounter++\n\treturn counter\n}\ncount() + count()", "3"},
		{"counter = 10\ncount()", "11"},
		// At top level nothing must be used; what Print returns is no result.
		{"unused := 1\nimport \"net/url\"", ""},
		{"fmt.Println(\"printed\")", "printed"},
		{"fmt.Sprint(1, 2)", "1 2"},
		{"len(y)", "3"},
		{"nil == error(nil)", "true"},
		{"for i := range 3 {\n\tfmt.Print(i)\n}", "012"},
		{"var fs []func() int\nfor i := 0; i < 3; i++ {\n\tfs = append(fs, func() int { return i })\n}\nfmt.Println(fs[0](), fs[1](), fs[2]())", "0 1 2"},
		{"var out []string\nfor k, v := range map[string]int{\"one\": 1} {\n\tgo func() { _ = v }()\n\tout = append(out, k)\n}\nout", "[one]"},
		{"for x := range func(yield func(int) bool) { _ = yield(1) && yield(2) && yield(3) } {\n\tif x == 3 {\n\t\tbreak\n\t}\n\tfmt.Print(x)\n}", "12"},
		{"min(3, 1, 2) + int(max(1.5, 2))", "3"},
		{"func Map[A, B any](s []A, f func(A) B) (out []B) {\n\tfor _, a := range s {\n\t\tout = append(out, f(a))\n\t}\n\treturn\n}\nMap([]int{1, 2}, func(i int) string { return fmt.Sprint(i, \"!\") })", "[1! 2!]"},
		{"defer fmt.Print(\" deferred\")\nfmt.Print(\"first\")", "first deferred"},
		{"if true {\n\treturn\n}\nfmt.Println(\"not reached\")", ""},
		{"package main\n\nimport \"fmt\"\n\nfunc main() { fmt.Println(\"whole program\") }", "whole program"},
		{"// nothing but a comment", ""},
		{"", ""},
	} {
		s.want(tt.code, tt.want)
	}
}

// TestStale checks what a redefinition makes of declarations that no longer compile.
func TestStale(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.must("func size() int { return 3 }")
	s.must("func area() int { return size() * size() }")
	if got := s.run("func size() string { return \"three\" }"); got.Status != jupyter.StatusOK || !strings.Contains(got.stderr, "area") {
		t.Errorf("nothing is said of area: %q %s", got.stderr, got.said())
	}
	wantError(t, "area()", s.run("area()"), "area", "cell [2]")
	s.must("func area() int { return len(size()) }")
	s.want("area()", "5")
}

// TestQueuedCells checks that cells queued behind an error are aborted, unless they were told not to be. Nobody can see the
// kernel's queue; the first cell takes so long that the others are in it.
func TestQueuedCells(t *testing.T) {
	t.Parallel()
	for _, stop := range []bool{true, false} {
		s := start(t)
		s.must("kept := 1")
		first := make(chan outcome, 1)
		printed := make(chan struct{})
		go func() {
			o, err := s.execute(jupyter.ExecuteRequest{Code: "fmt.Println(1)\ntime.Sleep(1500 * time.Millisecond)\npanic(\"first\")", StopOnError: &stop}, client.Handler{
				Message: func(m *jupyter.Message) {
					if m.Header.MsgType == jupyter.StreamType {
						close(printed)
					}
				},
			})
			if err != nil {
				t.Error(err)
			}
			first <- o
		}()
		<-printed
		const queued = 3
		ran := make(chan outcome, queued)
		for range queued {
			go func() {
				o, err := s.execute(jupyter.ExecuteRequest{Code: "kept++"}, client.Handler{})
				if err != nil {
					t.Error(err)
				}
				ran <- o
			}()
		}
		wantError(t, "panic", s.outcomeOf(first), "panic: first")
		want, value := jupyter.StatusAborted, "1"
		if !stop {
			want, value = jupyter.StatusOK, "4"
		}
		for range queued {
			if o := s.outcomeOf(ran); o.Status != want {
				t.Errorf("stop_on_error %v: a queued cell got status %q, want %q", stop, o.Status, want)
			}
		}
		s.want("kept", value)
	}
}
