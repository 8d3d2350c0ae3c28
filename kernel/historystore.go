package kernel

import (
	"context"
	"log/slog"
	"os"
	"sync"
	"time"
	"unicode/utf8"
)

const (
	// defaultHistoryLimit holds about 20,000 cells of a few lines.
	defaultHistoryLimit = 4 << 20
	// historyWait bounds how long anybody waits for the disk; a home
	// directory on a network that is away must not stop the kernel.
	historyWait = 2 * time.Second
)

// HistoryConfig says where history is kept and how much of it.
type HistoryConfig struct {
	// Path is the history file. Empty means gokernel/history.jsonl in the
	// user's XDG data directory.
	Path string
	// Limit is the size in bytes at which the oldest half of the file is
	// dropped. 0 means 4 MiB.
	Limit int64
	// Logger gets the one line that says that history is not saved. Nil
	// means nobody is told.
	Logger *slog.Logger
}

// History remembers the cells of a user over sessions, in a file that all
// kernels of the user share. Its methods may be called from any goroutine.
//
// Nothing here fails: where the file cannot be read or written, one line is
// logged and the cells of this session are kept in memory only.
//
// One goroutine does all input and output, so that a slow disk delays no
// cell. OpenHistory starts it; it blocks on the wake channel and on the disk;
// Close ends it.
type History struct {
	file  historyFile
	limit int64
	log   *slog.Logger

	wake chan struct{}      // one slot: there is something to do
	stop context.CancelFunc // ends the goroutine's waiting
	done chan struct{}      // closed when the goroutine has ended

	mu      sync.Mutex
	session int // 0 until the first cell or question
	own     []HistoryEntry
	size    int64 // bytes in own
	unsaved []HistoryEntry
	asked   []chan<- []HistoryEntry // who waits for the file's entries

	failed bool // only the goroutine: a failure was logged
}

// OpenHistory starts the history of a new session. It does not touch the
// disk; the session gets its number with its first cell or question.
func OpenHistory(cfg HistoryConfig) *History {
	log := cfg.Logger
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	limit := cfg.Limit
	if limit <= 0 {
		limit = defaultHistoryLimit
	}
	path := cfg.Path
	if path == "" {
		var err error
		if path, err = defaultHistoryPath(); err != nil {
			// No home: a path that cannot be made says so in the log.
			path = os.DevNull + "/history.jsonl"
		}
	}
	ctx, stop := context.WithCancel(context.Background())
	h := &History{
		file:  historyFile{path: path, limit: limit},
		limit: limit,
		log:   log,
		wake:  make(chan struct{}, 1),
		stop:  stop,
		done:  make(chan struct{}),
	}
	go h.work(ctx)
	return h
}

// Close writes what is not written yet and ends the history's goroutine. It
// waits two seconds for the disk and no longer. Only the first call matters.
func (h *History) Close() error {
	h.stop()
	select {
	case <-h.done:
	case <-time.After(historyWait):
	}
	return nil
}

// add remembers a cell. It returns at once. A cell of more than a sixteenth
// of the limit is not kept, and the text of a result is cut at that length.
func (h *History) add(line int, input string, output *string) {
	most := int(h.limit / 16)
	if len(input) > most {
		return
	}
	if output != nil && len(*output) > most {
		cut := (*output)[:most]
		for len(cut) > 0 && !utf8.ValidString(cut) {
			cut = cut[:len(cut)-1]
		}
		output = &cut
	}
	h.mu.Lock()
	e := HistoryEntry{Session: h.session, Line: line, Input: input, Output: output}
	h.own = append(h.own, e)
	h.size += e.bytes()
	for h.size > h.limit {
		h.size -= h.own[0].bytes()
		h.own = h.own[1:]
	}
	h.unsaved = append(h.unsaved, e)
	// While the disk hangs no more waits for it than is kept in memory.
	h.unsaved = h.unsaved[max(0, len(h.unsaved)-len(h.own)):]
	h.mu.Unlock()
	h.poke()
}

// entries returns all cells known, in order, and the number of this session.
// If the disk does not answer in time, these are the cells of this session.
func (h *History) entries(ctx context.Context) (all []HistoryEntry, session int) {
	ctx, cancel := context.WithTimeout(ctx, historyWait)
	defer cancel()
	answer := make(chan []HistoryEntry, 1)
	h.mu.Lock()
	h.asked = append(h.asked, answer)
	h.mu.Unlock()
	h.poke()
	var filed []HistoryEntry
	select {
	case filed = <-answer:
	case <-ctx.Done():
	case <-h.done:
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, e := range filed {
		if e.Session != h.session {
			all = append(all, e)
		}
	}
	for _, e := range h.own {
		e.Session = h.session // cells before the number was known
		all = append(all, e)
	}
	sortHistory(all)
	return all, h.session
}

func (h *History) poke() {
	select {
	case h.wake <- struct{}{}:
	default: // it will see this too
	}
}

// work is the goroutine that reads and writes the file.
func (h *History) work(ctx context.Context) {
	defer close(h.done)
	for {
		select {
		case <-h.wake:
			h.step(ctx)
		case <-ctx.Done():
			// What is left is written; the lock is bounded by itself.
			h.step(context.WithoutCancel(ctx))
			return
		}
	}
}

func (h *History) step(ctx context.Context) {
	h.mu.Lock()
	unsaved, asked, session := h.unsaved, h.asked, h.session
	h.unsaved, h.asked = nil, nil
	h.mu.Unlock()
	if len(unsaved) == 0 && len(asked) == 0 {
		return
	}
	if session == 0 {
		session = h.begin(ctx)
	}
	if len(unsaved) > 0 {
		recs := make([]historyRecord, len(unsaved))
		for i, e := range unsaved {
			recs[i] = historyRecord{Session: session, Line: e.Line, Input: e.Input, Output: e.Output}
		}
		if err := h.file.append(ctx, recs); err != nil {
			h.fail(err)
		}
	}
	if len(asked) == 0 {
		return
	}
	recs, err := h.file.read()
	if err != nil {
		h.fail(err)
	}
	var filed []HistoryEntry
	for _, r := range recs {
		if r.Line > 0 {
			filed = append(filed, HistoryEntry(r))
		}
	}
	for _, answer := range asked {
		answer <- filed // has one slot
	}
}

// begin takes a session number, in memory only if the file is out of reach.
func (h *History) begin(ctx context.Context) int {
	session, err := h.file.begin(ctx)
	if err != nil {
		h.fail(err)
		session = max(session, 1)
		if recs, err := h.file.read(); err == nil {
			session = lastSession(recs) + 1
		}
	}
	h.mu.Lock()
	h.session = session
	h.mu.Unlock()
	return session
}

// fail logs the first failure and keeps quiet about the others: on a full
// disk there would be one with each cell.
func (h *History) fail(err error) {
	if !h.failed {
		h.failed = true
		h.log.Warn("history is kept in memory only", "err", err)
	}
}

func (e HistoryEntry) bytes() int64 {
	n := int64(len(e.Input)) + 64
	if e.Output != nil {
		n += int64(len(*e.Output))
	}
	return n
}
