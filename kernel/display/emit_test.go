package display_test

import (
	"encoding/json"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"gokernel/kernel/display"
)

// shown is one call of the emitter.
type shown struct {
	Data     map[string]any
	Metadata map[string]any
	ID       string
	Update   bool
	Clear    string
}

// recorder is an emitter that keeps what it is given.
type recorder struct {
	mu    sync.Mutex
	calls []shown
	err   error
}

func (r *recorder) Display(data, metadata map[string]any, id string, update bool) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls = append(r.calls, shown{data, metadata, id, update, ""})
	return r.err
}

func (r *recorder) Clear(wait bool) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls = append(r.calls, shown{Clear: map[bool]string{true: "wait", false: "now"}[wait]})
	return r.err
}

func (r *recorder) Later(d time.Duration, f func(display.Emitter)) {
	time.AfterFunc(d, func() { f(r) })
}

// record installs a recorder for the duration of the test.
func record(t testing.TB) *recorder {
	t.Helper()
	r := new(recorder)
	display.SetEmitter(r)
	t.Cleanup(func() { display.SetEmitter(nil) })
	return r
}

func TestDisplay(t *testing.T) {
	r := record(t)
	img, _ := picture(t)
	for _, err := range []error{
		display.Display(1, display.HTML("<b>")),
		display.Display(display.Data{}),
		display.Display(img),
		display.Display(display.WithID("a", "first")),
		display.Update("a", display.Markdown("*second*")),
		display.Clear(true),
		display.Clear(false),
		display.Display(display.Data{Data: display.MIMEMap{"text/plain": "t"}, Transient: display.MIMEMap{"display_id": "b"}}),
	} {
		if err != nil {
			t.Errorf("error %v, want none", err)
		}
	}
	want := []shown{
		{Data: display.MIMEMap{"text/plain": "1"}},
		{Data: display.MIMEMap{"text/plain": "<b>", "text/html": "<b>"}},
		{Data: display.Of(img), Metadata: display.MIMEMap{"image/png": display.MIMEMap{"width": 3, "height": 2}}},
		{Data: display.MIMEMap{"text/plain": "first"}, ID: "a"},
		{Data: display.MIMEMap{"text/plain": "*second*", "text/markdown": "*second*"}, ID: "a", Update: true},
		{Clear: "wait"},
		{Clear: "now"},
		{Data: display.MIMEMap{"text/plain": "t"}, ID: "b"},
	}
	if diff := cmp.Diff(want, r.calls); diff != "" {
		t.Errorf("emitted (-want +got):\n%s", diff)
	}
}

func TestShow(t *testing.T) {
	r := record(t)
	h, err := display.Show("one")
	if err != nil {
		t.Fatal(err)
	}
	other, err := display.Show("another")
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Update("two"); err != nil {
		t.Fatal(err)
	}
	if h.ID() == "" || h.ID() == other.ID() {
		t.Errorf("ids %q and %q, want two different ones", h.ID(), other.ID())
	}
	want := []shown{
		{Data: display.MIMEMap{"text/plain": "one"}, ID: h.ID()},
		{Data: display.MIMEMap{"text/plain": "another"}, ID: other.ID()},
		{Data: display.MIMEMap{"text/plain": "two"}, ID: h.ID(), Update: true},
	}
	if diff := cmp.Diff(want, r.calls); diff != "" {
		t.Errorf("emitted (-want +got):\n%s", diff)
	}
}

func TestDisplayErrors(t *testing.T) {
	if err := display.Display(1); !errors.Is(err, display.ErrNoNotebook) {
		t.Errorf("Display without an emitter: %v, want %v", err, display.ErrNoNotebook)
	}
	if err := display.Clear(false); !errors.Is(err, display.ErrNoNotebook) {
		t.Errorf("Clear without an emitter: %v, want %v", err, display.ErrNoNotebook)
	}
	r := record(t)
	var unsupported *json.UnsupportedTypeError
	if err := display.Display(display.MakeData("application/json", make(chan int))); !errors.As(err, &unsupported) {
		t.Errorf("Display of a channel as JSON: %v, want a %T", err, unsupported)
	}
	if err := display.Update("", 1); err == nil {
		t.Error("Update of no id: no error")
	}
	if len(r.calls) != 0 {
		t.Errorf("emitted %v, want nothing", r.calls)
	}
	r.err = errors.New("pipe is gone")
	if err := display.Display(1); !errors.Is(err, r.err) {
		t.Errorf("Display: %v, want %v", err, r.err)
	}
	bar := display.Progress(1)
	if bar.Add(1); !errors.Is(bar.Err(), r.err) {
		t.Errorf("Bar.Err = %v, want %v", bar.Err(), r.err)
	}
}

// texts returns the text/plain forms emitted so far.
func (r *recorder) texts() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var texts []string
	for _, c := range r.calls {
		texts = append(texts, c.Data["text/plain"].(string))
	}
	return texts
}

