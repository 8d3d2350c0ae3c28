package wire

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	"gokernel/kernel/jupyter"
)

// subscribed returns a raw subscriber to everything that the kernel knows of, whose welcome is still unread.
func subscribed(tb testing.TB, kernel *Conn) net.Conn {
	tb.Helper()
	a := attacker{tb, kernel.Info(), jupyter.IOPub}
	conn := a.greet()
	a.say(conn, appendFrame(nil, 0, []byte{1}))
	if _, err := io.ReadFull(conn, make([]byte, 1)); err != nil {
		tb.Fatal(err)
	}
	return conn
}

// A subscriber that never reads is dropped when it has made no progress for so long; until then the sender may
// wait, afterwards not, and another subscriber gets everything.
func TestStuckSubscriberIsDropped(t *testing.T) {
	const progress = 2 * time.Second // a client that reads must keep up on a busy machine
	var log lines
	ctx := testContext(t)
	kernel := listen(t, testInfo(), Options{
		OnSubscribe: welcome(t), Logger: slog.New(slog.NewTextHandler(&log, nil)), limits: hasty(progress),
	})
	subscribed(t, kernel)
	client := connect(t, kernel.Info())
	if _, err := client.Recv(ctx, jupyter.IOPub); err != nil {
		t.Fatal(err)
	}
	const n = 64
	text := strings.Repeat("x", 1<<20)
	sent := make(chan time.Duration, 1)
	go func() {
		var longest time.Duration
		for range n {
			start := time.Now()
			if err := kernel.Send(ctx, jupyter.IOPub, message(t, nil, jupyter.Stream{Name: "stdout", Text: text})); err != nil {
				t.Error(err)
			}
			longest = max(longest, time.Since(start))
		}
		sent <- longest
	}()
	for i := range n {
		m, err := client.Recv(ctx, jupyter.IOPub)
		if err != nil {
			t.Fatalf("after %d messages: %v", i, err)
		}
		if got, err := jupyter.Decode[jupyter.Stream](m); err != nil || got.Text != text {
			t.Fatalf("message %d has %d bytes of text, %v", i, len(got.Text), err)
		}
	}
	if longest := <-sent; longest > 4*progress {
		t.Errorf("one Send took %v", longest)
	}
	if got := log.count("peer dropped", "channel=iopub", "while more waited"); got != 1 {
		t.Errorf("%d lines in the log of a stuck subscriber, want 1", got)
	}
}

// A subscriber that reads slowly, but reads, slows the sender down and misses nothing.
func TestSlowSubscriberMissesNothing(t *testing.T) {
	ctx := testContext(t)
	kernel := listen(t, testInfo(), Options{OnSubscribe: welcome(t), limits: func(ch jupyter.Channel) limits {
		l := kernelLimits(ch)
		l.queue = 64 << 10
		return l
	}})
	conn := subscribed(t, kernel)
	const n, size = 64, 1 << 20
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		for i := range n {
			text := fmt.Sprintf("<%d>", i) + strings.Repeat("x", size)
			if err := kernel.Send(ctx, jupyter.IOPub, message(t, nil, jupyter.Stream{Name: "stdout", Text: text})); err != nil {
				t.Error(err)
			}
		}
	}()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	var all bytes.Buffer
	for all.Len() < n*size { // each message is longer than its text
		<-tick.C
		if _, err := io.CopyN(&all, conn, 256<<10); err != nil {
			t.Fatal(err)
		}
		if all.Len() == 1<<20 {
			select {
			case <-sent:
				t.Error("the sender was not slowed down")
			default:
			}
		}
	}
	<-sent
	for i := range n - 1 { // of the last one the tail is unread
		if !bytes.Contains(all.Bytes(), fmt.Appendf(nil, "<%d>", i)) && !bytes.Contains(all.Bytes(), fmt.Appendf(nil, `\u003c%d\u003e`, i)) {
			t.Errorf("message %d is missing", i)
		}
	}
}

// While a flood waits for a subscriber, the status of a control request does not, and ctx ends the wait.
func TestStatusDoesNotWait(t *testing.T) {
	kernel := listen(t, testInfo(), Options{OnSubscribe: welcome(t)})
	subscribed(t, kernel)
	ctx, cancel := context.WithCancel(testContext(t))
	flood := message(t, nil, jupyter.Stream{Name: "stdout", Text: strings.Repeat("x", 4<<20)})
	waiting := make(chan error, 1)
	go func() {
		for {
			if err := kernel.Send(ctx, jupyter.IOPub, flood); err != nil {
				waiting <- err
				return
			}
		}
	}()
	var stuck *peer
	eventually(t, 30*time.Second, func() error {
		p := kernel.outlets[jupyter.IOPub].(*publisher)
		for _, stuck = range p.subscribers("stream") {
			if stuck.out.full() {
				return nil
			}
		}
		return errors.New("the queue is not full")
	})
	start := time.Now()
	for range 100 {
		if err := kernel.Send(ctx, jupyter.IOPub, message(t, nil, jupyter.Status{ExecutionState: jupyter.Busy})); err != nil {
			t.Fatal(err)
		}
	}
	if took := time.Since(start); took > 5*time.Second { // a queue that waits does so for ever
		t.Errorf("100 statuses took %v", took)
	}
	cancel()
	if err := <-waiting; !errors.Is(err, context.Canceled) {
		t.Errorf("the flood ended with %v, want %v", err, context.Canceled)
	}
	stuck.drop(nil) // so that closing does not wait for it
}
