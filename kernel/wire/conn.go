package wire

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"gokernel/kernel/jupyter"
)

// Conn is the five sockets of a kernel or of a client. Its methods may be called from any goroutine. Whoever made
// it closes it.
type Conn struct {
	info    jupyter.ConnectionInfo
	inboxes map[jupyter.Channel]<-chan *jupyter.Message // each closed when nothing more will come
	outlets map[jupyter.Channel]outlet
	ends    []end
	sweep   *sweeper
	ping    *link // a client's heartbeat, else nil

	closing sync.Once
	err     error // of Close
}

// outlet is the sending half of a channel.
type outlet interface {
	send(context.Context, *jupyter.Message) error
}

// end is what Close has to end, in this order: stop begins, wait waits, close frees.
type end interface {
	stop()
	wait()
	close() error
}

// Info returns the connection info with the ports that were chosen.
func (c *Conn) Info() jupyter.ConnectionInfo { return c.info }

// Recv returns the next message on a channel: shell, control or stdin, and on a client's side iopub.
//
// Messages that are malformed, not signed or replayed never get here; each left a line in the log. It fails with
// [ErrClosed] when the Conn is closed and all that came before has been received, with [ErrChannel] if the channel
// carries nothing this way, and with the error of ctx.
func (c *Conn) Recv(ctx context.Context, ch jupyter.Channel) (*jupyter.Message, error) {
	inbox, ok := c.inboxes[ch]
	if !ok {
		return nil, fmt.Errorf("receiving on %s: %w", ch, ErrChannel)
	}
	select {
	case m, ok := <-inbox:
		if !ok {
			return nil, fmt.Errorf("receiving on %s: %w", ch, ErrClosed)
		}
		return m, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Send sends m: on a kernel's shell, control and stdin to the client that the first identity names, on iopub to all
// subscribers, and on a client's side to the kernel. On iopub the identities are replaced by the topic, which is
// the msg_type; on a client's side they are left out.
//
// It returns when the message is queued. While a peer has megabytes unread it waits, but for at most ten
// seconds after the peer's last progress. When ctx ends first it fails with the error of ctx, and on iopub some
// subscribers may have the message. A client that is gone is not an error.
func (c *Conn) Send(ctx context.Context, ch jupyter.Channel, m *jupyter.Message) error {
	out, ok := c.outlets[ch]
	if !ok {
		return fmt.Errorf("sending %s on %s: %w", m.Header.MsgType, ch, ErrChannel)
	}
	return out.send(ctx, m)
}

// Close closes all sockets. What was sent before is flushed, for at most a second; a peer that reads
// all of it does not lose a byte. It may be called more than once.
func (c *Conn) Close() error {
	c.closing.Do(func() {
		for _, e := range c.ends {
			e.stop()
		}
		var errs []error
		for _, e := range c.ends {
			e.wait()
			errs = append(errs, e.close())
		}
		c.sweep.stop()
		c.err = errors.Join(errs...)
	})
	return c.err
}
