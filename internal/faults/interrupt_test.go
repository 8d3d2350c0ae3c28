package faults

import (
	"strings"
	"testing"
	"time"

	"gokernel/internal/processes"
)

// interruptLimit is how long it may take from an interrupt until the kernel is idle.
const interruptLimit = 50 * time.Millisecond

// TestInterrupt interrupts cells that would go on for ever. It is not parallel, for it measures.
func TestInterrupt(t *testing.T) {
	s := start(t)
	s.must("kept := 1\nch := make(chan int)\nvar locked sync.Mutex\nlocked.Lock()\nvar wg sync.WaitGroup\nwg.Add(1)\nfuture := time.AfterFunc(time.Hour, func() {})")
	for _, tt := range []struct{ name, code string }{
		{"loop", "for {\n}"},
		{"counting loop", "for i := 0; ; i++ {\n}"},
		{"loop in a function", "func spin() {\n\tfor {\n\t}\n}\nspin()"},
		{"loop that defers", "func spin() {\n\tdefer println(\"deferred\")\n\tfor {\n\t}\n}\nspin()"},
		{"loop that recovers", "func again() {\n\tdefer func() { recover() }()\n\tfor {\n\t}\n}\nfor {\n\tagain()\n}"},
		{"goroutines that loop", "for range 4 {\n\tgo func() {\n\t\tfor {\n\t\t}\n\t}()\n}\nselect {}"},
		{"channel", "<-ch"},
		{"select", "select {\ncase <-ch:\ncase <-time.After(time.Hour):\n}"},
		{"Mutex", "locked.Lock()"},
		{"WaitGroup", "wg.Wait()"},
		{"Sleep", "time.Sleep(time.Hour)"},
		{"child process", "exec.Command(\"sleep\", \"3600\").Run()"},
		{"children of a child", "exec.Command(\"sh\", \"-c\", \"sleep 3600 & sleep 3600\").Run()"},
		{"own sessions", "exec.Command(\"setsid\", \"sh\", \"-c\", \"setsid sleep 3600 & sleep 3600\").Run()"},
		{"orphans", "exec.Command(\"sh\", \"-c\", \"setsid sleep 3600 >/dev/null 2>&1 &\").Run()\nselect {\ncase <-ch:\ncase <-time.After(time.Hour):\n}"},
		{"shell line", "!sleep 3600"},
		{"printing", "for {\n\tfmt.Println(\"more and more\")\n}"},
		{"printing long lines", "line := strings.Repeat(\"x\", 1<<20)\nfor {\n\tfmt.Println(line)\n}"},
		{"displaying", "for i := 0; ; i++ {\n\tdisplay.Display(i)\n}"},
		{"Accept", "l, _ := net.Listen(\"tcp\", \"127.0.0.1:0\")\nl.Accept()"},
		{"compiled code", "slices.SortFunc(make([]int, 1<<22), func(a, b int) int { return b - a })\nfor {\n\tregexp.MustCompile(`(a*)*b`).MatchString(strings.Repeat(\"a\", 1<<22))\n}"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s.t = t
			worker := s.worker()
			code := "fmt.Println(\"running\")\n" + tt.code
			if strings.HasPrefix(tt.code, "!") {
				code = "!echo running; " + tt.code[1:]
			}
			s.within(t, "idle", interruptLimit, func() time.Duration {
				ended := s.started(code)
				begin := time.Now()
				s.interrupt()
				o := s.outcomeOf(ended)
				took := time.Since(begin)
				wantError(t, code, o, "Interrupted")
				return took
			})
			s.want("kept", "1")
			processes.WantGone(t, processes.Below(t, worker))
			if now := s.worker(); now != worker && tt.name != "compiled code" {
				t.Errorf("the worker was replaced")
			}
			s.wantIdle()
		})
	}
	s.t = t
}

