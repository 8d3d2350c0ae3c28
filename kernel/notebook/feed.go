package notebook

import (
	"context"
	"errors"
	"io"
	"time"

	"gokernel/kernel/goroutine"
	"gokernel/kernel/worker"
)

// Looks whether a program waits for a line come at these intervals, ever more seldom.
const (
	feedFirst = 2 * time.Millisecond
	feedLast  = 20 * time.Millisecond
)

// feed gives a program lines for its stdin, each of which the reader is asked for when the program waits for one. It
// returns when ctx is done or the reader has given end of file; the error is that the reader cannot be asked.
func feed(ctx context.Context, pid int, in io.WriteCloser, c *goroutine.Cell, host *worker.Host) error {
	defer in.Close()
	if !stdinSeen {
		return nil
	}
	wait := feedFirst
	timer := time.NewTimer(wait)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C:
		}
		if !readsStdin(pid) {
			wait = min(wait+wait/4+1, feedLast)
			timer.Reset(wait)
			continue
		}
		text, err := host.Input(ctx, c, "", false)
		switch {
		case ctx.Err() != nil, errors.Is(err, io.EOF), text == "\x04": // IPython's front ends send control-D for end of file
			return nil
		case err != nil:
			return err
		}
		if _, err := io.WriteString(in, text+"\n"); err != nil {
			return nil // the program has closed its stdin, or ended
		}
		wait = feedFirst
		timer.Reset(wait)
	}
}
