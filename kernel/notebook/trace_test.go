package notebook

import (
	"strings"
	"testing"
)

func TestTrace(t *testing.T) {
	n := book(t)
	var c lastNumber
	c.cell(t, n, "func spin() (n int) {\n\tfor range 3_000_000 {\n\t\tn++\n\t}\n\treturn\n}")
	r := c.cell(t, n, `%%trace
ch := make(chan int)
var mu sync.Mutex
mu.Lock()
go func() {
	spin()
	ch <- 1
}()
go func() {
	mu.Lock()
	mu.Unlock()
	ch <- 2
}()
stacks := make([]byte, 1<<16)
for waits := false; !waits; waits = strings.Contains(string(stacks[:runtime.Stack(stacks, true)]), "[sync.Mutex.Lock") {
	time.Sleep(time.Millisecond)
}
mu.Unlock()
<-ch
<-ch
fmt.Println("done")`)
	if r.err != nil {
		t.Fatal(r.failure())
	}
	want(t, "output", r.text(), "done\n")
	text, html := r.tables()
	want(t, "text", text, "3 goroutines in ", "\nmain ", "\ncell [2] line 5 ", "\ncell [2] line 9 ", ": sleep at cell [2] line 16, ", ": sync at cell [2] line 10, in a function literal", "    10 | mu.Lock()")
	want(t, "html", html, "<svg ", "<title>running, ", "blocked: sleep at cell [2] line 16", "<code>mu.Lock()</code>")
	r = c.cell(t, n, "%%trace\ngo func() { time.Sleep(time.Hour) }()\npanic(\"oh\")")
	want(t, "panic", r.failure(), "panic: oh", "line 3")
	if _, html := r.tables(); html == "" {
		t.Error("a program that panics has no timeline")
	}
	r = c.cell(t, n, "%%trace\nx := 1\n_ = x")
	text, _ = r.tables()
	want(t, "one goroutine", text, "1 goroutine in ")
	r = c.cell(t, n, "%%trace\nos.Exit(0)")
	want(t, "os.Exit", r.text()+r.failure(), "The program has left no trace that can be read")
}

func TestLeak(t *testing.T) {
	n := book(t)
	var c lastNumber
	c.cell(t, n, "func send(ch chan int) {\n\tch <- 1\n}")
	r := c.cell(t, n, `%%leak
for range 2 {
	ch := make(chan int)
	go send(ch)
}
go func() {
	time.Sleep(time.Hour)
}()
finished := make(chan bool)
go close(finished)
<-finished`)
	if r.err != nil {
		t.Fatal(r.failure())
	}
	text, html := r.tables()
	want(t, "text", text, "Leaked goroutines: 2; 1 other was still there when the program was done.", "leaked: chan send at cell [1] line 2, in send, 2 times",
		"     2 | ch <- 1", "started at cell [2] line 4", "left: sleep at cell [2] line 7")
	want(t, "html", html, "<b>leaked</b>", "<code>go send(ch)</code>")
	if text, _ := c.cell(t, n, "%%leak\nfunc main() { fmt.Println() }").tables(); text != "No goroutine is left.\n" {
		t.Errorf("without goroutines: got %q", text)
	}
}

// WaitGroup.Go starts goroutines in package sync; what matters is who called it.
func TestWaitGroupStartsAreFound(t *testing.T) {
	n := book(t)
	var c lastNumber
	c.cell(t, n, "type group struct{ sync.WaitGroup }\nfunc (g *group) twice(f func()) {\n\tfor range 2 {\n\t\tg.Go(f)\n\t}\n}")
	r := c.cell(t, n, "%%race\nvar g group\nx := 0\ng.twice(func() {\n\tx++\n})\ng.Wait()")
	text, _ := r.tables()
	want(t, "%%race", text+r.failure(), "cell [2] line 5, in a function literal\n", "the goroutine was started at cell [1] line 4, in (*group).twice\n        4 | g.Go(f)")
	r = c.cell(t, n, "%%leak\nwg := new(sync.WaitGroup)\nch := make(chan int)\nwg.Go(func() {\n\twg.Go(func() { ch <- 1 })\n\tch <- 2\n})\ntime.Sleep(time.Millisecond)")
	text, html := r.tables()
	want(t, "%%leak", text+r.failure(), "Leaked goroutines: 2.", "at cell [3] line 6, in a function literal, once\n     6 | ch <- 2\n  started at cell [3] line 4\n",
		"  started at cell [3] line 5\n")
	if strings.Contains(text+html, "gk_") || strings.Contains(text+html, "waitgroup.go") {
		t.Errorf("names of ours are shown:\n%s", text)
	}
	r = c.cell(t, n, "%%race\nvar wg sync.WaitGroup\nwg.Go(func() {\n\tpanic(\"oh\")\n})\nwg.Wait()")
	want(t, "a panic", r.failure(), "panic: oh", "cell [4] line 4", "cell [4] line 3 started")
}
