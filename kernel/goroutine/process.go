package goroutine

import (
	"fmt"
	"log"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
)

// process is what belongs to the process as a whole; see the package comment.
var process = &state{base: &Cell{
	Name:    "no cell",
	OnPanic: func(p *Panic) { fmt.Fprintln(os.Stderr, p) },
}}

// state is the part of this package that is not a goroutine's or a cell's own.
type state struct {
	lastRecord atomic.Uint64
	records    records
	traces     traces
	channels   channels
	base       *Cell
	wakers     wakers
	signals    signals
	dumps      dumper
	printing   printing
	crumbs     Crumbs      // set once, by KeepCrumbs
	abandoned  atomic.Bool // some goroutines have been; see Abandon
	worker     *record     // label of the worker's own goroutines; nil before Setup

	mu      sync.Mutex
	running *Cell          // the cell whose Run began last and waits
	names   map[int]string // of all cells so far, by ID
	ids     map[string]int // the reverse; of several cells with one name, the last
	own     map[int]bool   // IDs of goroutines that were there before the reader's
	idle    int            // how many goroutines there were when the first cell began; 0 before that
}

// begin notes that c runs and returns the cell that ran until then.
func (s *state) begin(c *Cell) (previous *Cell) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.learn(c.ID, c.Name)
	if s.idle == 0 {
		s.idle = runtime.NumGoroutine()
	}
	previous, s.running = s.running, c
	return previous
}

// learn notes the name of a cell. Called with s.mu held.
func (s *state) learn(id int, name string) {
	if s.names == nil {
		s.names, s.ids = make(map[int]string), make(map[string]int)
	}
	if s.names[id] != name {
		s.names[id], s.ids[name] = name, id
		s.crumbs.name(id, name)
	}
}

func (s *state) finish(c, previous *Cell) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running == c {
		s.running = previous
	}
}

// name returns the name of the cell with an ID, or "".
func (s *state) name(id int) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.names[id]
}

func (s *state) fallback() *Cell {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running != nil {
		return s.running
	}
	return s.base
}

// Setup is called once by the worker before it starts anything: all goroutines there are, and all that they will start
// other than through [Cell.Run], are the worker's own from now on: they are not listed, and do not count when a cell is
// searched for a deadlock. Setup also sends the output of package log to the cell that logs.
func Setup() {
	process.own = make(map[int]bool)
	process.worker = newRecord(nil, 0)
	process.worker.enter()
	for _, g := range process.dumps.take() {
		process.own[g.id] = true
	}
	log.SetOutput(Err())
}

// work starts f on a goroutine of the worker's own, whoever calls.
func (s *state) work(f func()) {
	if s.worker != nil {
		defer s.worker.enter()()
	}
	go f()
}

// Hold tells that something outside the reader's program is expected to wake one of his goroutines, such as the answer to
// a request that the worker sent. No cell is taken for deadlocked until release is called. Releasing twice is harmless.
func Hold() (release func()) {
	process.wakers.held.Add(1)
	var once sync.Once
	return func() { once.Do(func() { process.wakers.held.Add(-1) }) }
}
