package check_test

import (
	"fmt"
	"testing"
	"time"

	"gokernel/kernel/check"
)

// after returns a session of n cells of four declarations each.
func after(t testing.TB, n int) *session {
	s := newSession(t)
	for i := range n {
		s.must(fmt.Sprintf("type T%[1]d struct{ x int }\nfunc (t T%[1]d) Get() int { return t.x }\nfunc f%[1]d(n int) string { return fmt.Sprint(n, T%[1]d{n}.Get()) }\nv%[1]d := f%[1]d(%[1]d)", i))
	}
	return s
}

// ordinary is a cell of ordinary length that uses what others have declared.
const ordinary = `func shout(s string) string { return strings.ToUpper(s) + v42 }
w := shout(f7(3)) + v99
for i := range 3 {
	fmt.Println(i, w, T5{i}.Get())
}
w`

func BenchmarkCheck(b *testing.B) {
	for _, n := range []int{100, 300} {
		b.Run(fmt.Sprintf("after%dCells", n), func(b *testing.B) {
			s := after(b, n)
			for b.Loop() {
				s.n++
				if _, err := check.Check(s.scope, s.n, "cell", ordinary); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkRedefine declares a function again that another one calls.
func BenchmarkRedefine(b *testing.B) {
	s := after(b, 100)
	s.must("func user() string { return f7(1) + f8(2) }")
	for b.Loop() {
		s.n++
		if _, err := check.Check(s.scope, s.n, "cell", `func f7(n int) string { return "new" }`); err != nil {
			b.Fatal(err)
		}
	}
}

func TestCheckIsFast(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector makes it several times slower")
	}
	for n, limit := range map[int]time.Duration{100: 10 * time.Millisecond, 300: 20 * time.Millisecond} {
		s := after(t, n)
		best := time.Hour
		for range 30 { // the machine may be busy
			s.n++
			start := time.Now()
			if _, err := check.Check(s.scope, s.n, "cell", ordinary); err != nil {
				t.Fatal(err)
			}
			best = min(best, time.Since(start))
		}
		if best > limit {
			t.Errorf("a cell after %d others takes %v to check, want at most %v", n, best, limit)
		}
	}
}
