package concurrency

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

// pipelined is something to look at: a slow consumer, a lock, a child, a channel.
func pipelined() {
	ctx := context.Background()
	q := NewQueue[int](2).Named("photos")
	var wg sync.WaitGroup
	wg.Go(func() {
		Label("producer")
		for i := range 6 {
			_ = q.Put(ctx, i)
		}
		q.Close()
	})
	wg.Go(func() {
		Label("consumer")
		for range q.All() {
			time.Sleep(20 * time.Millisecond)
		}
	})
	g := NewGuarded(0)
	wg.Go(func() {
		g.With(func(*int) { time.Sleep(60 * time.Millisecond) })
	})
	wg.Go(func() {
		time.Sleep(20 * time.Millisecond)
		g.With(func(*int) {})
	})
	wg.Go(func() { _, _ = Run(ctx, Cmd("sleep", "0.1")) })
	never := make(chan int)
	wg.Go(func() {
		select {
		case <-never:
		case <-time.After(80 * time.Millisecond):
		}
		for end := time.Now().Add(40 * time.Millisecond); time.Now().Before(end); {
			_ = math.Sqrt(2)
		}
	})
	wg.Wait()
}

// problems says what is wrong with the timeline of pipelined.
func problems(timeline *Timeline) (list []string) {
	note := func(format string, args ...any) { list = append(list, fmt.Sprintf(format, args...)) }
	if n := len(timeline.Goroutines); n != 7 || timeline.Goroutines[0].Name != "main" {
		note("there are %d goroutines", n)
	}
	total := map[State]time.Duration{}
	said := map[string]bool{}
	for _, g := range timeline.Goroutines {
		for s := Running; s <= ChildWait; s++ {
			total[s] += g.Total(s)
		}
		last := time.Duration(0)
		for _, p := range g.Phases {
			said[p.For] = true
			if p.Start < last || p.End < p.Start || p.End > timeline.Duration+time.Millisecond {
				note("%s: phase %+v after %v, of %v", g.Name, p, last, timeline.Duration)
			}
			last = p.End
		}
	}
	for s, least := range map[State]time.Duration{
		Running: 10 * time.Millisecond, Asleep: 80 * time.Millisecond, Blocked: 100 * time.Millisecond, Queued: 40 * time.Millisecond,
		LockWait: 20 * time.Millisecond, ChildWait: 80 * time.Millisecond,
	} {
		if total[s] < least {
			note("%v: %v in all, want at least %v", s, total[s], least)
		}
	}
	for _, want := range []string{"photos", "lock 1", "sleep"} {
		if !said[want] {
			note("nobody waited for %s", want)
		}
	}
	return list
}

func TestTrace(t *testing.T) {
	timeline := Trace(pipelined)
	wrong := problems(timeline)
	for n := 0; n < 20 && wrong != nil; n++ { // on a busy machine goroutines may run when it suits them, and end before they are seen
		timeline = Trace(pipelined)
		wrong = problems(timeline)
	}
	text := timeline.String()
	if wrong != nil {
		t.Errorf("%s\n%s", strings.Join(wrong, "\n"), text)
	}
	if !strings.Contains(text, "consumer ") || !strings.Contains(text, "waiting for photos") {
		t.Errorf("got %s", text)
	}
	lengths := timeline.Lengths()
	if got := lengths.String(); got != "photos: 2 items at most\n" {
		t.Errorf("got %s", got)
	}
	for _, svg := range []string{timeline.SVG(), lengths.SVG()} {
		wellFormed(t, svg)
	}
	if dir := os.Getenv("CONCURRENCY_LOOK"); dir != "" { // to look at
		look(t, dir, timeline.HTML()+"<hr>"+lengths.HTML())
	}
}

