package program_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"gokernel/kernel/check"
	"gokernel/kernel/native/program"
	"gokernel/kernel/native/toolchain"
)

// A session is a notebook whose last cell becomes a program.
type session struct {
	t      *testing.T
	module *program.Module
	tc     *toolchain.Toolchain
}

func newSession(t *testing.T) *session {
	t.Helper()
	m, err := program.NewModule()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
		if _, err := os.Stat(m.Dir()); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s is left behind", m.Dir())
		}
	})
	tc, err := m.Toolchain(t.Context(), os.Environ(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return &session{t, m, tc}
}

// assemble checks cells one after the other and makes a program of the last one.
func (s *session) assemble(kind program.Kind, cells ...string) (*program.Program, error) {
	s.t.Helper()
	scope := check.NewScope(check.StdLibrary())
	for i, src := range cells {
		c, err := check.Check(scope, i+1, fmt.Sprintf("cell [%d]", i+1), src)
		if err != nil {
			s.t.Fatalf("cell %d: %v", i+1, err)
		}
		if i == len(cells)-1 {
			return program.Assemble(c, kind)
		}
		scope = c.Scope
	}
	return nil, nil
}

// run builds and runs a program and returns what it printed.
func (s *session) run(p *program.Program, o program.Options, args ...string) string {
	s.t.Helper()
	exe, err := s.module.Build(s.t.Context(), s.tc, p, o)
	if err != nil {
		s.t.Fatalf("%v\n%s", err, p.Source)
	}
	defer exe.Close()
	out, err := exec.CommandContext(s.t.Context(), exe.Path, args...).CombinedOutput()
	text := string(out)
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		text += exit.Error() + "\n"
	} else if err != nil {
		s.t.Fatal(err)
	}
	return text
}

