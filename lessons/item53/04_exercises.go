package item53

//lint:file-ignore U1000 cells are functions that nobody calls here

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"gokernel/internal/exercise"
)

/*lesson:task task-bounded
### 4. Not all at once

A disk does not get faster if a thousand goroutines ask it at the same time. `bounded` calls every job, at most `limit` of them at the same
time but that many if there are enough, and returns when all are done.

<details><summary>Hint</summary>

A channel with room for `limit` values works as a set of permits: sending takes one and waits if all are taken, receiving gives one
back.

</details>
*/

//lesson:solution bounded

// bounded calls all jobs, at most limit at the same time, and returns when all have
// returned.
func bounded(limit int, jobs []func()) {
	// BEGIN SOLUTION
	permits := make(chan struct{}, limit)
	var wg sync.WaitGroup
	for _, job := range jobs {
		permits <- struct{}{}
		wg.Go(func() {
			defer func() { <-permits }()
			job()
		})
	}
	wg.Wait()
	// END SOLUTION
}

//lesson:check check-bounded points=2
func checkBounded() {
	fmt.Println(exercise.Check(func(t *exercise.T) {
		var running, most, done atomic.Int64
		jobs := make([]func(), 40)
		for i := range jobs {
			jobs[i] = func() {
				now := running.Add(1)
				for old := most.Load(); now > old; old = most.Load() {
					if most.CompareAndSwap(old, now) {
						break
					}
				}
				time.Sleep(20 * time.Millisecond)
				running.Add(-1)
				done.Add(1)
			}
		}
		if !t.Within(5*time.Second, "bounded with forty jobs", func() { bounded(4, jobs) }) {
			return
		}
		switch {
		case done.Load() != 40:
			t.NotYet("bounded returned when %d of 40 jobs were done", done.Load())
		case most.Load() > 4:
			t.NotYet("the limit is 4, but %d jobs ran at the same time", most.Load())
		case most.Load() < 4:
			t.NotYet("four jobs may run at the same time, but there were never more than %d",
				most.Load())
		}
	}))
	// Output:
	// ok
}

/*lesson:wrong bounded-no-limit says="not yet: the limit is 4, but "
func bounded(limit int, jobs []func()) {
	var wg sync.WaitGroup
	for _, job := range jobs {
		wg.Go(job)
	}
	wg.Wait()
}
*/

/*lesson:wrong bounded-one says="not yet: four jobs may run at the same time, but there were never more than 1"
func bounded(limit int, jobs []func()) {
	var mu sync.Mutex
	var wg sync.WaitGroup
	for _, job := range jobs {
		wg.Go(func() {
			mu.Lock()
			defer mu.Unlock()
			job()
		})
	}
	wg.Wait()
}
*/

/*lesson:wrong bounded-never-given-back says="not yet: bounded with forty jobs has not returned after 5s"
func bounded(limit int, jobs []func()) {
	permits := make(chan struct{}, limit)
	var wg sync.WaitGroup
	for _, job := range jobs {
		permits <- struct{}{}
		wg.Go(job)
	}
	wg.Wait()
}
*/

/*lesson:wrong bounded-forgets-the-last says="not yet: bounded returned when "
func bounded(limit int, jobs []func()) {
	permits := make(chan struct{}, limit)
	for _, job := range jobs {
		permits <- struct{}{}
		go func() {
			defer func() { <-permits }()
			job()
		}()
	}
}
*/

/*lesson:task task-first
### 5. Whoever answers first

Several servers have the same answer. Design `first`, which asks all of them at once and returns the first answer that is not an error. The others
are told to stop: the context that they were called with is cancelled. If all fail, `first` returns an error that tells of each. When
it returns, no goroutine of its own goes on for longer than the servers do.

<details><summary>Hint</summary>

`context.WithCancel`, and a channel with room for the answers of all.

</details>
*/

//lesson:declare server

// A Server answers, or stops early when its context is cancelled.
type Server func(ctx context.Context) (string, error)

//lesson:solution first

// first returns the first answer that is not an error, and stops the other servers.
func first(ctx context.Context, servers ...Server) (string, error) {
	var errs []error
	// BEGIN SOLUTION
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	type answer struct {
		text string
		err  error
	}
	answers := make(chan answer, len(servers))
	for _, ask := range servers {
		go func() {
			text, err := ask(ctx)
			answers <- answer{text, err}
		}()
	}
	for range servers {
		a := <-answers
		if a.err == nil {
			return a.text, nil
		}
		errs = append(errs, a.err)
	}
	// END SOLUTION
	return "", errors.Join(errs...)
}

