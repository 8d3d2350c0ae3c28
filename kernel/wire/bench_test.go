package wire

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/go-zeromq/zmq4"

	"gokernel/kernel/jupyter"
)

// BenchmarkEcho sends a signed request and waits for its signed reply, through the guard on both sides.
func BenchmarkEcho(b *testing.B) {
	for _, size := range []int{100, 100_000} {
		b.Run(fmt.Sprintf("guarded/%d", size), func(b *testing.B) {
			kernel := listen(b, testInfo(), Options{})
			serveEcho(b, kernel)
			client := connect(b, kernel.Info())
			code := strings.Repeat("x", size)
			for b.Loop() {
				request(b, client, jupyter.Shell, jupyter.ExecuteRequest{Code: code})
			}
		})
		b.Run(fmt.Sprintf("bare/%d", size), func(b *testing.B) { bareEcho(b, size) })
	}
	b.Run("ping", func(b *testing.B) {
		client := connect(b, listen(b, testInfo(), Options{}).Info())
		for b.Loop() {
			if _, err := client.Ping(context.Background()); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// bareEcho is the floor: unsigned frames between a DEALER and a ROUTER of zmq4's own.
func bareEcho(b *testing.B, size int) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	router, dealer := zmq4.NewRouter(ctx), zmq4.NewDealer(ctx)
	defer router.Close()
	defer dealer.Close()
	if err := router.Listen("tcp://127.0.0.1:0"); err != nil {
		b.Fatal(err)
	}
	go func() {
		for {
			msg, err := router.Recv()
			if err != nil {
				return
			}
			if router.Send(msg) != nil {
				return
			}
		}
	}()
	if err := dealer.Dial("tcp://" + router.Addr().String()); err != nil {
		b.Fatal(err)
	}
	frame := make([]byte, size)
	small := []byte("{}")
	for b.Loop() {
		if err := dealer.Send(zmq4.NewMsgFrom([]byte(delimiter), small, small, small, small, frame)); err != nil {
			b.Fatal(err)
		}
		if _, err := dealer.Recv(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkPublish publishes stream messages of 64 KiB, the most that the kernel puts into one, to two clients.
func BenchmarkPublish(b *testing.B) {
	ctx := context.Background()
	kernel := listen(b, testInfo(), Options{OnSubscribe: welcome(b)})
	const clients = 2
	done := make(chan error, clients)
	for range clients {
		client := connect(b, kernel.Info())
		if _, err := client.Recv(ctx, jupyter.IOPub); err != nil {
			b.Fatal(err)
		}
		go func() {
			for {
				m, err := client.Recv(ctx, jupyter.IOPub)
				if err != nil || m.Header.MsgType == jupyter.StatusType {
					done <- err
					return
				}
			}
		}()
	}
	text := strings.Repeat("x", 64<<10)
	b.SetBytes(64 << 10)
	for b.Loop() {
		if err := kernel.Send(ctx, jupyter.IOPub, message(b, nil, jupyter.Stream{Name: "stdout", Text: text})); err != nil {
			b.Fatal(err)
		}
	}
	if err := kernel.Send(ctx, jupyter.IOPub, message(b, nil, jupyter.Status{ExecutionState: jupyter.Idle})); err != nil {
		b.Fatal(err)
	}
	for range clients {
		if err := <-done; err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	c := newCodec(b, testKey)
	for b.Loop() {
		frames, err := c.Encode(message(b, nil, jupyter.ExecuteRequest{Code: "fmt.Println(1)"}))
		if err != nil {
			b.Fatal(err)
		}
		if _, err := c.Decode(frames); err != nil {
			b.Fatal(err)
		}
	}
}
