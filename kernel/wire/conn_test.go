package wire

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"gokernel/kernel/jupyter"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const testKey = "8f3a-test-key"

// testInfo is a connection info for a loopback kernel whose ports are chosen.
func testInfo() jupyter.ConnectionInfo {
	return jupyter.ConnectionInfo{
		Transport: jupyter.TCP, IP: "127.0.0.1", SignatureScheme: jupyter.HMACSHA256, Key: testKey,
	}
}

// testContext ends before the test binary's own timeout would.
func testContext(tb testing.TB) context.Context {
	tb.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	tb.Cleanup(cancel)
	return ctx
}

// listen opens a kernel's side that is closed with the test.
func listen(tb testing.TB, info jupyter.ConnectionInfo, opts Options) *Conn {
	tb.Helper()
	c, err := Listen(testContext(tb), info, opts)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := c.Close(); err != nil {
			tb.Errorf("Close: %v", err)
		}
	})
	return c
}

// connect opens a client's side that is closed with the test.
func connect(tb testing.TB, info jupyter.ConnectionInfo) *Conn {
	tb.Helper()
	c, err := Dial(testContext(tb), info)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { c.Close() })
	return c
}

// message returns a message that the test's session made.
func message(tb testing.TB, parent *jupyter.Message, c jupyter.Content) *jupyter.Message {
	tb.Helper()
	m, err := jupyter.Session{ID: "s", Username: "tester"}.New(parent, c)
	if err != nil {
		tb.Fatal(err)
	}
	return m
}

// welcome is an OnSubscribe that greets.
func welcome(tb testing.TB) func(string) *jupyter.Message {
	return func(topic string) *jupyter.Message {
		m, err := jupyter.Session{ID: "s"}.New(nil, jupyter.IOPubWelcome{Subscription: topic})
		if err != nil {
			tb.Error(err)
		}
		return m
	}
}

// serveEcho answers every kernel_info_request on shell and control until c is closed.
func serveEcho(tb testing.TB, c *Conn) {
	for _, ch := range []jupyter.Channel{jupyter.Shell, jupyter.Control} {
		go func() {
			for {
				m, err := c.Recv(context.Background(), ch)
				if err != nil {
					return
				}
				if err := c.Send(context.Background(), ch, message(tb, m, jupyter.KernelInfoReply{Status: "ok"})); err != nil {
					tb.Errorf("replying on %s: %v", ch, err)
				}
			}
		}()
	}
}

// request sends c and returns the reply, which must be to it.
func request(tb testing.TB, conn *Conn, ch jupyter.Channel, c jupyter.Content) *jupyter.Message {
	tb.Helper()
	ctx := testContext(tb)
	m := message(tb, nil, c)
	if err := conn.Send(ctx, ch, m); err != nil {
		tb.Fatal(err)
	}
	reply, err := conn.Recv(ctx, ch)
	if err != nil {
		tb.Fatal(err)
	}
	if reply.ParentHeader == nil || reply.ParentHeader.MsgID != m.Header.MsgID {
		tb.Fatalf("reply on %s is to %+v, not to %s", ch, reply.ParentHeader, m.Header.MsgID)
	}
	return reply
}