//lesson:check check-first points=3
func checkFirst() {
	fmt.Println(exercise.Check(func(t *exercise.T) {
		down := errors.New("server is down")
		var stopped atomic.Int64
		answer := func(after time.Duration, text string, err error) Server {
			return func(ctx context.Context) (string, error) {
				select {
				case <-time.After(after):
					return text, err
				case <-ctx.Done():
					stopped.Add(1)
					return "", ctx.Err()
				}
			}
		}
		t.NoLeak(func() {
			start := time.Now()
			slow := answer(5*time.Second, "slow", nil)
			quick := answer(50*time.Millisecond, "quick", nil)
			text, err := first(context.Background(), slow, quick, answer(0, "", down), slow)
			if text != "quick" || err != nil {
				t.NotYet("a server answers %q after one has failed, but first returns %q and %v",
					"quick", text, err)
			}
			if took := time.Since(start); took > 2*time.Second {
				t.NotYet("the quick server needs 50ms, but first took %v", took)
			}
		})
		if t.Failed() {
			return
		}
		if n := stopped.Load(); n != 2 {
			t.NotYet("two servers should have been told to stop, but it was %d", n)
			return
		}
		// BEGIN HIDDEN TESTS
		broken := errors.New("server is broken")
		_, err := first(context.Background(),
			answer(0, "", down), answer(time.Millisecond, "", broken))
		if !errors.Is(err, down) || !errors.Is(err, broken) {
			t.NotYet("both servers fail, and first should tell of both, but it says %v", err)
		}
		// END HIDDEN TESTS
	}))
	// Output:
	// ok
}

/*lesson:wrong first-error says="but first returns \"\" and server is down"
func first(ctx context.Context, servers ...Server) (string, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	type answer struct {
		text string
		err  error
	}
	answers := make(chan answer, len(servers))
	for _, ask := range servers {
		go func() {
			text, err := ask(ctx)
			answers <- answer{text, err}
		}()
	}
	a := <-answers
	return a.text, a.err
}
*/

/*lesson:wrong first-lets-others-run says="goroutines are still there; who tells them to stop?"
func first(ctx context.Context, servers ...Server) (string, error) {
	answers := make(chan string, len(servers))
	for _, ask := range servers {
		go func() {
			if text, err := ask(ctx); err == nil {
				answers <- text
			}
		}()
	}
	return <-answers, nil
}
*/

/*lesson:wrong first-no-room says="goroutines are still there; who tells them to stop?"
func first(ctx context.Context, servers ...Server) (string, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	type answer struct {
		text string
		err  error
	}
	answers := make(chan answer)
	for _, ask := range servers {
		go func() {
			text, err := ask(ctx)
			answers <- answer{text, err}
		}()
	}
	var errs []error
	for range servers {
		a := <-answers
		if a.err == nil {
			return a.text, nil
		}
		errs = append(errs, a.err)
	}
	return "", errors.Join(errs...)
}
*/

/*lesson:wrong first-one-by-one says="but first returns \"slow\" and <nil>"
func first(ctx context.Context, servers ...Server) (string, error) {
	for _, ask := range servers {
		if text, err := ask(ctx); err == nil {
			return text, nil
		}
	}
	return "", errors.New("no server answers")
}
*/

/*lesson:wrong first-one-error says="not yet: both servers fail, and first should tell of both, but it says" hidden
func first(ctx context.Context, servers ...Server) (string, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	type answer struct {
		text string
		err  error
	}
	answers := make(chan answer, len(servers))
	for _, ask := range servers {
		go func() {
			text, err := ask(ctx)
			answers <- answer{text, err}
		}()
	}
	var err error
	for range servers {
		a := <-answers
		if a.err == nil {
			return a.text, nil
		}
		err = a.err
	}
	return "", err
}
*/

/*lesson:markdown further
## Further reading

- [Effective Go, concurrency](https://go.dev/doc/effective_go#concurrency): goroutines, channels, and how they are used together.
- [Go concurrency patterns: timing out, moving on](https://go.dev/blog/concurrency-timeouts): exercise 3 in other words.
- Packages [sync](https://pkg.go.dev/sync), [context](https://pkg.go.dev/context) and [runtime](https://pkg.go.dev/runtime).
- [Item 54](54-locks.ipynb): what happens when goroutines do share their data.
*/
