package goroutine

import (
	"reflect"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
)

// TestRelease lets all go that wait on channels, and looks whether the channels are as before.
func TestRelease(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var cs channels
		note := func(c any) { cs.note(reflect.ValueOf(c)) }
		plain, empty, full, some, closed := make(chan int), make(chan int, 2), make(chan string, 2), make(chan int, 3), make(chan int, 1)
		full <- "a"
		full <- "b"
		some <- 1
		closed <- 5
		close(closed)
		for _, c := range []any{plain, empty, full, some, closed, make(<-chan bool)} {
			note(c)
		}
		asBefore := func() {
			t.Helper()
			if len(plain) != 0 || len(empty) != 0 || len(some) != 1 || len(closed) != 1 || len(full) != 2 {
				t.Fatalf("the channels hold %d, %d, %d, %d and %d values", len(plain), len(empty), len(some), len(closed), len(full))
			}
		}
		if cs.release() {
			t.Error("somebody was released where nobody waits")
		}
		asBefore()
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() { <-plain })
			wg.Go(func() { <-empty })
			wg.Go(func() { full <- "c" })
			wg.Go(func() {
				select {
				case <-plain:
				case full <- "d":
				}
			})
		}
		synctest.Wait()
		if !cs.release() {
			t.Error("nobody was released")
		}
		wg.Wait()
		if cs.release() {
			t.Error("somebody was released once more")
		}
		asBefore()
		wg.Go(func() { plain <- 1 })
		synctest.Wait()
		if !cs.release() {
			t.Error("who sends was not released")
		}
		wg.Wait()
		asBefore()
		if a, b, c, d := <-full, <-full, <-some, <-closed; a != "a" || b != "b" || c != 1 || d != 5 {
			t.Errorf("the channels held %q, %q, %d and %d", a, b, c, d)
		}
	})
}

// TestChannelsForgotten checks that channels which are gone are not noted for ever.
func TestChannelsForgotten(t *testing.T) {
	var cs channels
	kept := make(chan int)
	cs.note(reflect.ValueOf(kept))
	for range 10 {
		for range minTrim {
			cs.note(reflect.ValueOf(make(chan int)))
		}
		runtime.GC()
	}
	if len(cs.made) > 3*minTrim {
		t.Errorf("%d channels are noted", len(cs.made))
	}
	cs.drop()
	if len(cs.made) == 0 || cs.made[0].at.Value() == nil {
		t.Error("a channel that is still there was forgotten")
	}
	runtime.KeepAlive(kept)
}
