package item54

//lint:file-ignore U1000 cells are functions that nobody calls here

import (
	"fmt"
	"sync"
	"time"

	"gokernel/internal/concurrency"
	"gokernel/internal/exercise"
)

/*lesson:task task-office
### 4. Sold out, without a mutex

`Sell` sells one ticket unless there are none left, and reports whether it did. `left` must never be negative, not even for a moment. Use
no mutex. An `exercise.Int64` is an `atomic.Int64` with one addition: between any two uses of it, the check can let another customer
come.

<details><summary>Hint</summary>

`CompareAndSwap(old, new)` writes `new` only if the value is still `old`, and reports whether it did. If not, look again.

</details>
*/

//lesson:solution office

// An Office sells tickets.
type Office struct {
	left exercise.Int64
}

// Sell sells a ticket, and reports whether there was one.
func (o *Office) Sell() (sold bool) {
	// BEGIN SOLUTION
	for !sold {
		left := o.left.Load()
		if left <= 0 {
			break
		}
		sold = o.left.CompareAndSwap(left, left-1)
	}
	// END SOLUTION
	return sold
}

//lesson:check check-office points=2
func checkOffice() {
	fmt.Println(exercise.Check(func(t *exercise.T) {
		const tickets = 8
		// Others come after Sell has used the number for the first time, for the second time
		// and so on.
		for moment := range 4 {
			for others := range tickets + 2 {
				var office Office
				office.left.Store(tickets)
				sold, uses := 0, 0
				sell := func() {
					if office.Sell() {
						sold++
					} else if left := office.left.Peek(); left > 0 {
						t.NotYet("%d tickets were left, and Sell did not sell one", left)
					}
				}
				office.left.Between(func() {
					if left := office.left.Peek(); left < 0 {
						t.NotYet("at one moment %d tickets were left", left)
					}
					if uses++; uses == moment+1 {
						for range others {
							sell()
						}
					}
				})
				if !t.Within(2*time.Second, "Sell", func() {
					for range 32 {
						sell()
					}
				}) || t.Failed() {
					return
				}
				if sold != tickets {
					t.NotYet("there were 8 tickets, and %d were sold", sold)
				}
			}
		}
	}))
	// Output:
	// ok
}

/*lesson:wrong office-look-then-take says="not yet: at one moment -"
type Office struct {
	left exercise.Int64
}

func (o *Office) Sell() bool {
	if o.left.Load() > 0 {
		o.left.Add(-1)
		return true
	}
	return false
}
*/

/*lesson:wrong office-give-back says="not yet: at one moment -"
type Office struct {
	left exercise.Int64
}

func (o *Office) Sell() bool {
	if o.left.Add(-1) < 0 {
		o.left.Add(1)
		return false
	}
	return true
}
*/

/*lesson:wrong office-store says="not yet: there were 8 tickets, and "
type Office struct {
	left exercise.Int64
}

func (o *Office) Sell() bool {
	left := o.left.Load()
	if left <= 0 {
		return false
	}
	o.left.Store(left - 1)
	return true
}
*/

/*lesson:wrong office-one-try says="tickets were left, and Sell did not sell one"
type Office struct {
	left exercise.Int64
}

func (o *Office) Sell() bool {
	left := o.left.Load()
	return left > 0 && o.left.CompareAndSwap(left, left-1)
}
*/

/*lesson:wrong office-mutex says="not yet: Sell has not returned after 2s"
type Office struct {
	mu   sync.Mutex
	left exercise.Int64
}

func (o *Office) Sell() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.left.Load() == 0 {
		return false
	}
	o.left.Add(-1)
	return true
}
*/

/*lesson:task task-cache
### 5. Loaded once

Design a `Cache`. `Get` returns the value of a key; the first call for a key gets it from `load`, which may take long. Calls for the same key
that come meanwhile wait for that value and do not load it again. Calls for *other* keys must not wait.

<details><summary>Hint</summary>

One lock for the map is right, but it must not be held while something is loaded. So what should the map hold?

</details>
<details><summary>Another hint</summary>

A pointer to something with a `sync.Once` in it.

</details>
*/

//lesson:solution cache

