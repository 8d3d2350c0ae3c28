package item55

//lint:file-ignore U1000 cells are functions that nobody calls here

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"gokernel/internal/concurrency"
)

/*lesson:markdown channels
## In Go: channels

You may have thought of it long ago: a channel *is* a bounded queue that can be closed. `ch <- x` waits while it is full, `<-ch` waits while it is empty, `close(ch)` ends the loops that
range over it. The same stage with channels:
*/

//lesson:declare channel-stage

// stage starts n workers that move items from one channel to another, which is closed
// at the end.
func stage(n int, f func(string) string, in <-chan string) <-chan string {
	out := make(chan string, n)
	var wg sync.WaitGroup
	for range n {
		wg.Go(func() {
			for item := range in {
				out <- f(item)
			}
		})
	}
	go func() {
		wg.Wait() // only when no worker can send any more
		close(out)
	}()
	return out
}

//lesson:run channels-used
func channelsUsed() {
	photos := make(chan string)
	go func() {
		for i := range 1000 {
			photos <- fmt.Sprint("photo ", i)
		}
		close(photos)
	}()
	uploaded := stage(5, upload, stage(4, resize, stage(3, download, photos)))
	n := 0
	for range uploaded {
		n++
	}
	fmt.Println(n, "items finished")
	// Output:
	// 1000 items finished
}

/*lesson:markdown who-closes
Who closes a channel? Whoever sends, and only when nobody will send any more; with several senders that takes a `WaitGroup`, as above. A channel is strict about it:
*/

//lesson:run strict
func strict() {
	try := func(what string, f func()) {
		defer func() { fmt.Printf("%s: %v\n", what, recover()) }()
		f()
	}
	photos := make(chan string, 10)
	close(photos)
	try("closing again     ", func() { close(photos) })
	try("sending afterwards", func() { photos <- "too late" })
	// Output:
	// closing again     : close of closed channel
	// sending afterwards: send on closed channel
}

/*lesson:markdown when-queue
So when is a queue type of use in Go?

| you need | channel | `concurrency.Queue` |
| --- | --- | --- |
| wait, bound, end of the loop | yes | yes |
| no bound | no | yes |
| close from any side, more than once | no, it panics | yes |
| to know when all is *done*, not only taken | with a `WaitGroup` beside it | `Join` |
| to give up waiting | `select` with `ctx.Done()`, at each send and receive | each `Put` and `Get` takes the context |
| to wait for several at once | `select` | no |

Where a channel does, use the channel.

## In Go: when a stage fails

Until now every stage succeeded. Let the download of photo 7 fail. What is to happen? The whole pipeline should stop, soon, without leaving goroutines
behind that wait for ever, and somebody should learn why.

That is what contexts are for, and a *group* of goroutines: the first error of one of them ends the context of all, and `Wait` returns that error. Outside of notebooks the
package `golang.org/x/sync/errgroup` has such a group; here it is `concurrency.Group`. `Source`, `Stage` and `Sink` build pipelines with it.
*/

//lesson:run cancel timing
func cancelAll() {
	names := func(yield func(string) bool) {
		for i := range 1000 {
			if !yield(fmt.Sprint("photo ", i)) {
				return
			}
		}
	}
	var uploads, stopped atomic.Int64

	group := concurrency.NewGroup(ctx)
	photos := concurrency.Source(group, 10, names)
	fetch := func(ctx context.Context, name string) (string, error) {
		if name == "photo 7" {
			return "", errors.New("the camera does not answer")
		}
		return download(name), nil
	}
	downloaded := concurrency.Stage(group, 3, photos, fetch)
	concurrency.Sink(group, 2, downloaded, func(ctx context.Context, photo string) error {
		select {
		case <-time.After(20 * time.Millisecond): // the network
			uploads.Add(1)
			return nil
		case <-ctx.Done(): // somebody else has failed
			stopped.Add(1)
			return ctx.Err()
		}
	})
	err := group.Wait()
	fmt.Println("error:", err)
	fmt.Println("photos uploaded before:", uploads.Load())
	fmt.Println("uploads that were broken off:", stopped.Load())
	// Output pattern:
	// error: the camera does not answer
	// photos uploaded before: {int 0..7}
	// uploads that were broken off: {int 0..2}
	// Recorded:
	// error: the camera does not answer
	// photos uploaded before: 2
	// uploads that were broken off: 2
}

/*lesson:markdown cancel-after
All goroutines have ended when `Wait` returns, the source included, which had 990 photos to go and stood before a full queue. It would have stood there for ever if its `Put` did not listen to the
context. That is the commonest leak in pipelines of channels: one stage returns early, and the stage before it hangs in a send that nobody will receive.
*/
