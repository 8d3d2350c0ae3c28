package faults

import (
	"fmt"
	"strings"
	"syscall"
	"testing"

	"gokernel/internal/processes"
	"gokernel/kernel/jupyter"
)

// keep declares plain data of all kinds; kept shows it after a change that needs its parts to be shared as before.
const (
	keep = `type Point struct{ X, Y int; Next *Point }
p := &Point{1, 2, nil}
q := Point{3, 4, p}
table := map[string][]float64{"a": {1, 2.5}}
func (p Point) Sum() int { return p.X + p.Y }`
	kept      = "p.X = 10\nfmt.Println(q.Next.X, q.Sum(), table)"
	keptShown = "10 7 map[a:[1 2.5]]"
)

// TestDeaths runs cells that the worker cannot survive. The error says what happened, and plain data comes back.
func TestDeaths(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, code string
		words      []string
		env        []string
	}{
		{"concurrent map writes", `m := map[int]int{}
for i := range 4 {
	go func() { // started
		for j := 0; ; j++ {
			m[j%8] = i // here
		}
	}()
}
select {}`, []string{"concurrent map"}, nil},
		{"a map read while it is written", "m := map[int]int{}\ngo func() {\n\tfor {\n\t\tm[1]++\n\t}\n}()\nfor {\n\t_ = m[1]\n}", []string{"concurrent map"}, nil},
		{"a map written first of all", "m := map[int]int{}\nfor range 2 {\n\tgo func() {\n\t\tdefer func() { recover() }()\n\t\tfor i := range 1_000_000 {\n\t\t\tm[i] = i // here\n\t\t}\n\t}()\n}\nselect {}", []string{"concurrent map", "| \t\t\tm[i] = i // here"}, nil},
		{"a map ranged over while it is written", "m := map[int]int{1: 1}\ngo func() {\n\tfor i := 0; ; i++ {\n\t\tm[i%100] = i\n\t}\n}()\nfor {\n\tfor range m {\n\t}\n}", []string{"concurrent map"}, nil},
		{"recursion in a goroutine", "func down(n int) int {\n\treturn down(n+1) + 1 // here\n}\ngo down(0) // started\nselect {}", []string{"stack overflow"}, nil},
		{"unlock in a goroutine", "var mu sync.RWMutex\ngo func() { // started\n\tmu.RUnlock() // here\n}()\nselect {}", []string{"RUnlock of unlocked RWMutex"}, nil},
		{"unlock of an unlocked mutex", "var mu sync.Mutex\nmu.Unlock() // here", []string{"unlock of unlocked mutex"}, nil},
		{"unbounded recursion", "func down(n int) int {\n\treturn down(n+1) + 1 // here\n}\ndown(0)", []string{"stack overflow"}, nil},
		{"64 GiB", "huge := make([]byte, 64<<30) // here\nfor i := range huge {\n\thuge[i] = 1\n}", []string{"memory"}, []string{"GOKERNEL_MEMORY=2GiB"}},
		{"a leak", "var leak [][]byte\nfor {\n\tleak = append(leak, bytes.Repeat([]byte{1}, 1<<24)) // here\n}", []string{"memory"}, []string{"GOKERNEL_MEMORY=512MiB"}},
		{"exit of a compiled package", "set := flag.NewFlagSet(\"set\", flag.ExitOnError)\nparse := set.Parse\nparse([]string{\"-nosuch\"})", []string{"exit status 2: a package has ended the process"}, nil},
		{"kill -9 by itself", "syscall.Kill(os.Getpid(), syscall.SIGKILL)\nselect {}", []string{"killed"}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := start(t, tt.env...)
			s.must(keep)
			o := s.run(tt.code)
			wantError(t, tt.code, o, tt.words...)
			s.want(kept, keptShown)
		})
	}
}