// A Cache remembers what was loaded for each key. The zero value is empty.
type Cache struct {
	// BEGIN SOLUTION
	mu      sync.Mutex // guards entries
	entries map[string]*cached
	// END SOLUTION
}

// Get returns the value of a key. Only the first call for the key calls load.
func (c *Cache) Get(key string, load func() string) (value string) {
	// BEGIN SOLUTION
	c.mu.Lock()
	entry := c.entries[key]
	if entry == nil {
		entry = &cached{}
		if c.entries == nil {
			c.entries = map[string]*cached{}
		}
		c.entries[key] = entry
	}
	c.mu.Unlock()
	entry.once.Do(func() { entry.value = load() })
	value = entry.value
	// END SOLUTION
	return value
}

// BEGIN SOLUTION

// A cached value is loaded once.
type cached struct {
	once  sync.Once
	value string
}

// END SOLUTION

//lesson:check check-cache points=3
func checkCache() {
	fmt.Println(exercise.Check(func(t *exercise.T) {
		var cache Cache
		var loads concurrency.LockingCounter
		if !t.Within(5*time.Second, "Get of one key by eight goroutines", func() {
			concurrency.Parallel(8, func(int) {
				value := cache.Get("apple", func() string {
					loads.Increment()
					time.Sleep(20 * time.Millisecond)
					return "red"
				})
				if value != "red" {
					t.NotYet("load returned %q, but Get returned %q", "red", value)
				}
			})
		}) || t.Failed() {
			return
		}
		if loads.Value() != 1 {
			t.NotYet("eight goroutines asked for one key, and load was called %d times",
				loads.Value())
			return
		}
		meet := make(chan string)
		t.Within(2*time.Second, "Get of a key while another key is being loaded", func() {
			concurrency.Parallel(2, func(i int) {
				cache.Get([]string{"pear", "plum"}[i], func() string {
					if i == 0 {
						meet <- "I am loading too"
						return "green"
					}
					return <-meet
				})
			})
		})
	}))
	// Output:
	// ok
}

/*lesson:wrong cache-no-cache says="not yet: eight goroutines asked for one key, and load was called 8 times"
type Cache struct{}

func (c *Cache) Get(key string, load func() string) string {
	return load()
}
*/

/*lesson:wrong cache-one-lock says="not yet: Get of a key while another key is being loaded has not returned after 2s"
type Cache struct {
	mu     sync.Mutex
	values map[string]string
}

func (c *Cache) Get(key string, load func() string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if value, ok := c.values[key]; ok {
		return value
	}
	if c.values == nil {
		c.values = map[string]string{}
	}
	c.values[key] = load()
	return c.values[key]
}
*/

/*lesson:wrong cache-unlocked-load says="not yet: eight goroutines asked for one key, and load was called"
type Cache struct {
	mu     sync.Mutex
	values map[string]string
}

func (c *Cache) Get(key string, load func() string) string {
	c.mu.Lock()
	value, ok := c.values[key]
	c.mu.Unlock()
	if ok {
		return value
	}
	value = load()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.values == nil {
		c.values = map[string]string{}
	}
	c.values[key] = value
	return value
}
*/

/*lesson:wrong cache-does-not-wait says="not yet: load returned \"red\", but Get returned \"\""
type Cache struct {
	mu     sync.Mutex
	values map[string]*string
}

func (c *Cache) Get(key string, load func() string) string {
	c.mu.Lock()
	value, ok := c.values[key]
	if !ok {
		value = new(string)
		if c.values == nil {
			c.values = map[string]*string{}
		}
		c.values[key] = value
	}
	c.mu.Unlock()
	if !ok {
		*value = load()
	}
	return *value
}
*/

/*lesson:markdown further
## Further reading

- [The Go memory model](https://go.dev/ref/mem): when one goroutine is sure to see what another has written.
- [Data race detector](https://go.dev/doc/articles/race_detector): how to use it, and the usual kinds of races.
- Packages [sync](https://pkg.go.dev/sync) and [sync/atomic](https://pkg.go.dev/sync/atomic).
- `concurrency.Interleaver?` and `concurrency.LockingCounter?` in a cell show what the preloaded package says about itself.
*/
