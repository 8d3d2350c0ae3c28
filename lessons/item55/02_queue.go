package item55

//lint:file-ignore U1000 cells are functions that nobody calls here

import (
	"fmt"
	"runtime"
	"sync"
	"time"

	"gokernel/internal/concurrency"
	"gokernel/kernel/display"
)

/*lesson:markdown blocking-why
## A queue that waits

`concurrency.Queue` is preloaded. It is generic: `Queue[string]` holds strings. Its `Get` does not fail when the queue is empty, it *waits*: the goroutine is put
aside, costs nothing, and is woken when there is an item. Waiting can be given up, which is what the context is for.

The consumer below starts first, and has to wait for the producer. Which of the two prints its last line first is open; but the consumer cannot be done before the producer has
begun to put.
*/

//lesson:run blocking-get listing=55.6
func blockingGet() {
	queue := concurrency.NewQueue[string](0) // 0: no bound
	begun := make(chan bool)
	var wg sync.WaitGroup
	wg.Go(func() {
		fmt.Println("Consumer waiting")
		close(begun)
		_, _ = queue.Get(ctx) // fails only if the queue is closed or ctx is done
		fmt.Println("Consumer done")
	})
	<-begun
	fmt.Println("Producer putting")
	_ = queue.Put(ctx, "beach")
	fmt.Println("Producer done")
	wg.Wait()
	// Output order:
	// Consumer waiting
	// Consumer done
	// ---
	// Producer putting
	// Producer done
	// {before} Consumer waiting -> Producer putting
	// {before} Producer putting -> Consumer done
	// Recorded:
	// Consumer waiting
	// Producer putting
	// Producer done
	// Consumer done
}

/*lesson:markdown bounded-why
## A queue with a bound

A queue that holds one item makes the *producer* wait: its second `Put` returns only when the consumer has taken the first item. The consumer sleeps a little
before it begins, and in the meantime the producer cannot run ahead.
*/

//lesson:run bounded-put listing=55.7
func boundedPut() {
	queue := concurrency.NewQueue[int](1)
	var consumer sync.WaitGroup
	consumer.Go(func() {
		time.Sleep(100 * time.Millisecond)
		fmt.Println("Consumer begins")
		for range 2 {
			photo, _ := queue.Get(ctx)
			fmt.Println("Consumer got", photo)
		}
		fmt.Println("Consumer done")
	})
	for photo := 1; photo <= 2; photo++ {
		_ = queue.Put(ctx, photo)
		fmt.Println("Producer put", photo)
	}
	fmt.Println("Producer done")
	consumer.Wait()
	// Output order:
	// Producer put 1
	// Producer put 2
	// Producer done
	// ---
	// Consumer begins
	// Consumer got 1
	// Consumer got 2
	// Consumer done
	// {before} Producer put 1 -> Consumer got 1
	// {before} Consumer begins -> Producer put 2
	// Recorded:
	// Producer put 1
	// Consumer begins
	// Consumer got 1
	// Consumer got 2
	// Consumer done
	// Producer put 2
	// Producer done
}

/*lesson:markdown backpressure-why
That is called *backpressure*. A slow stage holds back the stage before it, which holds back the one before that, up to the source. Nobody works ahead for
nothing, and memory stays bounded.

## A queue that can be joined

How does the producer know that its work is done? An empty queue is no proof: the last item may have been taken and still be in the works. So the consumer says when it is done with an item, by
`TaskDone`, and `Join` waits until it has said so for every item.
*/

//lesson:run join listing=55.8
func join() {
	queue := concurrency.NewQueue[string](0)
	go func() {
		fmt.Println("Consumer waiting")
		_, _ = queue.Get(ctx)
		fmt.Println("Consumer working")
		time.Sleep(50 * time.Millisecond) // work
		fmt.Println("Consumer done")
		queue.TaskDone()
	}()
	fmt.Println("Producer putting")
	_ = queue.Put(ctx, "beach")
	fmt.Println("Producer waiting")
	_ = queue.Join(ctx)
	fmt.Println("Producer done")
	// Output order:
	// Consumer waiting
	// Consumer working
	// Consumer done
	// ---
	// Producer putting
	// Producer waiting
	// Producer done
	// {before} Producer putting -> Consumer working
	// {before} Consumer done -> Producer done
	// Recorded:
	// Producer putting
	// Producer waiting
	// Consumer waiting
	// Consumer working
	// Consumer done
	// Producer done
}

