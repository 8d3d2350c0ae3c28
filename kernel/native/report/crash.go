package report

import (
	"regexp"
	"strings"
)

// A Crash is what the runtime printed when a program came to its end.
type Crash struct {
	Kind       string // "panic", "fatal error", or the name of a signal
	Message    string
	Goroutines []Goroutine // the one that failed first
}

// A Goroutine is one of a traceback.
type Goroutine struct {
	State   string // "running", "chan receive"
	Stack   []Frame
	Started Frame // the go statement; zero for the main goroutine
}

var (
	recovered     = regexp.MustCompile(`\s*\[recovered[^\]\n]*\]$`)
	crashLine     = regexp.MustCompile(`(?m)^(panic|fatal error|SIG[A-Z]+): (.*)$`)
	goroutineLine = regexp.MustCompile(`^goroutine (\d+)(?: gp=\S+ m=\S+(?: mp=\S+)?)? \[([^\],]*)(?:,[^\]]*)?\](?: \{.*\})?:$`)
)

// ParseCrash reads the last words of a program; ok is false if it did not crash.
func ParseCrash(text string) (c *Crash, ok bool) {
	m := crashLine.FindStringSubmatchIndex(text)
	if m == nil {
		return nil, false
	}
	c = &Crash{Kind: text[m[2]:m[3]]}
	rest := text[m[4]:]
	message, _, _ := strings.Cut(rest, "\ngoroutine ")
	message, _, _ = strings.Cut(message, "\nruntime stack:")
	message, _, _ = strings.Cut(message, "\n[signal ")
	// A panic that was recovered and raised again is printed with each of its values; the first says it.
	c.Message = recovered.ReplaceAllString(strings.TrimSpace(message), "")
	c.Goroutines = ParseGoroutines(rest)
	return c, true
}

// ParseGoroutines reads the goroutines of a traceback (runtime.Stack, debug=2 of runtime/pprof).
func ParseGoroutines(text string) []Goroutine {
	var all []Goroutine
	var g *Goroutine
	name, created := "", false
	var own Frame // where a function of the program's own started the goroutine
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		if m := goroutineLine.FindStringSubmatch(line); m != nil {
			all = append(all, Goroutine{State: m[2]})
			g, name, created = &all[len(all)-1], "", false
			own = Frame{}
			continue
		}
		if g == nil || line == "" {
			continue
		}
		if file, number, ok := place(line); ok && name != "" {
			f := Frame{name, file, number}
			if f.starts() {
				own = Frame{File: f.File, Line: f.Line}
			} else if created {
				if g.Started = f; own.File != "" {
					g.Started = own
				}
			} else {
				g.Stack = append(g.Stack, f)
			}
			name = ""
			continue
		}
		line, created = strings.CutPrefix(line, "created by ")
		name = function(line)
	}
	return all
}
