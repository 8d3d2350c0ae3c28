package item55

//lint:file-ignore U1000 cells are functions that nobody calls here

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"gokernel/internal/concurrency"
	"gokernel/internal/exercise"
)

/*lesson:markdown exercises
## Exercises

Each task is followed by a cell to work in and by a check. The check prints `ok`, or says what is not right yet. Change the cell and run it
again, then the check, as often as you like.
*/

/*lesson:task task-filter
### 1. Only the good ones

Move from `in` to `out` the photos for which `good` says yes. When `in` is closed and empty, close `out`.

<details><summary>Hint</summary>

It is three lines more than the function `work` above.

</details>
*/

//lesson:solution filter

// filter puts those photos of in into out that are good.
func filter(good func(photo string) bool, in, out *concurrency.Queue[string]) {
	// BEGIN SOLUTION
	for photo := range in.All() {
		if good(photo) {
			_ = out.Put(ctx, photo) // nobody else closes out
		}
	}
	out.Close()
	// END SOLUTION
}

//lesson:check check-filter points=1
func checkFilter() {
	fmt.Println(exercise.Check(func(t *exercise.T) {
		in, out := concurrency.NewQueue[string](2), concurrency.NewQueue[string](2)
		var wg sync.WaitGroup
		wg.Go(func() {
			time.Sleep(50 * time.Millisecond) // in is empty at first
			for i := range 20 {
				_ = in.Put(ctx, fmt.Sprint(i))
			}
			in.Close()
		})
		wg.Go(func() { filter(func(photo string) bool { return len(photo) == 1 }, in, out) })
		var got []string
		t.Within(3*time.Second, "the loop over what filter puts out", func() {
			for photo := range out.All() {
				got = append(got, photo)
			}
			wg.Wait()
		})
		if t.Failed() {
			return
		}
		if want := strings.Split("0123456789", ""); !slices.Equal(got, want) {
			t.NotYet("of 20 photos the first ten are good, but out holds %v", got)
		}
	}))
	// Output:
	// ok
}

/*lesson:wrong filter-not-closed says="the loop over what filter puts out has not returned after 3s"
func filter(good func(photo string) bool, in, out *concurrency.Queue[string]) {
	for photo := range in.All() {
		if good(photo) {
			out.Put(ctx, photo)
		}
	}
}
*/

/*lesson:wrong filter-closes-too-early says="of 20 photos the first ten are good, but out holds"
func filter(good func(photo string) bool, in, out *concurrency.Queue[string]) {
	for photo := range in.All() {
		if good(photo) {
			out.Put(ctx, photo)
		}
		out.Close()
	}
}
*/

/*lesson:wrong filter-gives-up-when-empty says="of 20 photos the first ten are good, but out holds"
func filter(good func(photo string) bool, in, out *concurrency.Queue[string]) {
	for {
		photo, ok := in.TryGet()
		if !ok {
			break
		}
		if good(photo) {
			out.Put(ctx, photo)
		}
	}
	out.Close()
	in.Drop()
}
*/

/*lesson:wrong filter-keeps-the-bad says="of 20 photos the first ten are good, but out holds"
func filter(good func(photo string) bool, in, out *concurrency.Queue[string]) {
	for photo := range in.All() {
		if !good(photo) {
			out.Put(ctx, photo)
		}
	}
	out.Close()
}
*/

/*lesson:task task-batches
### 2. In batches

An upload costs as much for ten photos as for one. Gather what comes from `in` into batches of `size` photos. The last batch may be smaller, but none is empty. Close the
queue you return when everything has been put into it. Return it at once; a goroutine does the work.

<details><summary>Hint</summary>

A slice that you have put into a queue belongs to somebody else. Begin a new one.

</details>
*/

//lesson:solution batches

// batches returns a queue of batches of what comes from in.
func batches(in *concurrency.Queue[string], size int) *concurrency.Queue[[]string] {
	out := concurrency.NewQueue[[]string](1)
	// BEGIN SOLUTION
	go func() {
		var batch []string
		for photo := range in.All() {
			batch = append(batch, photo)
			if len(batch) == size {
				_ = out.Put(ctx, batch)
				batch = nil
			}
		}
		if len(batch) > 0 {
			_ = out.Put(ctx, batch)
		}
		out.Close()
	}()
	// END SOLUTION
	return out
}

//lesson:check check-batches points=2
func checkBatches() {
	fmt.Println(exercise.Check(func(t *exercise.T) {
		for _, n := range []int{10, 9, 0} {
			in := concurrency.NewQueue[string](0)
			var out *concurrency.Queue[[]string]
			if !t.Within(3*time.Second, "batches", func() { out = batches(in, 3) }) {
				return
			}
			for i := range n {
				_ = in.Put(ctx, fmt.Sprint(i))
			}
			in.Close()
			var got [][]string
			t.Within(3*time.Second, "the loop over all batches", func() {
				for batch := range out.All() {
					got = append(got, batch)
				}
			})
			if t.Failed() {
				return
			}
			want := [][]string{{"0", "1", "2"}, {"3", "4", "5"}, {"6", "7", "8"}, {"9"}}[:(n+2)/3]
			if fmt.Sprint(got) != fmt.Sprint(want) {
				t.NotYet("%d photos in batches of 3 should be %v, but they are %v", n, want, got)
			}
		}
	}))
	// Output:
	// ok
}

/*lesson:wrong batches-last-is-lost says="10 photos in batches of 3 should be"
func batches(in *concurrency.Queue[string], size int) *concurrency.Queue[[]string] {
	out := concurrency.NewQueue[[]string](1)
	go func() {
		var batch []string
		for photo := range in.All() {
			batch = append(batch, photo)
			if len(batch) == size {
				out.Put(ctx, batch)
				batch = nil
			}
		}
		out.Close()
	}()
	return out
}
*/

/*lesson:wrong batches-one-slice says="10 photos in batches of 3 should be"
func batches(in *concurrency.Queue[string], size int) *concurrency.Queue[[]string] {
	out := concurrency.NewQueue[[]string](1)
	go func() {
		batch := make([]string, 0, size)
		for photo := range in.All() {
			batch = append(batch, photo)
			if len(batch) == size {
				out.Put(ctx, batch)
				batch = batch[:0]
			}
		}
		if len(batch) > 0 {
			out.Put(ctx, batch)
		}
		out.Close()
	}()
	return out
}
*/

/*lesson:wrong batches-empty-one says="9 photos in batches of 3 should be"
func batches(in *concurrency.Queue[string], size int) *concurrency.Queue[[]string] {
	out := concurrency.NewQueue[[]string](1)
	go func() {
		var batch []string
		for photo := range in.All() {
			batch = append(batch, photo)
			if len(batch) == size {
				out.Put(ctx, batch)
				batch = nil
			}
		}
		out.Put(ctx, batch)
		out.Close()
	}()
	return out
}
*/

/*lesson:wrong batches-no-goroutine says="batches has not returned after 3s"
func batches(in *concurrency.Queue[string], size int) *concurrency.Queue[[]string] {
	out := concurrency.NewQueue[[]string](1)
	var batch []string
	for photo := range in.All() {
		batch = append(batch, photo)
		if len(batch) == size {
			out.Put(ctx, batch)
			batch = nil
		}
	}
	out.Close()
	return out
}
*/