// look writes pages to look at.
func look(t *testing.T, dir, body string) {
	t.Helper()
	for name, theme := range map[string][2]string{"light": {"true", "#fff"}, "dark": {"false", "#111"}} {
		page := fmt.Sprintf(`<body data-jp-theme-light="%s" style="background:%s">%s</body>`, theme[0], theme[1], body)
		if err := os.WriteFile(dir+"/"+t.Name()+"-"+name+".html", []byte(page), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

func wellFormed(t *testing.T, text string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(text))
	for {
		_, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatalf("%v in %s", err, text)
		}
	}
}

func TestTraceOfNothing(t *testing.T) {
	timeline := Trace(func() {})
	if len(timeline.Goroutines) != 1 {
		t.Errorf("got %v", timeline)
	}
	wellFormed(t, timeline.SVG())
	wellFormed(t, timeline.Lengths().SVG())
	if tracing.Load() != nil {
		t.Error("the trace still goes on")
	}
}

func TestTracePanics(t *testing.T) {
	if p := caught(func() { Trace(func() { panic("in f") }) }); p != "in f" || tracing.Load() != nil {
		t.Errorf("got panic %v", p)
	}
	if p := caught(func() { Trace(func() { Trace(func() {}) }) }); p != "concurrency: Trace within Trace" || tracing.Load() != nil {
		t.Errorf("got panic %v", p)
	}
}

// Two traces at the same time follow each other.
func TestTracesTakeTurns(t *testing.T) {
	Parallel(3, func(i int) {
		name := fmt.Sprint("queue of ", i)
		got := Trace(func() { NewQueue[int](0).Named(name).TryPut(1) }).Lengths().String()
		if got != name+": 1 item at most\n" {
			t.Errorf("got %q", got)
		}
	})
}

func TestManyGoroutinesAreTraced(t *testing.T) {
	var timeline *Timeline
	for hold := 50 * time.Millisecond; hold < time.Minute; hold *= 4 { // a busy machine looks less often
		timeline = Trace(func() {
			var wg sync.WaitGroup
			release := make(chan struct{})
			for range 2 * mostGoroutines {
				wg.Go(func() { <-release })
			}
			time.Sleep(hold)
			close(release)
			wg.Wait()
		})
		if len(timeline.Goroutines) > 1 {
			break
		}
	}
	if n := len(timeline.Goroutines); n < mostRows || n > mostGoroutines {
		t.Errorf("%d are followed", n)
	}
	if svg := timeline.SVG(); !strings.Contains(svg, " more</text>") || len(svg) > 1<<20 {
		t.Errorf("the picture has %d bytes", len(svg))
	}
}

func TestCover(t *testing.T) {
	list := []Phase{{State: Running, Start: 0, End: 10}, {State: Blocked, Start: 10, End: 20}}
	tests := []struct {
		start, end time.Duration
		want       string
	}{
		{5, 15, "[{running  0s 5ns} {waiting for a lock x 5ns 15ns} {blocked  15ns 20ns}]"},
		{0, 20, "[{waiting for a lock x 0s 20ns}]"},
		{2, 3, "[{running  0s 2ns} {waiting for a lock x 2ns 3ns} {running  3ns 10ns} {blocked  10ns 20ns}]"},
		{20, 30, "[{running  0s 10ns} {blocked  10ns 20ns} {waiting for a lock x 20ns 30ns}]"},
	}
	for _, tt := range tests {
		if got := fmt.Sprint(cover(list, Phase{LockWait, "x", tt.start, tt.end})); got != tt.want {
			t.Errorf("%v to %v:\ngot  %s\nwant %s", tt.start, tt.end, got, tt.want)
		}
	}
}

func TestParseDump(t *testing.T) {
	if id, state := parseHeader([]byte("goroutine 17 [chan receive, 2 minutes]:\nmain.f()")); id != 17 || state != "chan receive" {
		t.Errorf("got %d, %q", id, state)
	}
	if id, state := parseHeader([]byte(`goroutine 8 [sleep labels:{"a": "b], "}]:`)); id != 8 || state != "sleep" {
		t.Errorf("got %d, %q", id, state)
	}
	if got, want := goroutineID(), goroutineID(); got != want || got == 0 {
		t.Errorf("got %d and %d", got, want)
	}
	function, parent := created([]byte("goroutine 2 [sleep]:\nx\ncreated by sync.(*WaitGroup).Go in goroutine 9\n\tfile:1"))
	if function != "sync.(*WaitGroup).Go" || parent != 9 {
		t.Errorf("got %s, %d", function, parent)
	}
}

func TestOneOfAKind(t *testing.T) {
	if got := Trace(func() {}).String(); !strings.HasPrefix(got, "1 goroutine in ") {
		t.Errorf("got %s", got)
	}
}
