package notebook

import (
	"testing"
	"time"

	"gokernel/kernel"
)

// start runs a cell and returns once it has printed something.
func (c *lastNumber) start(t *testing.T, n *Notebook, code string) (r *run, ended <-chan struct{}) {
	t.Helper()
	c.n++
	r = newRun(c.n)
	done := make(chan struct{})
	go func() {
		defer close(done)
		r.result, r.err = n.Execute(t.Context(), kernel.Cell{Number: r.number, Code: code, StoreHistory: true}, r)
	}()
	select {
	case <-r.printed:
	case <-done:
		t.Fatalf("%s: it has ended: %s", code, r.failure())
	}
	return r, done
}

func TestInterrupt(t *testing.T) {
	n := book(t)
	var c lastNumber
	c.cell(t, n, "kept := 1")
	c.cell(t, n, "ch := make(chan int)")
	for _, code := range []string{
		"print(\"running\")\nfor {\n}",
		"print(\"running\")\nfor i := 0; ; i++ {\n}",
		"print(\"running\")\n<-ch",
		"print(\"running\")\ntime.Sleep(time.Hour)",
		"print(\"running\")\nvar mu sync.Mutex\nmu.Lock()\ntime.AfterFunc(time.Hour, mu.Unlock)\nmu.Lock()",
		"print(\"running\")\nvar wg sync.WaitGroup\nwg.Add(1)\ntime.AfterFunc(time.Hour, wg.Done)\nwg.Wait()",
		"print(\"running\")\nexec.Command(\"sleep\", \"3600\").Run()",
		"print(\"running\")\nexec.Command(\"setsid\", \"sh\", \"-c\", \"sleep 3600 & sleep 3600\").Run()",
		"print(\"running\")\nfor {\n\tfmt.Println(\"more\")\n}",
		"!echo running; sleep 3600",
	} {
		best := time.Hour
		for range 10 { // on a machine that does much else one try says little
			r, ended := c.start(t, n, code)
			begin := time.Now()
			n.Interrupt()
			<-ended
			best = min(best, time.Since(begin))
			want(t, code, r.failure(), "Interrupted: ")
			if best <= 50*time.Millisecond {
				break
			}
		}
		if best > 50*time.Millisecond {
			t.Errorf("%s: ended %v after the interrupt, want 50ms", code, best)
		}
		if r := c.cell(t, n, "kept"); r.value() != "1" {
			t.Errorf("after %s: got %q %s, want 1", code, r.value(), r.failure())
		}
	}
}
