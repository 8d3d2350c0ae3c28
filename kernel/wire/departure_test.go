package wire

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"testing"
	"time"

	"gokernel/kernel/jupyter"
)

// However a client leaves, that is no event to warn of.
func TestClientThatLeavesIsNoWarning(t *testing.T) {
	leave := map[string]func(net.Conn) error{
		"close": net.Conn.Close,
		"reset": func(c net.Conn) error { // as closing does while something is unread
			return errors.Join(c.(*net.TCPConn).SetLinger(0), c.Close())
		},
	}
	say := map[string][]byte{
		"between messages":    nil,
		"inside a message":    {flagMore, 3, 'x'},
		"between its frames":  {flagMore, 1, 'x'},
		"inside a READY":      append(greeting(), flagCommand, 30),
		"inside the greeting": greeting()[:10],
		"without a word":      greeting()[:0],
	}
	for how, end := range leave {
		for when, said := range say {
			t.Run(how+" "+when, func(t *testing.T) {
				var log lines
				level := &slog.HandlerOptions{Level: slog.LevelDebug}
				info := testInfo()
				info.Transport, info.IP = "tcp", "127.0.0.1"
				kernel := listen(t, info, Options{Logger: slog.New(slog.NewTextHandler(&log, level))})
				serveEcho(t, kernel)
				for _, ch := range jupyter.Channels() {
					a := attacker{t, kernel.Info(), ch}
					var conn net.Conn
					if said == nil || len(said) > 0 && said[0] == flagMore {
						conn = a.greet()
					} else {
						conn = a.dial()
					}
					a.say(conn, said)
					if err := end(conn); err != nil {
						t.Fatal(err)
					}
				}
				if said != nil || how == "reset" {
					eventually(t, 30*time.Second, func() error {
						if n := log.count("peer is gone"); n != len(jupyter.Channels()) {
							return fmt.Errorf("%d of %d departures are in the log", n, len(jupyter.Channels()))
						}
						return nil
					})
				}
				if err := kernel.Close(); err != nil {
					t.Error(err)
				}
				if n := log.count("level=WARN"); n != 0 {
					t.Errorf("%d warnings: %q", n, log.text)
				}
			})
		}
	}
}
