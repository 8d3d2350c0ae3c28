package nbrun

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"gokernel/internal/nbformat"
)

// A VerifyConfig is the command gokernel verify.
type VerifyConfig struct {
	Files    []string
	Kernel   Kernel
	Timeout  time.Duration // for each cell; 0 is what the notebook's metadata says, if anything
	Jobs     int           // notebooks at the same time; 0 is 1
	Shard    int           // of Shards, from 1: verify only every Shards-th file
	Shards   int           // 0 or 1: all files
	Saved    bool          // run nothing: judge the outputs that the files hold
	Update   bool          // write what the cells showed into the files, and into exact expectations
	Strict   bool          // a kernel that breaks the protocol fails the notebook
	JSON     io.Writer     // nil: none
	JUnit    io.Writer     // nil: none
	Stdout   io.Writer     // differences and a summary
	Stderr   io.Writer     // the progress bar
	Terminal bool          // Stderr is a terminal: show a bar
}

// VerifyFiles runs notebooks, each on a fresh kernel, and compares what their cells show with what is
// expected of them. A cell that fails does not end its notebook. Cells marked timing run while no other cell
// does. Reports are complete even if notebooks failed; the error is then ErrFailed.
func VerifyFiles(ctx context.Context, cfg VerifyConfig) (*Report, error) {
	files, err := shard(cfg.Files, cfg.Shard, cfg.Shards)
	if err != nil {
		return nil, err
	}
	began := time.Now()
	report := &Report{Files: make([]FileReport, len(files))}
	v := &verifier{cfg: cfg, bar: &bar{w: cfg.Stderr, terminal: cfg.Terminal}, gate: NewGate()}
	defer v.bar.close()
	next := make(chan int)
	var wg sync.WaitGroup
	for range min(max(cfg.Jobs, 1), max(len(files), 1)) {
		wg.Go(func() {
			for i := range next {
				report.Files[i] = v.file(ctx, files[i])
				fmt.Fprint(v.out(), report.Files[i].text())
			}
		})
	}
	for i := range files {
		next <- i
	}
	close(next)
	wg.Wait()
	v.bar.close()
	report.Seconds = time.Since(began).Seconds()
	if err := report.write(cfg); err != nil {
		return report, err
	}
	if report.Failed() {
		return report, ErrFailed
	}
	return report, nil
}

// shard returns the files of one shard. Every file is in exactly one, whatever the order of machines.
func shard(files []string, i, n int) ([]string, error) {
	if n <= 1 && i <= 1 {
		return files, nil
	}
	if i < 1 || i > n {
		return nil, fmt.Errorf("shard %d/%d, want 1 to %d", i, n, n)
	}
	var some []string
	for k, f := range files {
		if k%n == i-1 {
			some = append(some, f)
		}
	}
	return some, nil
}

// A verifier holds what the notebooks of one command share.
type verifier struct {
	cfg  VerifyConfig
	bar  *bar
	gate *Gate
}