/*lesson:markdown closing-why
## A queue that can be closed

And how do the workers know that nothing more is coming? Somebody *closes* the queue. What is in it can still be taken, but when that is gone `Get` returns an error instead of
waiting, and `Put` is an error at once. A loop over `All` ends there by itself, and it calls `TaskDone` for each item when the loop asks
for the next one.
*/

//lesson:run closable listing=55.9
func closable() {
	photos := concurrency.NewQueue[string](0)
	for _, photo := range []string{"beach", "forest", "harbour"} {
		if err := photos.Put(ctx, photo); err != nil {
			fmt.Println(err)
		}
	}
	for range 2 { // once more does no harm
		photos.Close()
	}
	fmt.Println("put after close:", photos.Put(ctx, "too late"))

	for photo := range photos.All() {
		fmt.Println("got", photo)
	}
	_, err := photos.Get(ctx)
	fmt.Println("get at the end: ", err)
	fmt.Println("join:           ", photos.Join(ctx))
	// Output:
	// put after close: queue is closed
	// got beach
	// got forest
	// got harbour
	// get at the end:  queue is closed
	// join:            <nil>
}

/*lesson:markdown worker-why
With that, a worker becomes the loop it always wanted to be. It asks only when there is something, and it ends when its queue does.
*/

//lesson:declare worker listing=55.10

// work moves items from one queue to the next until the first one is closed and empty.
func work(f func(string) string, in, out *concurrency.Queue[string]) {
	for item := range in.All() {
		_ = out.Put(ctx, f(item)) // nobody closes out before we are done
	}
}

/*lesson:markdown pipeline-why
## The pipeline again

To see what it gains we let each stage wait for a millisecond per photo, as the network would make it. One worker a stage; when everything has been put, the
queues are closed and joined one after the other, from front to back. That takes a while, so `display.Progress` shows how far it has come: ranging over its `Range`
counts like ranging over the number, and moves a bar.
*/

//lesson:declare slowly listing=55.11

const room = 10 // for photos, between two stages

// slowly returns f with a pause before it.
func slowly(f func(string) string) func(string) string {
	return func(photo string) string {
		time.Sleep(time.Millisecond)
		return f(photo)
	}
}

var alone time.Duration // how long one worker a stage takes

//lesson:run pipeline listing=55.11 timing
func pipeline() {
	start := time.Now()
	downloads := concurrency.NewQueue[string](room)
	resizes := concurrency.NewQueue[string](room)
	uploads := concurrency.NewQueue[string](room)
	gallery := concurrency.NewQueue[string](0)
	var workers sync.WaitGroup
	workers.Go(func() { work(slowly(download), downloads, resizes) })
	workers.Go(func() { work(slowly(resize), resizes, uploads) })
	workers.Go(func() { work(slowly(upload), uploads, gallery) })

	for i := range display.Progress(1000, "photos").Range() {
		_ = downloads.Put(ctx, fmt.Sprint("photo ", i))
	}
	for _, queue := range []*concurrency.Queue[string]{downloads, resizes, uploads} {
		queue.Close()
		_ = queue.Join(ctx) // now its worker has put everything into the next one
	}
	workers.Wait()
	alone = time.Since(start)
	fmt.Println(gallery.Len(), "items finished")
	fmt.Printf("%.1f seconds with one worker a stage\n", alone.Seconds())
	// Output pattern:
	// 1000 items finished
	// {seconds 1.0..20.0} seconds with one worker a stage
	// Display pattern:
	// photos 100% [####################] 1,000/1,000 in {text}s
	// Recorded:
	// 1000 items finished
	// 1.1 seconds with one worker a stage
	// Recorded display:
	// photos 100% [####################] 1,000/1,000 in 1.1s
}

/*lesson:markdown pipeline-after
No polling, no busy wait, no worker left over, and between two stages there are never more than ten photos. Why close and *join* before the next queue is closed? If we closed `resizes`
as soon as `downloads` is closed, the downloader might still want to put something into it.

## Several workers a stage

Workers wait most of the time, so more of them finish sooner. Where they come from and how they end is the same for every stage, hence two
helpers. One `Close` is enough for any number of workers.
*/

//lesson:declare helpers listing=55.12

