package faults

import (
	"strings"
	"testing"
	"time"
)

// atOnceLimit is how long a cell may take whose goroutine panics at once.
const atOnceLimit = 2 * time.Second

// TestFaults runs cells that fail. Each must say why and where, and the kernel goes on with the variables it had.
func TestFaults(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, code string
		words      []string
	}{
		{"undefined name", "x := 1\nfmt.Println(x, nosuch) // here", []string{"undefined: nosuch"}},
		{"unused local", "func f() {\n\tunused := 1 // here\n}", []string{"declared and not used: unused"}},
		{"missing return", "func f() int {\n\tprintln(1)\n} // here", []string{"missing return"}},
		{"wrong type", "var n int = \"text\" // here", []string{"cannot use", "as int value in variable declaration"}},
		{"syntax error", "x := 1\nx := := 2 // here", []string{"syntax error"}},
		{"all errors", "a := nosuch1 // here\nb := nosuch2 // here\nfunc f() { c := 1 } // here", []string{"nosuch1", "nosuch2", "declared and not used: c"}},

		{"panic", "fmt.Println(1)\npanic(\"boom\") // here", []string{"panic: boom"}},
		{"panic with an error", "panic(fmt.Errorf(\"own %d\", 7)) // here", []string{"own 7"}},
		{"panic in a function", "func deep(n int) {\n\tif n == 0 {\n\t\tpanic(\"down here\") // here\n\t}\n\tdeep(n-1) // here\n}\ndeep(3) // here", []string{"down here", "in deep"}},
		{"nil pointer", "type P struct{ X int }\nvar p *P\nfmt.Println(p.X) // here", []string{"runtime error: invalid memory address or nil pointer dereference"}},
		{"nil map", "var m map[string]int\nm[\"a\"] = 1 // here", []string{"assignment to entry in nil map"}},
		{"nil function", "var f func()\nf() // here", []string{"invalid memory address or nil pointer dereference"}},
		{"index", "s := []int{1, 2, 3}\ni := 5\nfmt.Println(s[i]) // here", []string{"runtime error: index out of range [5] with length 3"}},
		{"slice bounds", "s := []int{1, 2, 3}\ni := 5\nfmt.Println(s[1:i]) // here", []string{"runtime error: slice bounds out of range [:5] with capacity 3"}},
		{"division", "a, b := 1, 0\nfmt.Println(a / b) // here", []string{"runtime error: integer divide by zero"}},
		{"assertion", "var v any = \"text\"\nfmt.Println(v.(int)) // here", []string{"interface conversion: interface {} is string, not int"}},
		{"assertion of nil", "var v any\nfmt.Println(v.(int)) // here", []string{"interface conversion: interface {} is nil, not int"}},
		{"closed channel", "c := make(chan int)\nclose(c)\nclose(c) // here", []string{"close of closed channel"}},
		{"negative WaitGroup", "var wg sync.WaitGroup\nwg.Done() // here", []string{"sync: negative WaitGroup counter"}},

		{"os.Exit", "fmt.Println(1)\nos.Exit(3) // here", []string{"exit status 3"}},
		{"os.Exit in a function", "func leave() {\n\tos.Exit(4) // here\n}\nleave()", []string{"exit status 4"}},
		{"os.Exit in a goroutine", "go func() { // started\n\tos.Exit(5) // here\n}()\ntime.Sleep(time.Hour)", []string{"exit status 5"}},
		{"log.Fatal", "log.Fatal(\"giving up\") // here", []string{"exit status 1"}},
		{"log.Fatal of a Logger", "log.New(os.Stderr, \"own: \", 0).Fatalf(\"giving %s\", \"up\") // here", []string{"exit status 1"}},
		{"Goexit", "fmt.Println(1)\nruntime.Goexit() // here", []string{"Goexit"}},

		{"panic in a goroutine", "go func() { // started\n\tpanic(\"boom\") // here\n}()\ntime.Sleep(time.Hour)", []string{"panic: boom"}},
		{"panic in a goroutine of a function", "func work(c chan int) {\n\tvar s []int\n\tc <- s[3] // here\n}\nc := make(chan int)\ngo work(c) // started\n<-c",
			[]string{"index out of range [3] with length 0"}},
		{"panic in WaitGroup.Go", "var wg sync.WaitGroup\nwg.Go(func() { // started\n\tpanic(\"boom\") // here\n})\nwg.Wait()", []string{"panic: boom"}},
		{"panic in a goroutine's goroutine", "go func() {\n\tgo func() { // started\n\t\tvar m map[int]int\n\t\tm[1] = 1 // here\n\t}()\n}()\nselect {}", []string{"assignment to entry in nil map"}},
		{"panic in AfterFunc", "time.AfterFunc(time.Millisecond, func() { // started\n\tpanic(\"boom\") // here\n})\ntime.Sleep(time.Hour)", []string{"panic: boom"}},
		{"nil dereference in AfterFunc", "type P struct{ X int }\nvar p *P\ntime.AfterFunc(time.Millisecond, func() {\n\tp.X = 1 // here\n})\ntime.Sleep(time.Hour)", []string{"nil pointer dereference"}},
		{"panic in an http handler", `import ("net/http"; "net/http/httptest")
server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	panic("in the handler") // here
}))
http.Get(server.URL)
time.Sleep(time.Hour)`, []string{"in the handler", "in a goroutine that http.(*Server).Serve started"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := start(t)
			s.must("kept := map[string][]int{\"a\": {1, 2}}")
			o := s.run(tt.code)
			wantError(t, tt.code, o, tt.words...)
			if limit := time.Duration(float64(atOnceLimit) * s.pace()); o.took > limit {
				t.Errorf("took %v, want at most %v", o.took, limit)
			}
			for _, line := range o.Traceback {
				for _, inner := range []string{"reflect.", "yaegi", "runtime/", "goroutine 1", ".go:"} {
					if strings.Contains(line, inner) {
						t.Errorf("the traceback shows what is not of the cell: %q", line)
					}
				}
			}
			s.want("kept[\"a\"] = append(kept[\"a\"], 3)\nkept", "map[a:[1 2 3]]")
		})
	}
}

