package item55

//lint:file-ignore U1000 cells are functions that nobody calls here

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"gokernel/internal/concurrency"
	"gokernel/internal/exercise"
)

/*lesson:task task-mailbox
### 5. A queue of your own

Design a queue that waits, with a `sync.Mutex` and a `sync.Cond`, and without channels or `concurrency.Queue`. `Get` waits while the mailbox is empty; when it is closed and empty, `ok` is false. `Close` may be called more than once, from
any goroutine. A letter that is put after that is dropped, and `Put` returns false.

<details><summary>Hint</summary>

`cond.Wait` gives the lock back while it waits. When it returns, somebody else may have been quicker, so ask in a loop: `for len(m.letters) == 0 && !m.closed { m.cond.Wait() }`.

</details>
<details><summary>Another hint</summary>

`Signal` wakes one that waits, `Broadcast` wakes all. How many must learn that the mailbox is closed?

</details>
*/

//lesson:solution mailbox

// A Mailbox is a queue of letters.
type Mailbox struct {
	// BEGIN SOLUTION
	mu      sync.Mutex // guards letters and closed
	cond    *sync.Cond // there is a letter, or the mailbox is closed
	letters []string
	closed  bool
	// END SOLUTION
}

// NewMailbox returns an open mailbox without letters.
func NewMailbox() *Mailbox {
	m := &Mailbox{}
	// BEGIN SOLUTION
	m.cond = sync.NewCond(&m.mu)
	// END SOLUTION
	return m
}

// Put adds a letter, and reports whether the mailbox was open.
func (m *Mailbox) Put(letter string) (ok bool) {
	// BEGIN SOLUTION
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return false
	}
	m.letters = append(m.letters, letter)
	m.cond.Signal()
	ok = true
	// END SOLUTION
	return ok
}

// Get takes the oldest letter out. It waits for one; ok is false if none will come.
func (m *Mailbox) Get() (letter string, ok bool) {
	// BEGIN SOLUTION
	m.mu.Lock()
	defer m.mu.Unlock()
	for len(m.letters) == 0 && !m.closed {
		m.cond.Wait()
	}
	if len(m.letters) > 0 {
		letter, ok = m.letters[0], true
		m.letters = m.letters[1:]
	}
	// END SOLUTION
	return letter, ok
}

// Close says that no more letters come.
func (m *Mailbox) Close() {
	// BEGIN SOLUTION
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	m.cond.Broadcast()
	// END SOLUTION
}

