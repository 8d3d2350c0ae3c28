package wire

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/go-zeromq/zmq4"

	"gokernel/kernel/jupyter"
)

// Options are what a kernel can set when it listens. The zero value is usable.
type Options struct {
	// Logger gets a line for each peer dropped and each message refused; nil discards them.
	Logger *slog.Logger

	// OnSubscribe is called for each subscription on iopub and returns what is sent to that subscriber alone,
	// nil for nothing: the place of iopub_welcome (JEP 65). It is called on the goroutine of the subscriber,
	// several at once, and must not block. nil: nobody is welcomed.
	OnSubscribe func(topic string) *jupyter.Message

	limits func(jupyter.Channel) limits // nil: kernelLimits; tests shorten times
}

// Listen opens a kernel's side: ROUTER on shell, control and stdin, PUB on iopub, and REP on heartbeat, which it
// answers by itself until Close. Ports that are 0 in info are chosen; see [Conn.Info]. ctx bounds the binding.
//
// It fails with [ErrScheme] or [ErrEmptyKey] for an info that is not safe to serve, and else if a port is taken.
func Listen(ctx context.Context, info jupyter.ConnectionInfo, opts Options) (*Conn, error) {
	if err := checkInfo(info); err != nil {
		return nil, fmt.Errorf("listening: %w", err)
	}
	codec, err := NewCodec(info.SignatureScheme, info.Key)
	if err != nil {
		return nil, fmt.Errorf("listening: %w", err)
	}
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	if opts.limits == nil {
		opts.limits = kernelLimits
	}
	c := newConn(info)
	held := &budget{bound: opts.limits(jupyter.Shell).held}
	for _, ch := range jupyter.Channels() {
		lis, port, err := bind(ctx, info, ch)
		if err != nil {
			c.Close() // of sockets that nobody has used; the error that matters is the one below
			return nil, fmt.Errorf("binding %s socket: %w", ch, err)
		}
		c.info = c.info.WithPort(ch, port)
		g := newGuard(ch, kinds[ch], lis, opts.limits(ch), held, opts.Logger, c.sweep)
		if err := c.serve(g, codec, opts); err != nil {
			c.Close()
			return nil, fmt.Errorf("opening %s socket: %w", ch, err)
		}
	}
	return c, nil
}

// kinds are the types of a kernel's sockets (spec, "Introduction").
var kinds = map[jupyter.Channel]zmq4.SocketType{
	jupyter.Shell:     zmq4.Router,
	jupyter.Control:   zmq4.Router,
	jupyter.Stdin:     zmq4.Router,
	jupyter.IOPub:     zmq4.Pub,
	jupyter.Heartbeat: zmq4.Rep,
}

func newConn(info jupyter.ConnectionInfo) *Conn {
	return &Conn{
		info:    info,
		inboxes: map[jupyter.Channel]<-chan *jupyter.Message{},
		outlets: map[jupyter.Channel]outlet{},
		sweep:   newSweeper(),
	}
}

// serve puts the right socket behind a guard.
func (c *Conn) serve(g *guard, codec *Codec, opts Options) error {
	switch g.ch {
	case jupyter.IOPub:
		p := newPublisher(g, codec, opts.OnSubscribe)
		c.outlets[g.ch] = p
		c.ends = append(c.ends, p)
	case jupyter.Heartbeat:
		h, err := newHeartbeat(g)
		if err != nil {
			return err
		}
		c.ends = append(c.ends, h)
	default:
		r, err := newRouter(g, codec)
		if err != nil {
			return err
		}
		c.inboxes[g.ch], c.outlets[g.ch] = r.inbox, r
		c.ends = append(c.ends, r)
	}
	return nil
}