// wantIdle checks that the worker burns no CPU. It may have to clean up first, which is why it has several chances.
func (s *session) wantIdle() {
	s.t.Helper()
	const cell = `var before, after syscall.Rusage
used := time.Hour
for range 8 {
	syscall.Getrusage(syscall.RUSAGE_SELF, &before)
	time.Sleep(40 * time.Millisecond)
	syscall.Getrusage(syscall.RUSAGE_SELF, &after)
	used = time.Duration(after.Utime.Nano() + after.Stime.Nano() - before.Utime.Nano() - before.Stime.Nano())
	if used < 10*time.Millisecond {
		break
	}
}
used.Milliseconds()`
	if got := number(s.t, s.must(cell)); got >= 10 {
		s.t.Errorf("the worker goes on using CPU after the interrupt: %d ms in 40 ms", got)
	}
}

// TestGoroutines lists and ends what runs on after its cell.
func TestGoroutines(t *testing.T) {
	t.Parallel()
	leave := "for i := range 2 {\n\tgo func() { // line 2\n\t\tfor {\n\t\t\ttime.Sleep(time.Millisecond)\n\t\t\t_ = i\n\t\t}\n\t}()\n}"
	for _, tt := range []struct {
		name string
		end  func(*session)
	}{
		{"%stop", func(s *session) {
			if got := s.must("%stop"); !strings.Contains(got, "Goroutines ended: 2") {
				s.t.Errorf("%%stop says %q", got)
			}
		}},
		{"interrupting twice", func(s *session) {
			s.interrupt()
			s.interrupt()
		}},
		{"interrupting a cell and once more", func(s *session) {
			ended := s.started("fmt.Println(1)\nselect {}")
			s.interrupt()
			s.outcomeOf(ended)
			s.interrupt()
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := start(t)
			s.must("kept := 7")
			s.must(leave)
			got := s.must("%goroutines")
			if n := strings.Count(got, "cell [2] line 2"); n != 2 || !strings.Contains(got, "go func() { // line 2") {
				t.Errorf("%%goroutines: got %q, want two of cell [2] line 2", got)
			}
			tt.end(s)
			s.want("%goroutines", "No goroutine runs.")
			s.want("kept", "7")
		})
	}
}

// TestNothingLeftOnChannels checks that functions which waited on channels when their cell ended are gone: they take nothing that
// a later cell sends, leave variables and channels as they were, and say nothing.
func TestNothingLeftOnChannels(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.must("last, seen := 7, true\nin, full, ended := make(chan int), make(chan int, 2), 0")
	s.must(`
func receive() { last = <-in }
func receiveBoth() {
	last, seen = <-in
	fmt.Println("received", last)
}
func choose() {
	select {
	case last = <-in:
		fmt.Println("chosen", last)
	}
}
func follow() {
	defer func() { ended++ }()
	defer fmt.Println("followed")
	for last = range in {
		fmt.Println("followed", last)
	}
}
func pass() { fmt.Println("passed", <-in) }
func fill() {
	for i := range 5 {
		full <- i
	}
}
func forever() { select {} }`)
	o := s.run("for _, f := range []func(){receive, receiveBoth, choose, follow, pass, fill, forever} {\n\tgo f()\n}\nforever()")
	if !strings.Contains(o.said(), "all goroutines are asleep - deadlock!") || strings.Contains(o.said(), "followed") {
		t.Errorf("got %s", o.said())
	}
	s.want("%goroutines", "No goroutine runs.")
	s.want("select {\ncase in <- 1:\n\tfmt.Println(\"somebody took it\")\ndefault:\n\tfmt.Println(last, seen, len(in), len(full))\n}", "7 true 0 2")
	s.want("fmt.Println(<-full, <-full)", "0 1")
}

