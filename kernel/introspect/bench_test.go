package introspect_test

import (
	"fmt"
	"testing"

	"gokernel/kernel/check"
	"gokernel/kernel/introspect"
)

// large returns the scope of the notebook followed by n cells of four declarations each.
func large(b *testing.B, n int) *check.Scope {
	b.Helper()
	s := scope(b)
	for i := range n {
		src := fmt.Sprintf("type T%[1]d struct { A int; B *T%[2]d }\nfunc (t T%[1]d) Sum() int { return t.A }\nfunc f%[1]d(t T%[1]d) string { return fmt.Sprint(t.Sum()) }\nv%[1]d := T%[1]d{A: %[1]d}", i, max(0, i-1))
		cell, err := check.Check(s, 100+i, fmt.Sprintf("cell [%d]", 100+i), src)
		if err != nil {
			b.Fatal(err)
		}
		s = cell.Scope
	}
	return s
}

// cell is a cell of ordinary length; the cursor is at its end.
const cell = `func work(jobs <-chan int, results chan<- string, wg *sync.WaitGroup) {
	defer wg.Done()
	for j := range jobs {
		if j%2 == 0 {
			results <- fmt.Sprintf("%d is even", j)
			continue
		}
		results <- strings.Repeat("odd ", j)
	}
}
jobs, results := make(chan int), make(chan string, 10)
var wg sync.WaitGroup
for range 4 {
	wg.Add(1)
	go work(jobs, results, &wg)
}
for i := range 10 {
	jobs <- i
}
close(jobs)
wg.Wait()
`

func BenchmarkComplete(b *testing.B) {
	for _, n := range []int{0, 100, 300} {
		s := large(b, n)
		for name, end := range map[string]string{"names": "fmt.Println(re", "member": "fmt.Println(origin.", "package": "strings."} {
			code := cell + end
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if r := introspect.Complete(s, code, len(code)); len(r.Matches) == 0 {
						b.Fatal("no matches")
					}
				}
			})
		}
	}
}

func BenchmarkInspect(b *testing.B) {
	for _, n := range []int{0, 100, 300} {
		s := large(b, n)
		for name, end := range map[string]string{"own": "Scale", "std": "fmt.Println", "unfinished": "if x := origin.Norm"} {
			code := cell + end
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
				for b.Loop() {
					if _, ok := introspect.Inspect(s, code, len(code), 0); !ok {
						b.Fatal("found nothing")
					}
				}
			})
		}
	}
}