//lesson:check check-mailbox points=4
func checkMailbox() {
	fmt.Println(exercise.Check(func(t *exercise.T) {
		m := NewMailbox()
		if !t.Within(3*time.Second, "putting two letters and getting them", func() {
			m.Put("a")
			m.Put("b")
			for _, want := range []string{"a", "b"} {
				if got, ok := m.Get(); got != want || !ok {
					t.NotYet("Get should return %q, but returns %q, %t", want, got, ok)
				}
			}
		}) || t.Failed() {
			return
		}
		got := make(chan string, 1)
		go func() {
			letter, _ := m.Get()
			got <- letter
		}()
		time.Sleep(50 * time.Millisecond)
		if len(got) > 0 {
			t.NotYet("Get of an empty mailbox does not wait")
			return
		}
		m.Put("c")
		if !t.Within(3*time.Second, "Get, after a letter has come,", func() { <-got }) {
			return
		}
		full := NewMailbox()
		full.Put("d")
		full.Close()
		if letter, ok := full.Get(); letter != "d" || !ok {
			t.NotYet("Get should return %q, but returns %q, %t", "d", letter, ok)
			return
		}
		// Now with many goroutines, all of which wait in the end.
		const readers = 8
		var letters atomic.Int64
		var wg sync.WaitGroup
		for range readers {
			wg.Go(func() {
				for {
					if _, ok := m.Get(); !ok {
						return
					}
					letters.Add(1)
				}
			})
		}
		time.Sleep(20 * time.Millisecond)
		concurrency.Parallel(4, func(int) {
			for range 500 {
				m.Put("letter")
			}
		})
		for range 300 { // three seconds at most
			if letters.Load() == 2000 {
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
		if n := letters.Load(); n != 2000 {
			t.NotYet("2000 letters were put, and %d were got", n)
			return
		}
		time.Sleep(100 * time.Millisecond)
		m.Close()
		m.Close()
		if m.Put("too late") {
			t.NotYet("Put after Close returns true")
		}
		t.Within(3*time.Second, "Get of the last goroutines, after Close,", wg.Wait)
	}))
	// Output:
	// ok
}

/*lesson:wrong mailbox-signal-on-close says="Get of the last goroutines, after Close, has not returned after 3s"
type Mailbox struct {
	mu      sync.Mutex
	cond    *sync.Cond
	letters []string
	closed  bool
}

func NewMailbox() *Mailbox {
	m := &Mailbox{}
	m.cond = sync.NewCond(&m.mu)
	return m
}

func (m *Mailbox) Put(letter string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return false
	}
	m.letters = append(m.letters, letter)
	m.cond.Signal()
	return true
}

func (m *Mailbox) Get() (letter string, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for len(m.letters) == 0 && !m.closed {
		m.cond.Wait()
	}
	if len(m.letters) == 0 {
		return "", false
	}
	letter = m.letters[0]
	m.letters = m.letters[1:]
	return letter, true
}

func (m *Mailbox) Close() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	m.cond.Signal()
}
*/

/*lesson:wrong mailbox-does-not-wait says="Get of an empty mailbox does not wait"
type Mailbox struct {
	mu      sync.Mutex
	letters []string
	closed  bool
}

func NewMailbox() *Mailbox { return &Mailbox{} }

func (m *Mailbox) Put(letter string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return false
	}
	m.letters = append(m.letters, letter)
	return true
}

func (m *Mailbox) Get() (letter string, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.letters) == 0 {
		return "", false
	}
	letter = m.letters[0]
	m.letters = m.letters[1:]
	return letter, true
}

func (m *Mailbox) Close() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
}
*/

/*lesson:wrong mailbox-last-in-first-out says="Get should return"
type Mailbox struct {
	mu      sync.Mutex
	cond    *sync.Cond
	letters []string
	closed  bool
}

func NewMailbox() *Mailbox {
	m := &Mailbox{}
	m.cond = sync.NewCond(&m.mu)
	return m
}

func (m *Mailbox) Put(letter string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.letters = append(m.letters, letter)
	m.cond.Signal()
	return !m.closed
}

func (m *Mailbox) Get() (letter string, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for len(m.letters) == 0 && !m.closed {
		m.cond.Wait()
	}
	last := len(m.letters) - 1
	if last < 0 {
		return "", false
	}
	letter = m.letters[last]
	m.letters = m.letters[:last]
	return letter, true
}

func (m *Mailbox) Close() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	m.cond.Broadcast()
}
*/

/*lesson:wrong mailbox-closed-loses-letters says="Get should return"
type Mailbox struct {
	mu      sync.Mutex
	cond    *sync.Cond
	letters []string
	closed  bool
}

func NewMailbox() *Mailbox {
	m := &Mailbox{}
	m.cond = sync.NewCond(&m.mu)
	return m
}

func (m *Mailbox) Put(letter string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return false
	}
	m.letters = append(m.letters, letter)
	m.cond.Signal()
	return true
}

func (m *Mailbox) Get() (letter string, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for len(m.letters) == 0 && !m.closed {
		m.cond.Wait()
	}
	if m.closed {
		return "", false
	}
	letter = m.letters[0]
	m.letters = m.letters[1:]
	return letter, true
}

func (m *Mailbox) Close() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	m.cond.Broadcast()
}
*/

/*lesson:markdown further
## Further reading

- [Go Concurrency Patterns: Pipelines and cancellation](https://go.dev/blog/pipelines), from the Go blog.
- Packages [sync](https://pkg.go.dev/sync) (`WaitGroup`, `Cond`), [context](https://pkg.go.dev/context) and
  [golang.org/x/sync/errgroup](https://pkg.go.dev/golang.org/x/sync/errgroup).
- The section on [channel types](https://go.dev/ref/spec#Channel_types) in the language specification.
- `concurrency.Queue?` and `concurrency.Stage?` in a cell show what the preloaded package says about itself.
*/
