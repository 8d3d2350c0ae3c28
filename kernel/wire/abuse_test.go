package wire

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"io"
	"log/slog"
	"net"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"gokernel/kernel/jupyter"
)

// attacker is somebody without the key who can reach a port.
type attacker struct {
	t    testing.TB
	info jupyter.ConnectionInfo
	ch   jupyter.Channel
}

// dial opens a connection that lives until the test ends, as those of an attacker who holds on do.
func (a attacker) dial() net.Conn {
	a.t.Helper()
	network, addr := endpoint(a.info, a.info.Port(a.ch))
	conn, err := net.Dial(network, addr)
	if err != nil {
		a.t.Fatal(err)
	}
	a.t.Cleanup(func() { conn.Close() })
	return conn
}

// say writes what the kernel lets through; that it hangs up in the middle is what most tests are about.
func (a attacker) say(conn net.Conn, parts ...[]byte) {
	for _, p := range parts {
		if _, err := conn.Write(p); err != nil {
			return
		}
	}
}

// greet shakes hands as a proper client of the channel would, and reads what the kernel says to it.
func (a attacker) greet() net.Conn {
	a.t.Helper()
	conn := a.dial()
	a.say(conn, greeting(), ready{kind: clientKinds[a.ch]}.frame())
	want := len(greeting()) + len(ready{kind: kinds[a.ch]}.frame())
	if _, err := io.ReadFull(conn, make([]byte, want)); err != nil {
		a.t.Fatalf("no handshake on %s: %v", a.ch, err)
	}
	return conn
}

// forged returns a message whose signature is sig.
func forged(sig, content string) []byte {
	return appendMessage([][]byte{
		[]byte(delimiter), []byte(sig), []byte(`{"msg_id":"1","msg_type":"execute_request"}`),
		[]byte("{}"), []byte("{}"), []byte(content),
	})
}

// frameHead is the start of a frame that announces size bytes.
func frameHead(flags byte, size uint64) []byte {
	return binary.BigEndian.AppendUint64([]byte{flags | flagLong}, size)
}