// startWorkers starts n workers between two queues.
func startWorkers(
	n int, f func(string) string, in, out *concurrency.Queue[string],
) *sync.WaitGroup {
	workers := new(sync.WaitGroup)
	for range n {
		workers.Go(func() { work(f, in, out) })
	}
	return workers
}

// stopWorkers returns when the workers have done all there is in their queue, and have
// ended.
func stopWorkers(workers *sync.WaitGroup, in *concurrency.Queue[string]) {
	in.Close()
	workers.Wait()
}

/*lesson:markdown many-workers-why
Do they end? When a pipeline is done, there should be as many goroutines as before.
*/

//lesson:declare left-over

// leftOver returns how many goroutines there are more than before. One that has
// returned may take a moment to go.
func leftOver(before int) int {
	for range 500 {
		if runtime.NumGoroutine() <= before {
			return 0
		}
		time.Sleep(10 * time.Millisecond)
	}
	return runtime.NumGoroutine() - before
}

//lesson:run many-workers listing=55.12 timing
func manyWorkers() {
	before := runtime.NumGoroutine()
	start := time.Now()
	downloads := concurrency.NewQueue[string](room)
	resizes := concurrency.NewQueue[string](room)
	uploads := concurrency.NewQueue[string](room)
	gallery := concurrency.NewQueue[string](0)
	downloaders := startWorkers(3, slowly(download), downloads, resizes)
	resizers := startWorkers(4, slowly(resize), resizes, uploads)
	uploaders := startWorkers(5, slowly(upload), uploads, gallery)
	fmt.Println(runtime.NumGoroutine()-before, "goroutines have been started")

	for i := range 1000 {
		_ = downloads.Put(ctx, fmt.Sprint("photo ", i))
	}
	stopWorkers(downloaders, downloads)
	stopWorkers(resizers, resizes)
	stopWorkers(uploaders, uploads)
	took := time.Since(start)

	fmt.Println(gallery.Len(), "items finished")
	fmt.Println("faster than one worker a stage:", took < alone)
	fmt.Println("goroutines left over:", leftOver(before))
	// Output pattern:
	// {int 11..14} goroutines have been started
	// 1000 items finished
	// faster than one worker a stage: true
	// goroutines left over: 0
	// Recorded:
	// 12 goroutines have been started
	// 1000 items finished
	// faster than one worker a stage: true
	// goroutines left over: 0
}

/*lesson:markdown watch-why
## Watch them work

`concurrency.Trace` runs a function and notes what its goroutines do; `Label` gives the current one a name, `Named` a queue. Downloads are quick here, uploads slow. Guess first: who
waits for whom?
*/

//lesson:declare timeline

var timeline *concurrency.Timeline

//lesson:run watch-workers draws
func watchWorkers() {
	stage := func(name string, pause time.Duration) func(string) string {
		return func(photo string) string {
			concurrency.Label(name)
			time.Sleep(pause)
			return photo
		}
	}
	timeline = concurrency.Trace(func() {
		downloads := concurrency.NewQueue[string](4).Named("to download")
		resizes := concurrency.NewQueue[string](4).Named("to resize")
		uploads := concurrency.NewQueue[string](4).Named("to upload")
		gallery := concurrency.NewQueue[string](0).Named("gallery")
		downloaders := startWorkers(2, stage("downloader", 10*time.Millisecond), downloads, resizes)
		resizers := startWorkers(1, stage("resizer", 5*time.Millisecond), resizes, uploads)
		uploaders := startWorkers(2, stage("uploader", 60*time.Millisecond), uploads, gallery)
		for i := range 24 {
			_ = downloads.Put(ctx, fmt.Sprint("photo ", i))
		}
		stopWorkers(downloaders, downloads)
		stopWorkers(resizers, resizes)
		stopWorkers(uploaders, uploads)
	})
	if err := display.Display(timeline); err != nil {
		fmt.Println(err)
	}
}

/*lesson:markdown watch-lengths-why
The uploaders wait only in the beginning, until the first photos have come through; from then on there is always something to upload. Everybody else spends most of the time waiting, and for whom? For a queue with no
room. The same trace knows how long the queues were. `to download` is full at once, for putting photos in takes no time. Then the slowest stage makes itself felt: first the queue before it is full, `to upload`, and
then the one before that, `to resize`. In the end they run empty in the other order, from front to back.
*/

//lesson:run watch-lengths draws
func watchLengths() {
	if err := display.Display(timeline.Lengths()); err != nil {
		fmt.Println(err)
	}
}
