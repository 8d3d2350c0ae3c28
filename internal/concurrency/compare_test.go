package concurrency

import (
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestBarChart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &BarChart{Title: "one generation"}
		for name, took := range map[string]time.Duration{"serial": 4500 * time.Millisecond} {
			if got := c.Measure(name, func() { time.Sleep(took) }); got != took {
				t.Errorf("got %v", got)
			}
		}
		c.Measure("a goroutine a row", func() { time.Sleep(900 * time.Millisecond) })
		c.Bars = append(c.Bars, Bar{Name: "a goroutine a cell", Took: 100 * time.Millisecond})
		want := "one generation\nserial              4.500 s\na goroutine a row   0.900 s\na goroutine a cell  0.100 s\n"
		if diff := cmp.Diff(want, c.String()); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		wellFormed(t, c.SVG())
		if dir := os.Getenv("CONCURRENCY_LOOK"); dir != "" {
			look(t, dir, c.HTML())
		}
	})
	wellFormed(t, (&BarChart{}).SVG())
}

func TestStepTable(t *testing.T) {
	var il Interleaver
	var mu sync.Mutex
	n := 0
	il.Go("A", locked(&mu, &n))
	il.Go("B & C", locked(&mu, &n))
	if err := il.Run("A", "B & C", "A"); err != nil {
		t.Fatal(err)
	}
	want := `turn  A      B & C
   1  lock
   2         lock (waits)
   3  read
   4  add
   5  write
   6         lock
   7         read
   8         add
   9         write`
	if diff := cmp.Diff(want, il.Table().String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	got := il.Table().HTML()
	wellFormed(t, got)
	for _, want := range []string{"<th>B &amp; C</th>", "<tr><td>2</td><td></td><td><em>lock (waits)</em></td></tr>"} {
		if !strings.Contains(got, want) {
			t.Errorf("there is no %s in %s", want, got)
		}
	}
}
