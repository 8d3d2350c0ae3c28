package worker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// asWorker makes the test binary a worker.
const asWorker = "GOKERNEL_TEST_WORKER"

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == asWorker {
		if err := Serve(context.Background(), &script{}); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	if len(os.Args) > 1 && os.Args[1] == asParent {
		beParent()
	}
	goleak.VerifyTestMain(m)
}

const asParent = "GOKERNEL_TEST_PARENT"

// beParent starts a worker, runs the cells given as arguments, and waits to be killed.
func beParent() {
	p, err := Start(context.Background(), Config{Command: []string{os.Args[0], asWorker}})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	for _, code := range os.Args[2:] {
		if _, err := p.Run(context.Background(), newCell("start", code), &record{}); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
	}
	fmt.Println(p.PID())
	select {}
}

// start begins a worker that ends with the test.
func start(tb testing.TB, change ...func(*Config)) *Process {
	tb.Helper()
	cfg := Config{Command: []string{os.Args[0], asWorker}}
	for _, f := range change {
		f(&cfg)
	}
	p, err := Start(tb.Context(), cfg)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := p.Close(); err != nil {
			tb.Error(err)
		}
	})
	return p
}

var nextCell = struct {
	sync.Mutex
	n int
}{}

// newCell makes a cell of the fake evaluator's language; see script.
func newCell(code string, args ...any) Cell {
	nextCell.Lock()
	defer nextCell.Unlock()
	nextCell.n++
	raw, err := json.Marshal(statement{Do: code, Args: fmt.Sprint(args...)})
	if err != nil {
		panic(err)
	}
	return Cell{ID: nextCell.n, Name: fmt.Sprintf("cell [%d]", nextCell.n), Code: raw}
}

// record is a Sink that keeps what comes. Its zero value is ready for use.
type record struct {
	mu       sync.Mutex
	streams  map[string]*strings.Builder
	log      []string // everything in order, output joined per stream
	failures []*Failure
	changed  chan struct{} // closed and replaced at every change
	lines    chan string   // answers of Input; closed: end of file
	asked    int
	slow     func() // called by Stream
}

func (r *record) change(f func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	f()
	if r.changed != nil {
		close(r.changed)
		r.changed = nil
	}
}

func (r *record) Stream(name, text string) {
	if r.slow != nil {
		r.slow()
	}
	r.change(func() {
		if r.streams == nil {
			r.streams = map[string]*strings.Builder{}
		}
		if r.streams[name] == nil {
			r.streams[name] = &strings.Builder{}
		}
		r.streams[name].WriteString(text)
		if len(r.log) < 1000 && len(text) < 1000 {
			r.log = append(r.log, name+" "+text)
		}
	})
}

func (r *record) Display(data, metadata map[string]any, id string, update bool) {
	r.change(func() { r.log = append(r.log, fmt.Sprintf("display %v %v %s %v", data, metadata, id, update)) })
}
func (r *record) Clear(wait bool) {
	r.change(func() { r.log = append(r.log, fmt.Sprint("clear ", wait)) })
}
func (r *record) Payload(p map[string]any) {
	r.change(func() { r.log = append(r.log, fmt.Sprint("payload ", p)) })
}
func (r *record) Failure(f *Failure) { r.change(func() { r.failures = append(r.failures, f) }) }

func (r *record) Input(ctx context.Context, prompt string, password bool) (string, error) {
	r.change(func() { r.asked++; r.log = append(r.log, fmt.Sprint("input ", prompt, password)) })
	select {
	case l, ok := <-r.lines:
		if !ok {
			return "\x04", nil
		}
		return l, nil
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// stdout returns what has come on a stream.
func (r *record) stdout() string { return r.stream("stdout") }

func (r *record) stream(name string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.streams[name] == nil {
		return ""
	}
	return r.streams[name].String()
}

// wait waits until ok is true of r.
func (r *record) wait(tb testing.TB, what string, ok func() bool) {
	tb.Helper()
	timeout := time.After(30 * time.Second)
	for {
		r.mu.Lock()
		if ok() {
			r.mu.Unlock()
			return
		}
		if r.changed == nil {
			r.changed = make(chan struct{})
		}
		changed := r.changed
		r.mu.Unlock()
		select {
		case <-changed:
		case <-timeout:
			tb.Fatalf("waited in vain for %s", what)
		}
	}
}

// mustRun runs a cell that succeeds.
func mustRun(tb testing.TB, p *Process, out Sink, code string, args ...any) json.RawMessage {
	tb.Helper()
	res, err := p.Run(tb.Context(), newCell(code, args...), out)
	if err != nil {
		tb.Fatalf("%s: %v", code, err)
	}
	return res
}

// mustDie runs a cell that ends the worker.
func mustDie(tb testing.TB, p *Process, out Sink, code string, args ...any) *Death {
	tb.Helper()
	_, err := p.Run(tb.Context(), newCell(code, args...), out)
	var d *Death
	if !errors.As(err, &d) {
		tb.Fatalf("%s: got error %v, want a Death", code, err)
	}
	return d
}
