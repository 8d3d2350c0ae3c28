package interp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gokernel/kernel/worker"
)

// sink is a worker.Sink that keeps what comes.
type sink struct {
	mu       sync.Mutex
	text     strings.Builder
	displays []map[string]any
	failed   chan *worker.Failure
}

func newSink() *sink { return &sink{failed: make(chan *worker.Failure, 10)} }

func (s *sink) Stream(_, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.text.WriteString(text)
}

func (s *sink) Display(data, _ map[string]any, _ string, _ bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.displays = append(s.displays, data)
}

func (s *sink) Clear(bool) {}
func (s *sink) Input(context.Context, string, bool) (string, error) {
	return "typed", nil
}
func (s *sink) Payload(map[string]any)    {}
func (s *sink) Failure(f *worker.Failure) { s.failed <- f }

// process runs cells in a worker process.
type process struct {
	notebook
	*worker.Process
}

func startProcess(tb testing.TB) *process {
	tb.Helper()
	p, err := worker.Start(tb.Context(), worker.Config{Command: []string{os.Args[0], asWorker}})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := p.Close(); err != nil {
			tb.Error(err)
		}
	})
	return &process{notebook{tb: tb}, p}
}

// eval runs a cell and returns its reply and what it printed.
func (p *process) eval(ctx context.Context, s *sink, body string, imports ...string) (Reply, error) {
	p.tb.Helper()
	prog := p.program("", body, imports...)
	code, err := json.Marshal(prog)
	if err != nil {
		p.tb.Fatal(err)
	}
	raw, err := p.Run(ctx, worker.Cell{ID: p.n, Name: prog.Cell, Code: code, AllowStdin: true}, s)
	var r Reply
	if err == nil {
		if err := json.Unmarshal(raw, &r); err != nil {
			p.tb.Fatal(err)
		}
	}
	return r, err
}

func TestWorker(t *testing.T) {
	p := startProcess(t)
	s := newSink()
	if _, err := p.eval(t.Context(), s, `p_fmt.Println("out"); p_display.Display(p_display.Markdown("*a*"))`, "fmt"); err == nil {
		t.Error("the display package was not imported, yet the cell ran")
	}
	prog := `p_fmt.Println("out")
p_gokernel_kernel_display.Display(p_gokernel_kernel_display.Markdown("*a*"))
var line string
p_fmt.Scanln(&line)
p_fmt.Println(line)
c := p_os_exec.Command("echo", "child")
c.Stdout = p_gk.Stdout()
p_fmt.Println(c.Run())`
	if _, err := p.eval(t.Context(), s, prog, "fmt", "gokernel/kernel/display", "os/exec"); err != nil {
		t.Error(err)
	}
	if got, want := s.text.String(), "out\ntyped\nchild\n<nil>\n"; got != want {
		t.Errorf("printed %q, want %q", got, want)
	}
	if diff := cmp.Diff([]map[string]any{{"text/markdown": "*a*", "text/plain": "*a*"}}, s.displays); diff != "" {
		t.Error("displayed (-want +got)", diff)
	}
}

func TestLateFailure(t *testing.T) {
	p := startProcess(t)
	s := newSink()
	if _, err := p.eval(t.Context(), s, "p_gk.Go(1, 1, func() {\np_time.Sleep(20 * p_time.Millisecond)\npanic(\"late\")\n})", "time"); err != nil {
		t.Fatal(err)
	}
	select {
	case f := <-s.failed:
		if f.Value != "late" || f.Goroutine == nil || len(f.Frames) == 0 || f.Frames[0].Line != 3 {
			t.Errorf("got %+v", f)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("the goroutine's panic was not told")
	}
	if _, err := p.eval(t.Context(), s, ""); err != nil {
		t.Error(err)
	}
}

func TestWorkerInterrupt(t *testing.T) {
	p := startProcess(t)
	for _, body := range []string{"for {}", "select {}", "p_time.Sleep(p_time.Hour)", `p_fmt.Println(p_os_exec.Command("sleep", "100").Run())`, "for { p_fmt.Println() }"} {
		ended := make(chan struct{})
		var interrupting sync.WaitGroup
		interrupting.Go(func() {
			for tick := time.NewTicker(100 * time.Millisecond); ; { // the first ones may come before the cell runs
				select {
				case <-tick.C:
					p.Interrupt()
				case <-ended:
					tick.Stop()
					return
				}
			}
		})
		_, err := p.eval(t.Context(), newSink(), body, "time", "fmt", "os/exec")
		close(ended)
		interrupting.Wait()
		var f *worker.Failure
		if !errors.As(err, &f) || f.Kind != worker.Interrupted {
			t.Errorf("%s: got %v", body, err)
		}
	}
}

// TestCrowd leaves very many goroutines behind. They must not make the cells that follow slow, which they would if somebody looked
// at each of them.
func TestCrowd(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector bounds the number of goroutines")
	}
	const crowd, cells = 20_000, 20
	p := startProcess(t)
	s := newSink()
	if _, err := p.eval(t.Context(), s, fmt.Sprintf("for i := 0; i < %d; i++ { p_gk.Go(1, 1, func() { select {} }) }", crowd)); err != nil {
		t.Fatal(err)
	}
	used := 0
	for range 5 { // a cell that has to wait for a processor is looked at as one that takes long
		before := ticks(t, p.PID())
		for range cells {
			if _, err := p.eval(t.Context(), s, `p_fmt.Println("alive")`, "fmt"); err != nil {
				t.Fatal(err)
			}
			var saved Snapshot // which the kernel asks for after a cell
			if err := p.Call(t.Context(), "snapshot", nil, &saved); err != nil || !saved.Busy {
				t.Errorf("a snapshot while goroutines are there: %+v, %v", saved, err)
			}
		}
		used = ticks(t, p.PID()) - before
		t.Logf("%d cells took %d hundredths of a second of a processor", cells, used)
		if used <= 100 {
			break
		}
	}
	if used > 100 {
		t.Errorf("%d cells took %d hundredths of a second of a processor, want at most 100", cells, used)
	}
}

// ticks returns how long a process has kept processors busy, in hundredths of a second.
func ticks(t *testing.T, pid int) int {
	t.Helper()
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		t.Skip("needs /proc: ", err)
	}
	_, after, _ := strings.Cut(string(raw), ") ")
	sum := 0
	for _, field := range strings.Fields(after)[11:13] { // utime and stime of proc(5)
		n, err := strconv.Atoi(field)
		if err != nil {
			t.Fatal(err)
		}
		sum += n
	}
	return sum
}
