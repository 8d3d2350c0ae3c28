package goroutine

import (
	"context"
	"fmt"
	"hash/maphash"
	"runtime"
	"runtime/metrics"
	"slices"
	"strings"
	"time"
)

// How often a running cell is looked at. A block is found at most maxInterval + confirm after it began, plus late if a
// timer was pending until then.
const (
	firstSample = 150 * time.Millisecond // most cells are done by then and pay nothing
	maxInterval = 400 * time.Millisecond
	confirm     = 100 * time.Millisecond // between a suspicion and the second look
	recheck     = 30 * time.Millisecond  // after a look that something was running, which costs next to nothing
	calm        = 2 * time.Millisecond   // what the worker's own goroutines are given to come to rest
)

// What dumps of all stacks may cost.
const (
	costOfOne = 25 * time.Microsecond // goroutine; not measured each time, for the machine may be busy
	allowance = time.Second           // in all, so that a few of 10,000 goroutines are taken when they are needed
	maxShare  = 20                    // and beyond that one part in so many of the time
)

// A watch looks at a running cell now and then. It is used by one goroutine.
type watch struct {
	cell     *Cell
	timer    *time.Timer
	interval time.Duration // until the next look
	period   time.Duration // what interval is between looks that find nothing
	began    time.Time
	spent    time.Duration // on dumps
	metrics  []metrics.Sample
	seed     maphash.Seed
	collect  time.Time     // when the collector may be asked again
	patience time.Duration // between the last time and that
	suspect  uint64        // digest of the snapshot that looked deadlocked; 0 if the last one did not
}

// newWatch returns a watch whose timer says when to take the first sample.
func newWatch(c *Cell) *watch {
	w := &watch{cell: c, period: firstSample, began: time.Now()}
	w.timer = time.NewTimer(firstSample)
	if c.NoDeadlock {
		w.timer.Stop()
	}
	return w
}

func (w *watch) stop() { w.timer.Stop() }

// sample looks at the cell and sets the interval to the next look. It returns the goroutines that wait, never none, if the
// cell is deadlocked: if two looks in a row found that nothing runs, nothing has moved, and nothing can.
func (w *watch) sample() []Info {
	if w.busy() {
		w.suspect, w.interval = 0, recheck
		return nil
	}
	cost := costOfOne * time.Duration(runtime.NumGoroutine())
	wait := (w.spent+cost-allowance)*maxShare - time.Since(w.began)
	if wait > 0 && w.suspect == 0 {
		w.interval = max(wait, recheck)
		return nil
	}
	report, digest, dumped := w.look()
	if report != nil && digest == w.suspect {
		return report
	}
	if dumped {
		w.spent += cost
	}
	w.suspect = digest
	if wait > 0 {
		w.suspect = 0 // what is spent beyond the allowance only confirms: two dumps of 30,000 goroutines are more than it
	}
	w.period = min(w.period*3/2, maxInterval)
	w.interval = w.period
	if report != nil {
		w.interval = confirm
	}
	return nil
}

// look takes one snapshot, unless it can tell without. Pending wakers are asked for before it and after it: one that was
// there before may have woken a goroutine that the snapshot shows running, one that is there after may have been started
// since. Where only timers are in the way, as those of a loop with time.After in a select, the collector finds out which
// of them matter.
func (w *watch) look() (report []Info, digest uint64, dumped bool) {
	before := process.wakers.pending()
	if before == hopeful || before == unlikely && time.Now().Before(w.collect) {
		return nil, 0, false
	}
	s := takeSnapshot()
	after := process.wakers.pending()
	if after == hopeful || !s.deadlocked(w.cell) {
		return nil, 0, true
	}
	if max(before, after) == unlikely {
		began := time.Now()
		runtime.GC()
		w.patience = min(max(2*w.patience, 250*time.Millisecond), 8*time.Second)
		w.collect = time.Now().Add(max(w.patience, maxShare*time.Since(began)))
		if process.wakers.pending() != hopeless {
			return nil, 0, true
		}
	}
	if w.seed == (maphash.Seed{}) {
		w.seed = maphash.MakeSeed()
	}
	return s.report(w.cell), s.digest(w.seed) | 1, true
}

// busy reports whether anything but the caller runs or wants to. Who has asked for the look may yet have to come to rest.
func (w *watch) busy() bool {
	for range 3 {
		if !w.active() {
			return false
		}
		time.Sleep(calm)
	}
	return w.active()
}

// active asks the scheduler what runs. It costs a fraction of a microsecond, against about ten for each goroutine in a
// stack dump.
func (w *watch) active() bool {
	if w.metrics == nil {
		w.metrics = []metrics.Sample{
			{Name: "/sched/goroutines/running:goroutines"},
			{Name: "/sched/goroutines/runnable:goroutines"},
		}
	}
	metrics.Read(w.metrics)
	for _, m := range w.metrics {
		if m.Value.Kind() != metrics.KindUint64 {
			return false // a runtime without the metric
		}
	}
	return w.metrics[0].Value.Uint64() > 1 || w.metrics[1].Value.Uint64() > 0
}

