package wire

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"sync"

	"github.com/go-zeromq/zmq4"
	"github.com/go-zeromq/zmq4/transport"
)

// scheme is the name under which zmq4 knows the guarded transport.
const scheme = "gokernel"

// register makes the guarded transport known to zmq4, whose table of transports belongs to the process.
var register = sync.OnceValue(func() error { return zmq4.RegisterTransport(scheme, guarded{}) })

// guardKey is the context key under which a socket finds its guard. zmq4 gives a transport nothing but the
// socket's context and an address, and the context is the one that cannot be guessed or collide.
type guardKey struct{}

// guarded is the transport that hands zmq4 a [guard] for a listener.
type guarded struct{}

// Listen returns the guard in ctx.
func (guarded) Listen(ctx context.Context, _ string) (net.Listener, error) {
	g, ok := ctx.Value(guardKey{}).(*guard)
	if !ok {
		return nil, errors.New("socket without a guard")
	}
	return g, nil
}

// Dial fails: clients need no socket of zmq4's, see dial.go.
func (guarded) Dial(context.Context, transport.Dialer, string) (net.Conn, error) {
	return nil, errors.ErrUnsupported
}

// Addr returns ep, which nobody looks at.
func (guarded) Addr(ep string) (string, error) { return ep, nil }

// listenGuarded makes a socket of zmq4's listen behind g. The socket closes g with itself.
func listenGuarded(g *guard, newSocket func(context.Context, ...zmq4.Option) zmq4.Socket) (zmq4.Socket, error) {
	if err := register(); err != nil {
		return nil, fmt.Errorf("registering the guarded transport: %w", err)
	}
	ctx := context.WithValue(context.Background(), guardKey{}, g)
	// What zmq4 would log, the guard has logged.
	sock := newSocket(ctx, zmq4.WithLogger(log.New(io.Discard, "", 0)))
	if err := sock.Listen(scheme + "://" + g.ch.String()); err != nil {
		return nil, errors.Join(err, sock.Close())
	}
	return sock, nil
}
