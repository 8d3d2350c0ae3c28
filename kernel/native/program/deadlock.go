package program

import (
	"regexp"
	"strings"
)

// deadlockSource is the file of a program that ends it as the runtime does when all goroutines are asleep. The runtime
// itself cannot tell in a program with cgo, which the race detector makes of each, nor in one that runs tests, where the
// timer of -timeout is pending. A timer's function rather than a goroutine, so that runtime.NumGoroutine says what it did.
const deadlockSource = `package main

import (
	"bytes"
	"os"
	"regexp"
	"runtime"
	"runtime/metrics"
	"syscall"
	"time"
)

// gk_waits is the head of a goroutine that only another goroutine can wake.
var gk_waits = regexp.MustCompile("^goroutine \\d+ (?:gp=\\S+ m=\\S+(?: mp=\\S+)? )?\\[(?:chan receive|chan send|select|sync\\.|semacquire)[^\\n]*\\]:\\n")

// gk_active reports whether more goroutines run, or could, than the one that asks.
func gk_active() bool {
	m := []metrics.Sample{{Name: "/sched/goroutines/running:goroutines"}, {Name: "/sched/goroutines/runnable:goroutines"}}
	metrics.Read(m)
	return m[0].Value.Kind() == metrics.KindUint64 && m[0].Value.Uint64() > 1 || m[1].Value.Kind() == metrics.KindUint64 && m[1].Value.Uint64() > 0
}

// gk_asleep returns the stacks of all goroutines but the one that asks, nil unless all of them wait for each other.
func gk_asleep() []byte {
	if gk_active() {
		return nil
	}
	stacks := make([]byte, 64<<10)
	for {
		n := runtime.Stack(stacks, true)
		if n < len(stacks) {
			stacks = stacks[:n]
			break
		}
		stacks = make([]byte, 2*len(stacks))
	}
	_, others, found := bytes.Cut(stacks, []byte("\n\n"))
	if !found {
		return nil
	}
	for _, g := range bytes.Split(others, []byte("\n\n")) {
		if !gk_waits.Match(g) {
			return nil
		}
	}
	return others
}

// gk_watch looks now and then, and once more where it finds what it found before.
func gk_watch(wait time.Duration, before []byte) {
	time.AfterFunc(wait, func() {
		asleep := gk_asleep()
		if asleep != nil && bytes.Equal(asleep, before) {
			// os.Stderr may be another file by now: package testing changes it.
			os.NewFile(2, "stderr").WriteString("fatal error: all goroutines are asleep - deadlock!\n\n" + string(asleep) + "\n")
			syscall.Exit(2) // not the race detector's own exit status
		}
		next := 250 * time.Millisecond
		if runtime.NumGoroutine() > 1000 {
			next = 5 * time.Second // the stacks of so many are dear
		}
		gk_watch(next, asleep)
	})
}

func init() { gk_watch(250*time.Millisecond, nil) }
`

// deadlockImports are those of deadlockSource.
var deadlockImports = []string{"bytes", "os", "regexp", "runtime", "runtime/metrics", "syscall", "time"}

// timeless are the packages with which a program has no timers that its goroutines' states do not tell of, and nothing else that
// could wake a goroutine which waits for another; sleeping, reading and waiting for a child are told.
var timeless = regexp.MustCompile(`^(bufio|bytes|cmp|context|errors|fmt|io|iter|maps|os|regexp|runtime|slices|sort|strconv|strings|sync|testing|time|unicode|` +
	`(container|crypto|encoding|hash|io|math|sync|text|unicode)/.*|os/exec|path(/filepath)?|runtime/debug|gokernel/(internal/concurrency(/.*)?|kernel/display))$`)

// timers are the names by which such programs come to timers.
var timers = regexp.MustCompile(`\.\s*(After|AfterFunc|NewTimer|NewTicker|Tick|WithTimeout|WithTimeoutCause|WithDeadline|WithDeadlineCause|CommandContext|Grace)\b|"C"|go:linkname`)

// canDeadlock reports whether it can be told from the states of the program's goroutines that nothing will wake them.
func (p *Program) canDeadlock() bool {
	for _, path := range p.Imports {
		if !timeless.MatchString(path) {
			return false
		}
	}
	return !timers.Match(p.Source) && !strings.Contains(string(p.Source), "func Fuzz")
}
