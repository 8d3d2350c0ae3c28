package goroutine_test

import (
	"io"
	"reflect"
	"sync"

	"gokernel/kernel/goroutine"
)

// A blocking is a way to wait. block waits until unblock is called; where there is no unblock, for ever.
type blocking struct {
	name, operation string
	make            func() (block, unblock func())
}

var blockings = []blocking{
	{"receive", "chan receive", func() (func(), func()) {
		ch := make(chan int)
		return func() { goroutine.At(2, 3, "chan receive"); <-ch }, func() { close(ch) }
	}},
	{"send", "chan send", func() (func(), func()) {
		ch := make(chan int)
		return func() { goroutine.At(2, 3, "chan send"); ch <- 1 }, func() { <-ch }
	}},
	{"range", "range over channel", func() (func(), func()) {
		ch := make(chan int)
		return func() {
			goroutine.At(2, 3, "range over channel")
			for range ch {
			}
		}, func() { close(ch) }
	}},
	{"select", "select", func() (func(), func()) {
		a, b := make(chan int), make(chan int)
		return func() {
			goroutine.At(2, 3, "select")
			select {
			case <-a:
			case b <- 1:
			}
		}, func() { close(a) }
	}},
	{"reflect.Select", "chan receive", func() (func(), func()) { // <-ch, as yaegi does it
		ch, done := make(chan int), make(chan int)
		return func() {
			goroutine.At(2, 3, "chan receive")
			reflect.Select([]reflect.SelectCase{
				{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(done)},
				{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(ch)},
			})
		}, func() { close(ch) }
	}},
	{"reflect.Value.Recv", "chan receive", func() (func(), func()) {
		ch := make(chan int)
		return func() { goroutine.At(2, 3, "chan receive"); reflect.ValueOf(ch).Recv() }, func() { close(ch) }
	}},
	{"WaitGroup", "sync.WaitGroup.Wait", func() (func(), func()) {
		var wg sync.WaitGroup
		wg.Add(1)
		return func() { goroutine.At(2, 3, "sync.WaitGroup.Wait"); wg.Wait() }, wg.Done
	}},
	{"Mutex", "sync.Mutex.Lock", func() (func(), func()) {
		var mu sync.Mutex
		return func() { mu.Lock(); goroutine.At(2, 3, "sync.Mutex.Lock"); mu.Lock() }, mu.Unlock
	}},
	{"RWMutex.Lock", "sync.RWMutex.Lock", func() (func(), func()) {
		var mu sync.RWMutex
		return func() { mu.RLock(); goroutine.At(2, 3, "sync.RWMutex.Lock"); mu.Lock() }, mu.RUnlock
	}},
	{"RWMutex.Lock twice", "sync.RWMutex.Lock", func() (func(), func()) {
		var mu sync.RWMutex
		return func() { mu.Lock(); goroutine.At(2, 3, "sync.RWMutex.Lock"); mu.Lock() }, mu.Unlock
	}},
	{"RWMutex.RLock", "sync.RWMutex.RLock", func() (func(), func()) {
		var mu sync.RWMutex
		return func() { mu.Lock(); goroutine.At(2, 3, "sync.RWMutex.RLock"); mu.RLock() }, mu.Unlock
	}},
	{"Cond", "sync.Cond.Wait", func() (func(), func()) {
		c := sync.NewCond(&sync.Mutex{})
		return func() { c.L.Lock(); goroutine.At(2, 3, "sync.Cond.Wait"); c.Wait() }, c.Broadcast
	}},
	{"Once", "sync.Once.Do", func() (func(), func()) {
		var once sync.Once
		begun, end := make(chan int), make(chan int)
		go once.Do(func() { close(begun); <-end })
		<-begun
		return func() { goroutine.At(2, 3, "sync.Once.Do"); once.Do(func() {}) }, func() { close(end) }
	}},
	{"io.Pipe", "select", func() (func(), func()) {
		r, w := io.Pipe()
		return func() { goroutine.At(2, 3, "select"); r.Read(make([]byte, 1)) }, func() { w.Close() }
	}},
	{"nil channel", "chan receive (nil chan)", func() (func(), func()) {
		return func() { goroutine.At(2, 3, "chan receive"); <-(chan int)(nil) }, nil
	}},
	{"select {}", "select (no cases)", func() (func(), func()) {
		return func() { goroutine.At(2, 3, "select"); select {} }, nil
	}},
}
