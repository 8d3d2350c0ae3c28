package goroutine_test

import (
	"testing"
	"unsafe"

	"gokernel/kernel/goroutine"
)

// station is something to wait in.
type station struct{ enter, leave chan int }

//go:noinline
func (s *station) wait() {
	<-s.enter
	<-s.leave
}

func TestInside(t *testing.T) {
	const method = "gokernel/kernel/goroutine_test.(*station).wait"
	here, there := &station{make(chan int), make(chan int)}, &station{make(chan int), make(chan int)}
	c, _ := newCell(t, 31)
	if p := c.Run(t.Context(), func() {
		goroutine.Go(4, 1, here.wait)
		goroutine.Go(5, 1, there.wait)
		goroutine.Go(6, 1, func() { <-here.leave })
		here.enter <- 1
		there.enter <- 1
	}); p != nil {
		t.Fatal(p)
	}
	found := goroutine.Inside(method, unsafe.Pointer(here))
	if len(found) != 1 || found[0].CellID != c.ID || found[0].Started.Line != 4 {
		t.Errorf("found %+v, want the goroutine of line 4", found)
	}
	if found := goroutine.Inside("gokernel/kernel/goroutine_test.(*station).come", unsafe.Pointer(here)); found != nil {
		t.Errorf("found %+v in a method that nobody calls", found)
	}
	close(here.leave)
	close(there.leave)
	eventually(t, "goroutines end", func() bool { return c.Live() == 0 })
}
