package report

import (
	"fmt"
	"html"
	"regexp"
	"strings"
)

// A Race is one report of the race detector (https://go.dev/doc/articles/race_detector#Report_Format).
type Race struct {
	Accesses []Access // the later one first
	Origins  []Origin
	Count    int // how many reports say the same
}

// An Access is one of the two.
type Access struct {
	What  string // "read", "write", "atomic read"
	By    string // "goroutine 8", "main goroutine"
	Stack []Frame
}

// An Origin says where a goroutine was started.
type Origin struct {
	Goroutine string // "goroutine 8"
	State     string // "running", "finished"
	Stack     []Frame
}

var (
	accessLine = regexp.MustCompile(`^(?:Previous |previous )?(?i)((?:atomic )?(?:read|write)) at 0x[0-9a-f]+ by (main goroutine|goroutine \d+)`)
	originLine = regexp.MustCompile(`^(Goroutine \d+) \(([a-z]+)\) created at:`)
)

// ParseRaces reads the log of the race detector. Reports about the same two places are counted as one.
func ParseRaces(log string) []*Race {
	var races []*Race
	seen := map[string]*Race{}
	for _, block := range strings.Split(log, "==================") {
		r := parseRace(block)
		if r == nil {
			continue
		}
		key := r.key()
		if first := seen[key]; first != nil {
			first.Count++
			continue
		}
		seen[key] = r
		races = append(races, r)
	}
	return races
}

// key is the same for reports that say the same of the reader's code.
func (r *Race) key() string {
	var b strings.Builder
	for _, a := range r.Accesses {
		b.WriteString(a.What)
		for _, f := range a.Stack {
			b.WriteString(" " + f.At())
		}
	}
	return b.String()
}

func parseRace(block string) *Race {
	_, text, ok := strings.Cut(block, "WARNING: DATA RACE\n")
	if !ok {
		return nil
	}
	r := &Race{Count: 1}
	var stack *[]Frame
	name, origin := "", false
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		if m := accessLine.FindStringSubmatch(line); m != nil {
			r.Accesses = append(r.Accesses, Access{What: strings.ToLower(m[1]), By: m[2]})
			stack, origin = &r.Accesses[len(r.Accesses)-1].Stack, false
			continue
		}
		if m := originLine.FindStringSubmatch(line); m != nil {
			r.Origins = append(r.Origins, Origin{Goroutine: strings.ToLower(m[1]), State: m[2]})
			stack, origin = &r.Origins[len(r.Origins)-1].Stack, true
			continue
		}
		file, number, isPlace := place(line)
		switch {
		case line == "":
			stack = nil
		case stack == nil:
		case isPlace && name != "":
			// A function that calls WaitGroup.Go says where a goroutine began; it is none of the reader's calls.
			if f := (Frame{name, file, number}); !f.starts() || origin {
				*stack = append(*stack, f)
			}
			name = ""
		default:
			name = function(line)
		}
	}
	if len(r.Accesses) == 0 {
		return nil
	}
	return r
}

// who describes the goroutine of an access and where it was started.
func (r *Race) who(by string, lines Lines) (name string, started Frame, known bool) {
	for _, o := range r.Origins {
		if o.Goroutine == by {
			f, ok := lines.first(o.Stack)
			return fmt.Sprintf("%s (%s)", by, o.State), f, ok
		}
	}
	return by, Frame{}, false
}

// RacesText returns the races as plain text.
func RacesText(races []*Race, lines Lines) string {
	if len(races) == 0 {
		return "No data race was seen.\n"
	}
	var b strings.Builder
	for i, r := range races {
		fmt.Fprintf(&b, "Data race %d of %d%s\n", i+1, len(races), times(r.Count))
		for j, a := range r.Accesses {
			f, _ := lines.first(a.Stack)
			name, started, known := r.who(a.By, lines)
			fmt.Fprintf(&b, "  %s by %s at %s\n", label(j, a.What), name, f.describe())
			if text := lines.source(f); text != "" {
				fmt.Fprintf(&b, "%9d | %s\n", f.Line, text)
			}
			if known {
				fmt.Fprintf(&b, "    the goroutine was started at %s\n", started.describe())
				if text := lines.source(started); text != "" {
					fmt.Fprintf(&b, "%9d | %s\n", started.Line, text)
				}
			}
		}
	}
	return b.String()
}

// RacesHTML returns the races as a table.
func RacesHTML(races []*Race, lines Lines) string {
	if len(races) == 0 {
		return "<p>No data race was seen.</p>"
	}
	var rows []row
	for i, r := range races {
		for j, a := range r.Accesses {
			number := ""
			if j == 0 {
				number = fmt.Sprint(i+1) + html.EscapeString(times(r.Count))
			}
			f, _ := lines.first(a.Stack)
			name, started, known := r.who(a.By, lines)
			origin := ""
			if known {
				origin = lines.code(started)
			}
			rows = append(rows, row{number, "<b>" + html.EscapeString(label(j, a.What)) + "</b>", lines.code(f) + callers(f, a.Stack, lines), html.EscapeString(name), origin})
		}
	}
	return table([]string{"data race", "access", "at", "by", "started at"}, rows)
}

// callers returns who called the function in which an access is, if that is in cells.
func callers(innermost Frame, stack []Frame, lines Lines) string {
	s := ""
	for _, f := range lines.own(stack) {
		if f != innermost {
			s += "<br>called at " + html.EscapeString(f.describe())
		}
	}
	return s
}

// label says of the second access that it came first.
func label(i int, what string) string {
	if i == 0 {
		return what
	}
	return "earlier " + what
}

func times(n int) string {
	if n == 1 {
		return ""
	}
	return fmt.Sprintf(" (seen %d times)", n)
}
