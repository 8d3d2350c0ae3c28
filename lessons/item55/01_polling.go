// Package item55 is the lesson on queues. Its functions are cells: they are called by the program that the tests of package
// lessons put together, and run one by one in the notebook.
//
//lesson:notebook 55-queues
package item55

//lint:file-ignore U1000 cells are functions that nobody calls here

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

/*lesson:markdown title
# Item 55: queues that coordinate work

**You will learn**

- how to cut work into stages that run at the same time, with a queue between one and the next;
- what goes wrong with a queue that is only a list and a lock: waiting that burns a processor, workers that never stop, memory that fills;
- how a queue that waits, has a bound, can be closed and can be joined puts all of that right;
- what channels have to do with it, and how an error in one stage stops all of them.

Run the cells from top to bottom with Shift+Enter. Change them and run them again: nothing you do here can break the notebook.
*/

/*lesson:markdown question
## The question

A photo service takes in pictures without end. Each is downloaded from a camera, resized to a thumbnail, and uploaded to a gallery. Downloading and
uploading mostly wait for the network. While one picture is being uploaded, the next one could be resized and a third one downloaded.

```text
 cameras → [download] → queue → [resize] → queue → [upload] → gallery
```

Such a chain of stages is a *pipeline*. Stages are functions, and easy. What is between them is not: who waits for whom, how does everybody learn that
nothing more is coming, and what happens when one stage is slower than the rest?
*/

/*lesson:markdown stages-why
## Three stages

To begin with, a photo is nothing but its name, and each stage writes down that it has been at work.
*/

//lesson:declare stages listing=55.1

var ctx = context.Background()

func download(photo string) string { return photo + " downloaded" }
func resize(photo string) string   { return photo + " resized" }
func upload(photo string) string   { return photo + " uploaded" }

//lesson:run one-photo listing=55.1
func onePhoto() {
	fmt.Println(upload(resize(download("beach"))))
	// Output:
	// beach downloaded resized uploaded
}

/*lesson:markdown own-queue-why
## A queue of our own

What a stage has done it puts at the end of a list, and the next stage takes it from the front. Several goroutines use the list, so there is
a mutex. If there is nothing to take, `Get` says so.
*/

//lesson:declare own-queue listing=55.2

// ErrEmpty says that there is nothing in the queue.
var ErrEmpty = errors.New("queue is empty")

// A ListQueue is a list and a lock.
type ListQueue struct {
	mu    sync.Mutex // guards items
	items []string
}

// Put adds an item at the end.
func (q *ListQueue) Put(item string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.items = append(q.items, item)
}

// Get takes the item at the front.
func (q *ListQueue) Get() (string, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.items) == 0 {
		return "", ErrEmpty
	}
	item := q.items[0]
	q.items = q.items[1:]
	return item, nil
}

// Len returns the number of items.
func (q *ListQueue) Len() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.items)
}

//lesson:run own-queue-used listing=55.2
func ownQueueUsed() {
	var queue ListQueue
	queue.Put("beach")
	queue.Put("forest")
	for range 3 {
		photo, err := queue.Get()
		fmt.Printf("%q, error: %v\n", photo, err)
	}
	// Output:
	// "beach", error: <nil>
	// "forest", error: <nil>
	// "", error: queue is empty
}

/*lesson:markdown poller-why
A worker is a goroutine that does one stage for ever. If its queue is empty, it sleeps for ten milliseconds and asks again: it *polls*. It counts how often it has
asked and how often it had work. (`stop` is an emergency brake for this notebook. In what follows nobody pulls it, until the very end.)
*/

//lesson:declare poller listing=55.3

// A Poller moves items from one queue to the next.
type Poller struct {
	work    func(string) string
	in, out *ListQueue

	polled, finished atomic.Int64
	stop             atomic.Bool
}

// Run works until the brake is pulled.
func (p *Poller) Run() {
	for !p.stop.Load() {
		p.polled.Add(1)
		item, err := p.in.Get()
		if err != nil {
			time.Sleep(10 * time.Millisecond)
			continue
		}
		p.out.Put(p.work(item))
		p.finished.Add(1)
	}
}

/*lesson:markdown polling-why
Three workers, four queues, a thousand photos. We know that all is done when the last queue holds a thousand, so we look, and look, and look.
*/

//lesson:declare pollers listing=55.4

var (
	toDownload, toResize, toUpload, inGallery *ListQueue

	pollers []*Poller
	running sync.WaitGroup // the pollers
)

//lesson:run polling listing=55.4
func polling() {
	for _, p := range pollers {
		p.stop.Store(true) // those of the last time, if you run this cell again
	}
	toDownload, toResize = &ListQueue{}, &ListQueue{}
	toUpload, inGallery = &ListQueue{}, &ListQueue{}
	pollers = []*Poller{
		{work: download, in: toDownload, out: toResize},
		{work: resize, in: toResize, out: toUpload},
		{work: upload, in: toUpload, out: inGallery},
	}
	for _, p := range pollers {
		running.Go(p.Run)
	}
	for i := range 1000 {
		toDownload.Put(fmt.Sprint("photo ", i))
	}
	for inGallery.Len() < 1000 {
		// wait, and do nothing else
	}
	var polled int64
	for _, p := range pollers {
		polled += p.polled.Load()
	}
	fmt.Println("Processed", inGallery.Len(), "items after polling", polled, "times")
	// Output pattern:
	// Processed 1000 items after polling {int 3000..} times
	// Recorded:
	// Processed 1000 items after polling 3005 times
}