func TestPrograms(t *testing.T) {
	s := newSession(t)
	for _, tt := range []struct {
		name  string
		cells []string
		want  string
	}{
		{"statements", []string{"fmt.Println(1)"}, "1\n"},
		{"functions of earlier cells", []string{"func f() int { return g() }\nfunc g() int { return 2 }", "fmt.Println(f())"}, "2\n"},
		{"the present version", []string{"func g() int { return 1 }", "func f() int { return g() }", "func g() int { return 3 }", "fmt.Println(f())"}, "3\n"},
		{"redefined here", []string{"func g() int { return 1 }", "func f() int { return g() }", "fmt.Println(f())\nfunc g() int { return 4 }"}, "4\n"},
		{"a type with methods", []string{"type T struct{ a int }", "func (t T) String() string { return fmt.Sprint(\"T\", t.a) }", "fmt.Println(T{5})"}, "T5\n"},
		{"a group of types", []string{"type (\n\tA int\n\tB struct{ A }\n)", "b := B{6}\nfmt.Println(b.A)"}, "6\n"},
		{"constants of a group", []string{"const (\n\tx = iota\n\ty\n\tz\n)", "const y = \"y\"", "fmt.Println(x, y, z)"}, "0 y 2\n"},
		{"variables of earlier cells", []string{"x := 7\nvar m = map[string]int{\"a\": x}", "var n struct{ A int }", "n.A = x\nfmt.Println(m, n)"}, "map[a:7] {7}\n"},
		{"one of two results", []string{"func two() (int, string) { return 8, \"s\" }\na, b := two()", "a := true", "fmt.Println(b)"}, "s\n"},
		{"both of two results", []string{"func two() (int, string) { return 8, \"s\" }\na, b := two()", "fmt.Println(a, b)"}, "8 s\n"},
		{"own variables and functions", []string{"n := 1\nvar k int\nvar (\n\tp, q = 1, 2\n\tr int = 9\n)\nfunc inc() { n++; k += p + q + r }\ninc()\nfmt.Println(n, k)"}, "2 12\n"},
		{"nothing is read that the cell does not read", []string{"x := 0\ngo func() { x = 1 }()"}, ""},
		{"nothing need be used", []string{"z := 1\nz = 2\nx, err := strconv.Atoi(\"3\")\n_, y := 1, 2"}, ""},
		{"the same name again", []string{"x := 1", "x := x + 1\nx"}, "2\n"},
		{"the same name and another type", []string{"x := 1", "x := fmt.Sprint(x, 2)\nx"}, "1 2\n"},
		{"shared together", []string{"a, b := 1, 2\nc, b := 3, 4\nfunc f() int { return c }\nfmt.Println(a, b, f())"}, "1 4 3\n"},
		{"what is read again", []string{"name := filepath.Join(\"a\", \"b\")\nvar in = bufio.NewReader(strings.NewReader(name))\ndir, err := os.Getwd()", "s, _ := in.ReadString('/')\nfmt.Println(s, dir != \"\", err)"}, "a/ true <nil>\n"},
		{"a result", []string{"x := 41", "x + 1"}, "42\n"},
		{"results of a call", []string{"strconv.Atoi(\"12\")"}, "12 <nil>\n"},
		{"what is printed is no result", []string{"fmt.Sprint()\nfmt.Println(\"p\")"}, "p\n"},
		{"a whole program", []string{"package main\n\nimport \"fmt\"\n\nvar b = a + 1\nvar a = one()\n\nfunc one() int { return 1 }\n\nfunc init() { a++ }\n\nfunc main() { fmt.Println(a, b) }"}, "2 2\n"},
		{"main of an earlier cell", []string{"func main() { fmt.Println(\"earlier\") }", "fmt.Println(\"now\")"}, "now\n"},
		{"generic", []string{"func Map[A, B any](s []A, f func(A) B) (out []B) {\n\tfor _, a := range s {\n\t\tout = append(out, f(a))\n\t}\n\treturn\n}", "fmt.Println(Map([]int{1, 2}, func(i int) string { return fmt.Sprint(i, \"!\") }))"}, "[1! 2!]\n"},
		{"types without a name", []string{"order := binary.BigEndian\nfmt.Println(order.Uint16([]byte{1, 0}))"}, "256\n"},
		{"types of packages", []string{"var mu sync.Mutex\nvar b strings.Builder\nt := time.Duration(3)\nfunc f() { mu.Lock(); defer mu.Unlock(); b.WriteString(t.String()) }\nf()\nfmt.Println(b.String())"}, "3ns\n"},
		{"an import by another name", []string{"import str \"strings\"\nfunc up(s string) string { return str.ToUpper(s) }", "fmt.Println(up(\"a\"))"}, "A\n"},
		{"loops and labels", []string{"out:\nfor i := range 3 {\n\tfor j := range 3 {\n\t\tif j == 1 {\n\t\t\tcontinue out\n\t\t}\n\t\tfmt.Print(i, j, \" \")\n\t}\n}"}, "0 0 1 0 2 0 "},
		{"the preloaded package", []string{"q := concurrency.NewQueue[int](3)\nfmt.Println(q.Cap())"}, "3\n"},
	} {
		p, err := s.assemble(program.Main, tt.cells...)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if got := s.run(p, program.Options{}); got != tt.want {
			t.Errorf("%s: got %q, want %q\n%s", tt.name, got, tt.want, p.Source)
		}
	}
}

func TestPositions(t *testing.T) {
	s := newSession(t)
	p, err := s.assemble(program.Main, "// f fails\nfunc f(s []int) int {\n\treturn s[5]\n}", "\nx := []int{1}\nif true {\n\tf(x)\n}")
	if err != nil {
		t.Fatal(err)
	}
	got := s.run(p, program.Options{})
	for _, part := range []string{"\tcell [1]:3", "\tcell [2]:4 ", "exit status 2"} {
		if !strings.Contains(got, part) {
			t.Errorf("got\n%s\nwant it to contain %q", got, part)
		}
	}
}

func TestRefused(t *testing.T) {
	s := newSession(t)
	for _, tt := range []struct {
		want  string
		cells []string
	}{
		{"the cell has no statements", []string{"func f() {}"}},
		{"the variable x of cell [1] cannot be part of a program of its own: it was received from a channel", []string{"c := make(chan int, 1)\nc <- 1\nx := <-c", "x"}},
		{"it is what os.CreateTemp returned", []string{"f, err := os.CreateTemp(\"\", \"\")", "f"}},
		{"it is what Output of a value of exec returned", []string{"out, err := exec.Command(\"date\").Output()", "out"}},
		{"it is what q.Len returned", []string{"q := strings.NewReader(\"a\")\nx := q.Len()", "x"}},
		{"it was made from an earlier x", []string{"x := 1", "x := x + 1", "x"}},
		{"x is declared anew here", []string{"x := 1", "x := fmt.Sprint(x)\nfunc f() string { return x }"}},
	} {
		_, err := s.assemble(program.Main, tt.cells...)
		var refused *program.Error
		if !errors.As(err, &refused) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%q: got %v, want %q", tt.cells, err, tt.want)
		}
	}
}