// attacks are the ways of issue 2, part 8, each on one port.
var attacks = map[string]func(a attacker){
	"wrong signature":    func(a attacker) { a.say(a.greet(), forged(strings.Repeat("0", 64), "{}")) },
	"empty signature":    func(a attacker) { a.say(a.greet(), forged("", "{}")) },
	"few frames":         func(a attacker) { a.say(a.greet(), appendMessage([][]byte{[]byte(delimiter), []byte("x")})) },
	"one empty frame":    func(a attacker) { a.say(a.greet(), []byte{0, 0}) },
	"no delimiter":       func(a attacker) { a.say(a.greet(), appendMessage(make([][]byte, 500))) },
	"content not JSON":   func(a attacker) { a.say(a.greet(), forged("", "{")) },
	"content null":       func(a attacker) { a.say(a.greet(), forged("", "null")) },
	"content wrong type": func(a attacker) { a.say(a.greet(), forged("", `{"code":[1]}`)) },
	"cursor out of range": func(a attacker) {
		a.say(a.greet(), forged("", `{"code":"x","cursor_pos":9223372036854775807}`))
	},
	"garbage": func(a attacker) {
		b := make([]byte, 64<<10)
		rand.Read(b)
		a.say(a.dial(), b)
		b[0] = 0xff
		a.say(a.dial(), b)
	},
	"garbage after the handshake": func(a attacker) {
		b := make([]byte, 64<<10)
		rand.Read(b)
		a.say(a.greet(), b)
	},
	"HTTP request": func(a attacker) { a.say(a.dial(), []byte("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")) },
	"half a greeting": func(a attacker) {
		a.say(a.dial(), greeting()[:11])
		a.say(a.dial(), greeting())
		conn := a.dial()
		a.say(conn, greeting()[:32])
		conn.Close()
	},
	"200 silent connections": func(a attacker) {
		for range 200 {
			a.dial()
		}
	},
	"200 greeted and silent": func(a attacker) {
		for range 200 {
			a.greet()
		}
	},
	"old protocol": func(a attacker) {
		g := greeting()
		g[10] = 1
		a.say(a.dial(), g)
	},
	"other mechanism": func(a attacker) {
		g := greeting()
		copy(g[12:], "CURVE")
		a.say(a.dial(), g)
	},
	"READY that lies": func(a attacker) {
		property := func(name string, size uint32, value string) []byte {
			b := append([]byte{5}, "READY"...)
			b = append(append(b, byte(len(name))), name...)
			return append(binary.BigEndian.AppendUint32(b, size), value...)
		}
		for _, body := range [][]byte{
			nil,
			{200},
			append([]byte{5}, "READY"...),
			append([]byte{5}, "READX"...),
			append([]byte{5}, "READY\xffSocket"...),
			append([]byte{5}, "READY\x00"...),
			property("Socket-Type", 1<<31, "DEALER"),
			property("Socket-Type", 1<<32-1, ""),
			property("Socket-Type", 3, "FOO"),
			property("Socket-Type", 4, "PULL"),
			property("Identity", 5, "\x00evil"),
			property("Identity", 3000, strings.Repeat("x", 3000)),
		} {
			a.say(a.dial(), greeting(), appendFrame(nil, flagCommand, body))
		}
		a.say(a.dial(), greeting(), appendFrame(nil, 0, []byte("READY"))) // no command
		a.say(a.dial(), greeting(), []byte{0xf8, 1, 0})
		a.say(a.dial(), greeting(), frameHead(flagCommand, 1<<32), []byte("READY"))
		a.say(a.dial(), greeting(), frameHead(flagCommand, 1<<64-1), []byte("READY"))
	},
	"announced sizes": func(a attacker) {
		for _, size := range []uint64{1 << 32, 1<<32 - 1, 1 << 62, 1<<63 - 1, 1 << 63, 1<<64 - 1, 1<<64 - 64} {
			for _, flags := range []byte{0, flagMore, flagCommand} {
				a.say(a.greet(), frameHead(flags, size), []byte("x"))
			}
			// The sum must not wrap round either.
			a.say(a.greet(), []byte{flagMore, 1, 'x'}, frameHead(0, size), []byte("x"))
		}
	},
	"64 MiB announced, nothing sent, 100 times": func(a attacker) {
		for range 100 {
			a.say(a.greet(), frameHead(0, 64<<20))
		}
	},
	"256 MiB sent in one frame": func(a attacker) {
		a.say(a.greet(), append([][]byte{frameHead(0, 256<<20)}, mebibytes(256)...)...)
	},
	"256 MiB sent in 256 frames": func(a attacker) {
		conn := a.greet()
		for _, b := range mebibytes(256) {
			a.say(conn, frameHead(flagMore, uint64(len(b))), b)
		}
	},
	"256 MiB sent in 16 messages": func(a attacker) {
		conn := a.greet()
		for range 16 {
			a.say(conn, append([][]byte{frameHead(0, 16<<20)}, mebibytes(16)...)...)
		}
	},
	"256 MiB sent in unfinished messages": func(a attacker) {
		for range 8 {
			a.say(a.greet(), append([][]byte{frameHead(0, 60<<20)}, mebibytes(32)...)...)
		}
	},
	"a message of a million frames": func(a attacker) {
		a.say(a.greet(), bytes.Repeat([]byte{flagMore, 0}, 1<<20))
	},
	"a million subscriptions": func(a attacker) {
		conn := a.greet()
		var b []byte
		for i := range 1 << 16 {
			b = appendFrame(b, 0, fmt.Appendf([]byte{1}, "%d", i))
		}
		a.say(conn, b)
	},
	"pings without end, nothing read": func(a attacker) {
		ping := appendFrame(nil, flagCommand, append([]byte("\x04PING\x00\x01"), make([]byte, 16)...))
		conn := a.greet()
		conn.SetWriteDeadline(time.Now().Add(300 * time.Millisecond))
		pings := bytes.Repeat(ping, 1<<10)
		for range 1 << 8 {
			a.say(conn, pings)
		}
	},
}

// mebibytes is n times the same MiB.
func mebibytes(n int) [][]byte {
	mebibyte := make([]byte, 1<<20)
	parts := make([][]byte, n)
	for i := range parts {
		parts[i] = mebibyte
	}
	return parts
}

