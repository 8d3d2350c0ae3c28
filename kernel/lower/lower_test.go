package lower_test

import (
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gokernel/kernel/check"
	"gokernel/kernel/lower"
)

// What lowered code does is held by the transcripts of package interp, which runs it. Here is what can be said of it
// without.

// session lowers cells one after the other.
type session struct {
	tb     testing.TB
	scope  *check.Scope
	engine *lower.Engine
	n      int
}

func newSession(tb testing.TB) *session {
	return &session{tb: tb, scope: check.NewScope(check.StdLibrary()), engine: lower.NewEngine()}
}

func (s *session) lower(src string) (*lower.Program, error) {
	s.tb.Helper()
	s.n++
	c, err := check.Check(s.scope, s.n, fmt.Sprintf("cell [%d]", s.n), src)
	if err != nil {
		s.tb.Fatal(err)
	}
	p, err := s.engine.Lower(c)
	if err == nil {
		s.scope = c.Scope
		s.engine.Commit(p)
	}
	return p, err
}

func (s *session) must(src string) *lower.Program {
	s.tb.Helper()
	p, err := s.lower(src)
	if err != nil {
		s.tb.Fatal(err)
	}
	return p
}

func TestSourceParses(t *testing.T) {
	s := newSession(t)
	for _, src := range []string{
		"x := 1", "func f(a int, b ...string) (n int, err error) { defer func() { n++ }(); return a, nil }",
		"type T[K comparable, V any] struct { m map[K]V }\nfunc (t *T[K, V]) Set(k K, v V) { t.m[k] = v }\nvar t T[string, []int]\nt.Set(\"a\", nil)",
		"for i := range 3 { go func() { fmt.Println(i) }() }",
		"select { case <-time.After(time.Second): default: }",
	} {
		p := s.must(src)
		if _, err := parser.ParseFile(token.NewFileSet(), "", p.Source, 0); err != nil {
			t.Errorf("%s\nbecomes\n%s\n%v", src, p.Source, err)
		}
	}
}

func TestNothingIsDefinedTwice(t *testing.T) {
	s := newSession(t)
	text := func(src string) string { p := s.must(src); return p.Prelude + p.Source }
	first := text("type P struct{ x int }\nfunc Map[T any](v T) T { return v }\nMap(P{1})")
	again := text("Map(P{2})")
	for _, what := range []string{"type P_", "func Map_"} {
		if !strings.Contains(first, what) {
			t.Errorf("the first cell does not define %s:\n%s", what, first)
		}
		if strings.Contains(again, what) {
			t.Errorf("the second cell defines %s again:\n%s", what, again)
		}
	}
	s.engine = lower.NewEngine()
	if fresh := text("Map(P{3})"); !strings.Contains(fresh, "type P_") {
		t.Errorf("an engine for a new interpreter must define P again:\n%s", fresh)
	}
}

func TestSteps(t *testing.T) {
	p := newSession(t).must("x := 1\nfmt.Println(x)\ny, z := 2, 3\nvar w int\nif true { inner := 1; _ = inner }")
	if diff := cmp.Diff([]string{"x", "y,z", "w"}, p.Steps); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
}

