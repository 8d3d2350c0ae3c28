package wire

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	"gokernel/kernel/jupyter"
)

// hasty are limits with times that a test can wait for.
func hasty(times time.Duration) func(jupyter.Channel) limits {
	return func(ch jupyter.Channel) limits {
		l := kernelLimits(ch)
		l.handshake, l.progress = times, times
		return l
	}
}

// hungUp fails the test unless the kernel closes conn soon.
func hungUp(tb testing.TB, conn net.Conn) {
	tb.Helper()
	conn.SetReadDeadline(time.Now().Add(30 * time.Second))
	if _, err := io.Copy(io.Discard, conn); timedOut(err) {
		tb.Error("the connection is still open")
	}
}

func TestReplayIsDropped(t *testing.T) {
	var log lines
	ctx := testContext(t)
	kernel := listen(t, testInfo(), Options{Logger: slog.New(slog.NewTextHandler(&log, nil))})
	frames, err := newCodec(t, testKey).Encode(message(t, nil, jupyter.ExecuteRequest{Code: "once"}))
	if err != nil {
		t.Fatal(err)
	}
	for _, ch := range []jupyter.Channel{jupyter.Shell, jupyter.Control, jupyter.Stdin} {
		a := attacker{t, kernel.Info(), ch}
		a.say(a.greet(), appendMessage(frames), appendMessage(frames))
	}
	got := make(chan string)
	for _, ch := range []jupyter.Channel{jupyter.Shell, jupyter.Control, jupyter.Stdin} {
		go func() {
			for {
				m, err := kernel.Recv(ctx, ch)
				if err != nil {
					return
				}
				got <- m.Header.MsgID
			}
		}()
	}
	<-got
	eventually(t, 30*time.Second, func() error {
		if n := log.count("message dropped", ErrReplayed.Error()); n != 5 {
			return fmt.Errorf("%d of 5 replays are in the log", n)
		}
		return nil
	})
	select {
	case id := <-got:
		t.Errorf("%s was received twice", id)
	default:
	}
}

func TestSlowHandshakeIsDropped(t *testing.T) {
	var log lines
	kernel := listen(t, testInfo(), Options{Logger: slog.New(slog.NewTextHandler(&log, nil)), limits: hasty(50 * time.Millisecond)})
	for _, ch := range jupyter.Channels() {
		for _, said := range [][]byte{nil, greeting()[:10], greeting(), append(greeting(), flagCommand, 30)} {
			a := attacker{t, kernel.Info(), ch}
			conn := a.dial()
			a.say(conn, said)
			hungUp(t, conn)
		}
	}
	eventually(t, 30*time.Second, func() error {
		if got, want := log.count("peer dropped"), 4*len(jupyter.Channels()); got != want {
			return fmt.Errorf("%d lines in the log, want %d", got, want)
		}
		return nil
	})
}

func TestHalfAMessageIsDropped(t *testing.T) {
	kernel := listen(t, testInfo(), Options{limits: hasty(500 * time.Millisecond)}) // the handshake has to be faster
	var conns []net.Conn
	for _, said := range [][]byte{
		{flagMore},
		{flagMore, 3, 'x'},
		{flagMore, 1, 'x'},
		{flagMore, 0},
		frameHead(0, 100<<10),
		frameHead(0, 100<<10)[:4],
		{flagCommand, 9, 4, 'P'},
	} {
		a := attacker{t, kernel.Info(), jupyter.Shell}
		conn := a.greet()
		a.say(conn, said)
		conns = append(conns, conn)
	}
	for _, conn := range conns {
		hungUp(t, conn)
	}
}

// A client that says nothing after its handshake stays, whatever the limits of a message in progress.
func TestIdleClientStays(t *testing.T) {
	const times = 500 * time.Millisecond
	kernel := listen(t, testInfo(), Options{limits: hasty(times)})
	serveEcho(t, kernel)
	client := connect(t, kernel.Info())
	request(t, client, jupyter.Shell, jupyter.KernelInfoRequest{})
	<-time.After(3 * times) // the limits that must not strike are in real time
	request(t, client, jupyter.Shell, jupyter.KernelInfoRequest{})
}

