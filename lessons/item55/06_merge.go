package item55

//lint:file-ignore U1000 cells are functions that nobody calls here

import (
	"fmt"
	"sync"
	"time"

	"gokernel/internal/concurrency"
	"gokernel/internal/exercise"
)

/*lesson:task task-merge
### 3. Many into one

Several cameras have a queue each. Merge them: everything that comes from any of them goes into one queue, as it comes, which is closed when *all* of them are closed
and empty. A camera from which nothing comes for hours must not hold up the others.

<details><summary>Hint</summary>

One goroutine for each queue, and one that waits for those. It is what `stage` above does for workers.

</details>
*/

//lesson:solution merge

// merge returns a queue of everything that comes from the queues given.
func merge(queues ...*concurrency.Queue[string]) *concurrency.Queue[string] {
	out := concurrency.NewQueue[string](len(queues))
	// BEGIN SOLUTION
	var wg sync.WaitGroup
	for _, queue := range queues {
		wg.Go(func() {
			for photo := range queue.All() {
				_ = out.Put(ctx, photo)
			}
		})
	}
	go func() {
		wg.Wait()
		out.Close()
	}()
	// END SOLUTION
	return out
}

//lesson:check check-merge points=2
func checkMerge() {
	fmt.Println(exercise.Check(func(t *exercise.T) {
		t.NoLeak(func() {
			quiet, busy := concurrency.NewQueue[string](1), concurrency.NewQueue[string](1)
			short := concurrency.NewQueue[string](1)
			var out *concurrency.Queue[string]
			if !t.Within(3*time.Second, "merge", func() { out = merge(quiet, busy, short) }) {
				return
			}
			_ = short.Put(ctx, "short")
			short.Close()
			go func() {
				for i := range 100 {
					_ = busy.Put(ctx, fmt.Sprint("busy ", i))
				}
				busy.Close()
			}()
			seen := map[string]int{}
			count := func(n int) func() {
				return func() {
					for range n {
						photo, err := out.Get(ctx)
						if err != nil {
							t.NotYet("%d of 102 photos came out, and then: %v", len(seen), err)
							return
						}
						seen[photo]++
						out.TaskDone()
					}
				}
			}
			if !t.Within(3*time.Second,
				"reading what two cameras send while the third sends nothing",
				count(101)) || t.Failed() {
				return
			}
			_ = quiet.Put(ctx, "quiet")
			quiet.Close()
			t.Within(3*time.Second, "reading the rest", func() {
				count(1)()
				if photo, err := out.Get(ctx); err == nil {
					seen[photo]++
				}
			})
			for photo, n := range seen {
				if n != 1 {
					t.NotYet("%q came out %d times", photo, n)
				}
			}
			if len(seen) != 102 {
				t.NotYet("102 photos went in, %d came out", len(seen))
			}
		})
	}))
	// Output:
	// ok
}

/*lesson:wrong merge-in-turn says="reading what two cameras send while the third sends nothing has not returned after 3s"
func merge(queues ...*concurrency.Queue[string]) *concurrency.Queue[string] {
	out := concurrency.NewQueue[string](len(queues))
	go func() {
		for _, queue := range queues {
			for photo := range queue.All() {
				out.Put(ctx, photo)
			}
		}
		out.Close()
	}()
	return out
}
*/

/*lesson:wrong merge-first-closes says="of 102 photos came out, and then: queue is closed"
func merge(queues ...*concurrency.Queue[string]) *concurrency.Queue[string] {
	out := concurrency.NewQueue[string](len(queues))
	for _, queue := range queues {
		go func() {
			for photo := range queue.All() {
				out.Put(ctx, photo)
			}
			out.Close()
		}()
	}
	return out
}
*/

/*lesson:wrong merge-not-closed says="reading the rest has not returned after 3s"
func merge(queues ...*concurrency.Queue[string]) *concurrency.Queue[string] {
	out := concurrency.NewQueue[string](len(queues))
	for _, queue := range queues {
		go func() {
			for photo := range queue.All() {
				out.Put(ctx, photo)
			}
		}()
	}
	return out
}
*/

/*lesson:wrong merge-waits says="merge has not returned after 3s"
func merge(queues ...*concurrency.Queue[string]) *concurrency.Queue[string] {
	out := concurrency.NewQueue[string](len(queues))
	var wg sync.WaitGroup
	for _, queue := range queues {
		wg.Go(func() {
			for photo := range queue.All() {
				out.Put(ctx, photo)
			}
		})
	}
	wg.Wait()
	out.Close()
	return out
}
*/