// TestAbuse makes each attack on all ports and asks after each, with the attackers still connected, whether a new
// client is served within a second and, after each kind, whether the memory is back.
func TestAbuse(t *testing.T) {
	var log lines
	kernel := listen(t, testInfo(), Options{
		OnSubscribe: welcome(t),
		Logger:      slog.New(slog.NewTextHandler(&log, nil)),
		limits: func(ch jupyter.Channel) limits {
			l := kernelLimits(ch)
			l.handshake, l.progress = 2*time.Second, 2*time.Second // else as in earnest
			return l
		},
	})
	serveEcho(t, kernel)
	served(t, kernel)
	before := memory()
	for name, attack := range attacks {
		t.Run(name, func(t *testing.T) {
			for _, ch := range jupyter.Channels() {
				attack(attacker{t, kernel.Info(), ch})
				served(t, kernel)
			}
			memoryBack(t, before)
		})
	}
	for _, want := range [][]string{
		{"message dropped", "channel=shell", ErrSignature.Error()},
		{"message dropped", "channel=stdin", ErrFrames.Error()},
		{"peer dropped", "channel=iopub", errTooBig.Error()},
		{"peer dropped", "channel=hb", errProtocol.Error()},
	} {
		if log.count(want...) == 0 {
			t.Errorf("no line in the log with %q", want)
		}
	}
}

// served fails the test unless a new client is greeted and answered on every port within a second. One that is late is
// given some more chances, for the machine may have been busy with other tests; what an attack blocks stays blocked.
func served(tb testing.TB, kernel *Conn) {
	tb.Helper()
	for range 5 {
		took := serve(tb, kernel)
		if took <= time.Second {
			return
		}
		tb.Logf("a new client was served only after %v", took)
	}
	tb.Error("no new client was served within a second")
}

// serve has a new client greeted and answered on every port and returns how long that took.
func serve(tb testing.TB, kernel *Conn) time.Duration {
	tb.Helper()
	ctx := testContext(tb)
	start := time.Now()
	client, err := Dial(ctx, kernel.Info())
	if err != nil {
		tb.Fatal(err)
	}
	defer client.Close()
	if _, err := client.Ping(ctx); err != nil {
		tb.Errorf("heartbeat: %v", err)
	}
	if _, err := client.Recv(ctx, jupyter.IOPub); err != nil {
		tb.Errorf("iopub: %v", err)
	}
	request(tb, client, jupyter.Shell, jupyter.KernelInfoRequest{})
	request(tb, client, jupyter.Control, jupyter.KernelInfoRequest{})
	if err := client.Send(ctx, jupyter.Stdin, message(tb, nil, jupyter.InputReply{Value: "x"})); err != nil {
		tb.Errorf("stdin: %v", err)
	}
	if _, err := kernel.Recv(ctx, jupyter.Stdin); err != nil {
		tb.Errorf("stdin: %v", err)
	}
	return time.Since(start)
}

// memory is what the process holds of the system, in bytes.
func memory() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.Sys - m.HeapReleased
}

// memoryBack fails the test unless memory comes within 64 MiB of before, without our collecting it.
func memoryBack(tb testing.TB, before uint64) {
	tb.Helper()
	held := func() uint64 {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.Sys - m.HeapReleased
	}
	eventually(tb, 30*time.Second, func() error {
		if now := held(); now > before+64<<20 {
			return fmt.Errorf("%d MiB are held, %d were before", now>>20, before>>20)
		}
		return nil
	})
}

// eventually waits until check returns nil.
func eventually(tb testing.TB, within time.Duration, check func() error) {
	tb.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(within); ; <-tick.C {
		err := check()
		if err == nil {
			return
		}
		if time.Now().After(end) {
			tb.Fatalf("after %v: %v", within, err)
		}
	}
}

// lines keeps what is logged. It is safe for concurrent use.
type lines struct {
	mu   sync.Mutex
	text []string
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text = append(l.text, string(b))
	return len(b), nil
}

func (l *lines) count(parts ...string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := 0
next:
	for _, line := range l.text {
		for _, p := range parts {
			if !strings.Contains(line, p) {
				continue next
			}
		}
		n++
	}
	return n
}
