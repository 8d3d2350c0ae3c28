package item55

//lint:file-ignore U1000 cells are functions that nobody calls here

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"gokernel/internal/concurrency"
	"gokernel/internal/exercise"
)

/*lesson:task task-total
### 4. The first error counts

`size` asks a camera how large a photo is, which takes a while and may fail. Add up the sizes of all photos, with at most `width` questions under way at once. When one fails, return its error, and do not begin
any more questions than are under way already.

<details><summary>Hint</summary>

A group, a `Source` and a `Sink` are enough. `slices.Values(names)` is a sequence.

</details>
<details><summary>Another hint</summary>

Several goroutines add to the total.

</details>
*/

//lesson:solution total

// total returns the sum of the sizes of photos.
func total(
	names []string, width int, size func(ctx context.Context, name string) (int, error),
) (sum int, err error) {
	// BEGIN SOLUTION
	var mu sync.Mutex // guards sum
	group := concurrency.NewGroup(ctx)
	photos := concurrency.Source(group, width, slices.Values(names))
	concurrency.Sink(group, width, photos, func(ctx context.Context, name string) error {
		n, err := size(ctx, name)
		mu.Lock()
		defer mu.Unlock()
		sum += n
		return err
	})
	err = group.Wait()
	// END SOLUTION
	return sum, err
}

//lesson:check check-total points=3
func checkTotal() {
	fmt.Println(exercise.Check(func(t *exercise.T) {
		var names []string
		for i := range 60 {
			names = append(names, fmt.Sprint(i))
		}
		var asked, now, most atomic.Int64
		size := func(broken string) func(context.Context, string) (int, error) {
			return func(ctx context.Context, name string) (int, error) {
				asked.Add(1)
				if n := now.Add(1); n > most.Load() {
					most.Store(n)
				}
				defer now.Add(-1)
				time.Sleep(10 * time.Millisecond)
				if name == broken {
					return 0, errors.New("camera " + broken + " is broken")
				}
				return 1, nil
			}
		}
		for range 5 {
			t.Within(3*time.Second, "total", func() {
				sum, err := total(names, 6, size("none"))
				if err != nil || sum != 60 {
					t.NotYet("60 photos of size 1 make 60, but total returns %d, error: %v",
						sum, err)
				}
			})
			if t.Failed() {
				return
			}
		}
		if n := most.Load(); n > 6 {
			t.NotYet("6 questions were allowed at once, but there were %d", n)
		} else if n < 4 {
			t.NotYet("6 questions were allowed at once, but there were never more than %d", n)
		}
		asked.Store(0)
		if !t.Within(3*time.Second, "total with a broken camera", func() {
			if _, err := total(names, 6, size("10")); err == nil {
				t.NotYet("a camera is broken, but there is no error")
			} else if err.Error() != "camera 10 is broken" {
				t.NotYet("the first error was %q, but total returns %q", "camera 10 is broken", err)
			}
		}) {
			return
		}
		if n := asked.Load(); n > 40 {
			t.NotYet("camera 10 was broken, and yet %d of 60 cameras were asked", n)
		}
	}))
	// Output:
	// ok
}

/*lesson:wrong total-all-at-once says="6 questions were allowed at once, but there were"
func total(names []string, width int, size func(ctx context.Context, name string) (int, error)) (sum int, err error) {
	var mu sync.Mutex
	group := concurrency.NewGroup(ctx)
	for _, name := range names {
		group.Go(func(ctx context.Context) error {
			n, err := size(ctx, name)
			mu.Lock()
			defer mu.Unlock()
			sum += n
			return err
		})
	}
	err = group.Wait()
	return sum, err
}
*/

/*lesson:wrong total-in-turn says="6 questions were allowed at once, but there were never more than 1"
func total(names []string, width int, size func(ctx context.Context, name string) (int, error)) (sum int, err error) {
	for _, name := range names {
		n, err := size(ctx, name)
		if err != nil {
			return sum, err
		}
		sum += n
	}
	return sum, nil
}
*/

/*lesson:wrong total-goes-on says="camera 10 was broken, and yet 60 of 60 cameras were asked"
func total(names []string, width int, size func(ctx context.Context, name string) (int, error)) (sum int, err error) {
	var mu sync.Mutex
	photos := concurrency.NewQueue[string](len(names))
	for _, name := range names {
		photos.TryPut(name)
	}
	photos.Close()
	concurrency.Parallel(width, func(int) {
		for name := range photos.All() {
			n, failed := size(ctx, name)
			mu.Lock()
			sum += n
			if failed != nil {
				err = failed
			}
			mu.Unlock()
		}
	})
	return sum, err
}
*/

/*lesson:wrong total-no-error says="a camera is broken, but there is no error"
func total(names []string, width int, size func(ctx context.Context, name string) (int, error)) (sum int, err error) {
	var mu sync.Mutex
	group := concurrency.NewGroup(ctx)
	photos := concurrency.Source(group, width, slices.Values(names))
	concurrency.Sink(group, width, photos, func(ctx context.Context, name string) error {
		n, err := size(ctx, name)
		mu.Lock()
		defer mu.Unlock()
		sum += n
		return err
	})
	group.Wait()
	return sum, err
}
*/
