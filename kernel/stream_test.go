package kernel

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"gokernel/kernel/jupyter"
)

// printed is a stream message, and when it was sent.
type printed struct {
	At         time.Duration
	Name, Text string
}

// prints has use print on the Output of a cell and returns the stream messages
// with their times since then. The kernel behind it publishes and does nothing
// else.
func prints(t *testing.T, use func(*cellOutput)) []printed {
	t.Helper()
	var got []printed
	start := time.Now()
	k := New(newMemory(), Config{Interpreter: newScript()})
	k.iopub.send = func(_ context.Context, m *jupyter.Message) error {
		s, err := jupyter.Decode[jupyter.Stream](m)
		if err != nil {
			return err
		}
		got = append(got, printed{time.Since(start), s.Name, s.Text})
		return nil
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		k.iopub.run(ctx)
	}()
	use(newCellOutput(k, clientMessage("m", jupyter.ExecuteRequestType, "{}"), false, false))
	k.iopub.flush()
	stop()
	<-done
	return got
}

func TestStreamTiming(t *testing.T) {
	const ms = time.Millisecond
	tests := []struct {
		name string
		use  func(*cellOutput)
		want []printed
	}{
		{"at once when the cell pauses", func(o *cellOutput) {
			o.Stream("stdout", "a")
			time.Sleep(2 * ms)
			o.Stream("stdout", "b")
			time.Sleep(time.Second)
			o.Stream("stdout", "c")
			time.Sleep(time.Second)
			o.end()
		}, []printed{{5 * ms, "stdout", "ab"}, {1005 * ms, "stdout", "c"}}},
		{"every 50 ms while it does not", func(o *cellOutput) {
			for range 170 {
				o.Stream("stdout", ".")
				time.Sleep(700 * time.Microsecond)
			}
			o.end()
		}, []printed{
			{50 * ms, "stdout", strings.Repeat(".", 72)},
			{100_400 * time.Microsecond, "stdout", strings.Repeat(".", 72)},
			{119 * ms, "stdout", strings.Repeat(".", 26)},
		}},
		{"a longer pause soon after other text", func(o *cellOutput) {
			o.Stream("stdout", "a")
			time.Sleep(20 * ms)
			o.Stream("stdout", "b")
			time.Sleep(20 * ms)
			o.end()
		}, []printed{{3 * ms, "stdout", "a"}, {30 * ms, "stdout", "b"}}},
		{"in order over both streams", func(o *cellOutput) {
			o.Stream("stdout", "1")
			o.Stream("stderr", "2")
			o.Stream("stderr", "3")
			o.Stream("stdout", "4")
			o.end()
		}, []printed{{0, "stdout", "1"}, {0, "stderr", "23"}, {0, "stdout", "4"}}},
		{"no rune is split over messages", func(o *cellOutput) {
			o.Stream("stdout", "ä\xf0\x9f")
			o.Stream("stderr", "\xe2")
			o.Stream("stdout", "\x98")
			time.Sleep(time.Second)
			o.Stream("stderr", "\x82\xac!")
			o.Stream("stdout", "\x80?")
			o.end()
		}, []printed{{0, "stdout", "ä"}, {time.Second, "stderr", "€!"}, {time.Second, "stdout", "😀?"}}},
		{"torn runes are shown at the end, and bytes that are none at once", func(o *cellOutput) {
			o.Stream("stderr", "\xe2")
			o.Stream("stdout", "a\xff\x80")
			time.Sleep(time.Second)
			o.Stream("stdout", "\xc3")
			o.end()
		}, []printed{{3 * ms, "stdout", "a\ufffd\ufffd"}, {time.Second, "stdout", "\ufffd"}, {time.Second, "stderr", "\ufffd"}}},
		{"after the end as before", func(o *cellOutput) {
			o.end()
			o.Stream("stdout", "late")
			time.Sleep(time.Second)
		}, []printed{{3 * ms, "stdout", "late"}}},
		{"after the end, and another cell ends", func(o *cellOutput) {
			o.end()
			o.Stream("stdout", "late")
			o.k.waiting.flush(o.k.iopub)
			time.Sleep(time.Second)
		}, []printed{{0, "stdout", "late"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				if diff := cmp.Diff(tt.want, prints(t, tt.use)); diff != "" {
					t.Errorf("messages (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestLongLineArrivesWhole(t *testing.T) {
	line := strings.Repeat("1234567890äöü€😀", 200_000)
	got := prints(t, func(o *cellOutput) {
		o.Stream("stdout", line)
		o.end()
	})
	var all strings.Builder
	for i, p := range got {
		if len(p.Text) > streamSize {
			t.Errorf("message %d has %d bytes", i, len(p.Text))
		}
		if !utf8.ValidString(p.Text) {
			t.Errorf("message %d is torn", i)
		}
		all.WriteString(p.Text)
	}
	if all.String() != line {
		t.Errorf("%d bytes arrived of %d, or others", all.Len(), len(line))
	}
}

// 100,000 lines on the real clock, whatever else the machine does.
func TestManyWritesFewMessages(t *testing.T) {
	const n = 100_000
	got := prints(t, func(o *cellOutput) {
		for range n {
			o.Stream("stdout", "0123456789\n")
		}
		o.end()
	})
	size := 0
	for _, p := range got {
		size += len(p.Text)
	}
	if size != n*11 {
		t.Errorf("%d bytes arrived, want %d", size, n*11)
	}
	if len(got) > 100 {
		t.Errorf("%d messages, want at most 100", len(got))
	}
}

// A client that does not read stops the cell and nothing else: what waits for
// it stays small, control is answered, and once it reads all is there.
func TestSlowClientSlowsTheCell(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := startKernel(t, Config{})
		synctest.Wait()
		c.heard()
		release := c.transport.block(jupyter.IOPub)
		const n = 1 << 17
		c.do(`shell m1 execute_request {"code":"count 131072 0123456789abcdef0123456789abcde"}`)
		time.Sleep(9 * time.Second)
		synctest.Wait()
		c.kernel.iopub.mu.Lock()
		waiting := c.kernel.iopub.bytes
		c.kernel.iopub.mu.Unlock()
		if waiting < iopubRoom || waiting > iopubRoom+3*streamSize {
			t.Errorf("%d bytes wait for the client, want about %d", waiting, iopubRoom)
		}

		asked := time.Now()
		c.do(`control i1 kernel_info_request {}`)
		synctest.Wait()
		c.transport.mu.Lock()
		answered := len(c.transport.log) == 1 && c.transport.log[0].channel == jupyter.Control
		c.transport.mu.Unlock()
		if !answered || time.Since(asked) > 0 {
			t.Errorf("control is not answered while a client does not read")
		}

		release()
		synctest.Wait()
		log := c.transport.take()
		c.check.sent(log)
		size := 0
		for _, s := range log {
			if s.msg.Header.MsgType == jupyter.StreamType {
				m, err := jupyter.Decode[jupyter.Stream](s.msg)
				if err != nil {
					t.Fatal(err)
				}
				size += len(m.Text)
			}
		}
		if size != n*32 {
			t.Errorf("%d bytes arrived, want %d", size, n*32)
		}
		c.end()
	})
}

func TestStreamOfAFloodIsSlowed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chunk := strings.Repeat("x", streamSize)
		var burst, all time.Duration
		prints(t, func(o *cellOutput) {
			start := time.Now()
			for range streamBurst / streamSize {
				o.Stream("stdout", chunk)
			}
			burst = time.Since(start)
			for range 10 * streamRate / streamSize {
				o.Stream("stdout", chunk)
			}
			all = time.Since(start)
			o.end()
		})
		if burst != 0 || all != 10*time.Second {
			t.Errorf("the burst took %v and %d bytes more %v, want no time and 10 s", burst, 10*streamRate, all)
		}
	})
}