// TestLineIsShownOnce checks that the line of a go statement is not repeated when the panic is in it as well.
func TestLineIsShownOnce(t *testing.T) {
	t.Parallel()
	s := start(t)
	const line = `go func() { panic("boom") }()`
	said := s.run(line + "\nselect {}").said()
	if n := strings.Count(said, line); n != 1 || !strings.Contains(said, "cell [1] line 1 started") {
		t.Errorf("the line is shown %d times, want 1:\n%s", n, said)
	}
}

// TestCaret checks that compile errors show the line and a caret under the column.
func TestCaret(t *testing.T) {
	t.Parallel()
	s := start(t)
	said := s.run("x := 1\nfmt.Println(x, nosuch)").said()
	lines := strings.Split(said, "\n")
	for i, line := range lines {
		at := strings.Index(line, "fmt.Println(x, nosuch)")
		if at < 0 || i+1 == len(lines) {
			continue
		}
		if got, want := strings.Index(lines[i+1], "^"), at+len("fmt.Println(x, "); got != want {
			t.Errorf("got the caret in column %d, want %d:\n%s", got, want, said)
		}
		return
	}
	t.Errorf("the error does not show its line:\n%s", said)
}

// TestDeclarationsOfFailedCells checks what is left of a cell that failed half way.
func TestDeclarationsOfFailedCells(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.must("n := 1")
	s.run("n = 2\nm := 3\npanic(\"half way\")\nl := 4")
	s.want("n + m", "5")
	if o := s.run("n := \"compiled\"\nnosuch()"); o.Status != "error" {
		t.Errorf("got status %q, want an error", o.Status)
	}
	s.want("n", "2")
}
