package program_test

import (
	"strings"
	"testing"

	"gokernel/kernel/native/program"
)

// TestDeadlocks runs programs whose goroutines all wait, and others that look so for a while.
func TestDeadlocks(t *testing.T) {
	const deadlock = "fatal error: all goroutines are asleep - deadlock!"
	s := newSession(t)
	for _, tt := range []struct {
		name, cell string
		kind       program.Kind
		options    program.Options
		want       string // what is printed at last
	}{
		{"a lock", "var wg sync.WaitGroup\nvar mu sync.Mutex\nwg.Go(func() {\n\tmu.Lock()\n\tmu.Lock()\n})\nwg.Wait()", program.Main, program.Options{Race: true}, deadlock},
		{"after a race", "x := 0\ngo func() { x++ }()\nx++\nselect {}", program.Main, program.Options{Race: true}, deadlock},
		{"our queue", "q := concurrency.NewQueue[int](1)\nfmt.Println(runtime.NumGoroutine())\nq.Put(context.Background(), 1)\nq.Put(context.Background(), 2)", program.Main, program.Options{Race: true}, deadlock},
		{"a test", "func TestA(t *testing.T) { <-make(chan int) }", program.Tests, program.Options{Test: true}, deadlock},
		{"somebody sleeps", "c := make(chan int)\ngo func() {\n\ttime.Sleep(1200 * time.Millisecond)\n\tc <- 1\n}()\nfmt.Println(<-c)", program.Main, program.Options{Race: true}, "1\n"},
		{"a timer", "fmt.Println((<-time.After(1200 * time.Millisecond)).IsZero())", program.Main, program.Options{Race: true}, "false\n"},
		{"a child", "c := make(chan error)\ngo func() { c <- exec.Command(\"sleep\", \"1.2\").Run() }()\nfmt.Println(<-c)", program.Main, program.Options{Race: true}, "<nil>\n"},
		{"our child", "r, err := concurrency.Run(context.Background(), concurrency.Command{Args: []string{\"sh\", \"-c\", \"sleep 1.2; echo child\"}})\nfmt.Println(string(r.Stdout), err)", program.Main, program.Options{Race: true}, "child\n <nil>\n"},
		{"somebody works", "c := make(chan int)\ngo func() {\n\tfor end := time.Now().Add(1200 * time.Millisecond); time.Now().Before(end); {\n\t}\n\tc <- 1\n}()\nfmt.Println(<-c)", program.Main, program.Options{Race: true}, "1\n"},
	} {
		p, err := s.assemble(tt.kind, tt.cell)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		got := s.run(p, tt.options)
		if tt.want != deadlock && !strings.HasSuffix(got, tt.want) || tt.want == deadlock && !(strings.Contains(got, deadlock+"\n\ngoroutine ") && strings.HasSuffix(got, "exit status 2\n")) {
			t.Errorf("%s: got\n%s\nwant %s", tt.name, got, tt.want)
		}
		if tt.name == "our queue" && !strings.HasPrefix(got, "1\n") {
			t.Errorf("%s: the watch is counted among the goroutines:\n%s", tt.name, got)
		}
	}
}
