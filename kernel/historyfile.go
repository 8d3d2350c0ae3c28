package kernel

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// historyRecord is one line of the history file: a cell, or, with line 0, the
// mark that a session took this number.
type historyRecord struct {
	Session int     `json:"session"`
	Line    int     `json:"line,omitempty"`
	Input   string  `json:"input,omitempty"`
	Output  *string `json:"output,omitempty"`
}

// historyLockWait is how long a write waits for another kernel's.
const historyLockWait = 2 * time.Second

// historyFile is the file that all kernels of one user append to: JSON, one
// record a line. Writers hold a lock on a second file beside it, because the
// first one is replaced when it is shortened. Readers need none: a replaced
// file is replaced at once, and a line that is not whole yet is skipped.
type historyFile struct {
	path  string
	limit int64 // bytes; passing it drops the oldest half
}

// defaultHistoryPath is the file that $GOKERNEL_HISTORY names, else the one
// below the user's data directory as the XDG base directory specification has
// it: $XDG_DATA_HOME, and ~/.local/share where that is unset or relative.
func defaultHistoryPath() (string, error) {
	if path := os.Getenv("GOKERNEL_HISTORY"); filepath.IsAbs(path) {
		return path, nil
	}
	dir := os.Getenv("XDG_DATA_HOME")
	if !filepath.IsAbs(dir) {
		home, err := os.UserHomeDir()
		if err != nil {
			return "", fmt.Errorf("finding the history file: %w", err)
		}
		dir = filepath.Join(home, ".local", "share")
	}
	return filepath.Join(dir, "gokernel", "history.jsonl"), nil
}

// begin gives a new session its number, one more than any in the file.
func (f historyFile) begin(ctx context.Context) (int, error) {
	session := 0
	err := f.locked(ctx, func() error {
		recs, err := f.read()
		if err != nil {
			return err
		}
		session = lastSession(recs) + 1
		return f.write([]historyRecord{{Session: session}})
	})
	return session, err
}

// append adds records to the end of the file, all or none.
func (f historyFile) append(ctx context.Context, recs []historyRecord) error {
	return f.locked(ctx, func() error { return f.write(recs) })
}

// read returns every whole record in file order. No file is no records.
func (f historyFile) read() ([]historyRecord, error) {
	file, err := os.Open(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading history: %w", err)
	}
	defer func() { _ = file.Close() }() // only read
	// Somebody else may have put a larger file there.
	data, err := io.ReadAll(io.LimitReader(file, 4*f.limit))
	if err != nil {
		return nil, fmt.Errorf("reading history: %w", err)
	}
	var recs []historyRecord
	for line := range bytes.Lines(data) {
		var r historyRecord
		if json.Unmarshal(line, &r) == nil && r.Session > 0 {
			recs = append(recs, r)
		}
	}
	return recs, nil
}

// write appends under the lock and leaves the file as it was on failure: a
// full disk must not leave half a line that swallows the next record.
func (f historyFile) write(recs []historyRecord) (err error) {
	file, err := os.OpenFile(f.path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("opening history: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	info, err := file.Stat()
	if err != nil {
		return fmt.Errorf("opening history: %w", err)
	}
	size := info.Size()
	data, err := encodeHistory(recs)
	if err != nil {
		return err
	}
	// A kernel that was killed in its write may have left a torn line.
	if last := make([]byte, 1); size > 0 {
		if _, err := file.ReadAt(last, size-1); err != nil {
			return fmt.Errorf("reading history: %w", err)
		}
		if last[0] != '\n' {
			data = append([]byte("\n"), data...)
		}
	}
	if _, err := file.WriteAt(data, size); err != nil {
		return errors.Join(fmt.Errorf("writing history: %w", err), file.Truncate(size))
	}
	if size+int64(len(data)) > f.limit {
		return f.shorten()
	}
	return nil
}

// shorten replaces the file by its newest half, under the lock. The highest
// session number stays known, so that no number is given twice.
func (f historyFile) shorten() error {
	recs, err := f.read()
	if err != nil {
		return err
	}
	room, from := f.limit/2, len(recs)
	for from > 0 {
		r := recs[from-1]
		room -= int64(len(r.Input)) + 64
		if r.Output != nil {
			room -= int64(len(*r.Output))
		}
		if room < 0 {
			break
		}
		from--
	}
	kept := append([]historyRecord{{Session: lastSession(recs)}}, recs[from:]...)
	data, err := encodeHistory(kept)
	if err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(f.path), "history-*.tmp") // mode 0600
	if err != nil {
		return fmt.Errorf("shortening history: %w", err)
	}
	_, err = tmp.Write(data)
	err = errors.Join(err, tmp.Close())
	if err == nil {
		err = os.Rename(tmp.Name(), f.path)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("shortening history: %w", err), os.Remove(tmp.Name()))
	}
	return nil
}

// locked calls do while no other kernel writes, and makes the directory.
func (f historyFile) locked(ctx context.Context, do func() error) (err error) {
	if err := os.MkdirAll(filepath.Dir(f.path), 0o700); err != nil {
		return fmt.Errorf("making the history directory: %w", err)
	}
	lock, err := os.OpenFile(f.path+".lock", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("opening the history lock: %w", err)
	}
	// Closing lets go of the lock.
	defer func() { err = errors.Join(err, lock.Close()) }()
	ctx, cancel := context.WithTimeout(ctx, historyLockWait)
	defer cancel()
	for {
		err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return do()
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) && !errors.Is(err, syscall.EINTR) {
			return fmt.Errorf("locking history: %w", err)
		}
		select {
		case <-time.After(5 * time.Millisecond):
		case <-ctx.Done():
			return fmt.Errorf("locking history: another kernel holds it: %w", ctx.Err())
		}
	}
}

func encodeHistory(recs []historyRecord) ([]byte, error) {
	var buf bytes.Buffer
	w := bufio.NewWriter(&buf)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for _, r := range recs {
		if err := enc.Encode(r); err != nil {
			return nil, fmt.Errorf("encoding history: %w", err)
		}
	}
	if err := w.Flush(); err != nil {
		return nil, fmt.Errorf("encoding history: %w", err)
	}
	return buf.Bytes(), nil
}

func lastSession(recs []historyRecord) int {
	last := 0
	for _, r := range recs {
		last = max(last, r.Session)
	}
	return last
}
