package item53

//lint:file-ignore U1000 cells are functions that nobody calls here

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"gokernel/internal/exercise"
)

/*lesson:markdown exercises
## Exercises

Each task has a check below it. It prints `ok`, or it says what is not right yet.
*/

/*lesson:task task-fetch
### 1. All pages at once

`fetch` gets a page and may take long. Write `fetchAll`, which gets all pages at once, returns them in the order of the addresses, and
returns an error if any of them failed.

<details><summary>Hint</summary>

Two slices with a slot for each address, one for pages and one for errors. `errors.Join(errs...)` is nil if all of them are.

</details>
*/

//lesson:solution fetch

// fetchAll gets a page for each address, in the order of the addresses.
func fetchAll(addresses []string, fetch func(address string) (string, error)) (
	[]string, error,
) {
	pages := make([]string, len(addresses))
	errs := make([]error, len(addresses))
	// BEGIN SOLUTION
	var wg sync.WaitGroup
	for i, address := range addresses {
		wg.Go(func() { pages[i], errs[i] = fetch(address) })
	}
	wg.Wait()
	// END SOLUTION
	return pages, errors.Join(errs...)
}

//lesson:check check-fetch
func checkFetch() {
	fmt.Println(exercise.Check(func(t *exercise.T) {
		lost := errors.New("no such page")
		fetch := func(address string) (string, error) {
			time.Sleep(100 * time.Millisecond)
			if address == "lost" {
				return "", lost
			}
			return "page of " + address, nil
		}
		start := time.Now()
		addresses := []string{"c", "a", "b", "e", "d", "f", "h", "g"}
		var want []string
		for _, address := range addresses {
			want = append(want, "page of "+address)
		}
		pages, err := fetchAll(addresses, fetch)
		if len(pages) == 8 && pages[0] == "" {
			t.NotYet("the pages are empty; does somebody wait until they are there?")
			return
		}
		if err != nil || !slices.Equal(pages, want) {
			t.NotYet("the pages should be %q, but they are %q, with error %v", want, pages, err)
			return
		}
		if took := time.Since(start); took > 600*time.Millisecond {
			t.NotYet("eight pages of 100ms each took %v; are they fetched at once?", took)
			return
		}
		if _, err := fetchAll([]string{"a", "lost", "b"}, fetch); !errors.Is(err, lost) {
			t.NotYet("one of three pages cannot be fetched, but the error is %v", err)
		}
	}))
	// Output:
	// ok
}

/*lesson:wrong fetch-in-turn says="are they fetched at once?"
func fetchAll(addresses []string, fetch func(address string) (string, error)) ([]string, error) {
	var pages []string
	for _, address := range addresses {
		page, err := fetch(address)
		if err != nil {
			return nil, err
		}
		pages = append(pages, page)
	}
	return pages, nil
}
*/

/*lesson:wrong fetch-no-wait says="the pages are empty; does somebody wait until they are there?"
func fetchAll(addresses []string, fetch func(address string) (string, error)) ([]string, error) {
	pages := make([]string, len(addresses))
	errs := make([]error, len(addresses))
	for i, address := range addresses {
		go func() { pages[i], errs[i] = fetch(address) }()
	}
	return pages, errors.Join(errs...)
}
*/

/*lesson:wrong fetch-no-errors says="one of three pages cannot be fetched, but the error is <nil>"
func fetchAll(addresses []string, fetch func(address string) (string, error)) ([]string, error) {
	pages := make([]string, len(addresses))
	var wg sync.WaitGroup
	for i, address := range addresses {
		wg.Go(func() { pages[i], _ = fetch(address) })
	}
	wg.Wait()
	return pages, nil
}
*/