// out is where differences go: above the bar.
func (v *verifier) out() io.Writer {
	return writerFunc(func(p []byte) (int, error) {
		printer{stdout: v.cfg.Stdout, bar: v.bar}.out(string(p))
		return len(p), nil
	})
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// file verifies one notebook.
func (v *verifier) file(ctx context.Context, name string) FileReport {
	began := time.Now()
	r := FileReport{File: name}
	if err := v.verify(ctx, name, &r); err != nil {
		r.Error = err.Error()
	}
	r.Seconds = time.Since(began).Seconds()
	return r
}

func (v *verifier) verify(ctx context.Context, name string, r *FileReport) error {
	nb, err := readFile(name)
	if err != nil {
		return errors.New(strings.TrimPrefix(err.Error(), name+": "))
	}
	expected := make([]*Expectation, len(nb.Cells))
	for i, c := range nb.Cells {
		if expected[i], err = Expected(c); err != nil { // before anything runs: it is the author's to mend
			return fmt.Errorf("cell %d: %w", i+1, err)
		}
	}
	if v.cfg.Saved {
		r.Cells = saved(nb, expected)
		return nil
	}
	v.bar.add(countRuns(nb))
	v.bar.step(0, filepath.Base(name)+": starting the kernel")
	c, err := startFor(ctx, v.cfg.Kernel, name, nb)
	if err != nil {
		return err
	}
	defer c.Close()
	timeout, allowErrors := execution(nb)
	if v.cfg.Timeout > 0 {
		timeout = v.cfg.Timeout
	}
	took := map[int]time.Duration{}
	failures := map[int]error{}
	done, runErr := Run(ctx, c, nb, Options{
		Timeout: timeout, AllowErrors: true, PassTimeouts: true, Gate: v.gate, Alone: IsTiming, Skip: skips,
		Started: func(n int, _ *nbformat.Cell) { v.bar.step(0, fmt.Sprintf("%s: cell %d", filepath.Base(name), n)) },
		Ended: func(n int, _ *nbformat.Cell, d time.Duration, err error) {
			took[n], failures[n] = d, err
			v.bar.step(1, filepath.Base(name))
		},
		FailedLate: func(n int, failure *CellError) {
			if failures[n] == nil {
				failures[n] = failure
			}
		},
	})
	setLanguage(done, c.Info())
	if err := c.Close(); err != nil {
		return err
	}
	for _, violation := range c.Violations() {
		r.Violations = append(r.Violations, violation.String())
	}
	for i, cell := range nb.Cells {
		if cell.Type != nbformat.Code || strings.TrimSpace(cell.Source) == "" {
			continue
		}
		_, ran := failures[i+1]
		r.Cells = append(r.Cells, judge(i+1, cell, done.Cells[i], expected[i], ran, allowErrors, took[i+1], failures[i+1]))
	}
	if v.cfg.Update && runErr == nil {
		update(done, expected, allowErrors)
		if err := writeFile(name, done); err != nil {
			return err
		}
		if err := r.updated(done, allowErrors, failures); err != nil {
			return err
		}
	}
	if v.cfg.Strict && len(r.Violations) > 0 {
		runErr = errors.Join(runErr, fmt.Errorf("the kernel broke the protocol %d times, first: %s", len(r.Violations), r.Violations[0]))
	}
	return runErr
}

// judge compares one cell with what is expected of it: its own expectation, which must also hold for the
// outputs recorded in the file, or, if it has none, those outputs.
func judge(n int, was, is *nbformat.Cell, e *Expectation, ran, allowErrors bool, took time.Duration, failure error) CellReport {
	r := CellReport{Number: n, ID: was.ID, Listing: Listing(was), Status: Passed, Seconds: took.Seconds()}
	if !ran {
		r.Status = Skipped
		if runs(was) && !skips(was) {
			r.Status, r.Error = Failed, "not run, because the notebook ended before"
		}
		return r
	}
	recorded := was.ExecutionCount != nil || len(was.Outputs) > 0
	mayFail := allowErrors || mayFail(was)
	if e != nil && recorded {
		for _, d := range e.Compare(ShownBy(was)) {
			r.Differences = append(r.Differences, Difference{"recorded " + d.Part, d.Text})
		}
	}
	if e == nil {
		r.Status = Ran
		switch {
		case recorded && !ignoresOutput(was):
			r.Status = Passed
			e = Recorded(was)
			if !mayFail {
				e.Error = nil
			}
		case mayFail:
			e = &Expectation{Ignore: partNames()}
		default: // it must not fail, whatever else it shows
			e = &Expectation{Ignore: partNames()[1:]}
		}
	}
	r.Differences = append(r.Differences, e.Compare(ShownBy(is))...)
	var cellErr *CellError
	var timeout *TimeoutError
	switch {
	case errors.As(failure, &cellErr):
		r.Line = cellErr.Line
		if e.Error == nil && !mayFail {
			r.Error = cellErr.what()
		}
	case errors.As(failure, &timeout):
		r.Error = timeout.what()
	case failure != nil: // no reply at all
		r.Error = strings.TrimPrefix(failure.Error(), fmt.Sprintf("cell %d: ", n))
	}
	if r.Error != "" { // which says it better
		r.Differences = slices.DeleteFunc(r.Differences, func(d Difference) bool { return d.Part == "error" })
	}
	if len(r.Differences) > 0 || r.Error != "" {
		r.Status = Failed
	}
	return r
}

// label names a cell in messages.
func (r CellReport) label() string {
	s := fmt.Sprintf("cell %d", r.Number)
	if name := cmp.Or(r.Listing, r.ID); name != "" {
		s += " (" + name + ")"
	}
	if r.Line > 0 {
		s += fmt.Sprintf(", line %d", r.Line)
	}
	return s
}