// TestKillFromOutside kills the worker while a cell runs, and while none does.
func TestKillFromOutside(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.must(keep)
	pid := s.worker()
	ended := s.started("println(\"running\")\nselect {\ncase <-time.After(time.Hour):\n}")
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	o := s.outcomeOf(ended)
	wantError(t, "select", o, "killed", "came back from cell [1]: p, q, table")
	s.want(kept, keptShown)

	dead := s.worker()
	if dead == pid {
		t.Fatalf("the worker is still %d", pid)
	}
	if err := syscall.Kill(dead, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	processes.WantGone(t, []int{dead})
	const next = "q.X = 30\nq.Sum()"
	o = s.run(next)
	if o.Status == jupyter.StatusError { // the kernel had not yet heard of the death
		wantError(t, next, o, "killed")
		o = s.run(next)
	} else if !strings.Contains(o.stderr, "killed") {
		t.Errorf("nothing is said of the worker's death: %q", o.stderr)
	}
	if o.Status != jupyter.StatusOK || o.shown() != "34" {
		t.Errorf("got %q %s, want 34", o.shown(), o.said())
	}
}

// TestWhatDoesNotComeBack checks that the reply of a cell that killed the worker says what is lost, and that using
// it names the cell to run again.
func TestWhatDoesNotComeBack(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.must("ch := make(chan int, 3)\nn := 5")
	code := "syscall.Kill(os.Getpid(), syscall.SIGKILL)\nselect {}"
	wantError(t, code, s.run(code), "came back from cell [1]: n", "lost from cell [1]: ch")
	s.want("n", "5")
	wantError(t, "ch <- 1", s.run("ch <- 1"), "cell [1]")
	s.must("ch := make(chan int, 3)")
	s.want("ch <- 7\n<-ch", "7")
}

// TestDeathAfterDeath kills one worker after the other: what came back once comes back again, with what was changed since.
func TestDeathAfterDeath(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.must(keep)
	const deadly = "syscall.Kill(os.Getpid(), syscall.SIGKILL)\nselect {}"
	for range 3 {
		wantError(t, deadly, s.run(deadly), "killed")
		wantError(t, deadly, s.run(deadly), "killed")
		s.must("p.X++")
	}
	s.want("fmt.Sprint(p.X, q.Next.X, q.Sum()+p.X)", "4 4 11")
}

// TestDeathOfFunctionsThatUseVariables checks that what came back is what functions of other cells see, whichever engine
// has which.
func TestDeathOfFunctionsThatUseVariables(t *testing.T) {
	t.Parallel()
	for _, engine := range []string{"interp", "auto"} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			s := start(t, "GOKERNEL_ENGINE="+engine)
			s.must("scores := map[string]int{\"Ann\": 3, \"Bob\": 5}\nbonus := 1")
			s.must("func best() int { return max(scores[\"Ann\"], scores[\"Bob\"]) + bonus }")
			const deadly = "syscall.Kill(os.Getpid(), syscall.SIGKILL)\nselect {}"
			for want := range 3 {
				wantError(t, deadly, s.run(deadly), "came back from cell [1]: bonus, scores")
				s.want("best()", fmt.Sprint(6+want))
				s.must("bonus++")
				s.want("best()", fmt.Sprint(7+want))
			}
		})
	}
}

// TestDeathOfUnexportedFields checks that structs of the reader's come back whole, with what other packages hide as it is when it
// is zero, whichever engine made them.
func TestDeathOfUnexportedFields(t *testing.T) {
	t.Parallel()
	for _, engine := range []string{"interp", "native", "auto"} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			s := start(t, "GOKERNEL_ENGINE="+engine)
			s.must(`type inner struct{ name string }
type T struct {
	inner
	count int
	when  time.Time
	mu    sync.Mutex
	next  *T
	byKey map[string]inner
	any   any
}`)
			s.must(`v := T{inner: inner{"a"}, count: 3, when: time.Unix(1700000000, 0).UTC(), byKey: map[string]inner{"k": {"b"}}, any: 2.5}
v.next = &T{count: 4, next: &v}
kept := []inner{{"c"}, {"d"}}
var locked T
locked.mu.Lock()`)
			const deadly = "syscall.Kill(os.Getpid(), syscall.SIGKILL)\nselect {}"
			wantError(t, deadly, s.run(deadly), "came back from cell [2]: kept, v", "lost from cell [2]: locked")
			s.must("v.mu.Lock()\nv.mu.Unlock()")
			s.want("fmt.Sprint(v.name, v.count, v.when.Unix(), v.next.count, v.next.next == &v, v.byKey, v.any, kept)",
				"a3 1700000000 4 true map[k:{b}] 2.5 [{c} {d}]")
		})
	}
}

// TestDeathBetweenCells lets a goroutine of an earlier cell kill the worker when no cell runs.
func TestDeathBetweenCells(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.must(keep)
	s.must("cue, mu := make(chan bool), sync.Mutex{}")
	pid := s.worker()
	s.must("go func() {\n\t<-cue\n\tmu.Unlock()\n}()")
	if o := s.run("cue <- true"); o.Status == jupyter.StatusError {
		wantError(t, "cue", o, "unlock of unlocked mutex") // it was quick
	}
	processes.WantGone(t, []int{pid})
	o := s.run(kept)
	if o.Status == jupyter.StatusError { // the kernel had not yet heard of the death
		wantError(t, kept, o, "unlock of unlocked mutex")
		o = s.run(kept)
	}
	if got := o.stdout; got != keptShown+"\n" {
		t.Errorf("got %q %s, want %q", got, o.said(), keptShown)
	}
}

// worker returns the process that runs the cells.
func (s *session) worker() int {
	s.t.Helper()
	return number(s.t, s.must("os.Getpid()"))
}
