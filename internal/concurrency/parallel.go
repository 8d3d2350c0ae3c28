package concurrency

import "sync"

// Parallel calls f(0), f(1), … f(n-1), each on a goroutine of its own, and returns when all have returned. All
// goroutines are there before the first call, so that the calls are at once as far as the machine allows.
//
// If one of them panics, Parallel still waits for the others and then panics itself with the [PanicError] of the one with
// the lowest number, so that the panic is the caller's to recover. One that ends itself by [runtime.Goexit] counts
// as returned.
func Parallel(n int, f func(i int)) {
	if n <= 0 {
		return
	}
	panics := make([]*PanicError, n)
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			<-start
			panics[i] = Try(func() { f(i) })
		})
	}
	close(start)
	wg.Wait()
	for _, p := range panics {
		if p != nil {
			panic(p)
		}
	}
}
