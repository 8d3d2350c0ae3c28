package faults

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"gokernel/kernel/jupyter"
)

// deadlockLimit is how long it may take until a deadlock is reported.
const deadlockLimit = 2 * time.Second

// TestDeadlock runs cells that wait for ever.
func TestDeadlock(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, code string
		words      []string
	}{
		{"receive", "ch := make(chan int)\n<-ch // here", []string{"chan receive"}},
		{"send", "ch := make(chan int)\nch <- 1 // here", []string{"chan send"}},
		{"range", "ch := make(chan int, 1)\nch <- 1\nfor v := range ch { // here\n\tfmt.Println(v)\n}", []string{"chan receive"}},
		{"nil channel", "var ch chan int\n<-ch // here", []string{"chan receive"}},
		{"Wait", "var wg sync.WaitGroup\nwg.Add(1)\nwg.Wait() // here", []string{"WaitGroup"}},
		{"double Lock", "var mu sync.Mutex\nmu.Lock()\nmu.Lock() // here", []string{"Mutex"}},
		{"Lock after RLock", "var mu sync.RWMutex\nmu.RLock()\nmu.Lock() // here", []string{"Mutex"}},
		{"Cond", "var mu sync.Mutex\nc := sync.NewCond(&mu)\nmu.Lock()\nc.Wait() // here", []string{"Cond"}},
		{"Once within itself", "var once sync.Once\nonce.Do(func() {\n\tonce.Do(func() {}) // here\n})", []string{"sync.Once.Do"}},
		{"select with nothing", "select {} // here", []string{"select"}},
		{"select", "a, b := make(chan int), make(chan int)\nselect { // here\ncase <-a:\ncase b <- 1:\n}", []string{"select"}},
		{"in a function", "func wait(c chan int) int {\n\treturn <-c // here\n}\nwait(make(chan int))", []string{"chan receive"}},
		{"goroutines of each other", `var a, b sync.Mutex
var wg sync.WaitGroup
locked := make(chan bool)
wg.Go(func() { // started
	a.Lock()
	locked <- true
	b.Lock() // here
})
wg.Go(func() { // started
	b.Lock()
	<-locked
	a.Lock() // here
})
wg.Wait() // here`, []string{"Mutex", "WaitGroup"}},
		{"of a compiled starter", "concurrency.Parallel(2, func(int) { select {} })", []string{"the cell itself waits: sync.WaitGroup.Wait", "a goroutine that concurrency.Parallel started waits: select"}},
		{"by a compiled caller", "var mu sync.Mutex\nvar once sync.Once\nonce.Do(func() { mu.Lock(); mu.Lock() }) // here", []string{"Mutex"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := start(t)
			s.must("kept := []string{\"a\"}")
			s.within(t, "reported", deadlockLimit, func() time.Duration {
				o := s.run(tt.code)
				wantError(t, tt.code, o, append(tt.words, "deadlock")...)
				return o.took
			})
			s.want("len(kept)", "1")
		})
	}
}

// wake is how long the wakers of TestNoFalseAlarm sleep: twice as long as a deadlock takes to be reported.
const wake = 1500 * time.Millisecond

// TestNoFalseAlarm crosses every way to block with every waker that comes late. None is a deadlock.
func TestNoFalseAlarm(t *testing.T) {
	t.Parallel()
	blocks := []struct{ name, code string }{ // release is what the waker calls
		{"receive", "ch := make(chan int)\nrelease := func() { ch <- 1 }\n@\n<-ch"},
		{"send", "ch := make(chan int)\nrelease := func() { <-ch }\n@\nch <- 1"},
		{"WaitGroup", "var wg sync.WaitGroup\nwg.Add(1)\nrelease := func() { wg.Done() }\n@\nwg.Wait()"},
		{"Mutex", "var mu sync.Mutex\nmu.Lock()\nrelease := func() { mu.Unlock() }\n@\nmu.Lock()"},
		{"Cond", "var mu sync.Mutex\ncond := sync.NewCond(&mu)\nrelease := func() { mu.Lock(); cond.Broadcast(); mu.Unlock() }\nmu.Lock()\n@\ncond.Wait()"},
		{"select", "ch, never := make(chan int), make(chan int)\nrelease := func() { close(ch) }\n@\nselect {\ncase <-ch:\ncase <-never:\n}"},
	}
	for _, tt := range []struct{ name, before, waker string }{
		{"After", "", "go func() { <-time.After(WAKE); release() }()"},
		{"Sleep", "", "go func() { time.Sleep(WAKE); release() }()"},
		{"AfterFunc", "", "time.AfterFunc(WAKE, release)"},
		{"WithTimeout", "", "ctx, _ := context.WithTimeout(context.Background(), WAKE)\ngo func() { <-ctx.Done(); release() }()"},
		{"context.AfterFunc", "", "ctx, _ := context.WithTimeout(context.Background(), WAKE)\ncontext.AfterFunc(ctx, release)"},
		{"Notify", "", "sig := make(chan os.Signal, 1)\nsignal.Notify(sig, syscall.SIGUSR1)\n" +
			"exec.Command(\"sh\", \"-c\", fmt.Sprintf(\"setsid sh -c 'sleep %f; kill -USR1 %d' >/dev/null 2>&1 &\", WAKE.Seconds(), os.Getpid())).Run()\n" +
			"go func() { <-sig; signal.Stop(sig); release() }()"},
		{"Accept", "", "l, err := net.Listen(\"tcp\", \"127.0.0.1:0\")\nif err != nil {\n\tpanic(err)\n}\n" +
			"go func() { l.Accept(); l.Close(); release() }()\ntime.AfterFunc(WAKE, func() { net.Dial(\"tcp\", l.Addr().String()) })"},
		{"ticker of an earlier cell", "tick := time.NewTicker(WAKE)", "go func() { <-tick.C; release() }()"},
		{"child process", "", "go func() { exec.Command(\"sleep\", fmt.Sprint(WAKE.Seconds())).Run(); release() }()"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := start(t)
			fill := func(code string) string {
				return strings.ReplaceAll(code, "WAKE", fmt.Sprintf("time.Duration(%d)", wake))
			}
			if tt.before != "" {
				s.must(fill(tt.before))
			}
			for _, block := range blocks {
				o := s.run(fill(strings.ReplaceAll(block.code, "@", tt.waker)))
				if o.Status != jupyter.StatusOK {
					t.Errorf("%s: %s", block.name, o.said())
				}
			}
		})
	}
}

// TestNoFalseAlarmInLongWaits waits for what takes long, in ways that leave nothing to run meanwhile.
func TestNoFalseAlarmInLongWaits(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, code string }{
		{"After", "<-time.After(8 * time.Second)"},
		{"WithTimeout", "ctx, cancel := context.WithTimeout(context.Background(), 8*time.Second)\ndefer cancel()\n<-ctx.Done()"},
		{"AfterFunc", "ch := make(chan int)\ntime.AfterFunc(8*time.Second, func() { close(ch) })\n<-ch"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			start(t).must(tt.code)
		})
	}
}