// When too many connections are in the handshake the oldest gives way, so that a new client gets through.
func TestOldestHandshakeGivesWay(t *testing.T) {
	kernel := listen(t, testInfo(), Options{limits: func(ch jupyter.Channel) limits {
		l := kernelLimits(ch)
		l.pending = 3
		return l
	}})
	a := attacker{t, kernel.Info(), jupyter.Shell}
	var conns []net.Conn
	for range 5 {
		conn := a.dial()
		if _, err := io.ReadFull(conn, make([]byte, greetingLen)); err != nil { // it has entered
			t.Fatal(err)
		}
		conns = append(conns, conn)
	}
	hungUp(t, conns[0])
	hungUp(t, conns[1])
	a.say(conns[4], greeting(), ready{kind: "DEALER"}.frame())
	conns[4].SetReadDeadline(time.Now().Add(30 * time.Second))
	if _, err := io.ReadFull(conns[4], make([]byte, 10)); err != nil {
		t.Errorf("the newest is not served: %v", err)
	}
}

func TestTooManyPeers(t *testing.T) {
	kernel := listen(t, testInfo(), Options{limits: func(ch jupyter.Channel) limits {
		l := kernelLimits(ch)
		l.peers = 2
		return l
	}})
	a := attacker{t, kernel.Info(), jupyter.Heartbeat}
	enter := func() (net.Conn, error) { // being greeted alone does not mean that one is counted yet
		conn := a.greet()
		a.say(conn, appendMessage([][]byte{{}, []byte("ping")}))
		conn.SetReadDeadline(time.Now().Add(30 * time.Second))
		_, err := io.ReadFull(conn, make([]byte, 8))
		return conn, err
	}
	first, err := enter()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := enter(); err != nil {
		t.Fatal(err)
	}
	hungUp(t, a.greet())
	first.Close()
	eventually(t, 30*time.Second, func() error { // a place is free again
		_, err := enter()
		return err
	})
}

// Commands of ZMTP 3.1 that a newer peer may send: PING is answered, SUBSCRIBE and CANCEL are understood.
func TestCommands(t *testing.T) {
	topics := make(chan string, 4)
	kernel := listen(t, testInfo(), Options{OnSubscribe: func(topic string) *jupyter.Message {
		topics <- topic
		return nil
	}})
	ctx := testContext(t)
	a := attacker{t, kernel.Info(), jupyter.IOPub}
	conn := a.greet()
	command := func(name, data string) []byte {
		return appendFrame(nil, flagCommand, []byte(string(rune(len(name)))+name+data))
	}
	a.say(conn, command("SUBSCRIBE", "str"), command("PING", "\x00\x0actx"))
	if got := <-topics; got != "str" {
		t.Errorf("subscription is %q, want %q", got, "str")
	}
	pong := make([]byte, len(command("PONG", "ctx")))
	if _, err := io.ReadFull(conn, pong); err != nil {
		t.Fatal(err)
	}
	if want := command("PONG", "ctx"); !bytes.Equal(pong, want) {
		t.Errorf("answer to PING is %q, want %q", pong, want)
	}
	// Only what was subscribed to comes.
	for _, c := range []jupyter.Content{jupyter.Status{}, jupyter.Stream{Name: "stdout"}} {
		if err := kernel.Send(ctx, jupyter.IOPub, message(t, nil, c)); err != nil {
			t.Fatal(err)
		}
	}
	first := make([]byte, 8)
	if _, err := io.ReadFull(conn, first); err != nil {
		t.Fatal(err)
	}
	if want := "\x01\x06stream"; string(first) != want {
		t.Errorf("first comes %q, want %q", first, want)
	}
	p := kernel.outlets[jupyter.IOPub].(*publisher)
	a.say(conn, command("CANCEL", "str"))
	eventually(t, 30*time.Second, func() error {
		if n := len(p.subscribers("stream")); n != 0 {
			return fmt.Errorf("%d subscribers are left", n)
		}
		return nil
	})
}

