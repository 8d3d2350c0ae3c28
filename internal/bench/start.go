package main

import (
	"context"
	"fmt"
	"os/exec"
	"time"

	"gokernel/internal/client"
	"gokernel/kernel/jupyter"
	"gokernel/kernel/wire"
)

// starts is how often a kernel is started for one figure.
const starts = 9

// startTimes measures from the start of the process to its kernel_info_reply and to the end of a first cell.
func startTimes(ctx context.Context, s subject) ([]figure, error) {
	var info, hello []time.Duration
	for range starts {
		begin := time.Now()
		err := s.with(ctx, func(c *client.Client) error {
			info = append(info, time.Since(begin))
			_, err := execute(ctx, c, s.hello, client.Handler{})
			hello = append(hello, time.Since(begin))
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return []figure{
		{name: "start to kernel_info (p50)", value: ms(quantile(info, 0.5)), unit: "ms", limit: 60},
		{name: "start to first line printed (p50)", value: ms(quantile(hello, 0.5)), unit: "ms", limit: 150},
	}, nil
}

// bareProcess measures what starting and ending a program of this size takes, in milliseconds.
func bareProcess(ctx context.Context, exe string) func() (float64, error) {
	return func() (float64, error) {
		var times []time.Duration
		for range starts {
			begin := time.Now()
			if err := exec.CommandContext(ctx, exe, "version").Run(); err != nil {
				return 0, fmt.Errorf("running %s version: %w", exe, err)
			}
			times = append(times, time.Since(begin))
		}
		return ms(quantile(times, 0.5)), nil
	}
}

// echoes is how many messages wireEcho sends.
const echoes = 1000

// wireEcho measures a round trip over our sockets with nothing behind them, in milliseconds.
func wireEcho(ctx context.Context) func() (float64, error) {
	return func() (float64, error) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		info := jupyter.ConnectionInfo{Transport: jupyter.TCP, IP: "127.0.0.1", SignatureScheme: jupyter.HMACSHA256, Key: "bench"}
		server, err := wire.Listen(ctx, info, wire.Options{})
		if err != nil {
			return 0, err
		}
		defer server.Close() // nothing is left to flush
		go echo(ctx, server)
		conn, err := wire.Dial(ctx, server.Info())
		if err != nil {
			return 0, err
		}
		defer conn.Close() // nothing is left to flush
		session := jupyter.Session{ID: "bench", Username: "bench"}
		var times []time.Duration
		for range echoes {
			m, err := session.New(nil, jupyter.ExecuteRequest{Code: "1 + 1"})
			if err != nil {
				return 0, err
			}
			begin := time.Now()
			if err := conn.Send(ctx, jupyter.Shell, m); err != nil {
				return 0, err
			}
			if _, err := conn.Recv(ctx, jupyter.Shell); err != nil {
				return 0, err
			}
			times = append(times, time.Since(begin))
		}
		return ms(quantile(times, 0.5)), nil
	}
}

// echo answers each message on shell with one that says the same, until ctx is done.
func echo(ctx context.Context, server *wire.Conn) {
	session := jupyter.Session{ID: "echo", Username: "echo"}
	for {
		m, err := server.Recv(ctx, jupyter.Shell)
		if err != nil {
			return // ctx is done; otherwise the client waits in vain and says so
		}
		content, err := jupyter.Decode[jupyter.ExecuteRequest](m)
		if err != nil {
			return
		}
		reply, err := session.New(m, content)
		if err != nil || server.Send(ctx, jupyter.Shell, reply) != nil {
			return
		}
	}
}