func TestProgress(t *testing.T) {
	for _, test := range []struct {
		name string
		run  func()
		want []string
	}{
		{"count", func() {
			bar := display.Progress(4, "steps")
			for range 4 {
				time.Sleep(200 * time.Millisecond)
				bar.Add(1)
			}
			bar.Add(5)
			bar.Done()
		}, []string{
			"steps   0% [--------------------] 0/4 in 0.0s",
			"steps  25% [#####---------------] 1/4 in 0.2s, about 0.6s left",
			"steps  50% [##########----------] 2/4 in 0.4s, about 0.4s left",
			"steps  75% [###############-----] 3/4 in 0.6s, about 0.2s left",
			"steps 100% [####################] 4/4 in 0.8s",
		}},
		{"throttled", func() {
			bar := display.Progress(100_000)
			for range 100_000 {
				bar.Add(1)
			}
		}, []string{
			"  0% [--------------------] 0/100,000 in 0.0s",
			"100% [####################] 100,000/100,000 in 0.0s",
		}},
		{"range", func() {
			sum := 0
			for i := range display.Progress(3, "a", "b").Range() {
				sum += i
				time.Sleep(20 * time.Second)
			}
			if sum != 3 {
				panic("wrong sum")
			}
		}, []string{
			"a b   0% [--------------------] 0/3 in 0.0s",
			"a b  33% [######--------------] 1/3 in 20s, about 40s left",
			"a b  67% [#############-------] 2/3 in 40s, about 20s left",
			"a b 100% [####################] 3/3 in 1m0s",
		}},
		{"left without end", func() {
			bar := display.Progress(10, "n")
			for range 7 {
				time.Sleep(5 * time.Millisecond)
				bar.Add(1)
			}
			time.Sleep(time.Second)
		}, []string{
			"n   0% [--------------------] 0/10 in 0.0s",
			"n  70% [##############------] 7/10 in 0.1s, about 0.0s left",
		}},
		{"unknown total, left without end", func() {
			bar := display.Progress(0, "lines")
			for range 100 {
				bar.Add(1)
			}
			time.Sleep(time.Second)
		}, []string{"lines 0 in 0.0s", "lines 100 in 0.1s"}},
		{"range left early", func() {
			for i := range display.Progress(10).Range() {
				if i == 5 {
					break
				}
			}
		}, []string{
			"  0% [--------------------] 0/10 in 0.0s",
			" 50% [##########----------] 5/10 in 0.0s",
		}},
		{"unknown total", func() {
			for i := range display.Progress(0, "n").Range() {
				if i == 2000 {
					return
				}
			}
		}, []string{"n 0 in 0.0s", "n 2,000 in 0.0s"}},
		{"reader", func() {
			bar := display.Progress(3000, "get")
			if _, err := io.Copy(io.Discard, iotest.HalfReader(bar.Reader(strings.NewReader(strings.Repeat("x", 3000))))); err != nil {
				panic(err)
			}
		}, []string{
			"get   0% [--------------------] 0/3,000 in 0.0s",
			"get 100% [####################] 3.0 kB/3.0 kB in 0.0s",
		}},
		{"reader that fails", func() {
			_, _ = io.ReadAll(display.Progress(10).Reader(iotest.ErrReader(errors.New("x"))))
		}, []string{
			"  0% [--------------------] 0/10 in 0.0s",
			"  0% [--------------------] 0 bytes/10 bytes in 0.0s",
		}},
		{"set", func() {
			bar := display.Progress(10)
			time.Sleep(time.Second)
			bar.Set(5)
			time.Sleep(time.Second)
			bar.Set(2)
			bar.Done()
			bar.Done()
		}, []string{
			"  0% [--------------------] 0/10 in 0.0s",
			" 50% [##########----------] 5/10 in 1.0s, about 1.0s left",
			" 20% [####----------------] 2/10 in 2.0s, about 8.0s left",
			" 20% [####----------------] 2/10 in 2.0s",
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := record(t)
				test.run()
				if diff := cmp.Diff(test.want, r.texts()); diff != "" {
					t.Errorf("bar (-want +got):\n%s", diff)
				}
				for i, c := range r.calls {
					if c.ID != r.calls[0].ID || c.Update != (i > 0) {
						t.Errorf("drawing %d: id %q, update %v", i, c.ID, c.Update)
					}
				}
			})
		})
	}
}

func TestProgressHTML(t *testing.T) {
	r := record(t)
	display.Progress(2, "<i>").Add(1)
	want := `<div>&lt;i&gt; <progress max="100" value="0.0" style="width:20em"></progress> 0/2 in 0.0s</div>`
	if got := r.calls[0].Data["text/html"]; got != want {
		t.Errorf("HTML = %s, want %s", got, want)
	}
}

// TestConcurrentUse is for the race detector.
func TestConcurrentUse(t *testing.T) {
	r := record(t)
	bar := display.Progress(1000)
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() {
			for range 100 {
				bar.Add(1)
				if err := display.Display(1); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if texts := r.texts(); len(texts) < 1002 {
		t.Errorf("%d displays, want at least 1002", len(texts))
	}
}
