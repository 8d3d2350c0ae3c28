package kernel

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// logLines counts what is logged.
type logLines struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *logLines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logLines) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.b.String(), "\n")
}

func openHistory(t *testing.T, path string, limit int64) (*History, *logLines) {
	t.Helper()
	lines := new(logLines)
	h := OpenHistory(HistoryConfig{Path: path, Limit: limit, Logger: slog.New(slog.NewTextHandler(lines, nil))})
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	})
	return h, lines
}

// inputs are all cells that h knows, as "session.line input".
func inputs(t *testing.T, h *History) []string {
	t.Helper()
	all, _ := h.entries(t.Context())
	var got []string
	for _, e := range all {
		got = append(got, fmt.Sprintf("%d.%d %s", e.Session, e.Line, e.Input))
	}
	return got
}

func TestHistoryLastsOverSessions(t *testing.T) {
	path := filepath.Join(t.TempDir(), "not", "yet", "there", "history.jsonl")
	one := "1"
	first, log := openHistory(t, path, 0)
	first.add(1, "a := 1\nb", &one)
	first.add(2, "c", nil)
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second, _ := openHistory(t, path, 0)
	second.add(1, "d", nil)
	all, session := second.entries(t.Context())
	want := []HistoryEntry{{1, 1, "a := 1\nb", &one}, {1, 2, "c", nil}, {2, 1, "d", nil}}
	if diff := cmp.Diff(want, all); diff != "" || session != 2 {
		t.Errorf("session %d, entries (-want +got):\n%s", session, diff)
	}
	if log.count() != 0 {
		t.Errorf("logged:\n%s", log.b.String())
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v: cells may hold secrets", info.Mode())
	}
}

func TestHistoryOfKernelsAtTheSameTime(t *testing.T) {
	const kernels, cells = 8, 50
	path := filepath.Join(t.TempDir(), "history.jsonl")
	var wg sync.WaitGroup
	for range kernels {
		h, log := openHistory(t, path, 0)
		wg.Go(func() {
			for line := range cells {
				h.add(line+1, "cell", nil)
			}
			h.entries(t.Context()) // so that all are written
			if log.count() != 0 {
				t.Errorf("logged:\n%s", log.b.String())
			}
		})
	}
	wg.Wait()
	reader, _ := openHistory(t, path, 0)
	var want []string
	for session := range kernels {
		for line := range cells {
			want = append(want, fmt.Sprintf("%d.%d cell", session+1, line+1))
		}
	}
	if diff := cmp.Diff(want, inputs(t, reader)); diff != "" {
		t.Errorf("cells (-want +got):\n%s", diff)
	}
}

func TestHistoryIsBounded(t *testing.T) {
	const limit = 16 << 10
	path := filepath.Join(t.TempDir(), "history.jsonl")
	h, _ := openHistory(t, path, limit)
	huge := strings.Repeat("ä", limit)
	h.add(1, huge, nil) // not kept
	for line := range 1000 {
		h.add(line+2, strings.Repeat("x", 100), &huge) // the output is cut
		h.entries(t.Context())
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Size() > limit {
		t.Errorf("the file has %d bytes, the limit is %d", info.Size(), limit)
	}
	if h.size > limit {
		t.Errorf("%d bytes are kept in memory, the limit is %d", h.size, limit)
	}
	got := inputs(t, h)
	if len(got) < 5 || !strings.HasPrefix(got[len(got)-1], "1.1001 x") {
		t.Errorf("the newest cells are not there: %q", got)
	}
	next, _ := openHistory(t, path, limit)
	if _, session := next.entries(t.Context()); session != 2 {
		t.Errorf("session %d after the file was shortened, want 2", session)
	}
	left, err := filepath.Glob(filepath.Join(filepath.Dir(path), "*.tmp"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %q, %v", left, err)
	}
}

func TestHistoryWithoutDisk(t *testing.T) {
	blocked := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(blocked, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	full := filepath.Join(t.TempDir(), "full.jsonl")
	for name, path := range map[string]string{
		"no directory can be made": filepath.Join(blocked, "history.jsonl"),
		"the path is a directory":  t.TempDir(),
		"the disk is full":         full,
	} {
		t.Run(name, func(t *testing.T) {
			if path == full {
				if err := os.Symlink("/dev/full", full); err != nil {
					t.Skip(err)
				}
				if _, err := os.Stat("/dev/full"); errors.Is(err, fs.ErrNotExist) {
					t.Skip("no /dev/full")
				}
			}
			h, log := openHistory(t, path, 1<<16)
			h.add(1, "a", nil)
			h.entries(t.Context())
			h.add(2, "b", nil)
			if diff := cmp.Diff([]string{"1.1 a", "1.2 b"}, inputs(t, h)); diff != "" {
				t.Errorf("cells in memory (-want +got):\n%s", diff)
			}
			if log.count() != 1 {
				t.Errorf("%d lines logged, want 1:\n%s", log.count(), log.b.String())
			}
		})
	}
}

func TestHistorySurvivesTornLines(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.jsonl")
	torn := `{"session":3,"line":1,"input":"a"}` + "\nnot JSON\n[]\nnull\n" + `{"session":3,"line":2,"inp`
	if err := os.WriteFile(path, []byte(torn), 0o600); err != nil {
		t.Fatal(err)
	}
	h, _ := openHistory(t, path, 0)
	h.add(1, "b", nil)
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	next, _ := openHistory(t, path, 0)
	if diff := cmp.Diff([]string{"3.1 a", "4.1 b"}, inputs(t, next)); diff != "" {
		t.Errorf("cells (-want +got):\n%s", diff)
	}
}

func TestDefaultHistoryPath(t *testing.T) {
	t.Setenv("HOME", "/home/reader")
	t.Setenv("GOKERNEL_HISTORY", "")
	for dir, want := range map[string]string{
		"/data":    "/data/gokernel/history.jsonl",
		"":         "/home/reader/.local/share/gokernel/history.jsonl",
		"relative": "/home/reader/.local/share/gokernel/history.jsonl",
	} {
		t.Setenv("XDG_DATA_HOME", dir)
		if got, err := defaultHistoryPath(); got != want || err != nil {
			t.Errorf("XDG_DATA_HOME=%q: got %q, %v, want %q", dir, got, err, want)
		}
	}
	t.Setenv("GOKERNEL_HISTORY", "/class/cells.jsonl")
	if got, err := defaultHistoryPath(); got != "/class/cells.jsonl" || err != nil {
		t.Errorf("GOKERNEL_HISTORY is set: got %q, %v", got, err)
	}
}
