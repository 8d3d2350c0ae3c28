package faults

import "testing"

// TestFunctionsAfterTheEnd checks that values of functions, which keep the variables around them, work after cells were ended.
func TestFunctionsAfterTheEnd(t *testing.T) {
	t.Parallel()
	for _, engine := range []string{"interp", "auto"} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			s := start(t, "GOKERNEL_ENGINE="+engine)
			s.must("func counter() func() int {\n\tn := 0\n\treturn func() int { n++; return n }\n}\ntype T struct{ n int }\nfunc (t *T) Inc() int { t.n++; return t.n }\nfunc double(n int) int { return 2 * n }")
			s.must("x := 40\ncount := counter()\nadd := func(n int) int { x += n; return x }\ninc, by2 := (&T{}).Inc, double\n" +
				"pass := func(c chan int) int { go func() { c <- x }(); return <-c }\nvar mu sync.Mutex\nlater := make(chan bool)")
			for i, end := range []func(){
				func() {},
				func() { s.run("<-make(chan int)") },
				func() { s.run("mu.Lock()\nmu.Lock()") },
				func() { s.run("go func() { panic(1) }()\nselect {}") },
				func() {
					ended := s.started("fmt.Println(1)\nfor {}")
					s.interrupt()
					s.outcomeOf(ended)
				},
				func() {
					s.must("go func() { <-later; x = 0 }()")
					s.must("%stop")
					s.run("select { case later <- true: default: }")
				},
			} {
				end()
				s.want("fmt.Println(count(), add(1), inc(), by2(21), pass(make(chan int)))",
					[]string{"1 41 1 42 41", "2 42 2 42 42", "3 43 3 42 43", "4 44 4 42 44", "5 45 5 42 45", "6 46 6 42 46"}[i])
			}
		})
	}
}

// TestStopped checks that goroutines which wait when they are told to end do so when they wake up.
func TestStopped(t *testing.T) {
	t.Parallel()
	for _, engine := range []string{"interp", "auto"} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			s := start(t, "GOKERNEL_ENGINE="+engine)
			s.must("var mu sync.Mutex\nvar wg sync.WaitGroup\nch, other, third := make(chan int, 2), make(chan int), make(chan int)\nmu.Lock()\nwg.Add(1)\nseen := new(atomic.Int32)")
			s.must("func lock() { mu.Lock(); seen.Add(1); mu.Unlock() }\nfunc wait() { wg.Wait(); seen.Add(1) }\nfunc receive() { for range ch { seen.Add(1) } }\n" +
				"func choose() { for { select { case <-ch: case <-third: }; seen.Add(1) } }\nfunc send() { other <- 1; seen.Add(1) }")
			s.must("go lock()\ngo wait()\ngo receive()\ngo send()\ngo choose()\ngo func() { mu.Lock(); seen.Add(1) }()\ntime.Sleep(10 * time.Millisecond)")
			s.must("%stop")
			s.must("mu.Unlock()\nwg.Done()\nch <- 1\nselect {\ncase <-other:\ndefault:\n}\nselect {\ncase third <- 1:\ndefault:\n}\nfor end := time.Now().Add(50 * time.Millisecond); time.Now().Before(end); {\n\truntime.Gosched()\n}")
			s.want("seen.Load()", "0")
		})
	}
}
