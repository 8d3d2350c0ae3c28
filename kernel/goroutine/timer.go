package goroutine

import (
	"context"
	"time"
)

// longSleep is from when on a sleep is one that [Release] ends.
const longSleep = 100 * time.Millisecond

// TimeSleep is time.Sleep.
func TimeSleep(d time.Duration) {
	process.wakers.sleeping.Add(1)
	defer process.wakers.sleeping.Add(-1)
	if d < longSleep {
		time.Sleep(d)
		return
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-forever:
	}
}

// TimeAfter is time.After.
func TimeAfter(d time.Duration) <-chan time.Time { return TimeNewTimer(d).C }

// TimeNewTimer is time.NewTimer.
func TimeNewTimer(d time.Duration) *time.Timer {
	t := time.NewTimer(d)
	process.wakers.start(t, d)
	return t
}

// TimeAfterFunc is time.AfterFunc. f runs as a goroutine of the cell that called, which fails if f panics.
func TimeAfterFunc(d time.Duration, f func()) *time.Timer {
	c := Current()
	line, col := callSite()
	t := time.AfterFunc(d, func() { Adopt(c, line, col, f) })
	process.wakers.start(t, d)
	return t
}

// callSite returns the position that [At] gave for the call of one of the functions of this package that take a callback.
func callSite() (line, col int) {
	if r := current(); r != nil {
		if s := site(r.blocked.Load()); s.op() == opStart {
			return Pos(s.cell(), s.line()), s.column()
		}
	}
	return 0, 0
}

// TimeNewTicker is time.NewTicker.
func TimeNewTicker(d time.Duration) *time.Ticker {
	t := time.NewTicker(d)
	process.wakers.startTicker(t)
	return t
}

// TimeTick is time.Tick.
func TimeTick(d time.Duration) <-chan time.Time {
	if d <= 0 {
		return nil
	}
	return TimeNewTicker(d).C // the channel keeps the ticker
}

// TimerReset is t.Reset(d).
func TimerReset(t *time.Timer, d time.Duration) bool {
	// Known before it can fire, lest it fires unseen.
	process.wakers.start(t, d)
	return t.Reset(d)
}

// TimerStop is t.Stop().
func TimerStop(t *time.Timer) bool {
	active := t.Stop()
	process.wakers.stop(t)
	return active
}

// TickerReset is t.Reset(d).
func TickerReset(t *time.Ticker, d time.Duration) {
	process.wakers.startTicker(t)
	t.Reset(d)
}

// TickerStop is t.Stop().
func TickerStop(t *time.Ticker) {
	t.Stop()
	process.wakers.stopTicker(t)
}

// ContextWithTimeout is context.WithTimeout.
func ContextWithTimeout(parent context.Context, timeout time.Duration) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithTimeout(parent, timeout)
	return ctx, process.wakers.watch(ctx, cancel)
}

// ContextWithDeadline is context.WithDeadline.
func ContextWithDeadline(parent context.Context, d time.Time) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithDeadline(parent, d)
	return ctx, process.wakers.watch(ctx, cancel)
}

// ContextWithTimeoutCause is context.WithTimeoutCause.
func ContextWithTimeoutCause(parent context.Context, timeout time.Duration, cause error) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithTimeoutCause(parent, timeout, cause)
	return ctx, process.wakers.watch(ctx, cancel)
}

// ContextWithDeadlineCause is context.WithDeadlineCause.
func ContextWithDeadlineCause(parent context.Context, d time.Time, cause error) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithDeadlineCause(parent, d, cause)
	return ctx, process.wakers.watch(ctx, cancel)
}

// ContextAfterFunc is context.AfterFunc. f runs as a goroutine of the cell that called, which fails if f panics.
func ContextAfterFunc(ctx context.Context, f func()) (stop func() bool) {
	c := Current()
	line, col := callSite()
	return context.AfterFunc(ctx, func() { Adopt(c, line, col, f) })
}