func TestConversation(t *testing.T) {
	ipc := testInfo()
	ipc.Transport, ipc.IP = jupyter.IPC, filepath.Join(t.TempDir(), "k")
	unsigned := testInfo()
	unsigned.Key = ""
	for name, info := range map[string]jupyter.ConnectionInfo{"tcp": testInfo(), "ipc": ipc, "unsigned": unsigned} {
		t.Run(name, func(t *testing.T) {
			ctx := testContext(t)
			kernel := listen(t, info, Options{OnSubscribe: welcome(t), Logger: slog.New(slog.NewTextHandler(t.Output(), nil))})
			client := connect(t, kernel.Info())

			greeting, err := client.Recv(ctx, jupyter.IOPub)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := jupyter.Decode[jupyter.IOPubWelcome](greeting); err != nil || got.Subscription != "" {
				t.Errorf("welcome is %+v, %v; want an empty subscription", got, err)
			}

			serveEcho(t, kernel)
			for _, ch := range []jupyter.Channel{jupyter.Shell, jupyter.Control} {
				reply := request(t, client, ch, jupyter.KernelInfoRequest{})
				if got, want := reply.Header.Version, "5.5"; got != want {
					t.Errorf("header says version %q, want %q", got, want)
				}
			}

			want := jupyter.Stream{Name: jupyter.Stdout, Text: "a\x00é\n"}
			sent := message(t, nil, want)
			sent.Buffers = [][]byte{{0, 1, 2}, {}}
			if err := kernel.Send(ctx, jupyter.IOPub, sent); err != nil {
				t.Fatal(err)
			}
			m, err := client.Recv(ctx, jupyter.IOPub)
			if err != nil {
				t.Fatal(err)
			}
			got, err := jupyter.Decode[jupyter.Stream](m)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("stream (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(sent.Buffers, m.Buffers); diff != "" {
				t.Errorf("buffers (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff([][]byte{[]byte("stream")}, m.Identities); diff != "" {
				t.Errorf("topic (-want +got):\n%s", diff)
			}

			if took, err := client.Ping(ctx); err != nil || took > 30*time.Second {
				t.Errorf("Ping: %v, %v", took, err)
			}
		})
	}
}

// An input_request goes out on stdin to the client that sent the cell on shell.
func TestStdinFindsTheClient(t *testing.T) {
	ctx := testContext(t)
	kernel := listen(t, testInfo(), Options{})
	clients := []*Conn{connect(t, kernel.Info()), connect(t, kernel.Info())}
	for i, client := range clients {
		if err := client.Send(ctx, jupyter.Shell, message(t, nil, jupyter.ExecuteRequest{Code: "x"})); err != nil {
			t.Fatal(err)
		}
		cell, err := kernel.Recv(ctx, jupyter.Shell)
		if err != nil {
			t.Fatal(err)
		}
		prompt := fmt.Sprint("client ", i)
		if err := kernel.Send(ctx, jupyter.Stdin, message(t, cell, jupyter.InputRequest{Prompt: prompt})); err != nil {
			t.Fatal(err)
		}
		m, err := client.Recv(ctx, jupyter.Stdin)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := jupyter.Decode[jupyter.InputRequest](m); err != nil || got.Prompt != prompt {
			t.Errorf("client %d was asked %+v, %v", i, got, err)
		}
		if err := client.Send(ctx, jupyter.Stdin, message(t, m, jupyter.InputReply{Value: "v"})); err != nil {
			t.Fatal(err)
		}
		if m, err = kernel.Recv(ctx, jupyter.Stdin); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(cell.Identities, m.Identities); diff != "" {
			t.Errorf("identities on shell and stdin differ (-shell +stdin):\n%s", diff)
		}
	}
}

func TestListenRefuses(t *testing.T) {
	with := func(f func(*jupyter.ConnectionInfo)) jupyter.ConnectionInfo {
		info := testInfo()
		f(&info)
		return info
	}
	taken := listen(t, testInfo(), Options{}).Info()
	for name, test := range map[string]struct {
		info jupyter.ConnectionInfo
		want error // nil: any
	}{
		"scheme":                {with(func(i *jupyter.ConnectionInfo) { i.SignatureScheme = "hmac-md5" }), ErrScheme},
		"no scheme":             {with(func(i *jupyter.ConnectionInfo) { i.SignatureScheme = "" }), ErrScheme},
		"empty key, all":        {with(func(i *jupyter.ConnectionInfo) { i.Key, i.IP = "", "0.0.0.0" }), ErrEmptyKey},
		"empty key, star":       {with(func(i *jupyter.ConnectionInfo) { i.Key, i.IP = "", "*" }), ErrEmptyKey},
		"empty key, none":       {with(func(i *jupyter.ConnectionInfo) { i.Key, i.IP = "", "" }), ErrEmptyKey},
		"empty key, elsewhere":  {with(func(i *jupyter.ConnectionInfo) { i.Key, i.IP = "", "192.0.2.1" }), ErrEmptyKey},
		"transport":             {with(func(i *jupyter.ConnectionInfo) { i.Transport = "udp" }), nil},
		"ipc without a path":    {with(func(i *jupyter.ConnectionInfo) { i.Transport, i.IP = jupyter.IPC, "" }), nil},
		"a port that is taken":  {taken, nil},
		"a path that is a file": {with(func(i *jupyter.ConnectionInfo) { i.Transport, i.IP = jupyter.IPC, "/dev/null/x" }), nil},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := Listen(testContext(t), test.info, Options{})
			if err == nil {
				c.Close()
				t.Fatal("Listen succeeded")
			}
			if test.want != nil && !errors.Is(err, test.want) {
				t.Errorf("Listen: %v, want %v", err, test.want)
			}
		})
	}
}

