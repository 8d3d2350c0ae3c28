package notebook

import "testing"

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