/*lesson:markdown wrong-busy-why
## What is wrong with it

It works, and yet there are three things wrong. Each has its figure.

**Waiting that is work.** The loop above that waits for the gallery does not rest: it keeps a processor busy with nothing. And there is
nothing to do any more, but the workers go on asking.
*/

//lesson:declare cpu-time

// cpuTime returns how long this process has kept processors busy, all goroutines together.
func cpuTime() time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		panic(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

//lesson:run wrong-busy listing=55.5 timing
func wrongBusy() {
	before, begin := cpuTime(), time.Now()
	for time.Since(begin) < 300*time.Millisecond {
		inGallery.Len() // as the loop above did
	}
	busy := cpuTime() - before

	idler := pollers[len(pollers)-1]
	before = cpuTime()
	polled := -idler.polled.Load()
	time.Sleep(300 * time.Millisecond) // wait without asking
	polled += idler.polled.Load()
	idle := cpuTime() - before

	fmt.Printf("asking all the time: %.2f seconds of a processor\n", busy.Seconds())
	fmt.Printf("waiting:             %.2f seconds of a processor\n", idle.Seconds())
	fmt.Println("polls of one worker that had nothing to do:", polled)
	fmt.Println("asking costs more than three times as much:", busy > 3*idle)
	// Output pattern:
	// asking all the time: {seconds 0.01..0.7} seconds of a processor
	// waiting:             {seconds 0.0..} seconds of a processor
	// polls of one worker that had nothing to do: {int 3..31}
	// asking costs more than three times as much: true
	// Recorded:
	// asking all the time: 0.30 seconds of a processor
	// waiting:             0.00 seconds of a processor
	// polls of one worker that had nothing to do: 30
	// asking costs more than three times as much: true
}

/*lesson:markdown wrong-stop-why
**Workers that never stop.** All photos are in the gallery, but each worker is still there, for nothing tells it that no more will come. In a program that does this again and again
they pile up.
*/

//lesson:declare soon

// soon waits until done returns true, but not when p has been stopped, nor more than ten
// seconds or so.
func soon(p *Poller, done func() bool) {
	for try := 0; try < 10_000 && !done() && !p.stop.Load(); try++ {
		time.Sleep(time.Millisecond)
	}
}

// working reports whether p has not been stopped, and says what to do if it has.
func working(p *Poller) bool {
	if p.stop.Load() {
		fmt.Println("the workers have been stopped: run the cell that starts them again")
	}
	return !p.stop.Load()
}

//lesson:run wrong-stop listing=55.5
func wrongStop() {
	alive := 0
	for _, p := range pollers {
		before := p.polled.Load()
		soon(p, func() bool { return p.polled.Load() > before })
		if p.polled.Load() > before {
			alive++
		}
	}
	fmt.Println(alive, "workers are still asking for work")
	// Output:
	// 3 workers are still asking for work
}

/*lesson:markdown wrong-growth-why
**A queue without a bound.** If one stage is slower than the one before it, the queue between them grows, as long as photos come in. When each item is a picture of some megabytes, the
program dies of it, sooner or later. Here the uploads have become slow, and five hundred more photos arrive:
*/

//lesson:run wrong-growth listing=55.5
func wrongGrowth() {
	var done ListQueue
	slow := &Poller{in: toUpload, out: &done, work: func(photo string) string {
		time.Sleep(50 * time.Millisecond)
		return upload(photo)
	}}
	if resizer := pollers[1]; working(resizer) {
		pollers[2].stop.Store(true) // the fast one
		pollers = append(pollers, slow)
		running.Go(slow.Run)

		before := resizer.finished.Load()
		for i := range 500 {
			toDownload.Put(fmt.Sprint("photo ", i))
		}
		soon(resizer, func() bool { return resizer.finished.Load() == before+500 })
		fmt.Println("photos that have been resized:  ", resizer.finished.Load()-before)
		time.Sleep(200 * time.Millisecond)
		fmt.Println("photos that wait to be uploaded:", toUpload.Len())
	}
	// Output pattern:
	// photos that have been resized:   500
	// photos that wait to be uploaded: {int 470..499}
	// Recorded:
	// photos that have been resized:   500
	// photos that wait to be uploaded: 496
}

/*lesson:markdown brake-why
Enough. We pull the brake, so that the pollers do not disturb the cells that follow.
*/

//lesson:run brake listing=55.5
func brake() {
	for _, p := range pollers {
		p.stop.Store(true)
	}
	running.Wait()
	fmt.Println("all pollers have stopped")
	// Output:
	// all pollers have stopped
}