func TestWrongWay(t *testing.T) {
	ctx := testContext(t)
	kernel := listen(t, testInfo(), Options{})
	client := connect(t, kernel.Info())
	for name, err := range map[string]error{
		"kernel receives on iopub":    second(kernel.Recv(ctx, jupyter.IOPub)),
		"kernel receives on hb":       second(kernel.Recv(ctx, jupyter.Heartbeat)),
		"kernel sends on hb":          kernel.Send(ctx, jupyter.Heartbeat, message(t, nil, jupyter.Status{})),
		"kernel pings":                second(kernel.Ping(ctx)),
		"client sends on iopub":       client.Send(ctx, jupyter.IOPub, message(t, nil, jupyter.Status{})),
		"client receives on channel0": second(client.Recv(ctx, 0)),
	} {
		if !errors.Is(err, ErrChannel) {
			t.Errorf("%s: %v, want %v", name, err, ErrChannel)
		}
	}
}

func second[T any](_ T, err error) error { return err }

// Close flushes: a client gets all that was sent just before, and then knows that the kernel has gone.
func TestCloseFlushes(t *testing.T) {
	ctx := testContext(t)
	kernel := listen(t, testInfo(), Options{OnSubscribe: welcome(t)})
	client := connect(t, kernel.Info())
	if _, err := client.Recv(ctx, jupyter.IOPub); err != nil { // welcomed
		t.Fatal(err)
	}
	if err := client.Send(ctx, jupyter.Control, message(t, nil, jupyter.ShutdownRequest{})); err != nil {
		t.Fatal(err)
	}
	last, err := kernel.Recv(ctx, jupyter.Control)
	if err != nil {
		t.Fatal(err)
	}
	// Unread input must not make the system throw away the output.
	if err := client.Send(ctx, jupyter.Control, message(t, nil, jupyter.KernelInfoRequest{})); err != nil {
		t.Fatal(err)
	}
	const n = 200
	text := string(make([]byte, 10_000))
	for range n {
		if err := kernel.Send(ctx, jupyter.IOPub, message(t, last, jupyter.Stream{Name: "stdout", Text: text})); err != nil {
			t.Fatal(err)
		}
	}
	if err := kernel.Send(ctx, jupyter.Control, message(t, last, jupyter.ShutdownReply{Status: "ok"})); err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	if err := kernel.Close(); err != nil {
		t.Error(err)
	}
	if took := time.Since(start); took > 20*time.Second {
		t.Errorf("Close took %v", took)
	}
	if _, err := client.Recv(ctx, jupyter.Control); err != nil {
		t.Errorf("the last reply is lost: %v", err)
	}
	for i := range n {
		if _, err := client.Recv(ctx, jupyter.IOPub); err != nil {
			t.Fatalf("after %d of %d messages: %v", i, n, err)
		}
	}
	if _, err := client.Recv(ctx, jupyter.IOPub); !errors.Is(err, ErrClosed) {
		t.Errorf("after the kernel has gone Recv says %v, want %v", err, ErrClosed)
	}
}