// TestServersAreStopped checks that an interrupt and %stop end servers, so that a cell can serve at its port again, and what sleeps.
func TestServersAreStopped(t *testing.T) {
	t.Parallel()
	s := start(t)
	port := strings.TrimSpace(s.must("l, err := net.Listen(\"tcp\", \"127.0.0.1:0\")\nfmt.Println(l.Addr().(*net.TCPAddr).Port, l.Close())"))
	port, _, _ = strings.Cut(port, " ")
	s.must("address := \"127.0.0.1:" + port + "\"\nfunc serve() { log.Fatal(http.ListenAndServe(address, nil)) }")
	get := "for range 1000 {\n\tif r, err := http.Get(\"http://\" + address); err == nil {\n\t\tfmt.Println(r.StatusCode, r.Body.Close())\n\t\tbreak\n\t}\n\ttime.Sleep(time.Millisecond)\n}"
	for range 2 {
		s.must("go serve()\ngo func() { time.Sleep(time.Hour) }()")
		s.want(get, "404 <nil>")
		s.must("%stop")
	}
	for range 2 {
		ended := s.started("fmt.Println(1)\nserve()")
		s.interrupt()
		if o := s.outcomeOf(ended); !strings.Contains(o.said(), "interrupted") {
			t.Errorf("got %s", o.said())
		}
	}
	s.want("%goroutines", "No goroutine runs.")
}

// TestGoroutineThatPanicsLate checks that a panic after the end of its cell is shown under that cell.
func TestGoroutineThatPanicsLate(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.must("kept, cue := 1, make(chan bool)")
	o := s.run("go func() { // started\n\t<-cue\n\tpanic(\"late\") // here\n}()")
	if o.Status != "ok" {
		t.Fatal(o.said())
	}
	s.must("cue <- true")
	late := s.waitLate(o.id, func(o outcome) bool { return len(o.errors) > 0 })
	e := late.errors[0]
	said := ansi.ReplaceAllString(e.EName+": "+e.EValue+"\n"+strings.Join(e.Traceback, "\n"), "")
	for _, word := range []string{"panic: late", "cell [2] line 3", "cell [2] line 1 started"} {
		if !strings.Contains(said, word) {
			t.Errorf("the error does not say %q:\n%s", word, said)
		}
	}
	s.want("kept", "1")
}

// TestStopEndsProcesses checks that %stop ends what earlier cells have started, own sessions included.
func TestStopEndsProcesses(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.must("kept := 1")
	s.must(children)
	pids := processes.Below(t, s.worker())
	if len(pids) < 4 {
		t.Errorf("found processes %v, want four", pids)
	}
	s.must("%stop")
	processes.WantGone(t, pids)
	s.want("kept", "1")
}

// TestLeftAtLocks checks what becomes of goroutines that wait for locks after a deadlock, from where nothing can take them: they
// keep out of what later cells are told, and no variable from being saved.
func TestLeftAtLocks(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.must("var wg sync.WaitGroup\nwg.Add(1)\nn := 1")
	if said := s.run("go func() { wg.Wait(); n = 3 }()\nwg.Wait()").said(); !strings.Contains(said, "sync.WaitGroup.Wait") {
		t.Errorf("got %s", said)
	}
	listed := s.must("%goroutines")
	for _, want := range []string{"These end when what they wait for does:\n", "cell [2]: sync.WaitGroup.Wait at cell [2] line 2\n",
		"cell [2] line 1: sync.WaitGroup.Wait at cell [2] line 1\n    go func() { wg.Wait(); n = 3 }()\n"} {
		if !strings.Contains(listed, want) {
			t.Errorf("%%goroutines does not say %q:\n%s", want, listed)
		}
	}
	if said := s.run("<-make(chan int)").said(); !strings.Contains(said, "chan receive") || strings.Contains(said, "cell [2]") {
		t.Errorf("a later deadlock: %s", said)
	}
	s.must("n++")
	deadly := "syscall.Kill(os.Getpid(), syscall.SIGKILL)\nselect {}"
	wantError(t, deadly, s.run(deadly), "came back from cell [1]: n")
	s.want("n", "2")
}