func TestTestFunctions(t *testing.T) {
	s := newSession(t)
	p, err := s.assemble(program.Tests, "func half(n int) int { return n / 2 }", `data := []int{4, 2}
func TestHalf(t *testing.T) {
	if got := half(data[0]); got != 3 {
		t.Errorf("got %d", got)
	}
}
func BenchmarkHalf(b *testing.B) { for b.Loop() { half(5) } }
func ExampleHalf() {
	fmt.Println(half(8))
	// Output: 4
}
func Testify() {}`)
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Tests) != 1 || len(p.Benchmarks) != 1 || len(p.Examples) != 1 {
		t.Errorf("got %v %v %v", p.Tests, p.Benchmarks, p.Examples)
	}
	got := s.run(p, program.Options{Test: true}, "-test.v")
	for _, part := range []string{"cell [2]:4: got 2", "--- FAIL: TestHalf", "--- PASS: ExampleHalf"} {
		if !strings.Contains(got, part) {
			t.Errorf("got\n%s\nwant it to contain %q", got, part)
		}
	}
	p, err = s.assemble(program.Loop, "func half(n int) int { return n / 2 }\nx := 3", "y := half(x)\nstrconv.Itoa(y)")
	if err != nil {
		t.Fatal(err)
	}
	if got := s.run(p, program.Options{Test: true}, "-test.bench=.", "-test.benchtime=10x"); !strings.Contains(got, "BenchmarkCell") || !strings.Contains(got, "allocs/op") {
		t.Errorf("got\n%s", got)
	}
}

// TestSweep checks that the directories of processes that were killed are removed by the next one.
func TestSweep(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	cmd := exec.CommandContext(t.Context(), "true")
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	left := filepath.Join(os.TempDir(), fmt.Sprintf("gokernel-notebook-%d-1", cmd.Process.Pid))
	ours := filepath.Join(os.TempDir(), fmt.Sprintf("gokernel-notebook-%d-1", os.Getpid()))
	for _, dir := range []string{left, ours} {
		if err := os.Mkdir(dir, 0o777); err != nil {
			t.Fatal(err)
		}
	}
	m, err := program.NewModule()
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	if _, err := os.Stat(left); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s is still there", left)
	}
	if _, err := os.Stat(ours); err != nil {
		t.Errorf("that of a process that lives is gone: %v", err)
	}
}

// TestGoBuild checks that flags which the compiler alone does not know are left to the go command.
func TestGoBuild(t *testing.T) {
	s := newSession(t)
	tc, err := s.module.Toolchain(t.Context(), append(os.Environ(), "GOFLAGS=-buildvcs=false -gcflags=-l"), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if tc == s.tc || tc.Direct() {
		t.Error("GOFLAGS make no difference")
	}
	s.tc = tc
	p, err := s.assemble(program.Main, "func f(s []int) int { return s[5] }", "f(nil)")
	if err != nil {
		t.Fatal(err)
	}
	exe, err := s.module.Build(t.Context(), tc, p, program.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer exe.Close()
	out, _ := exec.CommandContext(t.Context(), exe.Path).CombinedOutput() // it panics
	if got := program.Tidy(string(out), exe.Dir); !strings.Contains(got, "\tcell [1]:1 ") {
		t.Errorf("got\n%s\nwant a position in cell [1]", got)
	}
	p, err = s.assemble(program.Tests, "func TestA(t *testing.T) { t.Error(\"no\") }")
	if err != nil {
		t.Fatal(err)
	}
	if got := s.run(p, program.Options{Test: true}); !strings.Contains(got, "cell [1]:1: no") {
		t.Errorf("got\n%s\nwant a failed test", got)
	}
}