// A heartbeat comes back to the byte, whatever its frames.
func TestHeartbeatEchoes(t *testing.T) {
	kernel := listen(t, testInfo(), Options{})
	for _, frames := range [][][]byte{
		{{}, []byte("ping")},
		{{}, {}},
		{{}, []byte("b"), {}, []byte("a"), {}},
		{[]byte("no delimiter")},
		{{}, bytes.Repeat([]byte("x"), 60_000)},
	} {
		a := attacker{t, kernel.Info(), jupyter.Heartbeat}
		conn := a.greet()
		want := appendMessage(frames)
		a.say(conn, want)
		got := make([]byte, len(want))
		conn.SetReadDeadline(time.Now().Add(30 * time.Second))
		if _, err := io.ReadFull(conn, got); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%.40q came back as %.40q, %v", want, got, err)
		}
	}
}

// A client of shell that does not read its replies makes Send wait, and is then dropped; another is served.
func TestStuckClientIsDropped(t *testing.T) {
	const progress = 500 * time.Millisecond
	ctx := testContext(t)
	kernel := listen(t, testInfo(), Options{limits: hasty(progress)})
	a := attacker{t, kernel.Info(), jupyter.Shell} // who has the key
	frames, err := newCodec(t, testKey).Encode(message(t, nil, jupyter.KernelInfoRequest{}))
	if err != nil {
		t.Fatal(err)
	}
	a.say(a.greet(), appendMessage(frames))
	m, err := kernel.Recv(ctx, jupyter.Shell)
	if err != nil {
		t.Fatal(err)
	}
	big := message(t, m, jupyter.KernelInfoReply{Banner: strings.Repeat("x", 4<<20)})
	for range 16 { // more than the system buffers
		if err := kernel.Send(ctx, jupyter.Shell, big); err != nil {
			t.Fatal(err)
		}
	}
	if peers := kernel.outlets[jupyter.Shell].(*router).find(m.Identities[0]); len(peers) != 0 {
		t.Errorf("%d connections of the stuck client are left", len(peers))
	}
	serveEcho(t, kernel)
	request(t, connect(t, kernel.Info()), jupyter.Shell, jupyter.KernelInfoRequest{})
}

func FuzzHandshake(f *testing.F) {
	proper := append(greeting(), ready{kind: "DEALER", identity: "me"}.frame()...)
	f.Add(byte(0), []byte{})
	f.Add(byte(1), greeting())
	f.Add(byte(2), proper)
	f.Add(byte(0), append(bytes.Clone(proper), forged("x", "{}")...))
	f.Add(byte(3), append(append(greeting(), ready{kind: "SUB"}.frame()...), appendFrame(nil, 0, []byte("\x01topic"))...))
	f.Add(byte(3), append(append(greeting(), ready{kind: "SUB"}.frame()...), appendFrame(nil, flagCommand, []byte("\x09SUBSCRIBEtopic"))...))
	f.Add(byte(4), append(append(greeting(), ready{kind: "REQ"}.frame()...), appendMessage([][]byte{{}, []byte("ping")})...))
	f.Add(byte(4), append(append(greeting(), ready{kind: "REQ"}.frame()...), frameHead(flagMore, 1<<62)...))
	kernel := listen(f, testInfo(), Options{OnSubscribe: welcome(f), limits: hasty(5 * time.Second)}) // for the client, on a busy machine
	client := connect(f, kernel.Info())
	f.Fuzz(func(t *testing.T, port byte, data []byte) {
		channels := jupyter.Channels()
		a := attacker{t, kernel.Info(), channels[int(port)%len(channels)]}
		conn := a.dial()
		a.say(conn, data)
		conn.(*net.TCPConn).CloseWrite()
		hungUp(t, conn)
		if _, err := client.Ping(context.Background()); err != nil {
			t.Fatalf("heartbeat: %v", err)
		}
	})
}
