package concurrency

import (
	"bytes"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// A State is what a goroutine does.
type State int

// The states.
const (
	Running   State = iota // or ready to
	Asleep                 // in time.Sleep
	Blocked                // by something that this package knows nothing of
	Queued                 // waits to put into a queue, to get from one, or to join it
	LockWait               // waits for a lock
	ChildWait              // waits for a child process
)

// String returns the state in words.
func (s State) String() string {
	return [...]string{"running", "asleep", "blocked", "waiting for a queue", "waiting for a lock", "waiting for a child"}[s]
}

// thing is the word for what is waited for.
func (s State) thing() string {
	return [...]string{"", "", "", "queue", "lock", "child"}[s]
}

// goroutineID returns the number of the calling goroutine, which the runtime tells only in its dumps.
func goroutineID() int {
	var buf [64]byte
	g, _ := parseHeader(buf[:runtime.Stack(buf[:], false)])
	return g
}

// parseHeader reads the first line of a goroutine in a dump: "goroutine 7 [chan receive, 2 minutes]:", or with
// labels, "goroutine 8 [sleep labels:{"a": "b"}]:".
func parseHeader(line []byte) (id int, state string) {
	rest, _ := bytes.CutPrefix(line, []byte("goroutine "))
	number, rest, _ := bytes.Cut(rest, []byte(" "))
	id, _ = strconv.Atoi(string(number))
	_, rest, _ = bytes.Cut(rest, []byte("["))
	for _, end := range []string{"\n", " labels:", "]", ","} {
		rest, _, _ = bytes.Cut(rest, []byte(end))
	}
	return id, string(rest)
}

// stateOf classifies a state of the runtime's.
func stateOf(words string) State {
	words, _, _ = strings.Cut(words, " (") // "(durable)", "(scan)", "(nil chan)"
	switch words {
	case "running", "runnable", "syscall", "copystack", "preempted", "waiting for preemption":
		return Running
	case "sleep":
		return Asleep
	}
	return Blocked
}

// sightings are what was seen of goroutines, look by look.
type sightings struct {
	root  int // the goroutine all others come from
	buf   []byte
	times []time.Duration    // of the looks
	seen  map[int][]sighting // by goroutine
	order []int              // goroutines as they were first seen
	other map[int]bool       // goroutines that do not count
}

// A sighting is a goroutine in one look.
type sighting struct {
	look  int
	state State
}

// mostGoroutines bounds how many are followed.
const mostGoroutines = 500

// look notes what all goroutines do that come from the root. The goroutine self is the one that looks.
func (s *sightings) look(at time.Duration, self int) {
	if s.seen == nil {
		s.seen, s.other = map[int][]sighting{}, map[int]bool{}
		s.buf = make([]byte, 1<<16)
	}
	n := runtime.Stack(s.buf, true)
	for n == len(s.buf) && n < 1<<24 {
		s.buf = make([]byte, 2*n)
		n = runtime.Stack(s.buf, true)
	}
	s.times = append(s.times, at)
	for dump := range bytes.SplitSeq(s.buf[:n], []byte("\n\n")) {
		id, state := parseHeader(dump)
		if id == self || s.other[id] {
			continue
		}
		if _, known := s.seen[id]; !known {
			creator, parent := created(dump)
			_, ours := s.seen[parent]
			if id != s.root && (!ours && parent != s.root || internal(creator)) || len(s.seen) >= mostGoroutines {
				s.other[id] = true
				continue
			}
			s.order = append(s.order, id)
		}
		s.seen[id] = append(s.seen[id], sighting{len(s.times) - 1, stateOf(state)})
	}
}

// created returns which function started a goroutine, and the number of the goroutine that called it.
func created(dump []byte) (function string, parent int) {
	at := bytes.LastIndex(dump, []byte("\ncreated by "))
	if at < 0 {
		return "", 0
	}
	line, _, _ := bytes.Cut(dump[at+len("\ncreated by "):], []byte("\n"))
	name, number, _ := bytes.Cut(line, []byte(" in goroutine "))
	parent, _ = strconv.Atoi(string(number))
	return string(name), parent
}

// internal reports whether a goroutine is no work of the reader's but keeps something going.
func internal(creator string) bool {
	for _, prefix := range []string{
		"gokernel/internal/concurrency.Start", "gokernel/internal/concurrency.(*Process)", "gokernel/internal/concurrency.Trace",
		"os/exec.", "os/signal.", "context.",
	} {
		if strings.HasPrefix(creator, prefix) {
			return true
		}
	}
	return false
}