/*lesson:wrong fetch-as-they-come says="the pages should be "
func fetchAll(addresses []string, fetch func(address string) (string, error)) ([]string, error) {
	var mu sync.Mutex
	var pages []string
	var wg sync.WaitGroup
	for i, address := range addresses {
		wg.Go(func() {
			page, _ := fetch(address)
			time.Sleep(time.Duration(len(addresses)-i) * time.Millisecond)
			mu.Lock()
			defer mu.Unlock()
			pages = append(pages, page)
		})
	}
	wg.Wait()
	return pages, nil
}
*/

/*lesson:task task-count
### 2. Divide the work

`countIf` counts the numbers from 0 to n-1 that pass a test. Let `workers` goroutines share the numbers, each about the same share of
them, and none left out or counted twice.

<details><summary>Hint</summary>

Worker w can take the numbers w, w+workers, w+2·workers and so on. What is left over then needs no extra thought.

</details>
*/

//lesson:solution count

// countIf returns how many of the numbers from 0 to n-1 pass the test. It uses so many
// workers.
func countIf(n, workers int, test func(int) bool) (count int) {
	// BEGIN SOLUTION
	counts := make([]int, workers)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := w; i < n; i += workers {
				if test(i) {
					counts[w]++
				}
			}
		})
	}
	wg.Wait()
	for _, c := range counts {
		count += c
	}
	// END SOLUTION
	return count
}

//lesson:check check-count points=2
func checkCount() {
	fmt.Println(exercise.Check(func(t *exercise.T) {
		tests := []struct{ n, workers, want int }{
			{1000, 4, 334}, {1003, 4, 335}, {5, 8, 2}, {0, 3, 0},
		}
		for _, tt := range tests {
			var tested atomic.Int64
			got := countIf(tt.n, tt.workers, func(i int) bool {
				tested.Add(1)
				return i%3 == 0
			})
			if n := int(tested.Load()); n != tt.n {
				t.NotYet("with %d numbers and %d workers, %d tests were made", tt.n, tt.workers, n)
				return
			}
			if got != tt.want {
				t.NotYet("with %d numbers and %d workers, %d should pass, but countIf says %d",
					tt.n, tt.workers, tt.want, got)
				return
			}
		}
		start := time.Now()
		countIf(20, 10, func(int) bool {
			time.Sleep(50 * time.Millisecond)
			return true
		})
		if took := time.Since(start); took > 500*time.Millisecond {
			t.NotYet(
				"twenty tests of 50ms with ten workers took %v; do they all work at the same time?",
				took)
			return
		}
		t.Stress(2, func(int) {
			if got := countIf(60, 3, func(int) bool { return true }); got != 60 {
				t.NotYet("now and then numbers are lost: %d of 60 were counted", got)
			}
		})
	}))
	// Output:
	// ok
}

/*lesson:wrong count-no-workers says="do they all work at the same time?"
func countIf(n, workers int, test func(int) bool) (count int) {
	for i := range n {
		if test(i) {
			count++
		}
	}
	return count
}
*/

/*lesson:wrong count-remainder says="with 1003 numbers and 4 workers, 1000 tests were made"
func countIf(n, workers int, test func(int) bool) (count int) {
	share := n / workers
	counts := make([]int, workers)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := w * share; i < (w+1)*share; i++ {
				if test(i) {
					counts[w]++
				}
			}
		})
	}
	wg.Wait()
	for _, c := range counts {
		count += c
	}
	return count
}
*/

/*lesson:wrong count-no-wait says="with 1000 numbers and 4 workers"
func countIf(n, workers int, test func(int) bool) (count int) {
	var total atomic.Int64
	for w := range workers {
		go func() {
			for i := w; i < n; i += workers {
				if test(i) {
					total.Add(1)
				}
			}
		}()
	}
	return int(total.Load())
}
*/

/*lesson:wrong count-shared says="not yet: "
func countIf(n, workers int, test func(int) bool) (count int) {
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := w; i < n; i += workers {
				if test(i) {
					before := count
					runtime.Gosched()
					count = before + 1
				}
			}
		})
	}
	wg.Wait()
	return count
}
*/
