package notebook

import (
	"bytes"
	"io"
	"strings"
	"sync"
	"time"
)

// lastWords passes a program's stderr on, but keeps back what may be the runtime's last words, which are shown in
// another form. If the program lives on it was none of them, and comes after all. It does not fail.
type lastWords struct {
	out io.Writer

	mu    sync.Mutex
	held  bytes.Buffer // begins at a line that begins a crash, or may
	sure  bool         // held begins with one
	mid   bool         // the line so far went out
	timer *time.Timer
}

// heldFor is how long a program may live after its last words.
const heldFor = 500 * time.Millisecond

// crashStarts are the beginnings of lines by which the runtime gives up.
var crashStarts = []string{"panic: ", "fatal error: ", "SIGSEGV: ", "SIGBUS: ", "SIGFPE: ", "SIGABRT: ", "SIGQUIT: ", "runtime: goroutine stack exceeds "}

func (l *lastWords) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.held.Write(p)
	if l.sure {
		return len(p), nil
	}
	text := l.held.String()
	out := 0
	for out < len(text) && !l.sure {
		line, _, whole := strings.Cut(text[out:], "\n")
		match, maybe := false, false
		for _, start := range crashStarts {
			match = match || strings.HasPrefix(line, start)
			maybe = maybe || strings.HasPrefix(start, line)
		}
		if !l.mid && match {
			l.sure = true
			l.timer = time.AfterFunc(heldFor, l.release)
			break
		}
		if !l.mid && maybe && !whole {
			break
		}
		out += len(line)
		if whole {
			out++
		}
		l.mid = !whole
	}
	l.held.Next(out)
	_, _ = io.WriteString(l.out, text[:out]) // nobody listens any more
	return len(p), nil
}

// release passes on what is held.
func (l *lastWords) release() {
	l.mu.Lock()
	defer l.mu.Unlock()
	text := l.held.String()
	l.held.Reset()
	l.sure, l.mid = false, text != "" && !strings.HasSuffix(text, "\n")
	_, _ = io.WriteString(l.out, text)
}

// words returns what is held, which nobody else gets then, if it is a crash.
func (l *lastWords) words() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.sure || !strings.Contains(l.held.String(), "\ngoroutine ") {
		return ""
	}
	text := l.held.String()
	l.held.Reset()
	l.sure = false
	return text
}

// stop ends the timer.
func (l *lastWords) stop() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.timer != nil {
		l.timer.Stop()
	}
}