func TestRefusals(t *testing.T) {
	// Each has a line in docs/language.md.
	tests := []struct{ src, want string }{
		{"import \"unsafe\"\nx := 1\nunsafe.Slice(&x, 1)", "cell [1]:3:1: unsafe.Slice"},
		{"import \"unsafe\"\nx := 1\np := unsafe.Pointer(&x)\n_ = p", "cell [1]:3:6: unsafe.Pointer"},
		{"import \"weak\"\nx := 1\nweak.Make(&x)", "cell [1]:3:6: the generic function weak.Make"},
		{"type F func(F)\nvar f F", "cell [1]:1:6: a function type that refers to itself"},
		{"type S []S\nvar s S", "cell [1]:1:6: a type that refers to itself"},
		{"type P struct{ n int }\nreflect.ValueOf(P{1})", "cell [1]:2:17: reflect.ValueOf with a value of type main.P (its name)"},
		{"import \"text/template\"\ntype P struct{ N int }\nfunc (P) M() {}\nt := template.Must(template.New(\"\").Parse(\"{{.M}}\"))\nt.Execute(os.Stdout, P{1})",
			"cell [1]:5:22: (*text/template.Template).Execute with a value of type main.P (its method M)"},
		{"type P struct{ N int }\nxml.Marshal(P{1})", "cell [1]:2:13: encoding/xml.Marshal with a value of type main.P (its name)"},
		{"type L struct{ root E; n int }\ntype E struct{ next *E; list *L }\nvar l L", "cell [1]:1:6: the type L, which refers to others that refer to each other in several circles,"},
		{"runtime.SetFinalizer(new(int), func(*int) {})", "cell [1]:1:1: runtime.SetFinalizer"},
		{"runtime.Caller(0)", "cell [1]:1:1: runtime.Caller"},
		{"debug.PrintStack()", "cell [1]:1:1: runtime/debug.PrintStack"},
		{"runtime.MemProfileRate = 1", "cell [1]:1:1: runtime.MemProfileRate"},
		{"runtime.AddCleanup(new(int), func(int) {}, 1)", "cell [1]:1:9: the generic function runtime.AddCleanup"},
		{"runtime.Callers(0, nil)", "cell [1]:1:1: runtime.Callers"},
		{"runtime.CallersFrames(nil)", "cell [1]:1:1: runtime.CallersFrames"},
		{"runtime.FuncForPC(0)", "cell [1]:1:1: runtime.FuncForPC"},
		{"runtime.Stack(nil, false)", "cell [1]:1:1: runtime.Stack"},
		{"runtime.Breakpoint()", "cell [1]:1:1: runtime.Breakpoint"},
		{"debug.Stack()", "cell [1]:1:1: runtime/debug.Stack"},
		{"type P struct{ n int }\ngob.NewEncoder(os.Stdout).Encode(P{1})", "cell [1]:2:34: (*encoding/gob.Encoder).Encode with a value of type main.P (the field n)"},
		{"import \"hash/maphash\"\nmaphash.Comparable(maphash.MakeSeed(), 1)", "cell [1]:2:9: the generic function hash/maphash.Comparable"},
		{"import \"database/sql\"\nvar n sql.Null[int]\nn.Value()", "cell [1]:1:1: the generic type database/sql.Null[int]"},
		{"import \"crypto/hkdf\"\nhkdf.Expand(sha256.New, nil, \"\", 1)", "cell [1]:2:6: the generic function crypto/hkdf.Expand"},
		{"import \"crypto/pbkdf2\"\npbkdf2.Key(sha256.New, \"\", nil, 1, 1)", "cell [1]:2:8: the generic function crypto/pbkdf2.Key"},
		{"func F[T any]() { type L struct{ v T }; var l L; _ = l }\nF[int]()", "cell [1]:1:8: a type declared in generic code"},
		{"func f() { defer func() { defer recover() }() }", "cell [1]:1:27: defer recover() in a function literal"},
		{"func f() ([]int, int) { return nil, 1 }\nx := append(f())", "cell [1]:2:6: append of a call with several results"},
		{"func F[T any]() any { type L struct{ v int }; return L{} }\nF[int]()", "cell [1]:1:28: a value of a type declared in generic code, in an interface,"},
	}
	for _, tt := range tests {
		_, err := newSession(t).lower(tt.src)
		var u *lower.Unsupported
		if want := tt.want + " is not supported by the interpreter"; !errors.As(err, &u) || !strings.HasPrefix(u.Error(), want) {
			t.Errorf("%q: got %v, want %s", tt.src, err, want)
		}
	}
}

// BenchmarkCheckAndLower checks and lowers a new cell after others: 10 ms after 100, 20 ms after 300 are allowed.
func BenchmarkCheckAndLower(b *testing.B) {
	for _, cells := range []int{100, 300} {
		b.Run(fmt.Sprintf("after %d cells", cells), func(b *testing.B) {
			s := newSession(b)
			for i := range cells {
				s.must(fmt.Sprintf("type T%[1]d struct{ x int }\nfunc (t T%[1]d) Get() int { return t.x }\nfunc f%[1]d(n int) string { return fmt.Sprint(n, T%[1]d{n}.Get()) }\nv%[1]d := f%[1]d(%[1]d)", i))
			}
			for b.Loop() {
				s.n++
				c, err := check.Check(s.scope, s.n, "cell", "w := strings.ToUpper(f7(3)) + v99\nfmt.Println(w)")
				if err != nil {
					b.Fatal(err)
				}
				if _, err := s.engine.Lower(c); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