// Deadlocked reports whether nothing can wake cell c any more, with the goroutines that wait, those of c first. It is true
// only if that is certain, and takes about 0.1 s then. [Cell.Run] asks by itself.
func Deadlocked(ctx context.Context, c *Cell) (report []Info, ok bool) {
	w := &watch{cell: c}
	if w.busy() {
		return nil, false
	}
	_, first, _ := w.look()
	if first == 0 {
		return nil, false
	}
	t := time.NewTimer(confirm)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return nil, false
	case <-t.C:
	}
	if w.busy() {
		return nil, false
	}
	report, second, _ := w.look()
	return report, report != nil && first == second
}

// deadlocked reports whether, in the snapshot, c's main goroutine and all others of the reader's wait for each other.
func (s *snapshot) deadlocked(c *Cell) bool {
	if !s.whole {
		return false
	}
	main := false
	for i := range s.reader {
		g := &s.reader[i]
		if !g.stuck() {
			return false
		}
		if g.cell == c.ID && g.rec != nil && g.rec.main && g.owner && !g.plumbing {
			main = true
		}
	}
	return main
}

// stuck reports whether only another goroutine can wake g.
func (g *observed) stuck() bool {
	if g.record == 0 {
		return false // some package's own: who knows what it waits for
	}
	switch state, _, _ := strings.Cut(g.state, " (nil chan)"); state {
	case "chan receive", "chan send", "select", "select (no cases)", "semacquire", "coroutine",
		"sync.Cond.Wait", "sync.Mutex.Lock", "sync.RWMutex.RLock", "sync.RWMutex.Lock", "sync.WaitGroup.Wait":
	default:
		return false
	}
	return g.caller == "" || readers(g.caller) || hasPrefix(g.caller, interpreters) || hasPrefix(g.caller, timeless)
}

// timeless are packages that may block in operations of their own but never use timers that we do not see.
var timeless = []string{"context.", "io.", "iter.", "golang.org/x/sync/", "gokernel/kernel/goroutine."}

// readers reports whether a function, as stack dumps name it, is compiled code of the reader's: not of the standard
// library, nor of a module that was linked in, nor of ours, but for the packages that stand for the reader's own.
func readers(fn string) bool {
	if strings.HasPrefix(fn, "gokernel/") {
		return strings.HasPrefix(fn, "gokernel/internal/concurrency") || strings.HasPrefix(fn, "gokernel/kernel/goroutine_test.")
	}
	first, _, _ := strings.Cut(fn, "/")
	if first != fn && strings.Contains(first, ".") {
		return false // a module path begins with a host
	}
	first, _, _ = strings.Cut(first, ".")
	_, std := slices.BinarySearch(stdRoots, first)
	return !std && fn != ""
}

// stdRoots are the first elements of the import paths of the standard library, sorted.
var stdRoots = []string{
	"archive", "bufio", "bytes", "cmp", "compress", "container", "context", "crypto", "database", "debug", "embed",
	"encoding", "errors", "expvar", "flag", "fmt", "go", "hash", "html", "image", "index", "internal", "io", "iter", "log",
	"maps", "math", "mime", "net", "os", "path", "reflect", "regexp", "runtime", "slices", "sort", "strconv", "strings",
	"structs", "sync", "syscall", "testing", "text", "time", "type:", "unicode", "unique", "unsafe", "vendor", "weak",
}

// report describes the goroutines of a deadlock: those of c first, its main goroutine before all. Those that have been told to
// end are in it only if they may hold a lock that c waits for.
func (s *snapshot) report(c *Cell) []Info {
	var infos []Info
	locks := false
	for i := range s.reader {
		if g := &s.reader[i]; !g.plumbing {
			info := g.info()
			infos = append(infos, info)
			locks = locks || locked(info.State) && !info.Told
		}
	}
	infos = slices.DeleteFunc(infos, func(i Info) bool { return i.Told && !locks })
	rank := func(i Info) int {
		switch {
		case i.CellID == c.ID && i.Main:
			return 0
		case i.CellID == c.ID:
			return 1
		}
		return 2
	}
	slices.SortStableFunc(infos, func(a, b Info) int {
		if d := rank(a) - rank(b); d != 0 {
			return d
		}
		return a.ID - b.ID
	})
	return infos
}

// digest tells snapshots apart in which anything has moved. Addresses are left out, for the collector moves stacks.
func (s *snapshot) digest(seed maphash.Seed) uint64 {
	var h maphash.Hash
	h.SetSeed(seed)
	for _, g := range s.reader {
		fmt.Fprintln(&h, g.id, g.state)
		for _, c := range g.calls {
			fmt.Fprintln(&h, c.fn, c.line)
		}
	}
	return h.Sum64()
}
